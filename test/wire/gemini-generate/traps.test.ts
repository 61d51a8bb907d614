import { describe, expect, test } from "bun:test";
import { type FailureKind, OmniError } from "../../../src/ir/failure.ts";
import type { ChatResponse } from "../../../src/ir/chat.ts";
import { foldEvents } from "../../../src/ir/fold-events.ts";
import { unfoldResponse } from "../../../src/ir/unfold-response.ts";
import { geminiGenerateCodec as codec } from "../../../src/wire/gemini-generate/codec.ts";
import { geminiGenerate } from "../../../src/wire/gemini-generate/index.ts";
import { splitData, STREAMS } from "./recorded.ts";

const answer = (parts: readonly object[], more: object = { finishReason: "STOP" }, rest: object = {}): object => ({
  candidates: [{ content: { role: "model", parts }, index: 0, ...more }],
  modelVersion: "m",
  responseId: "r",
  ...rest,
});
const partsOf = (body: object): ChatResponse["choices"][number]["parts"] => codec.decodeResponse(body).choices[0]!.parts;
const streamed = (...pieces: readonly object[]): ChatResponse => {
  const decoder = codec.decodeStream();
  return foldEvents([...pieces.flatMap((piece) => decoder.push(JSON.stringify(piece))), ...decoder.end()]);
};
const kindOf = (run: () => unknown): string => {
  try {
    run();
    return "none";
  } catch (error) {
    return error instanceof OmniError ? error.kind : String(error);
  }
};

