import { OmniError } from "../ir/failure.ts";
import type { JsonObject } from "../ir/json.ts";
import type { Operation } from "../ir/operation.ts";
import type { Downstream, Wire } from "../wire/wire.ts";
import { ClientSignal } from "./client-watch.ts";
import type { ServerContext } from "./context.ts";
import { type Answer, type Endpoint, type EndpointDetail, PREFIXES } from "./endpoint.ts";
import { decodeRest, queryOf } from "./path.ts";
import { receiveBody } from "./receive.ts";
import { logMistake, refuse, respond } from "./reply.ts";

/**
 * How long a connection may be silent, in seconds, when no exchange is being worked on: between requests, and once an answer has begun. A client that
 * stopped reading is cut off after it; a stream that is silent upstream is kept up by the gateway's own comments.
 */
export const IDLE_SECONDS = 120;

/** One endpoint for each path of each wire that clients speak, and its twin for one provider alone. */
export function inferenceEndpoints(context: ServerContext): readonly Endpoint[] {
  return context.wires.flatMap((wire) => {
    const { downstream } = wire;
    if (downstream === undefined) return [];
    const endpoint = (path: string, where = "", purpose?: Purpose): Endpoint => ({
      method: "POST",
      path,
      access: "client",
      detail: purpose === undefined ? detailOf(wire, path, where) : specialDetail(wire, where, purpose),
      answer: carry(context, wire, downstream, path, purpose),
      envelope: downstream,
    });
    const below = (paths: readonly string[], purpose?: Purpose): Endpoint[] =>
      PREFIXES.flatMap((prefix) =>
        paths.flatMap((path) => [
          endpoint(`${prefix}${path}`, "", purpose),
          endpoint(`${prefix}/providers/:provider${path}`, " by one provider", purpose),
        ]),
      );
    return [
      ...below(downstream.paths),
      ...below(downstream.count?.paths ?? [], COUNTS),
      ...below(downstream.keeping === undefined ? [] : [downstream.keeping.compactPath], COMPACTS),
      ...(downstream.rootPaths ?? []).map((path) => endpoint(path)),
    ];
  });
}

/** What is asked for where it is not an answer. */
type Purpose = typeof COUNTS | typeof COMPACTS;
const COUNTS = { counts: true } as const;
const COMPACTS = { compacts: true } as const;

/** The hot path: every request for work goes through here. What it allocates itself is a promise and the `Response`. */
function carry(context: ServerContext, wire: Wire, downstream: Downstream, path: string, purpose: Purpose | undefined): Answer {
  const { gateway, world, log, clients } = context;
  const hasRest = path.endsWith("*");
  return async (request, server, { provider }, caller) => {
    // Bun would close a connection on which nothing moves, also while a model thinks. Deadlines are the gateway's. Costs 0.3 µs.
    server?.timeout(request, 0);
    let response: Response;
    try {
      const plan = gateway.plan;
      if (plan === undefined)
        throw new OmniError("shutting_down", "Cannot take requests yet: no configuration is in force.", { retryAfterMs: 1_000 });
      if (plan.server.shed !== undefined) context.load.check(plan.server.shed);
      const rest = hasRest ? decodeRest(request.url, prefixOf(path, provider)) : "";
      const query = hasRest ? queryOf(request.url) : "";
      const address = (): string => server?.requestIP(request)?.address ?? "";
      const body = await receiveBody(request, downstream.takes, plan.server.bodyBytesMax, world.clock);
      const { headers } = request;
      const signal = new ClientSignal(request, clients);
      response = respond(await gateway.serve({ wire, provider, rest, query, body, headers, caller, address, signal, ...purpose }));
    } catch (error) {
      const stamp = context.stamp();
      if (!(error instanceof OmniError)) logMistake(log, error, stamp.requestId);
      response = refuse(error, downstream, stamp);
    }
    // From here on silence is idleness, or a client that stopped reading.
    server?.timeout(request, IDLE_SECONDS);
    return response;
  };
}

/** What stands before the `*` of a path in one request. */
function prefixOf(path: string, provider: string | undefined): string {
  return path.slice(0, -1).replace(":provider", encodeURIComponent(provider ?? ""));
}

function specialDetail(wire: Wire, where: string, purpose: Purpose): EndpointDetail {
  const counts = purpose === COUNTS;
  const description = counts
    ? "The body is that of the request to be counted. Where the provider does not count, the answer is an estimate, marked by `x-omni-estimate`."
    : "The provider makes the conversation shorter, where it has that.";
  const sample = wire.downstream?.sample;
  const summary = `${counts ? "Count the tokens of a request" : "Make a conversation shorter"}${where} (${wire.name})`;
  return { tag: "Inference", summary, description, ...(sample !== undefined && { body: bodyOf(sample) }) };
}

function detailOf(wire: Wire, path: string, where: string): EndpointDetail {
  const summary = `${DETAILS[wire.operation].summary}${where} (${wire.name})`;
  // OpenAPI has no word for "the rest of the path".
  const shown = path.endsWith("*") && { path: path.replace(/:(\w+)/g, "{$1}").replace("*", "{rest}") };
  const { sample, schemas, takes } = wire.downstream ?? {};
  const body =
    schemas === undefined ? sample && bodyOf(sample) : { ...schemas.request, ...(sample !== undefined && { examples: [sample] }) };
  return {
    tag: "Inference",
    ...DETAILS[wire.operation],
    summary,
    ...shown,
    ...(body !== undefined && { body }),
    // The document shows JSON where both are taken: it can be tried from the page.
    ...(takes !== undefined && takes !== "json-or-form" && { bodyType: takes }),
    ...(schemas !== undefined && { answers: schemas.answers }),
  };
}

/** What one can try from the page of documentation. The formats themselves are their vendors' to describe. */
function bodyOf(sample: JsonObject): Readonly<Record<string, unknown>> {
  return {
    type: "object",
    required: Object.keys(sample),
    properties: {
      ...Object.fromEntries(Object.keys(sample).map((name) => [name, {}])),
      model: { type: "string", description: "A combo, a provider/model, an alias, or `default`." },
      stream: { type: "boolean", default: false },
    },
    additionalProperties: true,
    examples: [sample],
  };
}

const DETAILS: Readonly<Record<Operation, Pick<EndpointDetail, "summary" | "description">>> = {
  chat: {
    summary: "Answer a conversation",
    description: "The body is the format's own; `model` is a name of GET /v1/models. With `stream` the answer comes as server-sent events.",
  },
  embedding: { summary: "Turn texts into vectors", description: "`model` is a name of GET /v1/models/embedding." },
  image: { summary: "Make or change an image", description: "`model` is a name of GET /v1/models/image." },
  speech: { summary: "Speak a text", description: "`model` is a name of GET /v1/models/tts. The answer is sound, as it is made." },
  transcription: { summary: "Write down what is said", description: "A form with a `file`; `model` is a name of GET /v1/models/stt." },
  moderation: { summary: "Tell whether a text is harmful", description: "`model` is a name of GET /v1/models/moderation." },
  rerank: { summary: "Order documents by how well they answer", description: "`model` is a name of GET /v1/models/rerank." },
  webSearch: { summary: "Search the web", description: "`model` is a name of GET /v1/models/web whose kind is `webSearch`." },
  webFetch: { summary: "Read a page of the web", description: "`model` is a name of GET /v1/models/web whose kind is `webFetch`." },
};
