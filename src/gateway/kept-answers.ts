import { OmniError } from "../ir/failure.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../ir/json.ts";
import type { BoundedStore } from "../store/bounded-store.ts";
import type { Keeping, KeptTurn } from "../wire/keeping.ts";

/** Who made an answer, and under which account: the operator's names, which outlive restarts. */
export interface Maker {
  readonly provider: string;
  /** undefined where a provider has one account. */
  readonly account: string | undefined;
}

/** One answer as it is remembered. */
export interface KeptAnswer {
  /** The answer that it goes on from. */
  readonly previous: string | undefined;
  readonly maker: Maker;
  /** Whether its provider keeps it as well, and can be asked for it. */
  readonly isThere: boolean;
  /** What was said; undefined where the provider alone knows. */
  readonly turn: KeptTurn | undefined;
}

/** What is remembered of an answer besides what was said. */
export type Provenance = Omit<KeptAnswer, "turn">;

/** Answers that clients may go on from by their names, of each tenant apart. One per gateway. */
export class KeptAnswers {
  private readonly store: BoundedStore;
  /** Whether what a provider keeps is kept here too, so that other providers can go on from it. */
  readonly keepsAll: boolean;

  constructor(store: BoundedStore, keepsAll: boolean) {
    this.store = store;
    this.keepsAll = keepsAll;
  }

  /** @returns undefined if the tenant has no such answer, whoever else may have it. */
  find(tenant: string, id: string): KeptAnswer | undefined {
    const entry = this.store.get(tenant, answerKey(id));
    if (entry === undefined) return undefined;
    const { previous, provider, account, there, input, answer } = parsed(entry.value);
    return {
      previous: textOf(previous),
      maker: { provider: textOf(provider) ?? "", account: textOf(account) },
      isThere: there === true,
      turn: Array.isArray(input) && isJsonObject(answer) ? { input: input.filter(isJsonObject), answer } : undefined,
    };
  }

  /**
   * What was said up to an answer and with it, the oldest first.
   * @param bytesMax What a request may have.
   * @returns undefined if a part of it is not here any more, or never was.
   * @throws {OmniError} `request_too_large`
   */
  turnsUpTo(tenant: string, id: string, bytesMax: number): KeptTurn[] | undefined {
    const turns: KeptTurn[] = [];
    const seen = new Set<string>();
    let bytes = 0;
    for (let at: string | undefined = id; at !== undefined; ) {
      bytes += this.store.get(tenant, answerKey(at))?.value.length ?? 0;
      if (bytes > bytesMax) throw tooLong(bytesMax);
      const kept = this.find(tenant, at);
      // A provider that names two answers alike must not lead in a circle.
      if (kept?.turn === undefined || seen.has(at)) return undefined;
      seen.add(at);
      turns.push(kept.turn);
      at = kept.previous;
    }
    return turns.reverse();
  }

  /** The item of this name that an answer held, as a later request says it. */
  itemOf(tenant: string, itemId: string, keeping: Keeping): JsonObject | undefined {
    const entry = this.store.get(tenant, itemKey(itemId));
    const turn = entry && this.find(tenant, text.decode(entry.value))?.turn;
    return turn && keeping.itemOf(turn.answer, itemId);
  }

  /** Remembers where an answer is kept. */
  putPlace(tenant: string, id: string, { previous, maker, isThere }: Provenance): void {
    this.store.put(tenant, answerKey(id), utf8.encode(JSON.stringify({ previous, ...maker, there: isThere })));
  }

  /** Keeps an answer, with what it answers. @param answer Its JSON. */
  putTurn(tenant: string, id: string, provenance: Provenance, input: readonly JsonObject[], answer: Uint8Array, keeping: Keeping): void {
    const { previous, maker, isThere } = provenance;
    const head = JSON.stringify({ previous, ...maker, there: isThere, input });
    const value = Buffer.concat([Buffer.from(`${head.slice(0, -1)},"answer":`), answer, Buffer.from("}")]);
    const isKept = this.store.put(tenant, answerKey(id), value);
    if (!isKept) {
      if (isThere) this.putPlace(tenant, id, provenance);
      return;
    }
    for (const itemId of keeping.itemIdsOf(parsed(answer))) this.store.put(tenant, itemKey(itemId), utf8.encode(id));
  }

  delete(tenant: string, id: string, keeping: Keeping): void {
    const turn = this.find(tenant, id)?.turn;
    for (const itemId of turn === undefined ? [] : keeping.itemIdsOf(turn.answer)) this.store.delete(tenant, itemKey(itemId));
    this.store.delete(tenant, answerKey(id));
  }
}

const text = new TextDecoder();
const utf8 = new TextEncoder();

const answerKey = (id: string): string => `answer ${id}`;
const itemKey = (id: string): string => `item ${id}`;

/** Only what was written here is read here. */
function parsed(bytes: Uint8Array): JsonObject {
  return parseJson(text.decode(bytes)) as JsonObject;
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function tooLong(bytesMax: number): OmniError {
  const message = `Cannot go on from this answer: with all that was said before it, the request would be longer than ${bytesMax} bytes. Begin a new conversation.`;
  return new OmniError("request_too_large", message, { param: "previous_response_id" });
}
