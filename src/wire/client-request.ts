import type { ChatRequest } from "../ir/chat.ts";
import { OmniError } from "../ir/failure.ts";
import { parseJson } from "../ir/json.ts";
import type { ChatDownstream } from "./chat-codec.ts";
import type { CountDownstream } from "./count-tokens.ts";
import type { TaskDownstream } from "./task.ts";
import type { RequestHead } from "./wire.ts";

/** A client's request as its attempts share it: its bytes, what was read of them, and its words, which are only made when a translation needs them. */
export class ClientRequest {
  readonly body: Uint8Array;
  readonly head: RequestHead;
  private readonly contentType: string | null;
  private decoded: ChatRequest | undefined;
  private decodedTask: ReturnType<TaskDownstream["decodeRequest"]> | undefined;

  /** @param contentType As the client said it. Default: it said nothing. */
  constructor(body: Uint8Array, head: RequestHead, contentType: string | null = null) {
    this.body = body;
    this.head = head;
    this.contentType = contentType;
  }

  /**
   * The same for the other kinds of work.
   * @throws {OmniError} As `TaskDownstream.decodeRequest`.
   */
  task(downstream: TaskDownstream): ReturnType<TaskDownstream["decodeRequest"]> {
    this.decodedTask ??= downstream.decodeRequest(this.body, this.contentType);
    return this.decodedTask;
  }

  /**
   * The request in the words of the IR, decoded once.
   * @throws {OmniError} `malformed_json` or `invalid_request`, naming the field.
   */
  chat(downstream: ChatDownstream): ChatRequest {
    this.decoded ??= { ...downstream.decodeRequest(parsed(this.body)), stream: this.head.stream };
    return this.decoded;
  }

  /**
   * The request whose tokens are to be counted.
   * @throws {OmniError} As `chat`.
   */
  counted(downstream: ChatDownstream, count: CountDownstream): ChatRequest {
    const json = parsed(this.body);
    return downstream.decodeRequest(count.requestOf?.(json) ?? json);
  }
}

function parsed(body: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new OmniError("malformed_json", "Cannot read the body as JSON.", { cause });
  }
}
