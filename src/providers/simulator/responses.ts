import { accountOf, objects, REASONER, refused, sign, streamWork, think, wholeWork, wordsOf } from "./reasoner.ts";
import { Refusal, type SimulatedOperation } from "./operation.ts";

type Json = Readonly<Record<string, unknown>>;

/** A reasoner as OpenAI has it, which gives its reasoning sealed. https://platform.openai.com/docs/guides/reasoning */
export const responses: SimulatedOperation = {
  path: "/responses",
  perform: (body, _, headers) => {
    const ask = objects([body])[0] ?? {};
    const model = String(ask["model"]);
    if (!model.startsWith(REASONER)) throw new Refusal(404, `The model '${model}' does not exist.`, { code: "model_not_found" });
    const account = accountOf(headers);
    const input = typeof ask["input"] === "string" ? [{ type: "message", role: "user", content: ask["input"] }] : objects(ask["input"]);
    const from = input.findLastIndex(({ role }) => role === "user");
    const round = check(input, from, account);
    const offers = objects(ask["tools"]).map(({ name, parameters }) => ({ name: String(name), parameters }));
    const thought = think(wordsOf(input[from]?.["content"]), round, offers);
    const reasoning = {
      id: `rs_${sign(account, thought.text).slice(0, 16)}`,
      type: "reasoning",
      summary: [{ type: "summary_text", text: thought.text }],
      encrypted_content: sealed(account, thought.text),
    };
    const output: Json[] = [
      reasoning,
      ...(thought.answer === ""
        ? []
        : [
            {
              id: `msg_${round}`,
              type: "message",
              role: "assistant",
              status: "completed",
              content: [{ type: "output_text", text: thought.answer, annotations: [] }],
            },
          ]),
      ...thought.calls.map(({ id, name, input: called }) => ({
        id: `fc_${id}`,
        type: "function_call",
        status: "completed",
        call_id: id,
        name,
        arguments: JSON.stringify(called),
      })),
    ];
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    const head = {
      id: `resp_${round}`,
      object: "response",
      created_at: 1,
      model,
      status: "completed",
      error: null,
      incomplete_details: null,
    };
    if (ask["stream"] !== true) return wholeWork({ ...head, output, usage });
    const events = [
      { type: "response.created", response: { ...head, status: "in_progress", output: [] } },
      ...output.flatMap(eventsOf),
      { type: "response.completed", response: { ...head, output, usage } },
    ];
    return streamWork(
      events.map((event, sequence_number) => ({ ...event, sequence_number })),
      true,
    );
  },
};

/** @returns How often tools were called since the question. */
function check(input: readonly Json[], from: number, account: string): number {
  let rounds = 0;
  let isReasoned = false;
  let before: unknown;
  for (const [at, item] of input.entries()) {
    const { type } = item;
    if (type === "reasoning") {
      isReasoned = true;
      const text = objects(item["summary"])
        .map((part) => String(part["text"]))
        .join("\n\n");
      if (item["encrypted_content"] !== sealed(account, text)) {
        const message = `The encrypted content for item ${String(item["id"])} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`;
        throw refused(message, "invalid_encrypted_content");
      }
    } else if (type === "function_call") {
      // Only items that go by the names they were stored under are bound to each other.
      if (!isReasoned && String(item["id"] ?? "").startsWith("fc_"))
        throw refused(`Item '${String(item["id"])}' of type 'function_call' was provided without its required 'reasoning' item.`);
      if (at > from && before !== "function_call") rounds++;
    } else isReasoned = false;
    before = type;
  }
  return rounds;
}

function sealed(account: string, text: string): string {
  return Buffer.from(JSON.stringify([text, sign(account, text)])).toString("base64");
}

function eventsOf(item: Json, output_index: number): object[] {
  const at = { output_index, item_id: item["id"] };
  const added = (value: object): object => ({ type: "response.output_item.added", output_index, item: value });
  const done = { type: "response.output_item.done", output_index, item };
  switch (item["type"]) {
    case "reasoning": {
      const text = wordsOf(item["summary"]);
      const part = { ...at, summary_index: 0 };
      return [
        added({ ...item, summary: [], encrypted_content: "" }),
        { type: "response.reasoning_summary_part.added", ...part, part: { type: "summary_text", text: "" } },
        { type: "response.reasoning_summary_text.delta", ...part, delta: text },
        { type: "response.reasoning_summary_text.done", ...part, text },
        { type: "response.reasoning_summary_part.done", ...part, part: { type: "summary_text", text } },
        done,
      ];
    }
    case "function_call":
      return [
        added({ ...item, status: "in_progress", arguments: "" }),
        { type: "response.function_call_arguments.delta", ...at, delta: item["arguments"] },
        { type: "response.function_call_arguments.done", ...at, arguments: item["arguments"] },
        done,
      ];
    default: {
      const text = wordsOf(item["content"]);
      const part = { ...at, content_index: 0 };
      return [
        added({ ...item, status: "in_progress", content: [] }),
        { type: "response.content_part.added", ...part, part: { type: "output_text", text: "", annotations: [] } },
        { type: "response.output_text.delta", ...part, delta: text },
        { type: "response.output_text.done", ...part, text },
        { type: "response.content_part.done", ...part, part: { type: "output_text", text, annotations: [] } },
        done,
      ];
    }
  }
}
