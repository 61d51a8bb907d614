import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../src/ir/json.ts";
import { anthropicMessages } from "../../src/wire/anthropic-messages/index.ts";
import { bedrockConverse } from "../../src/wire/bedrock-converse/index.ts";
import { bridgeOf, type CrossingContext } from "../../src/wire/bridge.ts";
import { ClientRequest } from "../../src/wire/client-request.ts";
import { openaiChat } from "../../src/wire/openai-chat/index.ts";
import type { Wire } from "../../src/wire/wire.ts";

const MODELS = { "anthropic-messages": "claude-sonnet-5", "bedrock-converse": "anthropic.claude-sonnet-4-6" } as const;
const WIRES: readonly Wire[] = [anthropicMessages, bedrockConverse];

const SYSTEM = { role: "system", content: "You are an agent. ".repeat(300) };
const TOOLS = ["read", "write"].map((name) => ({ type: "function", function: { name, parameters: { type: "object", properties: {} } } }));

/** What an agent sends at each of its turns: a question now and then, and tools in between, sometimes two at once. */
function transcript(turns: number): object[][] {
  const messages: object[] = [SYSTEM, { role: "user", content: "Mend the build." }];
  const requests: object[][] = [];
  for (let turn = 0; turn < turns; turn++) {
    requests.push([...messages]);
    const ids = turn % 7 === 3 ? [`call_${turn}_a`, `call_${turn}_b`] : [`call_${turn}`];
    if (turn % 10 === 9) messages.push({ role: "assistant", content: `Done with ${turn}.` }, { role: "user", content: `And now ${turn}?` });
    else {
      messages.push({
        role: "assistant",
        content: turn % 3 === 0 ? "Let me look." : null,
        tool_calls: ids.map((id) => ({ id, type: "function", function: { name: "read", arguments: "{}" } })),
      });
      for (const id of ids) messages.push({ role: "tool", tool_call_id: id, content: `result of ${id}` });
    }
  }
  return requests;
}

function cross(
  wire: Wire,
  messages: readonly object[],
  more: Partial<CrossingContext> = { cacheMark: {} },
  extra: object = {},
): JsonObject {
  const bridge = bridgeOf(openaiChat, wire, wire.upstream({}))!;
  const body = Buffer.from(JSON.stringify({ model: "m", messages, tools: TOOLS, ...extra }));
  const request = new ClientRequest(body, openaiChat.downstream!.readHead(body, "", "", null));
  const model = MODELS[wire.name as keyof typeof MODELS];
  const crossing = bridge.cross(request, { model, modelJson: Buffer.from(`"${model}"`) }, { requestId: "r", nowS: 0, ...more });
  return JSON.parse(Buffer.from(crossing.body).toString()) as JsonObject;
}

/** Every block of a prompt in order, each as text, and whether it is marked; a text that stands alone is the block that it means. */
function blocksOf(json: JsonObject): { text: string; isMarked: boolean }[] {
  const blocks: { text: string; isMarked: boolean }[] = [];
  const add = (value: unknown): void => {
    const items = (typeof value === "string" ? [{ type: "text", text: value }] : Array.isArray(value) ? value : []) as JsonObject[];
    for (const { cache_control, ...block } of items) {
      if (block["cachePoint"] !== undefined) blocks.at(-1)!.isMarked = true;
      else blocks.push({ text: JSON.stringify(block), isMarked: cache_control !== undefined });
    }
  };
  const { tools, toolConfig, system, messages } = json as { [name: string]: unknown };
  add(tools ?? (toolConfig as JsonObject | undefined)?.["tools"]);
  add(system);
  for (const message of messages as JsonObject[]) add(message["content"]);
  return blocks;
}

describe.each(WIRES)("marks in prompts for $name", (wire) => {
  test("keep every prefix as it was over 200 turns, and stand where the request before has written", () => {
    let before: { text: string; isMarked: boolean }[] | undefined;
    for (const messages of transcript(200)) {
      const blocks = blocksOf(cross(wire, messages));
      const marks = [...blocks.entries()].filter(([, { isMarked }]) => isMarked).map(([at]) => at);
      expect(marks.length).toBeLessThanOrEqual(4);
      expect(marks.at(-1)).toBe(blocks.length - 1);
      if (before !== undefined) {
        expect(blocks.slice(0, before.length).map(({ text }) => text)).toEqual(before.map(({ text }) => text));
        const written = before.findLastIndex(({ isMarked }) => isMarked);
        expect(blocks[written]?.isMarked).toBe(true);
      }
      before = blocks;
    }
  });

  test("stand behind the tools, the system prompt and the last two turns of the user", () => {
    const [, , third] = transcript(3);
    const marked = blocksOf(cross(wire, third!)).filter(({ isMarked }) => isMarked);
    expect(marked.map(({ text }) => /write|You are|result of call_\d/.exec(text)?.[0])).toEqual([
      "write",
      "You are",
      "result of call_0",
      "result of call_1",
    ]);
  });

  test.each([
    { claim: "where the policy is off", more: {}, extra: {}, messages: transcript(2)[1]! },
    {
      claim: "in a prompt that is too short to be cached",
      more: { cacheMark: {} },
      extra: {},
      messages: [{ role: "user", content: "hi" }],
    },
  ])("are not put in $claim", ({ more, extra, messages }) => {
    expect(blocksOf(cross(wire, messages, more, extra)).filter(({ isMarked }) => isMarked)).toEqual([]);
  });

  test("are left to a client that sets its own", () => {
    const own = { role: "user", content: [{ type: "text", text: "long", cache_control: { type: "ephemeral" } }] };
    const blocks = blocksOf(cross(wire, [SYSTEM, own, { role: "assistant", content: "ok" }, { role: "user", content: "more" }]));
    expect(blocks.filter(({ isMarked }) => isMarked).map(({ text }) => text)).toEqual([expect.stringContaining("long")]);
  });
});

test("a model on Bedrock that takes no marks gets none", () => {
  const bridge = bridgeOf(openaiChat, bedrockConverse, bedrockConverse.upstream({}))!;
  const body = Buffer.from(JSON.stringify({ model: "m", messages: transcript(1)[0] }));
  const request = new ClientRequest(body, openaiChat.downstream!.readHead(body, "", "", null));
  const model = { model: "meta.llama4-maverick", modelJson: Buffer.from('"m"') };
  const crossing = bridge.cross(request, model, { requestId: "r", nowS: 0, cacheMark: { ttl: "1h" } });
  expect([Buffer.from(crossing.body).includes("cachePoint"), crossing.losses]).toEqual([false, []]);
});

test("the time is the one that the operator says", () => {
  const json = JSON.stringify(cross(anthropicMessages, transcript(2)[1]!, { cacheMark: { ttl: "1h" } }));
  expect(json.match(/"ttl":"1h"/g)).toHaveLength(4);
});
