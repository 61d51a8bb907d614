// biome-ignore-all lint/suspicious/noExplicitAny: what was written is looked into where the claim is, not typed.
import { describe, expect, test } from "bun:test";
import type { ChatEvent } from "../../../src/ir/chat-events.ts";
import { foldEvents } from "../../../src/ir/fold-events.ts";
import { parseJson } from "../../../src/ir/json.ts";
import type { AnswerContext, ChatCodec } from "../../../src/wire/chat-codec.ts";
import { anthropicMessagesCodec, CHAT_CODECS, openaiChatCodec, openaiResponsesCodec } from "../../../src/wire/chat-codecs.ts";
import { brokenMessagesRules } from "./messages-rules.ts";
import { type SseEvent, splitSse } from "./recordings.ts";

// Each row is a way in which a public gateway has lost or broken something.

const ASKED = { model: "m", stream: true, messages: [], sampling: {}, streamUsage: true } as const;

function decode(codec: ChatCodec, events: readonly unknown[], end = true): ChatEvent[] {
  const decoder = codec.decodeStream();
  const out = events.flatMap((event) => decoder.push(typeof event === "string" ? event : JSON.stringify(event)));
  return end ? [...out, ...decoder.end()] : out;
}

function encode(codec: ChatCodec, events: readonly ChatEvent[], context: AnswerContext = { request: ASKED }): SseEvent[] {
  return splitSse(new TextDecoder().decode(codec.encodeStream(context).push(events)));
}

const jsonOf = (events: readonly SseEvent[]): any[] => events.filter(({ data }) => data !== "[DONE]").map(({ data }) => JSON.parse(data));
const chunk = (delta: object, finish: string | null = null, index = 0): object => ({
  id: "chatcmpl-1",
  created: 1,
  model: "m",
  choices: [{ index, delta, finish_reason: finish }],
});
const call = (index: number | undefined, id: string | undefined, name: string | undefined, args: string): object => ({
  tool_calls: [
    {
      ...(index !== undefined && { index }),
      ...(id !== undefined && { id, type: "function" }),
      function: { ...(name !== undefined && { name }), arguments: args },
    },
  ],
});

