import type { Random } from "../../world/random.ts";
import { type ChatAsk, type Content, readChatRequest } from "./chat-request.ts";
import type { SimulatedEvent, SimulatedOperation, SimulatedWork, Stage } from "./operation.ts";
import { sentences } from "./prose.ts";
import { REASONER } from "./reasoner.ts";
import { reasonInChat } from "./reasoner-chat.ts";
import { sampleOf } from "./sample.ts";
import { tokensOf } from "./tokens.ts";

/**
 * Chat completions, as OpenAI answers them.
 * `echo` repeats the last message, `reasoner` thinks and wants its thoughts back, `tools` calls what it is offered, all others write prose. Every model calls a tool that is required.
 * https://platform.openai.com/docs/api-reference/chat
 */
export const chat: SimulatedOperation = {
  path: "/chat/completions",
  perform: (body, stage) => {
    const ask = readChatRequest(body);
    return ask.model.startsWith(REASONER) ? reasonInChat({ ...ask }) : answerChat(ask, stage);
  },
};

type Finish = "stop" | "length" | "tool_calls";

interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
}

/** One choice, before it is known whether it will be sent whole or in parts. */
interface Choice {
  /** The text, in tokens; empty when tools are called. */
  readonly tokens: readonly string[];
  readonly toolCalls: readonly ToolCall[];
  readonly finish: Finish;
}

interface Completion {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly choices: readonly Choice[];
  readonly usage: object;
}

function answerChat(ask: ChatAsk, stage: Stage): SimulatedWork {
  const choices = Array.from({ length: ask.n ?? 1 }, (_, index) => choose(ask, index, stage));
  const completion: Completion = {
    id: `chatcmpl-${randomId(stage.random, 29)}`,
    created: Math.floor(stage.clock.epochMs() / 1000),
    model: ask.model,
    choices,
    usage: usageOf(ask, choices),
  };
  if (ask.stream) {
    const events = streamed(completion, ask.stream_options?.include_usage ?? false);
    return { type: "stream", contentType: "text/event-stream; charset=utf-8", events, errorEvent: dataEvent };
  }
  return {
    type: "whole",
    contentType: "application/json",
    body: JSON.stringify(whole(completion)),
    hollow: JSON.stringify({ ...whole(completion), choices: [] }),
    events: choices.reduce((sum, choice) => sum + tokenCount(choice), 0),
  };
}

function choose(ask: ChatAsk, index: number, stage: Stage): Choice {
  const called = toolsToCall(ask);
  if (called.length > 0) {
    const toolCalls = called.map(({ function: { name, parameters } }): ToolCall => {
      return { id: `call_${randomId(stage.random, 24)}`, name, argumentsJson: JSON.stringify(sampleOf(parameters ?? { type: "object" })) };
    });
    // OpenAI says `stop`, not `tool_calls`, when the function was named by the client.
    return { tokens: [], toolCalls, finish: typeof ask.tool_choice === "object" && ask.tool_choice !== null ? "stop" : "tool_calls" };
  }
  return limited(ask, textOf(ask, index, stage.manner.tokens));
}

function toolsToCall(ask: ChatAsk): NonNullable<ChatAsk["tools"]> {
  const tools = ask.tools ?? [];
  const { tool_choice: choice } = ask;
  if (choice === "none" || tools.length === 0) return [];
  if (typeof choice === "object" && choice !== null) return tools.filter((tool) => tool.function.name === choice.function.name);
  // A model that has been given its results speaks; otherwise a loop of an agent would never end.
  const isWilling = ask.model === "tools" && ask.messages.at(-1)?.role !== "tool";
  if (choice !== "required" && !isWilling) return [];
  return tools.slice(0, ask.parallel_tool_calls === false ? 1 : 2);
}

function textOf(ask: ChatAsk, index: number, tokens: number): string {
  const { response_format: format } = ask;
  if (format?.type === "json_schema") return JSON.stringify(sampleOf(format.json_schema.schema ?? { type: "object" }));
  const last = plainText(ask.messages.at(-1)?.content);
  if (format?.type === "json_object") return JSON.stringify({ answer: ask.model === "echo" ? last : "simulated" });
  return ask.model === "echo" ? last : prose(`${index}:${last}`, tokens);
}

/** Exactly so many tokens of prose. */
function prose(seed: string, tokens: number): string {
  const written: string[] = [];
  for (const sentence of sentences(seed)) {
    written.push(...tokensOf(written.length === 0 ? sentence : ` ${sentence}`));
    if (written.length >= tokens) break;
  }
  return written.slice(0, tokens).join("");
}

