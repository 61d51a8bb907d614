/** Items that begin empty: what counts is what comes of them. */
const EMPTY_AT_FIRST: ReadonlySet<unknown> = new Set(["message", "reasoning"]);
/** Events that only say that work goes on. */
const PRELUDE: ReadonlySet<unknown> = new Set([
  "response.created",
  "response.in_progress",
  "response.queued",
  "response.content_part.added",
  "response.reasoning_summary_part.added",
]);

interface StreamEvent {
  readonly type?: unknown;
  readonly delta?: unknown;
  readonly item?: { readonly type?: unknown } | null;
}

/**
 * Whether an event of a stream has something in it that a client would show or act on, or says that the answer ends.
 * Parses it, so it is only meant for events before the first content.
 */
export function hasContent(data: string): boolean {
  const { type, delta, item } = JSON.parse(data) as StreamEvent; // A scan has found it to be an object; its fields are only compared.
  if (typeof type !== "string" || !type.startsWith("response.") || PRELUDE.has(type)) return false;
  if (type === "response.output_item.added") return !EMPTY_AT_FIRST.has(item?.type);
  return type.endsWith(".delta") ? delta !== "" && delta !== null : true;
}