describe("an answer of Gemini's", () => {
  test.each([
    ["STOP", [{ text: "x" }], "stop"],
    ["STOP", [{ functionCall: { name: "f" } }], "tool-calls"],
    ["MAX_TOKENS", [{ functionCall: { name: "f" } }], "length"],
    ["MAX_TOKENS", [], "length"],
    ["SAFETY", [], "refusal"],
    ["MODEL_ARMOR", [{ text: "x" }], "refusal"],
    ["SOMETHING_NEW", [{ text: "x" }], "stop"],
    ["MALFORMED_FUNCTION_CALL", [{ text: "x" }], "stop"],
  ])("that ends with %s and %j has ended by %s", (finishReason, parts, reason) => {
    const { finish } = codec.decodeResponse(answer(parts, { finishReason })).choices[0]!;
    expect(finish).toMatchObject({ reason, raw: finishReason });
  });

  test.each(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"])(
    "that was spoilt (%s) is a failure, which another target may mend",
    (finishReason) => {
      for (const parts of [[], [{ text: "Hm", thought: true }]]) {
        expect(kindOf(() => codec.decodeResponse(answer(parts, { finishReason })))).toBe("upstream_failed");
        expect(kindOf(() => streamed(answer(parts, {}), answer([], { finishReason })))).toBe("upstream_failed");
      }
    },
  );

  test("to a question that was refused has no words, and is a refusal; written again it has no candidates", () => {
    const blocked = {
      promptFeedback: { blockReason: "PROHIBITED_CONTENT", blockReasonMessage: "No." },
      usageMetadata: { promptTokenCount: 3 },
      modelVersion: "m",
      responseId: "r",
    };
    for (const response of [codec.decodeResponse(blocked), streamed(blocked)]) {
      expect(response.choices).toEqual([
        { parts: [{ type: "refusal", text: "No." }], finish: { reason: "refusal", raw: "PROHIBITED_CONTENT" } },
      ]);
      expect(codec.encodeResponse(response).json).toMatchObject({ promptFeedback: blocked.promptFeedback });
      expect(codec.encodeResponse(response).json).not.toHaveProperty("candidates");
    }
  });

  test.each([
    ["nothing", {}],
    ["no candidates", { candidates: [], usageMetadata: {} }],
    ["feedback that blocks nothing", { promptFeedback: { safetyRatings: [] } }],
  ])("with %s is none", (_, body) => {
    expect(kindOf(() => codec.decodeResponse(body))).toBe("upstream_invalid");
    expect(kindOf(() => streamed(body))).toBe("upstream_truncated");
    expect(kindOf(() => geminiGenerate.upstream({}).inspectAnswer(null, Buffer.from(JSON.stringify(body))))).toBe("upstream_invalid");
  });

  test("without a reason is cut off, whatever it has said", () => {
    expect(kindOf(() => codec.decodeResponse(answer([{ text: "x" }], {})))).toBe("upstream_truncated");
    expect(kindOf(() => streamed(answer([{ text: "x" }], {})))).toBe("upstream_truncated");
    const two = {
      candidates: [
        { index: 0, finishReason: "STOP" },
        { index: 1, content: { parts: [{ text: "y" }] } },
      ],
    };
    expect(kindOf(() => streamed(two))).toBe("upstream_truncated");
  });

  test("may be several", () => {
    const both = (parts: string[], more: object): object => ({
      responseId: "r",
      candidates: parts.map((text, index) => ({ index, content: { parts: [{ text }] }, ...more })),
    });
    const response = streamed(both(["a", "x"], {}), both(["b", "y"], { finishReason: "STOP" }));
    expect(response.choices.map(({ parts }) => parts)).toEqual([[{ type: "text", text: "ab" }], [{ type: "text", text: "xy" }]]);
    expect((codec.encodeResponse(response).json["candidates"] as object[]).length).toBe(2);
  });

  test("gives calls ids that are unique and stay, also where the provider gives one twice", () => {
    const functionCall = (id?: string): object => ({ functionCall: { name: "f", args: {}, ...(id && { id }) } });
    const ids = partsOf(answer([functionCall(), functionCall("own"), functionCall("own"), functionCall()])).map(
      (part) => part.type === "tool-call" && part.id,
    );
    expect(ids).toEqual(["call_r_0_0", "own", "call_r_0_2", "call_r_0_3"]);
    expect(streamed(answer([functionCall()], {}), answer([functionCall()])).choices[0]!.parts).toMatchObject([
      { id: "call_r_0_0" },
      { id: "call_r_0_1" },
    ]);
    const nameless = (text: string): unknown =>
      partsOf({ candidates: [{ finishReason: "STOP", content: { parts: [{ text }, functionCall()] } }] })[1];
    expect(nameless("one")).not.toEqual(nameless("two"));
  });

  test("keeps the signature of words a part that is no thought, in a stream as well", () => {
    const { choices } = codec.decodeResponse(answer([{ text: "Hello", thoughtSignature: "sig" }]));
    const encoder = codec.encodeStream();
    const text = Buffer.from(encoder.push([...unfoldResponse({ id: "r", model: "m", choices })])).toString();
    const parts = splitData(text).flatMap(
      (each) => (JSON.parse(each) as { candidates: { content: { parts: object[] } }[] }).candidates[0]!.content.parts,
    );
    expect(parts).toEqual([{ text: "", thoughtSignature: "sig" }, { text: "Hello" }, { text: "" }]);
  });

  test("keeps the digits of arguments, also in a stream", () => {
    const text =
      '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"id":12345678901234567890,"x":1.0}}}]},"finishReason":"STOP"}]}';
    const decoder = codec.decodeStream();
    const { choices } = foldEvents([...decoder.push(text), ...decoder.end()]);
    expect(choices[0]!.parts).toMatchObject([{ argumentsJson: '{"id":12345678901234567890,"x":1.0}' }]);
  });

  test("has its arguments in pieces put together, as they were recorded", () => {
    const calls = (name: string) => {
      const { pieces } = STREAMS.find((stream) => stream.name.includes(name))!;
      return streamed(...(pieces as object[])).choices[0]!.parts.flatMap((part) =>
        part.type === "tool-call" ? [[part.name, part.argumentsJson]] : [],
      );
    };
    expect(calls("google-stream-no-args-tool-call")).toEqual([
      ["read_theme", ""],
      ["read_screen", '{"id":"A"}'],
      ["read_screen", '{"id":"B"}'],
      ["read_screen", '{"id":"C"}'],
    ]);
    const [[name, json]] = calls("google-stream-tool-call-array-arguments-missing-terminal-function-call") as [[string, string]];
    expect([name, JSON.parse(json)]).toEqual([
      "writeItems",
      {
        operations: [
          { action: "add", description: "Fresh red apple", itemid: "apple_001", price: 0.5 },
          { action: "add", description: "Ripe yellow banana", itemid: "banana_001", price: 0.3 },
        ],
      },
    ]);
  });

  test("cites by bytes, which become characters and bytes again", () => {
    const text = "Née à Zürich 😀. Yes.";
    const segment = { startIndex: Buffer.byteLength("Née à "), endIndex: Buffer.byteLength("Née à Zürich 😀.") };
    const grounding = {
      groundingChunks: [{ web: { uri: "https://a", title: "A" } }],
      groundingSupports: [{ segment, groundingChunkIndices: [0, 7] }],
    };
    for (const response of [
      codec.decodeResponse(answer([{ text }], { finishReason: "STOP", groundingMetadata: grounding })),
      streamed(
        answer([{ text: text.slice(0, 9) }], {}),
        answer([{ text: text.slice(9) }], { finishReason: "STOP", groundingMetadata: grounding }),
      ),
      streamed(answer([{ text, thoughtSignature: "s" }], {}), answer([], { finishReason: "STOP", groundingMetadata: grounding })),
    ]) {
      const [part] = response.choices[0]!.parts.filter(({ type }) => type === "text");
      expect(part).toMatchObject({ text, citations: [{ url: "https://a", title: "A", start: 6, end: 15 }] });
      const { finish: _own, ...bare } = response.choices[0]!;
      const { json } = codec.encodeResponse({ ...response, choices: [{ ...bare, finish: { reason: "stop" } }] });
      expect((json["candidates"] as { groundingMetadata: object }[])[0]!.groundingMetadata).toEqual({
        groundingChunks: grounding.groundingChunks,
        groundingSupports: [{ segment: { ...segment, text: "Zürich 😀." }, groundingChunkIndices: [0] }],
      });
    }
  });

  test("tells probabilities in OpenAI's form, and back", () => {
    const logprobsResult = {
      topCandidates: [{ candidates: [{ token: "é", logProbability: -0.1 }] }],
      chosenCandidates: [{ token: "é", logProbability: -0.1 }],
    };
    const response = codec.decodeResponse(answer([{ text: "é" }], { finishReason: "STOP", logprobsResult }));
    const token = { token: "é", logprob: -0.1, bytes: [195, 169] };
    expect(response.choices[0]!.parts).toMatchObject([{ logprobs: [{ ...token, top_logprobs: [token] }] }]);
    expect((codec.encodeResponse(response).json["candidates"] as { logprobsResult: object }[])[0]!.logprobsResult).toEqual(logprobsResult);
  });

  test("counts thoughts beside the candidates, the cache within the prompt, and tools beside it", () => {
    const usageMetadata = {
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      toolUsePromptTokenCount: 7,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 9,
      totalTokenCount: 121,
    };
    const { usage } = codec.decodeResponse(answer([], { finishReason: "STOP" }, { usageMetadata }));
    expect(usage).toEqual({ inputTokens: 67, inputTokensCached: 40, outputTokens: 5, reasoningTokens: 9 });
    expect(
      streamed(answer([], {}, { usageMetadata: { promptTokenCount: 1 } }), answer([], { finishReason: "STOP" }, { usageMetadata })).usage,
    ).toEqual(usage!);
  });
});