describe("calls in a chat stream", () => {
  test.each([
    {
      claim: "interleaved pieces come together",
      deltas: [
        call(0, "a", "f", ""),
        call(1, "b", "g", ""),
        call(0, undefined, undefined, '{"x":'),
        call(1, undefined, undefined, '{"y":'),
        call(0, undefined, undefined, "1}"),
        call(1, undefined, undefined, "2}"),
      ],
    },
    {
      claim: "id and name repeated on every piece are one call",
      deltas: [call(0, "a", "f", '{"x":'), call(0, "a", "f", "1}"), call(1, "b", "g", '{"y":'), call(1, "b", "g", "2}")],
    },
    {
      claim: "calls without index are told by their ids",
      deltas: [call(undefined, "a", "f", '{"x":1}'), call(undefined, "b", "g", '{"y":2}')],
    },
    { claim: "calls that are all numbered 0 are told by their ids", deltas: [call(0, "a", "f", '{"x":1}'), call(0, "b", "g", '{"y":2}')] },
    {
      claim: "names in pieces are joined",
      deltas: [call(0, "a", "", ""), call(0, undefined, "f", '{"x":1}'), call(1, "b", "g", '{"y":2}')],
    },
    {
      claim: "an empty list of calls and empty content change nothing",
      deltas: [
        call(0, "a", "f", '{"x":'),
        { tool_calls: [], content: "" },
        call(0, undefined, undefined, "1}"),
        call(1, "b", "g", '{"y":2}'),
      ],
    },
    {
      claim: "arguments before the name wait for it",
      deltas: [call(0, "a", undefined, '{"x":'), call(0, undefined, "f", "1}"), call(1, "b", "g", '{"y":2}')],
    },
  ])("$claim", ({ deltas }) => {
    const events = decode(openaiChatCodec, [
      chunk({ role: "assistant", content: "hi" }),
      ...deltas.map((delta) => chunk(delta)),
      chunk({}, "stop"),
      "[DONE]",
    ]);
    const { choices } = foldEvents(events);
    expect(choices[0]!.parts).toEqual([
      { type: "text", text: "hi" },
      { type: "tool-call", id: "a", name: "f", argumentsJson: '{"x":1}' },
      { type: "tool-call", id: "b", name: "g", argumentsJson: '{"y":2}' },
    ]);
    // OpenAI says `stop` when a function was forced; the calls decide.
    expect(choices[0]!.finish.reason).toBe("tool-calls");
    expect(brokenMessagesRules(encode(anthropicMessagesCodec, events))).toEqual([]);
  });

  test("a call without an id gets one that is the same when the stream is read again", () => {
    const read = (): unknown =>
      foldEvents(decode(openaiChatCodec, [chunk(call(0, undefined, "f", "{}")), chunk({}, "tool_calls"), "[DONE]"])).choices[0]!.parts;
    expect(read()).toEqual([{ type: "tool-call", id: "call_1_0_0", name: "f", argumentsJson: "{}" }]);
    expect(read()).toEqual(read());
  });

  test("the first of two calls reaches a Messages client before the second is complete", () => {
    const events = decode(openaiChatCodec, [chunk(call(0, "a", "f", '{"x":1}')), chunk(call(1, "b", "g", '{"y":'))], false);
    const types = jsonOf(encode(anthropicMessagesCodec, events)).map((event) => event.type);
    expect(types.filter((type) => type === "content_block_start").length).toBe(2);
    expect(types.filter((type) => type === "content_block_stop").length).toBe(1);
  });

  test("a call with no arguments is an empty object to chat clients and to Responses clients", () => {
    const events = decode(anthropicMessagesCodec, [
      { type: "message_start", message: { id: "msg_1", model: "m", content: [], usage: { input_tokens: 1, output_tokens: 1 } } },
      { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "t", name: "now", input: {} } },
      { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: "" } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 2 } },
      { type: "message_stop" },
    ]);
    const chat = jsonOf(encode(openaiChatCodec, events)).flatMap((event) =>
      event.choices.flatMap((choice: any) => choice.delta.tool_calls ?? []),
    );
    expect(chat.map((delta) => delta.function.arguments).join("")).toBe("{}");
    expect(jsonOf(encode(openaiResponsesCodec, events)).at(-1).response.output[0].arguments).toBe("{}");
  });

  test("free text of a custom tool crosses to Messages as an object in JSON, however it is cut", () => {
    const events: ChatEvent[] = [
      { type: "start", id: "x", model: "m" },
      { type: "part-start", choice: 0, part: 0, content: { type: "tool-call", kind: "custom", id: "a", name: "patch", argumentsJson: "" } },
      ...['say "', "\\", "\n\ud83d", "\ude00"].map((json) => ({ type: "arguments-delta", choice: 0, part: 0, json }) as const),
      { type: "part-end", choice: 0, part: 0 },
      { type: "finish", choice: 0, finish: { reason: "tool-calls" } },
      { type: "end" },
    ];
    const deltas = jsonOf(encode(anthropicMessagesCodec, events)).filter((event) => event.type === "content_block_delta");
    expect(JSON.parse(deltas.map((event) => event.delta.partial_json).join(""))).toEqual({ input: 'say "\\\n\u{1f600}' });
  });
});

