/** Fields of a part that are no content by themselves. */
const MARKS: ReadonlySet<string> = new Set(["text", "thought"]);

interface Event {
  readonly candidates?: unknown;
  readonly promptFeedback?: { readonly blockReason?: unknown } | null;
}

interface Candidate {
  readonly finishReason?: unknown;
  readonly content?: { readonly parts?: unknown } | null;
}

/**
 * Whether an event of a stream has something in it that a client would show or act on, or says that the answer ends.
 * Parses it, so it is only meant for events before the first content.
 */
export function hasContent(data: string): boolean {
  const { candidates, promptFeedback } = JSON.parse(data) as Event; // A scan has found it to be an object; its fields are only compared.
  if (promptFeedback?.blockReason !== undefined) return true;
  return Array.isArray(candidates) && candidates.some(candidateHasContent);
}

function candidateHasContent(candidate: Candidate | null): boolean {
  if (candidate?.finishReason) return true;
  const parts = candidate?.content?.parts;
  return Array.isArray(parts) && parts.some((part: Readonly<Record<string, unknown>> | null) => partHasContent(part ?? {}));
}

function partHasContent(part: Readonly<Record<string, unknown>>): boolean {
  return Boolean(part["text"]) || Object.keys(part).some((key) => !MARKS.has(key));
}
