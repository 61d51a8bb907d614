/** Fields of a delta that are content as soon as there is something in them. */
const CONTENT = [
  "content",
  "refusal",
  "reasoning",
  "reasoning_content",
  "reasoning_details",
  "tool_calls",
  "function_call",
  "audio",
  "images",
] as const;

/**
 * Whether an event of a stream has something in it that a client would show or act on, or says that the answer ends.
 * Parses it, so it is only meant for events before the first content.
 */
export function hasContent(data: string): boolean {
  const { choices } = JSON.parse(data) as { readonly choices?: unknown }; // A scan has found it to be an object.
  if (!Array.isArray(choices)) return false;
  return choices.some((choice: { readonly delta?: Readonly<Record<string, unknown>>; readonly finish_reason?: unknown } | null) => {
    if (!isEmpty(choice?.finish_reason)) return true;
    const delta = choice?.delta;
    return typeof delta === "object" && delta !== null && CONTENT.some((field) => !isEmpty(delta[field]));
  });
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}
