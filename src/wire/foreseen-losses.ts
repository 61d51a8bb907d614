import type { Loss } from "../ir/loss.ts";
import type { Bridge } from "./bridge.ts";
import { ClientRequest } from "./client-request.ts";

/**
 * Says what a crossing could lose, before there is a request: by taking one over that says everything that the client's format can say.
 * @param model The provider's own name of it: some take more than others.
 */
export function foreseenLosses({ type, downstream, cross }: Bridge, model: string): readonly Loss[] {
  const { everything } = downstream;
  if (type === "verbatim" || everything === undefined) return [];
  const body = Buffer.from(JSON.stringify(everything));
  const head = { modelBytes: body, modelStart: 0, modelEnd: 0, valueStart: -1, valueEnd: -1, stream: false };
  return cross(new ClientRequest(body, head), { model, modelJson: Buffer.from(JSON.stringify(model)) }, { requestId: "", nowS: 0 }).losses;
}
