import type { SseEvent } from "./recordings.ts";

/** Checks a stream of OpenAI's chat format against the rules that clients hold it to. Returns what is broken; nothing if all is well. */
export function brokenChatRules(events: readonly SseEvent[], wantsUsage: boolean): string[] {
  const broken: string[] = [];
  const must = (holds: boolean, rule: string): void => void (holds || broken.push(rule));
  must(events.at(-1)?.data === "[DONE]", "the last event is [DONE]");
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event.data));
  const [first] = chunks;
  const choices = new Map<number, { finished: boolean; calls: { id: string; name: string; arguments: string }[] }>();
  let usages = 0;
  for (const [position, chunk] of chunks.entries()) {
    must(events[position]!.name === undefined, "chunks have no event line");
    must(chunk.object === "chat.completion.chunk", "every chunk says what it is");
    must(
      chunk.id === first.id && chunk.model === first.model && chunk.created === first.created,
      "id, model and created are the same in all chunks",
    );
    must(typeof chunk.created === "number", "created is a number");
    if (chunk.choices.length === 0) {
      usages += 1;
      must(
        wantsUsage && position === chunks.length - 1 && chunk.usage !== null,
        "a chunk without choices holds usage, was asked for, and comes last",
      );
      must(chunk.usage.total_tokens === chunk.usage.prompt_tokens + chunk.usage.completion_tokens, "the total is the sum");
      continue;
    }
    must(wantsUsage ? chunk.usage === null : !("usage" in chunk), "usage is null before its chunk, or absent");
    for (const choice of chunk.choices) {
      const { delta } = choice;
      if (!choices.has(choice.index)) {
        must(delta.role === "assistant", "the first delta of a choice has the role");
        choices.set(choice.index, { finished: false, calls: [] });
      } else must(delta.role === undefined, "the role comes once");
      const state = choices.get(choice.index)!;
      must(!state.finished, "nothing follows the end of a choice");
      for (const call of delta.tool_calls ?? []) {
        must(typeof call.index === "number", "every call delta has an index");
        const known = state.calls[call.index];
        if (known === undefined) {
          must(call.index === state.calls.length, "calls are numbered 0, 1, 2 …");
          must(call.id !== "" && typeof call.id === "string", "a call begins with its id");
          const called = call.function ?? call.custom;
          must(call.type === "function" || call.type === "custom", "a call begins with its type");
          must(called.name !== "" && typeof called.name === "string", "a call begins with its name");
          state.calls[call.index] = { id: call.id, name: called.name, arguments: called.arguments ?? called.input };
        } else {
          must(call.id === undefined && call.type === undefined && call.function?.name === undefined, "id, type and name come once");
          known.arguments += call.function?.arguments ?? call.custom?.input ?? "";
        }
      }
      if (choice.finish_reason !== null) {
        state.finished = true;
        must(
          ["stop", "length", "tool_calls", "content_filter"].includes(choice.finish_reason),
          `the reason is a known one, not ${choice.finish_reason}`,
        );
        must(choice.finish_reason !== "tool_calls" || state.calls.length > 0, "the reason tool_calls has calls");
        must(choice.finish_reason !== "stop" || state.calls.length === 0, "the reason stop has no calls");
      }
    }
  }
  must(
    [...choices.values()].every((choice) => choice.finished),
    "every choice has an end",
  );
  must(choices.size > 0, "there is a choice");
  must(usages <= 1, "usage comes once");
  return broken;
}
