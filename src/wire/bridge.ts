import { splice } from "../bytes/splice.ts";
import type { Usage } from "../ir/usage.ts";
import type { Downstream, RequestHead, StreamReader, Upstream, Wire } from "./wire.ts";

/** Joins what a client speaks to what a provider speaks. Chosen when the plan is compiled, one per pair. */
export interface Bridge {
  /** `verbatim`: both ends are the same wire, and bytes pass untouched but for the model's name. */
  readonly type: "verbatim";
  readonly downstream: Downstream;
  readonly upstream: Upstream;
  /**
   * Makes the body for one target.
   * @param modelJson The provider's name of the model as a JSON string, quotes included.
   * @returns `body` itself when nothing had to change.
   */
  encodeRequest(body: Uint8Array, head: RequestHead, modelJson: Uint8Array): Uint8Array;
  /**
   * Makes the client's whole answer of the provider's.
   * @throws {OmniError} If the answer is hollow, so that another target may be asked.
   */
  encodeAnswer(contentType: string | null, body: Uint8Array): { readonly body: Uint8Array; readonly usage: Usage | undefined };
  openStream(): StreamReader;
}

/**
 * Finds the way from a client's format to a provider's.
 * @param half The provider's half of `upstream`, made for its dialect.
 * @returns undefined when there is none.
 */
export function bridgeOf(downstream: Wire, upstream: Wire, half: Upstream): Bridge | undefined {
  if (downstream.name !== upstream.name || downstream.downstream === undefined) return undefined;
  return verbatim(downstream.downstream, half);
}

/** Both ends speak the same: only the model's name changes on the way. */
export function verbatim(downstream: Downstream, upstream: Upstream): Bridge {
  return {
    type: "verbatim",
    downstream,
    upstream,
    encodeRequest: (body, { valueStart, valueEnd }, modelJson) =>
      holds(body, valueStart, valueEnd, modelJson) ? body : splice(body, valueStart, valueEnd, modelJson),
    encodeAnswer: (contentType, body) => ({ body, usage: upstream.inspectAnswer(contentType, body) }),
    openStream: () => upstream.openStream(),
  };
}

function holds(body: Uint8Array, start: number, end: number, value: Uint8Array): boolean {
  if (end - start !== value.length) return false;
  for (let index = 0; index < value.length; index++) if (body[start + index] !== value[index]) return false;
  return true;
}
