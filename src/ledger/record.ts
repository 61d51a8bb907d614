import type { AttemptOpened, AttemptOutcome } from "./attempt.ts";
import type { Rates } from "./price.ts";

/** One line of the journal. */
export type LedgerRecord =
  | { readonly type: "open"; readonly opened: AttemptOpened }
  | { readonly type: "settle"; readonly requestId: string; readonly attempt: number; readonly outcome: AttemptOutcome }
  | { readonly type: "price"; readonly version: string; readonly name: string; readonly rates: Rates };

/** Nine characters: a checksum in hexadecimal digits and a blank. */
const HEAD = 9;
const LINE_END = 10;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Writes records into one buffer that is used again and again.
 *
 * A line is `crc32 json\n`: what was torn by a crash or spoilt by a disk is told by its checksum, and a person can read the rest.
 * Lists instead of objects halve the length and the time.
 */
export class RecordEncoder {
  private buffer = new Uint8Array(4096);

  /** @returns A view that holds until the next call. */
  encode(record: LedgerRecord): Uint8Array {
    const json = JSON.stringify(listOf(record));
    // A unit of UTF-16 takes three bytes at most.
    if (this.buffer.length < json.length * 3 + HEAD + 1) this.buffer = new Uint8Array(json.length * 6);
    const { written } = encoder.encodeInto(json, this.buffer.subarray(HEAD));
    writeHex(this.buffer, Bun.hash.crc32(this.buffer.subarray(HEAD, HEAD + written)));
    this.buffer[HEAD - 1] = 32;
    this.buffer[HEAD + written] = LINE_END;
    return this.buffer.subarray(0, HEAD + written + 1);
  }
}

/**
 * Reads one line, its end not included.
 * @returns undefined if it is not as it was written.
 */
export function decodeRecord(line: Uint8Array): LedgerRecord | undefined {
  if (line.length <= HEAD) return undefined;
  const body = line.subarray(HEAD);
  try {
    // Compared as it is written, not as a number: parseInt would pass over blanks, capitals and what follows.
    if (decoder.decode(line.subarray(0, HEAD)) !== `${Bun.hash.crc32(body).toString(16).padStart(8, "0")} `) return undefined;
    return recordOf(JSON.parse(decoder.decode(body)) as List); // The checksum says that we wrote it.
  } catch {
    return undefined;
  }
}

type List = readonly (string | number | boolean | null | object)[];

function listOf(record: LedgerRecord): List {
  switch (record.type) {
    case "open": {
      const { opened: o } = record;
      return [
        "o",
        o.requestId,
        o.attempt,
        o.startedEpochMs,
        o.config,
        o.price ?? null,
        o.keyId ?? null,
        o.keyName ?? null,
        o.team ?? null,
        o.organisation ?? null,
        o.operation,
        o.route,
        o.provider,
        o.model,
        o.stream ? 1 : 0,
        o.bytesIn,
        o.reservedNanoUsd,
      ];
    }
    case "settle": {
      const { outcome: o } = record;
      return [
        "s",
        record.requestId,
        record.attempt,
        o.certainty,
        o.settledEpochMs,
        o.failure ?? null,
        o.usage ?? null,
        o.costNanoUsd ?? null,
        // Microseconds are more than anybody asks for.
        round(o.queueMs),
        round(o.connectMs),
        round(o.firstByteMs),
        round(o.firstTokenMs),
        round(o.totalMs),
        o.bytesOut,
        o.losses.length === 0 ? 0 : o.losses,
        o.tokensSaved,
        o.images,
        o.audioSeconds,
        o.bytesSavedBy ?? null,
        o.cache ?? null,
      ];
    }
    case "price":
      return ["p", record.version, record.name, record.rates];
    default:
      return record satisfies never;
  }
}

function recordOf(list: List): LedgerRecord | undefined {
  const [type, ...rest] = list;
  // The order is that of `listOf`; the checksum has shown that nothing has changed since.
  const at = rest as unknown as readonly never[];
  const or = <T>(value: T | null): T | undefined => value ?? undefined;
  switch (type) {
    case "o":
      return {
        type: "open",
        opened: {
          requestId: at[0]!,
          attempt: at[1]!,
          startedEpochMs: at[2]!,
          config: at[3]!,
          price: or(at[4]!),
          keyId: or(at[5]!),
          keyName: or(at[6]!),
          team: or(at[7]!),
          organisation: or(at[8]!),
          operation: at[9]!,
          route: at[10]!,
          provider: at[11]!,
          model: at[12]!,
          stream: at[13] === 1,
          bytesIn: at[14]!,
          reservedNanoUsd: at[15]!,
        },
      };
    case "s":
      return {
        type: "settle",
        requestId: at[0]!,
        attempt: at[1]!,
        outcome: {
          certainty: at[2]!,
          settledEpochMs: at[3]!,
          failure: or(at[4]!),
          usage: or(at[5]!),
          costNanoUsd: or(at[6]!),
          queueMs: at[7]!,
          connectMs: or(at[8]!),
          firstByteMs: or(at[9]!),
          firstTokenMs: or(at[10]!),
          totalMs: at[11]!,
          bytesOut: at[12]!,
          losses: at[13] === 0 ? [] : at[13]!,
          tokensSaved: at[14]!,
          images: at[15]!,
          audioSeconds: at[16]!,
          // Lines of older processes end before these.
          bytesSavedBy: or<string>(at[17] ?? null),
          cache: or<"hit">(at[18] ?? null),
        },
      };
    case "p":
      return { type: "price", version: at[0]!, name: at[1]!, rates: at[2]! };
    default:
      return undefined;
  }
}

function round(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1000) / 1000;
}

const DIGITS = encoder.encode("0123456789abcdef");

function writeHex(into: Uint8Array, value: number): void {
  for (let at = 7, rest = value; at >= 0; at--, rest >>>= 4) into[at] = DIGITS[rest & 15]!; // There are 16.
}