describe("ends of streams", () => {
  test.each([
    {
      claim: "a chunk without choices before the first and usage behind the reason are no trouble",
      events: [
        { id: "", model: "", choices: [], prompt_filter_results: [] },
        chunk({ role: "assistant", content: "hi" }),
        chunk({}, "stop"),
        { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
        "[DONE]",
      ],
      ends: "end",
    },
    { claim: "a stream may end without [DONE]", events: [chunk({ content: "hi" }), chunk({}, "stop")], ends: "end" },
    {
      claim: "the reason may come twice",
      events: [chunk({ content: "hi" }), chunk({}, "stop"), chunk({ content: "" }, "stop"), "[DONE]"],
      ends: "end",
    },
    { claim: "an empty reason is one", events: [chunk({ content: "hi" }), chunk({}, ""), "[DONE]"], ends: "end" },
    { claim: "[DONE] without a reason is no success", events: [chunk({ content: "hi" }), "[DONE]"], ends: "failure" },
    {
      claim: "an error in the middle is a failure",
      events: [chunk({ content: "hi" }), { error: { message: "no", code: 429 } }, chunk({}, "stop"), "[DONE]"],
      ends: "failure",
    },
    {
      claim: "an error inside of a choice is a failure",
      events: [chunk({ content: "hi" }), { id: "x", choices: [{ index: 0, error: { code: 502, message: "no" } }] }],
      ends: "failure",
    },
  ])("$claim", ({ events, ends }) => {
    const decoded = decode(openaiChatCodec, events);
    expect(decoded.at(-1)!.type).toBe(ends as "end");
    for (const codec of CHAT_CODECS) {
      const written = new TextDecoder().decode(codec.encodeStream({ request: ASKED }).push(decoded));
      const hasEnd = /\[DONE\]|message_stop|response\.completed/.test(written);
      expect(hasEnd).toBe(ends === "end");
    }
  });

  test.each([
    ["openai-chat", ['data: {"error":{']],
    ["anthropic-messages", ["event: error\n", '"type":"rate_limit_error"']],
    ["openai-responses", ["event: error\n", "event: response.failed\n", '"status":"failed"']],
  ] as const)("%s clients are told of a failure in their own way", (wire, wanted) => {
    const codec = CHAT_CODECS.find((other) => other.wire === wire)!;
    const events = decode(openaiChatCodec, [chunk({ content: "hi" }), { error: { message: "slow down", code: "rate_limit_exceeded" } }]);
    const written = new TextDecoder().decode(codec.encodeStream({ request: ASKED }).push(events));
    for (const piece of [...wanted, "slow down"]) expect(written).toContain(piece);
  });

  test("several answers stay apart in chat, and are a declared loss elsewhere", () => {
    const events = decode(openaiChatCodec, [
      chunk({ content: "a" }),
      chunk({ content: "b" }, null, 1),
      chunk({ content: "A" }),
      chunk({}, "stop", 1),
      chunk({}, "length"),
      "[DONE]",
    ]);
    expect(foldEvents(events).choices.map(({ parts, finish }) => [parts, finish.reason])).toEqual([
      [[{ type: "text", text: "aA" }], "length"],
      [[{ type: "text", text: "b" }], "stop"],
    ]);
    const encoder = anthropicMessagesCodec.encodeStream();
    encoder.push(events);
    expect(encoder.losses).toMatchObject([{ what: "n", weight: "content" }]);
  });

  test("usage is written only for chat clients that asked for it", () => {
    const events = decode(openaiChatCodec, [
      chunk({ content: "a" }),
      chunk({}, "stop"),
      { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
      "[DONE]",
    ]);
    expect(jsonOf(encode(openaiChatCodec, events)).at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 3 } });
    expect(encode(openaiChatCodec, events, {}).some(({ data }) => data.includes("usage"))).toBe(false);
  });

  test("a reasoning that a provider never closes does not hold back what follows it", () => {
    const events = decode(
      openaiResponsesCodec,
      [
        { type: "response.created", response: { id: "resp_1", model: "m", output: [] } },
        { type: "response.output_item.added", output_index: 0, item: { type: "reasoning", id: "rs_1", summary: [] } },
        { type: "response.reasoning_text.delta", output_index: 0, content_index: 0, delta: "hm" },
        { type: "response.output_item.added", output_index: 1, item: { type: "message", id: "msg_1", content: [] } },
        { type: "response.output_text.delta", output_index: 1, content_index: 0, delta: "4" },
      ],
      false,
    );
    expect(encode(anthropicMessagesCodec, events).some(({ data }) => data.includes('"text_delta"'))).toBe(true);
  });
});

