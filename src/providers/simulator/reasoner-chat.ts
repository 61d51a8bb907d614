import type { SimulatedWork } from "./operation.ts";
import { objects, refused, streamWork, think, type Thought, wholeWork, wordsOf } from "./reasoner.ts";

type Ask = Readonly<Record<string, unknown>>;

/** A reasoner as DeepSeek has it: a turn of tools without its `reasoning_content` is refused. https://api-docs.deepseek.com/guides/thinking_mode */
export function reasonInChat(ask: Ask): SimulatedWork {
  const messages = objects(ask["messages"]);
  const from = messages.findLastIndex(({ role }) => role === "user");
  const turns = messages.slice(from + 1).filter(({ role }) => role === "assistant");
  for (const turn of turns) {
    if (objects(turn["tool_calls"]).length > 0 && typeof turn["reasoning_content"] !== "string") {
      throw refused("The `reasoning_content` in the thinking mode must be passed back to the API.");
    }
  }
  const offers = objects(ask["tools"]).map((tool) => objects([tool["function"]])[0] ?? {});
  const thought = think(
    wordsOf(messages[from]?.["content"]),
    turns.length,
    offers.map(({ name, parameters }) => ({ name: String(name), parameters })),
  );
  const head = { id: `chatcmpl-${turns.length}`, created: 1, model: ask["model"] };
  return ask["stream"] === true ? streamed(thought, head) : whole(thought, head);
}

function callOf({ id, name, input }: Thought["calls"][number]): object {
  return { id, type: "function", function: { name, arguments: JSON.stringify(input) } };
}

function whole({ text, calls, answer }: Thought, head: object): SimulatedWork {
  const message = {
    role: "assistant",
    content: answer,
    reasoning_content: text,
    ...(calls.length > 0 && { tool_calls: calls.map(callOf) }),
  };
  const finish_reason = calls.length > 0 ? "tool_calls" : "stop";
  return wholeWork({ ...head, object: "chat.completion", choices: [{ index: 0, message, finish_reason }], usage: USAGE });
}

function streamed({ text, calls, answer }: Thought, head: object): SimulatedWork {
  const chunk = (delta: object, finish_reason: string | null = null): object => ({
    ...head,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason }],
  });
  const half = Math.floor(text.length / 2);
  return streamWork(
    [
      chunk({ role: "assistant", content: "" }),
      chunk({ reasoning_content: text.slice(0, half) }),
      chunk({ reasoning_content: text.slice(half) }),
      ...(answer === "" ? [] : [chunk({ content: answer })]),
      ...calls.map((call, index) => chunk({ tool_calls: [{ index, ...callOf(call) }] })),
      { ...chunk({}, calls.length > 0 ? "tool_calls" : "stop"), usage: USAGE },
    ],
    false,
  );
}

const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
