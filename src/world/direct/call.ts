import type { NetworkRequest, NetworkResponse } from "../network.ts";
import type { Connection } from "./connection.ts";
import { DirectResponse } from "./direct-response.ts";
import type { ResponseHead } from "./response-head.ts";

/** One request under way, from `send` to the last byte of its answer. It listens to its signal itself, so that no closure is needed. */
export class Call {
  /** Up to the headers' end, without `content-length`. */
  readonly head: string;
  readonly request: NetworkRequest;
  /** The one that carries it. */
  connection: Connection | undefined;
  private response: DirectResponse | undefined;
  private readonly resolve: (response: NetworkResponse) => void;
  private readonly reject: (reason: unknown) => void;

  constructor(head: string, request: NetworkRequest, resolve: (response: NetworkResponse) => void, reject: (reason: unknown) => void) {
    this.head = head;
    this.request = request;
    this.resolve = resolve;
    this.reject = reject;
    request.signal.addEventListener("abort", this);
  }

  /** The head of the answer is there. */
  answer(head: ResponseHead): DirectResponse {
    const response = new DirectResponse(head, this);
    this.response = response;
    this.resolve(response);
    return response;
  }

  /** All of the answer is there, read or not. */
  end(): void {
    this.release();
    this.response?.end();
  }

  /** There is no answer, or not all of it. What came of it can still be read. */
  fail(reason: unknown): void {
    this.release();
    if (this.response === undefined) this.reject(reason);
    else this.response.fail(reason);
  }

  /** The signal was aborted. */
  handleEvent(): void {
    const { connection, response } = this;
    response?.drop();
    this.fail(this.request.signal.reason);
    connection?.destroy();
  }

  /** Whoever reads the answer wants no more of it. */
  cancel(): void {
    const { connection } = this;
    this.release();
    connection?.destroy();
  }

  private release(): void {
    this.request.signal.removeEventListener("abort", this);
    this.connection = undefined;
  }
}