describe("what crosses between formats", () => {
  test("one vendor's signature reaches it again through another vendor's client, byte for byte", () => {
    const value = 'Eq+/=:"\\ü';
    const answer = {
      id: "msg_1",
      model: "m",
      content: [
        { type: "thinking", thinking: "hm", signature: value },
        { type: "text", text: "4" },
      ],
      stop_reason: "end_turn",
    };
    for (const client of CHAT_CODECS) {
      const told = client.encodeResponse(anthropicMessagesCodec.decodeResponse(answer)).json as any;
      // What an agent keeps of an answer and sends back with its next question.
      const history = told.choices ? [told.choices[0].message] : told.output ? told.output : [{ role: "assistant", content: told.content }];
      const asked = client.decodeRequest({
        model: "m",
        [told.output ? "input" : "messages"]: [...history, { role: "user", content: "and?" }],
      });
      const { json } = anthropicMessagesCodec.encodeRequest(asked) as any;
      expect(json.messages[0].content[0]).toEqual({ type: "thinking", thinking: "hm", signature: value });
    }
  });

  test("what OpenAI encrypted goes back to OpenAI through a Messages client, and never to Anthropic", () => {
    const response = {
      id: "resp_1",
      model: "m",
      status: "completed",
      output: [
        { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
        { type: "function_call", id: "fc_1", call_id: "call_1", name: "f", arguments: "{}" },
      ],
    };
    const told = anthropicMessagesCodec.encodeResponse(openaiResponsesCodec.decodeResponse(response)).json as any;
    expect(told.content[0].signature).not.toBe("gAAA");
    const asked = anthropicMessagesCodec.decodeRequest({
      model: "m",
      messages: [
        { role: "assistant", content: told.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "1" }] },
      ],
    });
    expect((openaiResponsesCodec.encodeRequest(asked).json as any).input[0]).toMatchObject({
      type: "reasoning",
      encrypted_content: "gAAA",
    });
    const { json, losses } = anthropicMessagesCodec.encodeRequest(asked);
    expect(JSON.stringify(json)).not.toContain("gAAA");
    expect(losses).toMatchObject([{ what: "reasoning" }]);
  });

  test("pictures in a tool's answer reach chat behind all answers, and the others in their place", () => {
    const source = { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" };
    const asked = anthropicMessagesCodec.decodeRequest({
      model: "m",
      messages: [
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "a",
              content: [
                { type: "text", text: "see" },
                { type: "image", source },
              ],
            },
            { type: "tool_result", tool_use_id: "b", content: "2", is_error: true },
            { type: "text", text: "well?" },
          ],
        },
      ],
    });
    const { json, losses } = openaiChatCodec.encodeRequest(asked) as any;
    expect(losses).toEqual([]);
    expect(json.messages.map((message: any) => message.role)).toEqual(["tool", "tool", "user"]);
    expect(json.messages[1].content).toBe("The tool failed:\n2");
    expect(json.messages[2].content.map((part: any) => part.type)).toEqual(["text", "image_url", "text"]);
    expect((openaiResponsesCodec.encodeRequest(asked).json as any).input[0].output[1]).toEqual({
      type: "input_image",
      image_url: "data:image/png;base64,iVBORw0KGgo=",
    });
  });

  test("results of parallel calls stand together and first, whatever order a chat client sent them in", () => {
    const asked = openaiChatCodec.decodeRequest({
      model: "m",
      messages: [
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: null,
          tool_calls: ["a", "b"].map((id) => ({ id, type: "function", function: { name: id, arguments: "" } })),
        },
        { role: "tool", tool_call_id: "b", content: "2" },
        { role: "tool", tool_call_id: "a", content: "1" },
        { role: "user", content: "and?" },
      ],
    });
    const { json } = anthropicMessagesCodec.encodeRequest(asked) as any;
    expect(json.messages[1].content.map((block: any) => block.input)).toEqual([{}, {}]);
    expect(json.messages[2].content.map((block: any) => block.tool_use_id ?? block.text)).toEqual(["b", "a", "and?"]);
  });

  test.each([
    { claim: "strict: absent means strict on Responses alone", tool: { type: "function", name: "f", parameters: {} }, strict: undefined },
    { claim: "strict: null means not strict", tool: { type: "function", name: "f", parameters: {}, strict: null }, strict: false },
    { claim: "strict: true stays", tool: { type: "function", name: "f", parameters: {}, strict: true }, strict: true },
  ])("$claim", ({ tool, strict }) => {
    const asked = openaiResponsesCodec.decodeRequest({ model: "m", input: "x", tools: [tool] });
    expect((openaiChatCodec.encodeRequest(asked).json as any).tools[0].function.strict).toBe(strict as true);
    expect((openaiResponsesCodec.encodeRequest(asked).json as any).tools[0].strict).toBe(strict as true);
  });

  test.each([
    {
      upstream: "openai-chat",
      usage: {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 20 },
        completion_tokens_details: { reasoning_tokens: 10 },
      },
    },
    {
      upstream: "openai-responses",
      usage: {
        input_tokens: 100,
        output_tokens: 50,
        total_tokens: 150,
        input_tokens_details: { cached_tokens: 30, cache_write_tokens: 20 },
        output_tokens_details: { reasoning_tokens: 10 },
      },
    },
    {
      upstream: "anthropic-messages",
      usage: {
        input_tokens: 50,
        cache_read_input_tokens: 30,
        cache_creation_input_tokens: 20,
        output_tokens: 50,
        output_tokens_details: { thinking_tokens: 10 },
      },
    },
  ])("usage of $upstream is counted once by everybody's own rules", ({ upstream, usage }) => {
    const codec = CHAT_CODECS.find(({ wire }) => wire === upstream)!;
    const bodies: Record<string, object> = {
      "openai-chat": {
        id: "x",
        model: "m",
        choices: [{ index: 0, message: { role: "assistant", content: "a" }, finish_reason: "stop" }],
        usage,
      },
      "openai-responses": { id: "x", model: "m", status: "completed", output: [], usage },
      "anthropic-messages": { id: "x", model: "m", content: [], stop_reason: "end_turn", usage },
    };
    const response = codec.decodeResponse(bodies[upstream]);
    expect(response.usage).toEqual({
      inputTokens: 50,
      inputTokensCached: 30,
      inputTokensCacheWritten: 20,
      outputTokens: 40,
      reasoningTokens: 10,
    });
    expect((openaiChatCodec.encodeResponse(response).json as any).usage).toMatchObject({
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 20 },
    });
    expect((openaiResponsesCodec.encodeResponse(response).json as any).usage).toMatchObject({
      input_tokens: 100,
      output_tokens: 50,
      total_tokens: 150,
    });
    expect((anthropicMessagesCodec.encodeResponse(response).json as any).usage).toMatchObject({
      input_tokens: 50,
      cache_read_input_tokens: 30,
      cache_creation_input_tokens: 20,
      output_tokens: 50,
    });
  });

  test.each([
    {
      claim: "xAI counts reasoning beside the completion",
      usage: { prompt_tokens: 12, completion_tokens: 2, total_tokens: 334, completion_tokens_details: { reasoning_tokens: 320 } },
      read: [2, 320],
    },
    {
      claim: "gateways over Gemini do so too, and leave it out of the total",
      usage: { prompt_tokens: 28, completion_tokens: 9, total_tokens: 37, completion_tokens_details: { reasoning_tokens: 84 } },
      read: [9, 84],
    },
    {
      claim: "OpenAI counts it inside",
      usage: { prompt_tokens: 10, completion_tokens: 100, total_tokens: 110, completion_tokens_details: { reasoning_tokens: 90 } },
      read: [10, 90],
    },
  ])("$claim", ({ usage, read }) => {
    const { usage: decoded } = openaiChatCodec.decodeResponse({
      id: "x",
      choices: [{ message: { content: "a" }, finish_reason: "stop" }],
      usage,
    });
    expect([decoded!.outputTokens, decoded!.reasoningTokens]).toEqual([...read] as [number, number]);
  });

  test("citations of a block cover its words in the joined text, counted in characters", () => {
    const citation = { type: "web_search_result_location", url: "https://a.example", title: "A", cited_text: "b", encrypted_index: "x" };
    const response = anthropicMessagesCodec.decodeResponse({
      id: "m",
      model: "m",
      stop_reason: "end_turn",
      content: [
        { type: "text", text: "\u{1f600} so " },
        { type: "text", text: "it is", citations: [citation] },
      ],
    });
    const { annotations } = (openaiChatCodec.encodeResponse(response).json as any).choices[0].message;
    expect(annotations).toEqual([
      { type: "url_citation", url_citation: { start_index: 5, end_index: 10, url: "https://a.example", title: "A" } },
    ]);
    expect((anthropicMessagesCodec.encodeResponse(response).json as any).content[1].citations).toEqual([citation]);
  });

  test("ids that a provider would refuse are cleaned in pairs, and never collide", () => {
    const ids = ["functions.read:0", "functions_read:0", "x".repeat(80)];
    const asked = openaiChatCodec.decodeRequest({
      model: "m",
      messages: [
        {
          role: "assistant",
          content: null,
          tool_calls: ids.map((id) => ({ id, type: "function", function: { name: "f", arguments: "{}" } })),
        },
        ...ids.map((id) => ({ role: "tool", tool_call_id: id, content: id })),
      ],
    });
    const { messages } = anthropicMessagesCodec.encodeRequest(asked).json as any;
    const called = messages[0].content.map((block: any) => block.id);
    expect(messages[1].content.map((block: any) => block.tool_use_id)).toEqual(called);
    expect(new Set(called).size).toBe(3);
    for (const id of called) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
    const { input } = openaiResponsesCodec.encodeRequest(asked).json as any;
    for (const item of input) expect(item.call_id.length).toBeLessThanOrEqual(64);
    expect(input.slice(3).map((item: any) => item.call_id)).toEqual(input.slice(0, 3).map((item: any) => item.call_id));
  });

  test("what Claude Code notes for Anthropic reaches Anthropic alone, and nobody misses it", () => {
    const note = { type: "text", text: "x-anthropic-billing-header: cc_version=2" };
    const asked = anthropicMessagesCodec.decodeRequest({
      model: "m",
      system: [note, { type: "text", text: "Be brief." }],
      messages: [{ role: "user", content: "x" }],
    });
    expect((anthropicMessagesCodec.encodeRequest(asked).json as any).system[0]).toEqual(note);
    for (const codec of [openaiChatCodec, openaiResponsesCodec]) {
      const { json, losses } = codec.encodeRequest(asked);
      expect(JSON.stringify(json)).not.toContain("billing");
      expect(losses).toEqual([]);
    }
  });

  test("a client's effort makes Claude think, and then its temperature is a declared loss", () => {
    const asked = openaiChatCodec.decodeRequest({
      model: "m",
      messages: [{ role: "user", content: "x" }],
      reasoning_effort: "high",
      temperature: 0.2,
      max_completion_tokens: 9000,
    });
    const adaptive = anthropicMessagesCodec.encodeRequest(asked);
    expect(adaptive.json).toMatchObject({ thinking: { type: "adaptive" }, output_config: { effort: "high" } });
    expect(adaptive.json).not.toHaveProperty("temperature");
    expect(adaptive.losses.map(({ what }) => what)).toEqual(["temperature"]);
    // The budget stays below the client's own limit.
    const budget = anthropicMessagesCodec.encodeRequest(asked, { thinking: "budget" } as object);
    expect(budget.json).toMatchObject({ thinking: { type: "enabled", budget_tokens: 8999 }, max_tokens: 9000 });
    expect(
      anthropicMessagesCodec.encodeRequest({ ...asked, sampling: { maxTokens: 1000 } }, { thinking: "budget" } as object).losses,
    ).toMatchObject([{ what: "reasoning_effort" }]);
  });

  test("citations of a streamed block cover its words as well, though they come before them", () => {
    const citation = { type: "web_search_result_location", url: "https://a.example", title: "A", cited_text: "b", encrypted_index: "x" };
    const delta = (index: number, json: object): object => ({ type: "content_block_delta", index, delta: json });
    const events = decode(anthropicMessagesCodec, [
      { type: "message_start", message: { id: "msg_1", model: "m", content: [] } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      delta(0, { type: "text_delta", text: "\u{1f600} so " }),
      { type: "content_block_stop", index: 0 },
      { type: "content_block_start", index: 1, content_block: { type: "text", text: "", citations: [] } },
      delta(1, { type: "citations_delta", citation }),
      delta(1, { type: "text_delta", text: "it is" }),
      { type: "content_block_stop", index: 1 },
      { type: "message_delta", delta: { stop_reason: "end_turn" } },
      { type: "message_stop" },
    ]);
    const chat = jsonOf(encode(openaiChatCodec, events)).flatMap((event) =>
      event.choices.flatMap((choice: any) => choice.delta.annotations ?? []),
    );
    expect(chat).toEqual([{ type: "url_citation", url_citation: { start_index: 5, end_index: 10, url: "https://a.example", title: "A" } }]);
    const [added] = jsonOf(encode(openaiResponsesCodec, events)).filter((event) => event.type === "response.output_text.annotation.added");
    // Responses counts within the part.
    expect(added.annotation).toMatchObject({ start_index: 0, end_index: 5 });
  });

  test("what was written to a cache for an hour is told apart from the rest, and counted once", () => {
    const usage = {
      input_tokens: 5,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
      output_tokens: 1,
    };
    const response = anthropicMessagesCodec.decodeResponse({ id: "m", model: "m", content: [], stop_reason: "end_turn", usage });
    expect(response.usage).toEqual({
      inputTokens: 5,
      inputTokensCached: 0,
      inputTokensCacheWritten: 10,
      inputTokensCacheWrittenLong: 20,
      outputTokens: 1,
      reasoningTokens: 0,
    });
    expect((anthropicMessagesCodec.encodeResponse(response).json as any).usage).toMatchObject(usage);
    expect((openaiChatCodec.encodeResponse(response).json as any).usage.prompt_tokens).toBe(35);
  });

  test.each([
    { claim: "an end that only says the output keeps what the beginning said of the input", delta: { output_tokens: 9 } },
    {
      claim: "an end that says everything again is not added to the beginning",
      delta: { input_tokens: 5, cache_read_input_tokens: 7, cache_creation_input_tokens: 30, output_tokens: 9 },
    },
  ])("$claim", ({ delta }) => {
    const usage = {
      input_tokens: 5,
      cache_read_input_tokens: 7,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_1h_input_tokens: 20 },
      output_tokens: 1,
    };
    const events = decode(anthropicMessagesCodec, [
      { type: "message_start", message: { id: "msg_1", model: "m", content: [], usage } },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: delta },
      { type: "message_stop" },
    ]);
    expect(foldEvents(events).usage).toEqual({
      inputTokens: 5,
      inputTokensCached: 7,
      inputTokensCacheWritten: 10,
      inputTokensCacheWrittenLong: 20,
      outputTokens: 9,
      reasoningTokens: 0,
    });
  });

  test("refusals are one in every format", () => {
    const response = openaiChatCodec.decodeResponse({
      id: "x",
      choices: [{ message: { content: null, refusal: "No." }, finish_reason: "stop" }],
    });
    expect(anthropicMessagesCodec.encodeResponse(response).json).toMatchObject({
      stop_reason: "refusal",
      content: [{ type: "text", text: "No." }],
    });
    expect(openaiResponsesCodec.encodeResponse(response).json).toMatchObject({
      status: "completed",
      output: [{ content: [{ type: "refusal", refusal: "No." }] }],
    });
    expect((openaiChatCodec.encodeResponse(response).json as any).choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { content: null, refusal: "No." },
    });
  });

  test("digits of arguments survive that JavaScript would change", () => {
    const content =
      '{"id":"m","model":"m","stop_reason":"tool_use","content":[{"type":"tool_use","id":"a","name":"f","input":{"n":12345678901234567890,"x":1.0}}]}';
    const response = anthropicMessagesCodec.decodeResponse(parseJson(content));
    expect((openaiChatCodec.encodeResponse(response).json as any).choices[0].message.tool_calls[0].function.arguments).toBe(
      '{"n":12345678901234567890,"x":1.0}',
    );
    const asked = openaiChatCodec.decodeRequest({
      model: "m",
      messages: [(openaiChatCodec.encodeResponse(response).json as any).choices[0].message],
    });
    expect(JSON.stringify(anthropicMessagesCodec.encodeRequest(asked).json)).toContain('{"n":12345678901234567890,"x":1.0}');
  });
});

