import type { ChatEvent } from "../../ir/chat-events.ts";
import { bag, finishReasonFor } from "../../ir/chat.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { type Fields, textOf } from "../fields.ts";
import { stemOf } from "../ids.ts";
import { failureWithin } from "../provider-error.ts";
import { OLLAMA_CHAT as WIRE } from "../wire-names.ts";
import { decodeCall } from "./decode-messages.ts";

const KNOWN = new Set([
  ...["model", "created_at", "message", "done", "done_reason", "prompt_eval_count", "eval_count", "logprobs", "error"],
]);

/** Reads an answer, in one line or in many: a stream is made of the same objects as a whole answer. The last one says that it is done. */
export class AnswerReader {
  #id: string | undefined;
  #open: { readonly type: "text" | "reasoning"; readonly part: number } | undefined;
  readonly #kinds: { readonly type: string }[] = [];
  readonly #ids = new Set<string>();
  /** Whether the end has come. */
  isDone = false;

  /** @throws {OmniError} If it is an error, or not what the format says. */
  read(line: Fields, out: ChatEvent[]): void {
    if (this.isDone) return;
    if (line.has("error")) throw failureWithin(new TextEncoder().encode(textOf({ error: line.json["error"] }, "error", line.fault)));
    if (this.#id === undefined) this.#start(line, out);
    const message = line.objectMaybe("message");
    const logprobs = line.listMaybe("logprobs");
    if (message !== undefined) {
      const thinking = message.stringMaybe("thinking");
      if (thinking) {
        const part = this.#openPart("reasoning", out);
        out.push({ type: "reasoning-delta", choice: 0, part, piece: 0, form: "raw", text: thinking });
      }
      const text = message.stringMaybe("content");
      if (text) {
        const part = this.#openPart("text", out);
        out.push({ type: "text-delta", choice: 0, part, text, ...(logprobs?.length && { logprobs }) });
      }
      for (const call of message.objectsMaybe("tool_calls") ?? []) this.#readCall(call, out);
    }
    if (line.booleanMaybe("done")) this.#end(line, out);
  }

  #start(line: Fields, out: ChatEvent[]): void {
    const created = line.stringMaybe("created_at");
    // Answers have no ids. Those of calls are made of the moment, which is told in billionths of a second.
    this.#id = `gen-${created?.replace(/[^a-zA-Z0-9]/g, "") ?? Bun.hash.xxHash64(textOf(line.json, "", line.fault)).toString(36)}`;
    const createdMs = Date.parse(created ?? "");
    out.push({
      type: "start",
      id: this.#id,
      model: line.stringMaybe("model") ?? "",
      ...(!Number.isNaN(createdMs) && { createdS: Math.floor(createdMs / 1000) }),
    });
  }

  #readCall(call: Fields, out: ChatEvent[]): void {
    this.#close(out);
    const read = decodeCall(call, "");
    const id = read.id === "" || this.#ids.has(read.id) ? `call_${stemOf(this.#id ?? "")}_${this.#ids.size}` : read.id;
    this.#ids.add(id);
    const part = this.#startPart(out, { ...read, id, argumentsJson: "" });
    if (read.argumentsJson !== "") out.push({ type: "arguments-delta", choice: 0, part, json: read.argumentsJson });
    out.push({ type: "part-end", choice: 0, part });
  }

  #end(line: Fields, out: ChatEvent[]): void {
    this.isDone = true;
    this.#close(out);
    const raw = line.stringMaybe("done_reason");
    const said = raw === "length" ? "length" : raw === "content_filter" ? "refusal" : "stop";
    const usage = decodeUsage(line);
    const bags = bag(WIRE, line.rest(KNOWN));
    out.push({ type: "finish", choice: 0, finish: { reason: finishReasonFor(said, this.#kinds), ...(raw !== undefined && { raw }) } });
    if (usage !== undefined) out.push({ type: "usage", usage });
    out.push({ type: "end", ...(bags && { bags }) });
  }

  #openPart(type: "text" | "reasoning", out: ChatEvent[]): number {
    if (this.#open?.type === type) return this.#open.part;
    this.#close(out);
    const part = this.#startPart(out, type === "text" ? { type, text: "" } : { type, texts: [] });
    this.#open = { type, part };
    return part;
  }

  #startPart(out: ChatEvent[], content: Extract<ChatEvent, { type: "part-start" }>["content"]): number {
    const part = this.#kinds.length;
    this.#kinds.push({ type: content.type });
    out.push({ type: "part-start", choice: 0, part, content });
    return part;
  }

  #close(out: ChatEvent[]): void {
    if (this.#open === undefined) return;
    out.push({ type: "part-end", choice: 0, part: this.#open.part });
    this.#open = undefined;
  }
}

/** Reads the counts, which are left out when they are zero, as with a prompt that was all in the cache; undefined if nothing was counted at all. */
export function decodeUsage(line: Fields): Usage | undefined {
  const input = line.numberMaybe("prompt_eval_count");
  const output = line.numberMaybe("eval_count");
  if (input === undefined && output === undefined) return undefined;
  return { inputTokens: input ?? 0, inputTokensCached: 0, outputTokens: output ?? 0, reasoningTokens: 0 };
}

/** What is said of an answer that has no end. */
export function unfinished(): OmniError {
  return new OmniError("upstream_truncated", "The provider's answer broke off: `done` never came.");
}
