import { accountOf, objects, REASONER, refused, sign, streamWork, think, wholeWork, wordsOf } from "./reasoner.ts";
import { Refusal, type SimulatedOperation } from "./operation.ts";

type Json = Readonly<Record<string, unknown>>;

/** A reasoner as Anthropic has it. https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
export const messages: SimulatedOperation = {
  path: "/messages",
  perform: (body, _, headers) => {
    const ask = objects([body])[0] ?? {};
    const model = String(ask["model"]);
    if (!model.startsWith(REASONER)) throw new Refusal(404, `model: ${model}`, { type: "not_found_error" });
    const account = accountOf(headers);
    const said = objects(ask["messages"]);
    const from = said.findLastIndex(({ role, content }) => role === "user" && !objects(content).some(isResult));
    const thinks = objects([ask["thinking"]])[0]?.["type"] !== "disabled";
    check(said, from, account, thinks);
    const turns = said.slice(from + 1).filter(({ role }) => role === "assistant");
    const offers = objects(ask["tools"]).map(({ name, input_schema: parameters }) => ({ name: String(name), parameters }));
    const thought = think(wordsOf(said[from]?.["content"]), turns.length, offers);
    const content: Json[] = [
      ...(thinks ? [{ type: "thinking", thinking: thought.text, signature: sign(account, thought.text) }] : []),
      ...(thought.answer === "" ? [] : [{ type: "text", text: thought.answer }]),
      ...thought.calls.map(({ id, name, input }) => ({ type: "tool_use", id: id.replace("call_", "toolu_"), name, input })),
    ];
    const head = { id: `msg_${turns.length}`, type: "message", role: "assistant", model };
    const stop_reason = thought.calls.length > 0 ? "tool_use" : "end_turn";
    const usage = { input_tokens: 1, output_tokens: 1 };
    if (ask["stream"] !== true) return wholeWork({ ...head, content, stop_reason, stop_sequence: null, usage });
    return streamWork(
      [
        { type: "message_start", message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage } },
        ...content.flatMap(eventsOf),
        { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } },
        { type: "message_stop" },
      ],
      true,
    );
  },
};

function isResult({ type }: Json): boolean {
  return type === "tool_result";
}

/** What stands in the history must be its own, and the loop of tools under way must have all of it. */
function check(said: readonly Json[], from: number, account: string, thinks: boolean): void {
  for (const [at, { role, content }] of said.entries()) {
    const blocks = objects(content);
    for (const [index, block] of blocks.entries()) {
      if (block["type"] === "thinking" && block["signature"] !== sign(account, String(block["thinking"])))
        throw refused(`messages.${at}.content.${index}: Invalid \`signature\` in \`thinking\` block`);
    }
    const [first] = blocks;
    if (thinks && at > from && role === "assistant" && first?.["type"] !== "thinking") {
      throw refused(
        `messages.${at}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first?.["type"]}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`,
      );
    }
  }
}

function eventsOf(block: Json, index: number): object[] {
  const delta = (value: object): object => ({ type: "content_block_delta", index, delta: value });
  const around = (start: object, deltas: object[]): object[] => [
    { type: "content_block_start", index, content_block: start },
    ...deltas,
    { type: "content_block_stop", index },
  ];
  switch (block["type"]) {
    case "thinking": {
      const text = String(block["thinking"]);
      const half = Math.floor(text.length / 2);
      return around({ type: "thinking", thinking: "", signature: "" }, [
        delta({ type: "thinking_delta", thinking: text.slice(0, half) }),
        delta({ type: "thinking_delta", thinking: text.slice(half) }),
        delta({ type: "signature_delta", signature: block["signature"] }),
      ]);
    }
    case "tool_use":
      return around({ ...block, input: {} }, [delta({ type: "input_json_delta", partial_json: JSON.stringify(block["input"]) })]);
    default:
      return around({ type: "text", text: "" }, [delta({ type: "text_delta", text: block["text"] })]);
  }
}
