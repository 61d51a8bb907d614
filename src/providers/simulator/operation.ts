import type { Clock } from "../../world/clock.ts";
import type { Random } from "../../world/random.ts";
import type { Manner } from "./settings.ts";

/** What answers may depend on besides the request. */
export interface Stage {
  readonly clock: Clock;
  readonly random: Random;
  readonly manner: Manner;
}

/** One kind of work that the simulator does; one file each. */
export interface SimulatedOperation {
  /** Below `/v1`; with a slash at its end it stands for all that is below it. */
  readonly path: string;
  /**
   * @param body Parsed JSON, or the fields of a form: texts, and files as `SimulatedFile`; a list where a field comes more than once.
   * @param headers The request's, by which one account is told from another.
   * @param path The whole of it.
   * @throws {Refusal} If the request is no good.
   */
  perform(body: unknown, stage: Stage, headers: { get(name: string): string | null }, path: string): SimulatedWork;
}

/** A file of a form. */
export interface SimulatedFile {
  readonly filename: string;
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
}

/** An answer in the making: it still can be sent as it is, or with a fault in it. */
export type SimulatedWork =
  | {
      readonly type: "whole";
      readonly contentType: string;
      readonly body: string | Uint8Array;
      /** The same answer with nothing in it. */
      readonly hollow: string;
      /** How many events its stream would have, for the time it takes. */
      readonly events: number;
    }
  | {
      readonly type: "stream";
      readonly contentType: string;
      readonly events: Iterable<SimulatedEvent>;
      /** An error as it looks within such a stream. */
      errorEvent(error: unknown): string;
    };

/** A part of a stream: one that comes before any content, content, or one that belongs to the end. */
export interface SimulatedEvent {
  readonly type: "open" | "content" | "close";
  readonly text: string;
}

/** A request that is refused, in OpenAI's words. */
export class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;

  constructor(
    status: number,
    message: string,
    { type = "invalid_request_error", code = null, param = null }: { type?: string; code?: string | null; param?: string | null } = {},
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
  }

  /** The body of OpenAI's error answers. */
  get envelope(): object {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }
}
