import { AwsEventStreamReader } from "../../bytes/aws-event-stream.ts";
import { unspoken } from "../unspoken.ts";
import type { Upstream, Wire } from "../wire.ts";
import { BEDROCK_CONVERSE } from "../wire-names.ts";
import { inspectAnswer } from "./answer.ts";
import { decodeRefusal } from "./failure.ts";
import { decodeResponse } from "./decode-response.ts";
import { ConverseStreamDecoder } from "./decode-stream.ts";
import { encodeRequest } from "./encode-request.ts";
import { type ModelTraits, traitsOf } from "./traits.ts";

/** Amazon Bedrock's Converse; no client speaks it to us. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export const bedrockConverse: Wire<ModelTraits> = {
  name: BEDROCK_CONVERSE,
  operation: "chat",
  upstream: (departures): Upstream => ({
    wire: BEDROCK_CONVERSE,
    // Names of models have colons in them, and those of profiles slashes.
    path: (model, stream) => `/model/${encodeURIComponent(model)}/${stream ? "converse-stream" : "converse"}`,
    streamType: "application/vnd.amazon.eventstream",
    headers: {},
    requestHeaders: [],
    responseHeaders: ["retry-after", "x-amzn-requestid"],
    decodeRefusal,
    inspectAnswer,
    openStream: unspoken,
    chat: {
      encodeRequest: (request) => encodeRequest(request, departures),
      marksPrompts: (model) => ({ ...traitsOf(model), ...departures }).caches,
      decodeResponse,
      decodeStream: () => new ConverseStreamDecoder(),
      openFrames: () => new AwsEventStreamReader(),
    },
  }),
};
