import type { SseEvent } from "./recordings.ts";

const DELTAS: Readonly<Record<string, readonly string[]>> = {
  text: ["text_delta", "citations_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  redacted_thinking: [],
  tool_use: ["input_json_delta"],
};

/** Checks a stream of the Messages format against the rules that clients hold it to. Returns what is broken; nothing if all is well. */
export function brokenMessagesRules(events: readonly SseEvent[]): string[] {
  const broken: string[] = [];
  const must = (holds: boolean, rule: string): void => void (holds || broken.push(rule));
  const parsed = events.map((event) => JSON.parse(event.data));
  for (const [index, event] of parsed.entries()) must(events[index]!.name === event.type, "the event line equals the type");
  const types = parsed.map((event) => event.type);
  must(types[0] === "message_start" && types.lastIndexOf("message_start") === 0, "there is one message_start, and it comes first");
  must(
    types.at(-1) === "message_stop" && types.indexOf("message_stop") === types.length - 1,
    "there is one message_stop, and it comes last",
  );
  must(types.indexOf("message_delta") === types.length - 2, "there is one message_delta, right before the stop");
  const { message } = parsed[0];
  must(JSON.stringify(message.content) === "[]", "the message begins empty");
  must(
    message.stop_reason === null && message.stop_sequence === null && message.role === "assistant" && message.type === "message",
    "the message begins whole",
  );
  for (const usage of [message.usage, parsed.at(-2).usage]) {
    for (const field of ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens"]) {
      must(Number.isInteger(usage[field]) && usage[field] >= 0, `usage has ${field}`);
    }
  }
  let open: { type: string; index: number; thought: boolean; signed: boolean; input: string } | undefined;
  let next = 0;
  const blocks: string[] = [];
  for (const event of parsed.slice(1, -2)) {
    switch (event.type) {
      case "content_block_start":
        must(open === undefined, "blocks stand one behind the other");
        must(event.index === next, "blocks are numbered 0, 1, 2 … without gaps");
        next += 1;
        open = { type: event.content_block.type, index: event.index, thought: false, signed: false, input: "" };
        blocks.push(open.type);
        if (open.type === "tool_use")
          must(
            JSON.stringify(event.content_block.input) === "{}" && event.content_block.id !== "" && event.content_block.name !== "",
            "a call begins with id, name and empty input",
          );
        if (open.type === "text") must(event.content_block.text === "", "a text begins empty");
        break;
      case "content_block_delta": {
        must(open?.index === event.index, "a delta belongs to the open block");
        const allowed = DELTAS[open?.type ?? ""];
        if (allowed !== undefined) must(allowed.includes(event.delta.type), `${open?.type} takes no ${event.delta.type}`);
        if (event.delta.type === "signature_delta") open!.signed = true;
        if (event.delta.type === "thinking_delta") must(!open!.signed, "the signature comes after the thinking");
        if (event.delta.type === "input_json_delta") open!.input += event.delta.partial_json;
        break;
      }
      case "content_block_stop":
        must(open?.index === event.index, "the open block is stopped");
        open = undefined;
        break;
      case "ping":
        break;
      default:
        must(false, `${event.type} is known`);
    }
  }
  must(open === undefined, "every block is stopped");
  const reason = parsed.at(-2).delta.stop_reason;
  must(
    ["end_turn", "stop_sequence", "max_tokens", "tool_use", "refusal", "pause_turn", "model_context_window_exceeded"].includes(reason),
    `the reason is a known one, not ${reason}`,
  );
  must("stop_sequence" in parsed.at(-2).delta, "the stop sequence is there, maybe null");
  must(reason !== "tool_use" || blocks.includes("tool_use"), "the reason tool_use has a call");
  must(reason !== "end_turn" || !blocks.includes("tool_use"), "the reason end_turn has no call");
  return broken;
}
