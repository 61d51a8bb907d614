import { boundaryOf, type FormPart, readForm } from "../../bytes/multipart.ts";
import { chat } from "./chat.ts";
import { embedding } from "./embedding.ts";
import { FAULT_HEADER, type Fault, faultOf } from "./fault.ts";
import { generateContent } from "./generate-content.ts";
import { messages } from "./messages.ts";
import { imageEdit, imageGeneration, imageVariation } from "./image.ts";
import { moderation } from "./moderation.ts";
import { Refusal, type SimulatedEvent, type SimulatedOperation, type SimulatedWork, type Stage } from "./operation.ts";
import { rerank } from "./rerank.ts";
import { responses } from "./responses.ts";
import { speech } from "./speech.ts";
import { transcription, translation } from "./transcription.ts";
import { webFetch } from "./web-fetch.ts";
import { webSearch } from "./web-search.ts";

/** A request, free of any network. */
export interface SimulatedRequest {
  readonly method: string;
  /** Below `/v1`. */
  readonly path: string;
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array;
}

/** What the simulator does with one request, as data: whoever plays it brings the time and the connection. */
export type SimulatedAnswer =
  | { readonly type: "nothing"; readonly how: "refuse" | "reset" | "stall" }
  | {
      readonly type: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** The body in parts, each with the time to wait before it. The head is sent with the first part, or at once if there is none. */
      readonly steps: Iterable<Step>;
      /** What follows the last part. */
      readonly end: "whole" | "cut" | "stall";
    };

/** Some bytes, and how long to wait before them. */
export interface Step {
  readonly delayMs: number;
  readonly bytes: Uint8Array;
}

/** What the simulator does; one line per kind of work. */
const OPERATIONS: readonly SimulatedOperation[] = [
  chat,
  embedding,
  moderation,
  rerank,
  messages,
  responses,
  generateContent,
  speech,
  transcription,
  translation,
  webSearch,
  webFetch,
  imageGeneration,
  imageEdit,
  imageVariation,
];

/** Answers one request. A pure function of the request and the stage. */
export function answer(request: SimulatedRequest, stage: Stage): SimulatedAnswer {
  try {
    const operation = operationOf(request);
    const body = read(request);
    const fault = faultFor(request, body, stage);
    if (fault?.type === "status") return refuse(refusalOf(fault.status, nameIn(body)), stage, fault.retryAfterS);
    if (fault?.type === "refuse" || fault?.type === "reset") return { type: "nothing", how: fault.type };
    const own = paced(stage, nameIn(body));
    const work = operation.perform(body, own, request.headers, request.path);
    return work.type === "whole" ? answerWhole(work, fault, own) : answerStream(work, fault, own);
  } catch (error) {
    if (error instanceof Refusal) return refuse(error, stage);
    throw error;
  }
}

function operationOf({ method, path }: SimulatedRequest): SimulatedOperation {
  const operation = OPERATIONS.find(
    (candidate) => candidate.path === path || (candidate.path.endsWith("/") && path.startsWith(candidate.path)),
  );
  if (operation === undefined) throw new Refusal(404, `Invalid URL (${method} /v1${path})`);
  if (method === "POST") return operation;
  throw new Refusal(405, `Not allowed to ${method} on /v1${path}. (HINT: Perhaps you meant to use a different HTTP method?)`);
}

function read({ headers, body }: SimulatedRequest): unknown {
  const boundary = boundaryOf(headers.get("content-type"));
  return boundary === undefined ? parse(body) : fieldsOf(body, boundary);
}