describe("a stream that goes by verbatim", () => {
  const open = () => geminiGenerate.upstream({}).openStream();
  const event = (json: object): string => `data: ${JSON.stringify(json)}\r\n\r\n`;
  const TEXT = event(answer([{ text: "x" }], {}));
  const END = event(answer([{ text: "" }], { finishReason: "STOP" }));
  const run = (text: string, reader = open()) => {
    const out = Buffer.concat([reader.push(Buffer.from(text)), reader.end()]).toString();
    return { out, kind: reader.failure?.kind, committed: reader.committed, reader };
  };

  test.each([
    ["with its reason", TEXT + END, undefined],
    ["without", TEXT, "upstream_truncated"],
    ["without anything", "", "upstream_truncated"],
    ["with a reason that only the model speaks of", event(answer([{ text: '"finishReason":"STOP"' }], {})), "upstream_truncated"],
    ["with more behind its reason", TEXT + END + event({ usageMetadata: { promptTokenCount: 1 } }), undefined],
    ["with half an event at its end", TEXT + END + TEXT.slice(0, -20), "upstream_truncated"],
    ["with one of two candidates finished", TEXT + END + event({ candidates: [{ index: 1, content: {} }] }), "upstream_truncated"],
    ["with a refusal of the question", event({ promptFeedback: { blockReason: "OTHER" } }), undefined],
    ["with an event that is no JSON", "data: {\r\n\r\n", "upstream_invalid"],
  ])("%s", (_, text, kind) => {
    expect(run(text).kind).toBe(kind as FailureKind);
  });

  test("hands on nothing of an error, and tells what it means", () => {
    const error = event({ error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } });
    for (const before of ["", TEXT])
      expect(run(before + error + END)).toMatchObject({ out: before, kind: "upstream_overloaded", committed: before !== "" });
  });

  test.each([
    ["an error in a list", '[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]', "rate_limited"],
    ["a list of answers", `[${JSON.stringify(answer([{ text: "x" }]))}]`, "upstream_invalid"],
    ["a web page", "<html>", "upstream_invalid"],
  ])("is none if %s comes", (_, text, kind) => {
    expect(run(text)).toMatchObject({ out: "", kind });
  });

  test("is not taken for begun by what says nothing", () => {
    for (const parts of [[], [{ text: "" }], [{ text: "", thought: true }]]) expect(run(event(answer(parts, {}))).committed).toBeFalse();
    for (const parts of [[{ text: "x", thought: true }], [{ functionCall: { name: "f" } }], [{ text: "", thoughtSignature: "s" }]])
      expect(run(event(answer(parts, {}))).committed).toBeTrue();
  });

  test("that breaks off between the bytes of a line end still has its error in an event of its own", () => {
    const reader = open();
    const out = reader.push(Buffer.from(TEXT.slice(0, -1)));
    const failure = reader.encodeFailure(new OmniError("upstream_reset", "It broke."), "id");
    const text = Buffer.concat([out, failure]).toString();
    expect(text.split(/\n\n|\r\n\r\n/).filter((each) => each.trim().startsWith("data:")).length).toBe(2);
  });
});

