import type { RecordedExchange } from "../support/recordings.ts";
import { awsMessages, converseEvent } from "./bedrock-converse/frames.ts";

/** What is particular about the recordings of a format that no client speaks to us. */
export interface Ways {
  /** The recordings' names for what the wire carries; the first one is that of the folder. */
  readonly apis: readonly string[];
  /** What a stream cannot have succeeded without. */
  readonly ending: RegExp;
  /** Cuts a stream into its events. */
  readonly framesOf: (bytes: Uint8Array) => Uint8Array[];
  /** Puts a JSON in the place of an event's own. */
  readonly reframe: (frame: Uint8Array, change: (json: unknown) => unknown) => Uint8Array;
  /** The stream that a provider would have sent instead of a whole answer. */
  readonly streamOf: (answer: never) => Uint8Array[];
  /** Models of several kinds. */
  readonly models: readonly string[];
  /** Whether messages have to be the user's and the model's in turn. */
  readonly alternates?: true;
  /** Exchanges that are recorded here and are something else. */
  readonly foreign?: (exchange: RecordedExchange, name: string) => boolean;
}

function cutAtBlankLines(bytes: Uint8Array): Uint8Array[] {
  const text = Buffer.from(bytes).toString();
  return text.split(/(?<=\n\n)/).map((event) => Buffer.from(event));
}

const sse = (event: object): Uint8Array => Buffer.from(`data: ${JSON.stringify(event)}\n\n`);

interface CohereAnswer {
  readonly id: string;
  readonly message: {
    readonly tool_plan?: string;
    readonly content?: readonly { readonly type: "text" | "thinking"; readonly text?: string; readonly thinking?: string }[];
    readonly citations?: readonly { readonly content_index?: number }[];
    readonly tool_calls?: readonly { readonly id: string; readonly type: string; readonly function: { name: string; arguments: string } }[];
  };
  readonly finish_reason: string;
  readonly usage: object;
}

/** Cuts a text in two. */
const halves = (text: string): string[] => [text.slice(0, text.length >> 1), text.slice(text.length >> 1)];

function* cohereEvents({ id, message, finish_reason, usage }: CohereAnswer): Generator<object> {
  const delta = (type: string, index: number, part: object): object => ({ type, index, delta: { message: part } });
  yield { id, type: "message-start", delta: { message: { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] } } };
  for (const text of halves(message.tool_plan ?? "")) yield { type: "tool-plan-delta", delta: { message: { tool_plan: text } } };
  let cited = 0;
  const texts = (message.content ?? []).findIndex(({ type }) => type === "text");
  for (const [index, block] of (message.content ?? []).entries()) {
    yield delta("content-start", index, { content: { type: block.type, [block.type]: "" } });
    for (const text of halves(block[block.type] ?? "")) yield delta("content-delta", index, { content: { [block.type]: text } });
    for (const citation of message.citations ?? []) {
      if ((citation.content_index ?? texts) !== index) continue;
      yield delta("citation-start", cited, { citations: citation });
      yield { type: "citation-end", index: cited++ };
    }
    yield { type: "content-end", index };
  }
  for (const [index, call] of (message.tool_calls ?? []).entries()) {
    yield delta("tool-call-start", index, { tool_calls: { ...call, function: { ...call.function, arguments: "" } } });
    // `null` comes in one piece.
    const pieces = call.function.arguments === "null" ? ["null"] : halves(call.function.arguments);
    for (const text of pieces) yield delta("tool-call-delta", index, { tool_calls: { function: { arguments: text } } });
    yield { type: "tool-call-end", index };
  }
  yield { type: "message-end", delta: { finish_reason, usage } };
}

type ConverseBlock = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface ConverseAnswer {
  readonly output: { readonly message: { readonly content: readonly ConverseBlock[] } };
  readonly stopReason: string;
  readonly usage: object;
  readonly metrics: object;
}

/** The deltas that a block would come in. */
function converseDeltas(block: ConverseBlock): object[] {
  const { reasoningContent, citationsContent, toolUse } = block;
  if (toolUse) return halves(JSON.stringify(toolUse["input"])).map((input) => ({ toolUse: { input } }));
  if (reasoningContent) {
    const { redactedContent, reasoningText } = reasoningContent as {
      redactedContent?: string;
      reasoningText?: { text: string; signature?: string };
    };
    if (redactedContent !== undefined) return [{ reasoningContent: { redactedContent } }];
    const { text = "", signature } = reasoningText ?? {};
    return [...halves(text).map((piece) => ({ text: piece })), ...(signature ? [{ signature }] : [])].map((piece) => ({
      reasoningContent: piece,
    }));
  }
  if (citationsContent) {
    const { citations, content } = citationsContent as unknown as { citations: object[]; content: { text: string }[] };
    return [
      ...citations.map((citation) => ({ citation })),
      ...content.flatMap(({ text }) => halves(text).map((piece) => ({ text: piece }))),
    ];
  }
  return halves(block["text"] as never).map((text) => ({ text }));
}

function* converseEvents({ output, stopReason, usage, metrics }: ConverseAnswer): Generator<Uint8Array> {
  yield converseEvent("messageStart", { role: "assistant" });
  for (const [index, block] of output.message.content.entries()) {
    const contentBlockIndex = 2 * index; // There may be gaps.
    const { toolUse, toolResult } = block;
    if (toolUse) {
      const { input: _, ...start } = toolUse;
      yield converseEvent("contentBlockStart", { contentBlockIndex, start: { toolUse: start } });
    } else if (toolResult) {
      const { content, ...start } = toolResult;
      yield converseEvent("contentBlockStart", { contentBlockIndex, start: { toolResult: start } });
      yield converseEvent("contentBlockDelta", { contentBlockIndex, delta: { toolResult: content } });
    }
    if (!toolResult) for (const delta of converseDeltas(block)) yield converseEvent("contentBlockDelta", { contentBlockIndex, delta });
    yield converseEvent("contentBlockStop", { contentBlockIndex });
  }
  yield converseEvent("messageStop", { stopReason });
  yield converseEvent("metadata", { usage, metrics });
}

/** By the wire's name. */
export const WAYS: Readonly<Record<string, Ways>> = {
  "cohere-chat": {
    apis: ["v2-chat"],
    ending: /"type":\s*"message-end"/,
    framesOf: cutAtBlankLines,
    reframe: (frame, change) => {
      const data = /^data: (\{.*\})$/m.exec(Buffer.from(frame).toString())?.[1];
      return data === undefined ? frame : sse(change(JSON.parse(data)) as object);
    },
    streamOf: (answer) => [...cohereEvents(answer)].map(sse),
    models: ["command-a-03-2025", "command-a-reasoning-08-2025"],
    foreign: (_, name) => name.includes("cohere-embedding"),
  },
  "bedrock-converse": {
    apis: ["converse", "converse-stream"],
    ending: /messageStop/,
    framesOf: awsMessages,
    reframe: (frame, change) => {
      const bytes = Buffer.from(frame);
      const payload = bytes.subarray(12 + bytes.readUInt32BE(4), -4).toString();
      // The type is the first header: a name of eleven letters, what it is, and its length.
      const type = bytes.toString("latin1", 27, 27 + bytes.readUInt16BE(25));
      return converseEvent(type, change(JSON.parse(payload)));
    },
    streamOf: (answer) => [...converseEvents(answer)],
    models: [
      "us.anthropic.claude-sonnet-4-6-v1:0",
      "anthropic.claude-3-haiku-20240307-v1:0",
      "amazon.nova-2-lite-v1:0",
      "openai.gpt-oss-120b-1:0",
    ],
    alternates: true,
  },
};