/** The fields of a form by their names, without the brackets that some clients put behind those of lists. */
function fieldsOf(body: Uint8Array, boundary: string): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const { name, filename, contentType, start, end } of partsOf(body, boundary)) {
    const bytes = body.subarray(start, end);
    const value = filename === undefined ? Buffer.from(bytes).toString() : { filename, contentType, bytes };
    const key = name.replace(/\[\]$/, "");
    const before = fields[key];
    fields[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return fields;
}

function partsOf(body: Uint8Array, boundary: string): readonly FormPart[] {
  try {
    return readForm(body, boundary);
  } catch (cause) {
    throw Object.assign(new Refusal(400, "Could not parse multipart form."), { cause });
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw Object.assign(new Refusal(400, "We could not parse the JSON body of your request."), { cause });
  }
}

function faultFor(request: SimulatedRequest, body: unknown, { random }: Stage): Fault | undefined {
  try {
    return faultOf(request.headers.get(FAULT_HEADER), nameIn(body), random);
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(400, error.message, { param: FAULT_HEADER });
    throw error;
  }
}

function nameIn(body: unknown): string {
  return typeof body === "object" && body !== null && "model" in body && typeof body.model === "string" ? body.model : "";
}

/** The model `slow` takes ten times as long. */
function paced(stage: Stage, model: string): Stage {
  if (model !== "slow") return stage;
  const { paceMs, firstTokenMs, tokens } = stage.manner;
  return { ...stage, manner: { paceMs: paceMs * 10, firstTokenMs: firstTokenMs * 10, tokens } };
}

function answerWhole(work: SimulatedWork & { type: "whole" }, fault: Fault | undefined, stage: Stage): SimulatedAnswer {
  const { body, hollow } = work;
  const delayMs = stage.manner.firstTokenMs + stage.manner.paceMs * work.events;
  const send = (text: string | Uint8Array, end: "whole" | "cut" = "whole", contentType = work.contentType): SimulatedAnswer => {
    return {
      type: "answer",
      status: 200,
      headers: headersOf(contentType, stage),
      steps: [{ delayMs, bytes: typeof text === "string" ? Buffer.from(text) : text }],
      end,
    };
  };
  const half = body.slice(0, body.length / 2);
  const type = fault?.type;
  switch (type) {
    case undefined:
      return send(body);
    case "stall":
      return { type: "nothing", how: "stall" };
    case "cut":
      return send(half, "cut");
    case "truncate":
    case "malformed":
      return send(half);
    case "error-in-stream":
    case "error-in-200":
      return send(JSON.stringify(BROKEN.envelope));
    case "empty":
      return send(hollow);
    case "blank":
      return send("");
    case "html":
      return send(WEB_PAGE, "whole", "text/html");
    case "status":
    case "refuse":
    case "reset":
      throw new Error(`Cannot get here: ${type} comes before any work.`);
    default:
      return type satisfies never;
  }
}

function answerStream(work: SimulatedWork & { type: "stream" }, fault: Fault | undefined, stage: Stage): SimulatedAnswer {
  const { events } = work;
  const send = (texts: Iterable<string>, end: "whole" | "cut" | "stall" = "whole", contentType = work.contentType): SimulatedAnswer => {
    const headers = { ...headersOf(contentType, stage), "cache-control": "no-cache" };
    return { type: "answer", status: 200, headers, steps: stepsOf(texts, stage), end };
  };
  const { type, after = 0 } = fault ?? {};
  switch (type) {
    case undefined:
      return send(textsOf(events));
    case "stall":
      return send(textsUntil(events, after), "stall");
    case "cut":
      return send(textsUntil(events, after), "cut");
    case "truncate":
      return send(textsUntil(events, after));
    case "error-in-stream":
      return send(textsUntil(events, after, work.errorEvent(BROKEN.envelope)));
    case "malformed":
      return send(textsUntil(events, after, 'data: {"id":"chatcmpl-\n\n'));
    case "error-in-200":
      return send([work.errorEvent(BROKEN.envelope)]);
    case "empty":
      return send([lastOf(textsOf(events))]);
    case "blank":
      return send([]);
    case "html":
      return send([WEB_PAGE], "whole", "text/html");
    case "status":
    case "refuse":
    case "reset":
      throw new Error(`Cannot get here: ${type} comes before any work.`);
    default:
      return type satisfies never;
  }
}

function* stepsOf(texts: Iterable<string>, { manner }: Stage): Generator<Step> {
  let delayMs = manner.firstTokenMs;
  for (const text of texts) {
    yield { delayMs, bytes: Buffer.from(text) };
    delayMs = manner.paceMs;
  }
}

function* textsOf(events: Iterable<SimulatedEvent>): Generator<string> {
  for (const { text } of events) yield text;
}

/** The beginning of a stream, up to so many events with content, and then `last`. */
function* textsUntil(events: Iterable<SimulatedEvent>, contentMax: number, last?: string): Generator<string> {
  let content = 0;
  for (const { type, text } of events) {
    if (type === "close" || (type === "content" && content++ >= contentMax)) break;
    yield text;
  }
  if (last !== undefined) yield last;
}

function lastOf(texts: Iterable<string>): string {
  let last = "";
  for (const text of texts) last = text;
  return last;
}

function refuse(refusal: Refusal, stage: Stage, retryAfterS?: number): SimulatedAnswer {
  const headers = headersOf("application/json", stage);
  return {
    type: "answer",
    status: refusal.status,
    headers: retryAfterS === undefined ? headers : { ...headers, "retry-after": String(retryAfterS) },
    steps: [{ delayMs: 0, bytes: Buffer.from(JSON.stringify(refusal.envelope)) }],
    end: "whole",
  };
}

function headersOf(contentType: string, { random }: Stage): Record<string, string> {
  return { "content-type": contentType, "x-request-id": `req_${random.uuid().replaceAll("-", "")}` };
}

const BROKEN: Refusal = new Refusal(500, "The server had an error while processing your request. Sorry about that!", {
  type: "server_error",
});
const WEB_PAGE = "<!doctype html><title>Sign in</title><p>Please sign in to use this network.</p>";

/** What OpenAI says along with a status. */
function refusalOf(status: number, model: string): Refusal {
  switch (status) {
    case 401:
      return new Refusal(status, "Incorrect API key provided: sk-simulator.", { code: "invalid_api_key" });
    case 403:
      return new Refusal(status, "You are not allowed to sample from this model.", { code: "insufficient_permissions" });
    case 404:
      return new Refusal(status, `The model \`${model}\` does not exist or you do not have access to it.`, { code: "model_not_found" });
    case 429:
      return new Refusal(status, `Rate limit reached for ${model}. Please try again later.`, {
        type: "requests",
        code: "rate_limit_exceeded",
      });
    case 503:
      return new Refusal(status, "The engine is currently overloaded, please try again later.", { type: "server_error" });
    default:
      return status < 500
        ? new Refusal(status, `The request was refused with ${status}, as was asked for.`)
        : new Refusal(status, BROKEN.message, BROKEN);
  }
}
