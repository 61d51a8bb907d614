import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where recorded provider traffic lies, beside the repository. */
export const RECORDINGS: string = join(import.meta.dir, "../../../../shared/recordings");

/** One event of a recorded stream: its `event:` line and its data. */
export interface SseEvent {
  readonly name: string | undefined;
  readonly data: string;
}

/** One recorded exchange. */
export interface Exchange {
  readonly id: string;
  readonly provider: string;
  readonly api: string;
  readonly status: number;
  readonly request: unknown;
  /** The answer, if it was whole. */
  readonly body: unknown;
  /** The answer, if it was a stream. */
  readonly stream: readonly SseEvent[] | undefined;
  /** The stream as text. */
  readonly text: string | undefined;
}

/** All exchanges of one API, in a stable order. */
export function exchangesOf(api: string): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const provider of readdirSync(RECORDINGS).sort()) {
    const folder = join(RECORDINGS, provider, api);
    for (const file of filesIn(folder)) {
      const recorded = JSON.parse(readFileSync(join(folder, file), "utf8"));
      for (const [index, { request, response, ...exchange }] of recorded.interactions.entries()) {
        if (exchange.api !== api) continue;
        const text = response.sse ?? (response.events === undefined ? undefined : replay(response.events, response.framing));
        exchanges.push({
          id: `${provider}/${file.replace(".json", "")}#${index}`,
          provider,
          api,
          status: response.status,
          request: request?.body,
          body: response.body,
          stream: text === undefined ? undefined : splitSse(text),
          text,
        });
      }
    }
  }
  return exchanges;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .sort();
  } catch {
    return []; // Not every provider has every API.
  }
}

function replay(events: readonly { readonly type?: string }[], framing: string): string {
  const named = framing === "sse-event";
  const blocks = events.map((event) => `${named ? `event: ${event.type}\n` : ""}data: ${JSON.stringify(event)}\n\n`);
  return blocks.join("") + (framing === "sse-data-done" ? "data: [DONE]\n\n" : "");
}

/** A plain splitter of server-sent events, for whole texts; the product's own is incremental. */
export function splitSse(text: string): SseEvent[] {
  const events: SseEvent[] = [];
  for (const block of text
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?/g, "\n")
    .split("\n\n")) {
    const lines = block.split("\n");
    const valuesOf = (field: string): string[] =>
      lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ""));
    const data = valuesOf("data");
    if (data.length > 0) events.push({ name: valuesOf("event").at(-1), data: data.join("\n") });
  }
  return events;
}

/** The recordings' name for what a wire's answers are. */
export const API_OF: Readonly<Record<string, string>> = {
  "openai-chat": "chat",
  "anthropic-messages": "messages",
  "openai-responses": "responses",
};