describe("what can not be carried is said", () => {
  test.each([
    [
      "openai-chat",
      "anthropic-messages",
      { messages: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "", format: "wav" } }] }] },
      ["audio"],
    ],
    [
      "openai-chat",
      "anthropic-messages",
      { messages: [], n: 2, seed: 1, logit_bias: { 5: 1 }, presence_penalty: 1, logprobs: true, verbosity: "low", metadata: { a: "b" } },
      ["logit_bias", "seed", "presence_penalty", "logprobs", "n", "verbosity", "metadata"],
    ],
    [
      "openai-chat",
      "openai-responses",
      { messages: [], stop: "x", frequency_penalty: 1, prediction: {} },
      ["prediction", "stop", "frequency_penalty"],
    ],
    [
      "anthropic-messages",
      "openai-chat",
      {
        messages: [{ role: "user", content: [{ type: "text", text: "x", cache_control: { type: "ephemeral", ttl: "1h" } }] }],
        top_k: 5,
        container: "c",
        tools: [{ type: "bash_20250124", name: "bash" }],
      },
      ["container", "cache_control", "bash_20250124", "top_k"],
    ],
    [
      "anthropic-messages",
      "openai-responses",
      { messages: [{ role: "user", content: [{ type: "image", source: { type: "file", file_id: "f" } }] }], max_tokens: 1 },
      ["image", "max_tokens"],
    ],
    [
      "openai-responses",
      "anthropic-messages",
      { input: [{ type: "item_reference", id: "x" }], previous_response_id: "resp_1", truncation: "auto" },
      ["item_reference", "previous_response_id", "truncation"],
    ],
    [
      "openai-responses",
      "openai-chat",
      { input: "x", tools: [{ type: "file_search", vector_store_ids: [] }], reasoning: { effort: "low", summary: "auto" } },
      ["file_search", "summary"],
    ],
  ] as const)("from %s to %s", (from, to, body, wanted) => {
    const [client, provider] = [from, to].map((wire) => CHAT_CODECS.find((codec) => codec.wire === wire)!) as [ChatCodec, ChatCodec];
    const { losses } = provider.encodeRequest(client.decodeRequest({ model: "m", ...body }));
    expect(losses.map(({ what }) => what).sort()).toEqual([...wanted].sort() as string[]);
    for (const { path, why } of losses) expect(path !== "" && why.endsWith(".")).toBe(true);
  });

  test("what a format knows of itself is no loss on the way back to it", () => {
    const body = { model: "m", messages: [], logit_bias: { 5: 1 }, n: 2, seed: 1, prediction: { type: "content" } };
    const { json, losses } = openaiChatCodec.encodeRequest(openaiChatCodec.decodeRequest(body));
    expect(json).toEqual(body);
    expect(losses).toEqual([]);
  });
});