describe("a stream as a list", () => {
  const form = geminiGenerate.downstream!.readHead(Buffer.from('{"contents":[]}'), "m:streamGenerateContent", "").streamForm!;
  const { bytes, pieces } = STREAMS.find((stream) => stream.bytes.length < 6000 && stream.pieces.length > 2)!;

  test("is the same wherever it is cut", () => {
    const texts = Array.from(bytes, (_, cut) => {
      const reader = form.reframe(geminiGenerate.upstream({}).openStream());
      return Buffer.concat([reader.push(bytes.subarray(0, cut)), reader.push(bytes.subarray(cut)), reader.end()]).toString();
    });
    expect(new Set(texts).size).toBe(1);
    expect(JSON.parse(texts[0]!)).toEqual(JSON.parse(JSON.stringify(pieces)));
  });

  test("is a list with the error behind what came before, wherever it breaks off", () => {
    for (let cut = 0; cut < bytes.length - 200; cut += 13) {
      const reader = form.reframe(geminiGenerate.upstream({}).openStream());
      const before = [reader.push(bytes.subarray(0, cut)), reader.end()];
      if (reader.failure === undefined) continue;
      const list = JSON.parse(Buffer.concat([...before, reader.encodeFailure(reader.failure, "id")]).toString());
      expect(list.at(-1).error.status).toBe("UNAVAILABLE");
      expect(list.slice(0, -1)).toEqual(JSON.parse(JSON.stringify(pieces.slice(0, list.length - 1))));
    }
  });

  test.each(["", "key=x", "alt=json", "ALT=sse"])("is given for %j", (query) => {
    expect(geminiGenerate.downstream!.readHead(Buffer.from("{}"), "m:streamGenerateContent", query).streamForm).toBe(form);
  });

  test.each(["alt=sse", "key=x&alt=sse", "%24alt=sse", "alt=%73se"])("is not given for %j", (query) => {
    expect(geminiGenerate.downstream!.readHead(Buffer.from("{}"), "m:streamGenerateContent", query).streamForm).toBeUndefined();
  });
});

describe("the head of a request", () => {
  const read = (rest: string, body = '{"contents":[]}') => geminiGenerate.downstream!.readHead(Buffer.from(body), rest, "alt=sse");
  const model = (rest: string): string => {
    const { modelBytes, modelStart, modelEnd } = read(rest);
    return Buffer.from(modelBytes.subarray(modelStart, modelEnd)).toString();
  };

  test.each([
    ["gemini-2.5-flash:generateContent", "gemini-2.5-flash", false],
    ["google/gemini-2.5-flash:streamGenerateContent", "google/gemini-2.5-flash", true],
    ["llama3:8b:generateContent", "llama3:8b", false],
  ])("reads %s", (rest, name, stream) => {
    expect([model(rest), read(rest).stream]).toEqual([name, stream]);
  });

  test.each([
    ["gemini-2.5-flash", "not_found"],
    ["gemini-2.5-flash:predict", "not_found"],
    [":generateContent", "invalid_model"],
  ])("refuses %s: %s", (rest, kind) => {
    expect(kindOf(() => read(rest))).toBe(kind);
  });

  test.each(["", "[]", "{", '{"contents":[],"contents":[]}', '{"model":"a","model":"b"}'])("refuses a body that is %j", (body) => {
    expect(kindOf(() => read("m:generateContent", body))).toBe("malformed_json");
  });
});
