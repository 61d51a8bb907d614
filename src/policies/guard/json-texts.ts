/** A string of a JSON body that somebody wrote or will read, its quotes included. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
  /** Of the message that it stands in; `system` for what stands beside the messages; empty where nothing is said. */
  role: string;
}

/** Where requests have what people and tools wrote, in all formats at once: keys of the root. */
export const REQUEST_FIELDS: ReadonlySet<string> = new Set([
  ...["messages", "input", "contents", "prompt", "message", "query", "documents", "texts", "inputs"],
  ...["system", "systemInstruction", "system_instruction", "instructions", "preamble"],
]);

/** The same of answers. */
export const ANSWER_FIELDS: ReadonlySet<string> = new Set([
  ...["choices", "content", "output", "candidates", "message", "response", "output_text", "text", "results"],
]);

const SYSTEM_FIELDS: ReadonlySet<string> = new Set(["system", "systemInstruction", "system_instruction", "instructions", "preamble"]);

/** Keys whose values are names, numbers of things, or bytes in letters: nobody's words, and of no use once they are changed. */
const SKIPPED: ReadonlySet<string> = new Set([
  ...["type", "id", "role", "name", "model", "object", "status", "format", "detail", "finish_reason", "stop_reason", "finishReason"],
  ...["tool_call_id", "tool_use_id", "call_id", "item_id", "file_id", "cache_control", "tool_name"],
  ...["signature", "thoughtSignature", "thought_signature", "encrypted_content", "data", "b64_json", "url", "image_url", "fileUri"],
  ...["mime_type", "mimeType", "media_type"],
]);

/** Below these, keys are whatever a tool calls its arguments. */
const FREE: ReadonlySet<string> = new Set(["input", "args", "arguments", "parameters", "json"]);

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const decoder = new TextDecoder();

interface Level {
  readonly isObject: boolean;
  /** The key that the next value of an object belongs to; of a list, the list's own. */
  key: string;
  readonly isFree: boolean;
}

/**
 * Finds the strings of a body that was found well-formed already: one pass, whatever is in it.
 * @param fields Keys of the root to look below.
 */
export function textSpans(body: Uint8Array, fields: ReadonlySet<string>): TextSpan[] {
  const spans: TextSpan[] = [];
  const levels: Level[] = [];
  let isWanted = false;
  let field = "";
  let messageFrom = 0;
  let role = "";
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === 123 || byte === 91) {
      const above = levels.at(-1);
      if (levels.length === 2) [messageFrom, role] = [spans.length, ""];
      const key = above?.key ?? "";
      levels.push({
        isObject: byte === 123,
        key,
        isFree: above !== undefined && (above.isFree || (above.isObject && levels.length > 1 && FREE.has(key))),
      });
    } else if (byte === 125 || byte === 93) {
      levels.pop();
      if (levels.length === 2) for (const span of spans.slice(messageFrom)) span.role ||= role;
    } else if (byte === QUOTE) {
      const end = stringEnd(body, at);
      const level = levels.at(-1);
      if (level === undefined) return spans;
      if (level.isObject && isKey(body, end)) {
        level.key = textOf(body, at, end);
        if (levels.length === 1) {
          field = level.key;
          isWanted = fields.has(field);
        }
      } else if (isWanted) {
        if (levels.length === 3 && level.key === "role") role = textOf(body, at, end);
        if (level.isFree || !SKIPPED.has(level.key)) spans.push({ start: at, end, role: SYSTEM_FIELDS.has(field) ? "system" : "" });
      }
      at = end - 1;
    }
  }
  return spans;
}

/** What a span says. */
export function textOf(body: Uint8Array, start: number, end: number): string {
  return JSON.parse(decoder.decode(body.subarray(start, end))) as string; // It begins and ends with a quote.
}

/** Puts other texts in the places of some. */
export function withTexts(body: Uint8Array, changes: readonly { readonly span: TextSpan; readonly text: string }[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { span, text } of changes) {
    parts.push(body.subarray(at, span.start), Buffer.from(JSON.stringify(text)));
    at = span.end;
  }
  parts.push(body.subarray(at));
  return Buffer.concat(parts);
}

/** Where a string ends that begins at a quote: behind its last one. */
function stringEnd(body: Uint8Array, start: number): number {
  for (let at = start + 1; at < body.length; at++) {
    if (body[at] === BACKSLASH) at++;
    else if (body[at] === QUOTE) return at + 1;
  }
  return body.length;
}

function isKey(body: Uint8Array, end: number): boolean {
  let at = end;
  while (body[at] === 32 || body[at] === 10 || body[at] === 13 || body[at] === 9) at++;
  return body[at] === COLON;
}
