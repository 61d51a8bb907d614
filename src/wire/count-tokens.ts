import { JsonScanner } from "../bytes/json-scan.ts";
import { OmniError } from "../ir/failure.ts";
import type { Usage } from "../ir/usage.ts";
import type { Bridge } from "./bridge.ts";
import { parsePart, scanAnswer } from "./read-json.ts";

/** How a format's clients ask for the number of tokens that a request has, instead of its answer. */
export interface CountDownstream {
  /** Paths under `/v1` and its twins that are posted to. None where the head tells (`RequestHead.counts`). */
  readonly paths: readonly string[];
  /** Where the request itself stands in the body, if it is not the body. Default: it is. */
  requestOf?(json: unknown): unknown;
  /** The whole answer. */
  encode(tokens: number): Uint8Array;
}

/** How a provider is asked for the number of tokens of a request. */
export interface CountUpstream {
  /** Where to post to, below the provider's base URL. */
  path(model: string): string;
  /** The field of the answer that says it. */
  readonly field: string;
  /** Whether the answer has to be written anew for clients of the format, since the provider has words of its own for it. Default false. */
  readonly isOwn?: boolean;
  /** Names the model in a request that names it in more places than one, or packs it otherwise. Default: nothing is left to do. */
  rename?(body: Uint8Array, model: string): Uint8Array;
}

/** Nothing was answered, so nothing is billed. */
const NOTHING: Usage = { inputTokens: 0, inputTokensCached: 0, outputTokens: 0, reasoningTokens: 0 };

/** Makes the way to a provider's counter of the way to its answers. Both ends speak the same, so nothing is translated. */
export function countBridge(answers: Bridge, count: CountUpstream): Bridge {
  const scanner = new JsonScanner(count.field);
  return {
    ...answers,
    cross: (request, model, context) => {
      const crossing = answers.cross(request, model, context);
      return {
        ...crossing,
        body: count.rename?.(crossing.body, model.model) ?? crossing.body,
        encodeAnswer: (_, body) => {
          const tokens = readNumber(scanner, count.field, body);
          const told = count.isOwn === true ? answers.downstream.count?.encode(tokens) : undefined;
          return { body: told ?? body, usage: NOTHING, losses: [] };
        },
      };
    },
  };
}

function readNumber(scanner: JsonScanner, field: string, body: Uint8Array): number {
  const rows = scanAnswer(scanner, body);
  // Scans write three numbers for each value.
  const value = rows === 0 ? undefined : parsePart(body, scanner.found[1]!, scanner.found[2]!);
  if (typeof value !== "number") throw new OmniError("upstream_invalid", `Cannot use the provider's count of tokens: it has no ${field}.`);
  return value;
}