/** Ends a text where the client wants it to end. */
function limited(ask: ChatAsk, text: string): Choice {
  const stops = typeof ask.stop === "string" ? [ask.stop] : (ask.stop ?? []);
  const ends = stops
    .filter((stop) => stop !== "")
    .map((stop) => text.indexOf(stop))
    .filter((at) => at >= 0);
  const tokens = tokensOf(text.slice(0, Math.min(text.length, ...ends)));
  const most = ask.max_completion_tokens ?? ask.max_tokens ?? tokens.length;
  return { tokens: tokens.slice(0, most), toolCalls: [], finish: tokens.length > most ? "length" : "stop" };
}

function plainText(content: Content | undefined): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => part.text ?? "").join("");
}

function whole({ id, created, model, choices, usage }: Completion): object {
  return {
    id,
    object: "chat.completion",
    created,
    model,
    choices: choices.map(({ tokens, toolCalls, finish }, index) => ({
      index,
      message: {
        role: "assistant",
        content: toolCalls.length > 0 ? null : tokens.join(""),
        ...(toolCalls.length > 0 ? { tool_calls: toolCalls.map(({ id, name, argumentsJson }) => toolCall(id, name, argumentsJson)) } : {}),
        refusal: null,
        annotations: [],
      },
      logprobs: null,
      finish_reason: finish,
    })),
    usage,
    service_tier: "default",
    system_fingerprint: "fp_simulator",
  };
}

function* streamed({ id, created, model, choices, usage }: Completion, includeUsage: boolean): Generator<SimulatedEvent> {
  const head = { id, object: "chat.completion.chunk", created, model, service_tier: "default", system_fingerprint: "fp_simulator" };
  // Whoever asked for the usage gets the field in every chunk, null until the last one.
  const tail = includeUsage ? { usage: null } : {};
  const chunk = (type: SimulatedEvent["type"], index: number, delta: object, finish: Finish | null = null): SimulatedEvent => {
    return { type, text: dataEvent({ ...head, choices: [{ index, delta, logprobs: null, finish_reason: finish }], ...tail }) };
  };
  for (const [index, { toolCalls }] of choices.entries()) {
    if (toolCalls.length === 0) yield chunk("open", index, { role: "assistant", content: "", refusal: null });
    else yield chunk("open", index, { role: "assistant", content: null });
  }
  const parts = choices.map(deltasOf);
  for (let at = 0; parts.some((deltas) => at < deltas.length); at++) {
    for (const [index, deltas] of parts.entries()) {
      const delta = deltas[at];
      if (delta !== undefined) yield chunk("content", index, delta);
    }
  }
  for (const [index, { finish }] of choices.entries()) yield chunk("close", index, {}, finish);
  if (includeUsage) yield { type: "close", text: dataEvent({ ...head, choices: [], usage }) };
  yield { type: "close", text: "data: [DONE]\n\n" };
}

function deltasOf({ tokens, toolCalls }: Choice): readonly object[] {
  const ofTools = toolCalls.flatMap(({ id, name, argumentsJson }, index) => [
    { tool_calls: [{ index, ...toolCall(id, name, "") }] },
    ...tokensOf(argumentsJson).map((token) => ({ tool_calls: [{ index, function: { arguments: token } }] })),
  ]);
  return [...tokens.map((content) => ({ content })), ...ofTools];
}

function toolCall(id: string, name: string, argumentsJson: string): object {
  return { id, type: "function", function: { name, arguments: argumentsJson } };
}

/** Each message and each answer costs a little more than its text, as with vendors. */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_IMAGE = 85;

function usageOf(ask: ChatAsk, choices: readonly Choice[]): object {
  const prompt =
    3 +
    ask.messages.reduce(
      (sum, { content }) => sum + TOKENS_PER_MESSAGE + tokensOf(plainText(content)).length + TOKENS_PER_IMAGE * imageCount(content),
      0,
    ) +
    (ask.tools ? tokensOf(JSON.stringify(ask.tools)).length : 0);
  const completion = choices.reduce((sum, choice) => sum + tokenCount(choice), 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}

function imageCount(content: Content | undefined): number {
  return Array.isArray(content) ? content.filter((part) => part.type === "image_url").length : 0;
}

function tokenCount({ tokens, toolCalls }: Choice): number {
  return (
    tokens.length + toolCalls.reduce((sum, { name, argumentsJson }) => sum + tokensOf(name).length + tokensOf(argumentsJson).length, 0)
  );
}

function dataEvent(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function randomId(random: Random, length: number): string {
  return Array.from({ length }, () => LETTERS[Math.floor(random.unit() * LETTERS.length)]).join("");
}
