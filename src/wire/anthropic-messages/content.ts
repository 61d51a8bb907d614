/** Blocks that begin empty: what counts is what comes of them. */
const EMPTY_AT_FIRST: ReadonlySet<unknown> = new Set(["text", "thinking"]);

interface StreamEvent {
  readonly type?: unknown;
  readonly message?: { readonly content?: unknown } | null;
  readonly content_block?: { readonly type?: unknown; readonly text?: unknown; readonly thinking?: unknown } | null;
  readonly delta?: Readonly<Record<string, unknown>> | null;
}

/**
 * Whether an event of a stream has something in it that a client would show or act on, or says that the answer ends.
 * Parses it, so it is only meant for events before the first content.
 */
export function hasContent(data: string): boolean {
  const event = JSON.parse(data) as StreamEvent; // A scan has found it to be an object; its fields are only compared.
  switch (event.type) {
    case "message_start":
      // What goes on after other code has called a tool begins with what was there before.
      return Array.isArray(event.message?.content) && event.message.content.length > 0;
    case "content_block_start": {
      const block = event.content_block;
      return !EMPTY_AT_FIRST.has(block?.type) || Boolean(block?.text) || Boolean(block?.thinking);
    }
    case "content_block_delta":
      return Object.entries(event.delta ?? {}).some(([key, value]) => key !== "type" && value !== "" && value !== null);
    case "message_delta":
    case "message_stop":
      return true;
    default:
      return false;
  }
}
