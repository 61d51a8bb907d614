import type { OmniError } from "../ir/failure.ts";
import type { JsonObject } from "../ir/json.ts";
import type { Operation, Tasks } from "../ir/operation.ts";
import { encodeError, encodeErrorEvent } from "./openai-chat/envelope.ts";
import { readBodyHead } from "./openai-chat/head.ts";
import { failureOfRefusal } from "./provider-error.ts";
import type { TaskDownstream, TaskUpstream } from "./task.ts";
import { unspoken } from "./unspoken.ts";
import type { Downstream, RequestHead, Upstream, Wire, WireSchemas } from "./wire.ts";

/** A kind of work besides chat. */
export type TaskName = Exclude<Operation, "chat">;

/** A format of one kind of work. At least one of its halves is there. */
export interface TaskWireOptions<O extends TaskName, Dialect> {
  readonly name: string;
  readonly operation: O;
  readonly client?: TaskClientOptions<O>;
  provider?(departures: Partial<Dialect>): TaskProviderOptions<O>;
}

/** The half that faces clients. Errors have OpenAI's envelope, as its clients are the ones that ask for such work. */
export interface TaskClientOptions<O extends TaskName> {
  /** Under `/v1`, such as `/embeddings`. */
  readonly paths: readonly string[];
  /** Whole paths besides, such as `/v2/rerank`. */
  readonly rootPaths?: readonly string[];
  /** Default `json`. */
  readonly takes?: Downstream["takes"];
  readonly sample?: JsonObject;
  readonly schemas?: WireSchemas;
  /** Default: the fields `model` and `stream` of a JSON body. */
  readonly readHead?: Downstream["readHead"];
  /** Of streamed answers. Default: server-sent events. */
  readonly streamType?: string;
  /** Default: an SSE comment. */
  readonly keepAlive?: Uint8Array;
  readonly encodeErrorEvent?: Downstream["encodeErrorEvent"];
  readonly codec: TaskDownstream<Tasks[O]>;
}

/** The half that faces providers. */
export interface TaskProviderOptions<O extends TaskName> {
  /** Headers that the provider needs besides the credential. Names in lower case. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Names of the client's headers that go on. Default: none. */
  readonly requestHeaders?: readonly string[];
  /** As `Upstream.hosts`. */
  readonly hosts?: readonly string[];
  /** Names of the provider's headers that clients may see. Default: none. */
  readonly responseHeaders?: readonly string[];
  /** Default: whatever can be read of the usual shapes of errors. */
  readonly decodeRefusal?: (status: number, headers: { get(name: string): string | null }, body: Uint8Array, epochMs: number) => OmniError;
  readonly codec: TaskUpstream<Tasks[O]>;
}

/** Declares a format of a kind of work besides chat. */
export function taskWire<O extends TaskName, Dialect = object>(options: TaskWireOptions<O, Dialect>): Wire<Dialect> {
  const { name, operation, client, provider } = options;
  return {
    name,
    operation,
    ...(client !== undefined && { downstream: downstreamOf(client) }),
    upstream: (departures) => {
      const half = provider?.(departures);
      if (half === undefined) throw new Error(`No provider speaks ${name}.`);
      return upstreamOf(name, half);
    },
  };
}

const KEEP_ALIVE = Buffer.from(": keep-alive\n\n");

function downstreamOf<O extends TaskName>(client: TaskClientOptions<O>): Downstream {
  const { paths, rootPaths, takes = "json", sample, schemas, codec } = client;
  return {
    paths,
    ...(rootPaths !== undefined && { rootPaths }),
    takes,
    ...(sample !== undefined && { sample }),
    ...(schemas !== undefined && { schemas }),
    streamType: client.streamType ?? "text/event-stream; charset=utf-8",
    keepAlive: client.keepAlive ?? KEEP_ALIVE,
    idHeader: "x-request-id",
    readHead: client.readHead ?? readJsonHead,
    encodeError,
    encodeErrorEvent: client.encodeErrorEvent ?? encodeErrorEvent,
    // Bridges join halves of one kind of work alone, so what this one is given is what it knows.
    task: codec as unknown as TaskDownstream,
  };
}

/** Streams only where the format has such a thing: elsewhere `stream` is one more field. */
function readJsonHead(body: Uint8Array): RequestHead {
  return readBodyHead(body, false);
}

function upstreamOf<O extends TaskName>(name: string, half: TaskProviderOptions<O>): Upstream {
  return {
    wire: name,
    path: () => "",
    headers: half.headers ?? {},
    requestHeaders: half.requestHeaders ?? [],
    ...(half.hosts !== undefined && { hosts: half.hosts }),
    responseHeaders: half.responseHeaders ?? [],
    decodeRefusal: half.decodeRefusal ?? failureOfRefusal,
    inspectAnswer: unspoken,
    openStream: unspoken,
    task: half.codec as unknown as TaskUpstream, // As above.
  };
}
