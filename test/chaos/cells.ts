import { CLIENT_FORMATS, type ClientFormat } from "./client-formats.ts";
import { type Outcome, outcomeOf, type Setting, STATUS } from "./contract.ts";
import { PROVIDER_FORMATS, type ProviderFormat } from "./provider-formats.ts";
import { UPSTREAM_FAULTS, type UpstreamFault } from "./upstream-faults.ts";

/** One question to the gateway: who asks whom, how, and what goes wrong. */
export interface Cell {
  readonly client: ClientFormat;
  readonly format: ProviderFormat;
  readonly fault: UpstreamFault;
  readonly stream: boolean;
  readonly setting: Setting;
}

/** What the contract asks for in one cell. */
export interface Expected {
  readonly outcome: Outcome;
  readonly status: number;
  /** Names of failures, one of which it has to be; undefined where the client sees none. */
  readonly kinds: readonly string[] | undefined;
  /** Whether what the client reads are the provider's own words, in which the code is the provider's too. */
  readonly ownWords: boolean;
  /** Seconds; undefined for no such header. */
  readonly retryAfterS: number | undefined;
  /** Words that the client must have got. */
  readonly words: number | undefined;
}

const SETTINGS: readonly Setting[] = ["single", "combo", "doomed"];

/** The whole matrix. */
export function allCells(): readonly Cell[] {
  return CLIENT_FORMATS.flatMap((client) =>
    PROVIDER_FORMATS.filter((format) => isReachable(client, format)).flatMap((format) =>
      UPSTREAM_FAULTS.filter(({ applies }) => applies?.(format, client.wire === format.wire) ?? true).flatMap((fault) =>
        [true, false]
          .filter((stream) => fault.on === "both" || (fault.on === "stream") === stream)
          .flatMap((stream) => SETTINGS.map((setting): Cell => ({ client, format, fault, stream, setting }))),
      ),
    ),
  );
}

/** The provider that speaks Responses speaks Chat Completions as well, and is asked in that by all clients but those of Responses. */
function isReachable(client: ClientFormat, format: ProviderFormat): boolean {
  return format.wire !== "openai-responses" || client.wire === "openai-responses";
}

/** What a cell is called. */
export function nameOf({ client, format, fault, stream, setting }: Cell): string {
  return `${client.wire} → ${format.wire}, ${stream ? "stream" : "whole"}, ${setting}: ${fault.name}`;
}

/** Works a cell's expectation out. @throws If the contract does not say. */
export function expectedOf({ client, format, fault, setting }: Cell): Expected {
  const outcome = outcomeOf(fault.phase, setting, fault.kind === "upstream_auth");
  const told = typeof fault.kind === "function" ? fault.kind(format) : fault.kind;
  if (told === undefined && fault.phase !== "fine") throw new Error(`"${fault.name}" fails, and does not say how.`);
  const kinds = outcome.type === "answer" ? undefined : told?.split("|");
  const isVerbatim = client.wire === format.wire;
  const isRefused = outcome.type === "refusal";
  return {
    outcome,
    status: isRefused ? statusOf(client, format, fault, kinds ?? []) : 200,
    kinds,
    // After several attempts nobody's own words tell the whole of it, but for a fault of the request, which is the same everywhere.
    ownWords: isVerbatim && fault.ownWords === true && (outcome.attempts === 1 || fault.phase === "model"),
    retryAfterS: isRefused ? fault.retryAfterS : undefined,
    words: outcome.type === "break" ? fault.words?.(format) : undefined,
  };
}

function statusOf(client: ClientFormat, format: ProviderFormat, fault: UpstreamFault, kinds: readonly string[]): number {
  const [kind = ""] = kinds;
  const own = typeof fault.status === "function" ? fault.status(format) : fault.status;
  const status = client.statusFor?.(kind) ?? own ?? STATUS[kind];
  if (status === undefined) throw new Error(`The contract knows no status for "${kind}".`);
  return status;
}

/** A part of the matrix, spread over all of it: every so many-th cell. */
export function sampleOf<Cell>(cells: readonly Cell[], every: number): readonly Cell[] {
  return cells.filter((_, index) => index % every === 0);
}
