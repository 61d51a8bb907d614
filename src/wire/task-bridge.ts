import { OmniError } from "../ir/failure.ts";
import type { Loss } from "../ir/loss.ts";
import type { Usage } from "../ir/usage.ts";
import type { NetworkResponse } from "../world/network.ts";
import type { ModelName } from "./bridge.ts";
import type { ClientRequest } from "./client-request.ts";
import type {
  TaskAnswer,
  TaskAnswerContext,
  TaskContext,
  TaskDownstream,
  TaskStreamDecoder,
  TaskStreamEncoder,
  TaskUpstream,
} from "./task.ts";
import type { StreamReader } from "./wire.ts";

/** What the gateway lends to a provider's half while the work is done. */
export type TaskTools = Pick<TaskContext, "call" | "fetchUrl" | "pause"> & Pick<TaskAnswerContext, "requestId" | "nowS">;

/** What came of the work, in the client's format. */
export type TaskOutcome =
  | { readonly type: "whole"; readonly answer: TaskAnswer; readonly usage: Usage | undefined; readonly losses: readonly Loss[] }
  | { readonly type: "stream"; readonly response: NetworkResponse; readonly reader: StreamReader; readonly losses: readonly Loss[] };

/** Joins a client's half and a provider's of one kind of work besides chat. */
export interface TaskBridge {
  /** @throws {OmniError} Whatever goes wrong. */
  perform(request: ClientRequest, target: ModelName, tools: TaskTools): Promise<TaskOutcome>;
}

const NONE: readonly Loss[] = [];
const EMPTY: Uint8Array = new Uint8Array();

/** Both halves are of the same kind of work, so what one decodes the other can encode. */
export function taskBridge(client: TaskDownstream, provider: TaskUpstream): TaskBridge {
  return {
    async perform(request, { model, sheet = {} }, tools) {
      const asked = request.task(client);
      const { stream } = request.head;
      const { requestId, nowS } = tools;
      const performed = await provider.perform(asked, { ...tools, model, sheet, stream });
      const context = { requestId, nowS, model };
      if (performed.type === "stream") {
        const encoder = client.encodeStream?.(asked, { ...context, usage: undefined });
        if (encoder === undefined) throw new Error("A stream came where the client's format has none.");
        return { type: "stream", response: performed.response, reader: new TaskStream(performed.decoder, encoder), losses: NONE };
      }
      const { result, usage, losses = NONE } = performed;
      if (stream && client.encodeStream !== undefined && client.unfold !== undefined) {
        const body = client.encodeStream(asked, { ...context, usage }).push(client.unfold(result));
        return { type: "stream", response: new Response(body as Uint8Array<ArrayBuffer>), reader: new Told(usage), losses };
      }
      const answer = client.encodeResult(result, asked, { ...context, usage });
      return { type: "whole", answer, usage, losses: answer.losses === undefined ? losses : [...losses, ...answer.losses] };
    },
  };
}

/** A provider's stream, event by event in the client's format. */
class TaskStream<Event> implements StreamReader {
  committed = false;
  readonly isComplete = false;
  failure: OmniError | undefined;
  private readonly decoder: TaskStreamDecoder<Event>;
  private readonly encoder: TaskStreamEncoder<Event>;

  constructor(decoder: TaskStreamDecoder<Event>, encoder: TaskStreamEncoder<Event>) {
    this.decoder = decoder;
    this.encoder = encoder;
  }

  get usage(): Usage | undefined {
    return this.decoder.usage;
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.read(() => this.decoder.push(chunk));
  }

  end(): Uint8Array {
    return this.read(() => this.decoder.end());
  }

  encodeFailure(error: OmniError, requestId: string): Uint8Array {
    return this.encoder.encodeFailure(error, requestId);
  }

  private read(next: () => readonly Event[]): Uint8Array {
    if (this.failure !== undefined) return EMPTY;
    try {
      const events = next();
      if (events.length === 0) return EMPTY;
      this.committed = true;
      return this.encoder.push(events);
    } catch (error) {
      if (!(error instanceof OmniError)) throw error;
      this.failure = error;
      return EMPTY;
    }
  }
}

/** A stream that was made of a whole answer: it is as the client is to get it. */
class Told implements StreamReader {
  committed = false;
  readonly isComplete = false;
  readonly failure = undefined;
  readonly usage: Usage | undefined;

  constructor(usage: Usage | undefined) {
    this.usage = usage;
  }

  push(chunk: Uint8Array): Uint8Array {
    this.committed = true;
    return chunk;
  }

  end(): Uint8Array {
    return EMPTY;
  }

  encodeFailure(): Uint8Array {
    return EMPTY;
  }
}
