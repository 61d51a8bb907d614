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
