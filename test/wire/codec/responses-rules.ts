import type { SseEvent } from "./recordings.ts";

/** Fields that every response object must have, maybe null. */
const REQUIRED = [
  ...[
    "id",
    "object",
    "created_at",
    "completed_at",
    "status",
    "incomplete_details",
    "model",
    "previous_response_id",
    "instructions",
    "output",
  ],
  ...["error", "tools", "tool_choice", "truncation", "parallel_tool_calls", "text", "top_p", "presence_penalty", "frequency_penalty"],
  ...["top_logprobs", "temperature", "reasoning", "usage", "max_output_tokens", "max_tool_calls", "store", "background", "service_tier"],
  ...["metadata", "safety_identifier", "prompt_cache_key"],
];

interface Item {
  readonly id: string;
  readonly type: string;
  text: string;
  done: unknown;
  readonly parts: Map<number, { text: string; open: boolean }>;
  readonly summaries: Map<number, { text: string; open: boolean }>;
}

/** Checks a stream of the Responses format against the rules that clients hold it to. Returns what is broken; nothing if all is well. */
export function brokenResponsesRules(events: readonly SseEvent[]): string[] {
  const broken: string[] = [];
  const must = (holds: boolean, rule: string): void => void (holds || broken.push(rule));
  const parsed = events.map((event) => JSON.parse(event.data));
  for (const [index, event] of parsed.entries()) {
    must(events[index]!.name === event.type, "the event line equals the type");
    must(event.sequence_number === index, "events are numbered from 0 without gaps");
  }
  must(parsed[0].type === "response.created" && parsed[1].type === "response.in_progress", "it begins with created and in_progress");
  const last = parsed.at(-1);
  must(["response.completed", "response.incomplete"].includes(last.type), "it ends with completed or incomplete");
  for (const { response } of [parsed[0], parsed[1], last]) {
    for (const field of REQUIRED) must(field in response, `a response has ${field}`);
    must(response.id === parsed[0].response.id, "one response id throughout");
  }
  must(parsed[0].response.status === "in_progress" && parsed[0].response.output.length === 0, "it begins in progress and empty");
  must(last.response.status === last.type.slice("response.".length), "the status equals the terminal event");
  const items = new Map<number, Item>();
  for (const event of parsed.slice(2, -1)) readItemEvent(event, items, must);
  must(
    [...items.keys()].every((key, index) => key === index),
    "output_index counts 0, 1, 2 …",
  );
  must(
    [...items.values()].every((item) => item.done !== undefined),
    "every item is done before the end",
  );
  must(
    JSON.stringify(last.response.output) === JSON.stringify([...items.values()].map((item) => item.done)),
    "the final output is what the items ended as",
  );
  return broken;
}

// biome-ignore lint/suspicious/noExplicitAny: what it may be is what is checked.
function readItemEvent(event: any, items: Map<number, Item>, must: (holds: boolean, rule: string) => void): void {
  const item = items.get(event.output_index);
  if (event.type === "response.output_item.added") {
    must(item === undefined, "an item is added once");
    must(typeof event.item.id === "string" && event.item.id !== "", "an item has an id");
    items.set(event.output_index, {
      id: event.item.id,
      type: event.item.type,
      text: "",
      done: undefined,
      parts: new Map(),
      summaries: new Map(),
    });
    return;
  }
  must(item !== undefined && item.done === undefined, `${event.type} is about an item that is open`);
  if (item === undefined) return;
  const isKnown = ["message", "reasoning", "function_call", "custom_tool_call"].includes(item.type);
  if (event.item_id !== undefined && isKnown) must(event.item_id === item.id, "item_id names the item of that index");
  const part = item.parts.get(event.content_index);
  const summary = item.summaries.get(event.summary_index);
  switch (event.type) {
    case "response.content_part.added":
      must(part === undefined && event.content_index === item.parts.size, "content parts are numbered and added once");
      item.parts.set(event.content_index, { text: "", open: true });
      break;
    case "response.output_text.delta":
    case "response.refusal.delta":
    case "response.reasoning_text.delta":
      must(part?.open === true, "a delta has its content part");
      part!.text += event.delta;
      break;
    case "response.output_text.annotation.added":
      must(part?.open === true, "an annotation has its content part");
      break;
    case "response.output_text.done":
    case "response.reasoning_text.done":
      must(part?.text === event.text, "done says what the deltas said");
      break;
    case "response.refusal.done":
      must(part?.text === event.refusal, "done says what the deltas said");
      break;
    case "response.content_part.done":
      must(part?.open === true && (event.part.text ?? event.part.refusal) === part.text, "a part ends as what its deltas said");
      part!.open = false;
      break;
    case "response.reasoning_summary_part.added":
      must(summary === undefined && event.summary_index === item.summaries.size, "summary parts are numbered and added once");
      item.summaries.set(event.summary_index, { text: "", open: true });
      break;
    case "response.reasoning_summary_text.delta":
      must(summary?.open === true, "a delta has its summary part");
      summary!.text += event.delta;
      break;
    case "response.reasoning_summary_text.done":
      must(summary?.text === event.text, "done says what the deltas said");
      break;
    case "response.reasoning_summary_part.done":
      must(summary?.open === true && event.part.text === summary.text, "a part ends as what its deltas said");
      summary!.open = false;
      break;
    case "response.function_call_arguments.delta":
    case "response.custom_tool_call_input.delta":
      item.text += event.delta;
      break;
    case "response.function_call_arguments.done":
      must(event.arguments === item.text, "done says what the deltas said");
      break;
    case "response.custom_tool_call_input.done":
      must(event.input === item.text, "done says what the deltas said");
      break;
    case "response.output_item.done": {
      must(event.item.type === item.type, "an item ends as what it began");
      must(!isKnown || event.item.id === item.id, "an item keeps its id");
      must(
        [...item.parts.values(), ...item.summaries.values()].every(({ open }) => !open),
        "an item ends after its parts",
      );
      if (item.type === "function_call")
        must(event.item.arguments === item.text && event.item.call_id !== "", "a call ends with all of its arguments");
      if (item.type === "message") must(event.item.content.length === item.parts.size, "a message ends with all of its parts");
      item.done = event.item;
      break;
    }
    default:
      must(!isKnown, `${event.type} is known for ${item.type}`);
  }
}
