import { expect, test } from "bun:test";
import fc from "fast-check";
import { geminiGenerateCodec as codec } from "../../../src/wire/gemini-generate/codec.ts";
import { ALL_CODECS } from "./answers.ts";
import { escapeOf, placesOf, samples, withAt, WRONG } from "./hostile.ts";
import { RECORDED, STREAMS, WHOLES } from "./recorded.ts";

const FEATURES = {
  contents: [
    {
      role: "model",
      parts: [{ text: "a", thoughtSignature: "s" }, { functionCall: { id: "1", name: "f", args: { a: 1 } } }, { executableCode: {} }],
    },
    {
      role: "user",
      parts: [
        {
          functionResponse: {
            id: "1",
            name: "f",
            response: { output: "x" },
            parts: [{ inlineData: { mimeType: "image/png", data: "a" } }],
          },
        },
      ],
    },
    {
      role: "user",
      parts: [{ inlineData: { mimeType: "audio/wav", data: "a" } }, { fileData: { fileUri: "gs://a/b.pdf", mimeType: "application/pdf" } }],
    },
  ],
  systemInstruction: { parts: { text: "x" } },
  tools: [
    {
      functionDeclarations: [
        {
          name: "f",
          parameters: { type: "OBJECT", properties: { a: { type: "STRING", nullable: true, minLength: "3" } }, propertyOrdering: ["a"] },
        },
      ],
    },
    { googleSearch: {} },
  ],
  toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
  generationConfig: {
    stopSequences: ["a"],
    responseMimeType: "application/json",
    responseSchema: { type: "OBJECT" },
    thinkingConfig: { thinkingBudget: 5, includeThoughts: true },
    logprobs: 2,
  },
};

const ANSWER = {
  candidates: [
    {
      index: 0,
      content: {
        role: "model",
        parts: [
          { text: "é", thought: true },
          { text: "é" },
          {
            functionCall: { name: "f", partialArgs: [{ jsonPath: "$.a[0].b", stringValue: "x", willContinue: true }], willContinue: true },
          },
          { functionCall: {} },
        ],
      },
      finishReason: "STOP",
      groundingMetadata: {
        groundingChunks: [{ web: { uri: "u", title: "t" } }],
        groundingSupports: [{ segment: { startIndex: 0, endIndex: 2 }, groundingChunkIndices: [0] }],
      },
      logprobsResult: { chosenCandidates: [{ token: "é", logProbability: -1 }], topCandidates: [{ candidates: [{ token: "é" }] }] },
    },
  ],
  usageMetadata: { promptTokenCount: 1, promptTokensDetails: [{ modality: "AUDIO", tokenCount: 1 }] },
  responseId: "r",
  createTime: "2026-01-01T00:00:00Z",
};

test("a request with anything anywhere is read or refused by the path of a field, and what is read can be written", () => {
  const requests = [
    FEATURES,
    ...samples(
      RECORDED.flatMap(({ request }) => (request ? [request] : [])),
      6,
    ),
  ];
  for (const request of requests) {
    for (const path of placesOf(request)) {
      for (const wrong of WRONG) {
        const run = (): void => {
          const asked = codec.decodeRequest(withAt(request, path, wrong));
          for (const other of ALL_CODECS) other.encodeRequest(asked);
        };
        expect([path, wrong, escapeOf(run, "client")]).toEqual([path, wrong, undefined]);
      }
    }
  }
}, 60_000);

test("an answer with anything anywhere is read or refused, and what is read can be written", () => {
  for (const answer of [
    ANSWER,
    ...samples(
      WHOLES.map(({ pieces }) => pieces[0]),
      6,
    ),
  ]) {
    for (const path of placesOf(answer)) {
      for (const wrong of WRONG) {
        const run = (): void => {
          const response = codec.decodeResponse(withAt(answer, path, wrong));
          for (const other of ALL_CODECS) other.encodeResponse(response);
        };
        expect([path, wrong, escapeOf(run, "provider")]).toEqual([path, wrong, undefined]);
      }
    }
  }
}, 60_000);

test("a stream with anything anywhere never throws, and nothing follows a failure", () => {
  for (const pieces of [
    [ANSWER, ANSWER],
    ...samples(
      STREAMS.map((stream) => stream.pieces),
      4,
    ),
  ]) {
    for (const [position, piece] of pieces.entries()) {
      for (const [index, path] of [...placesOf(piece)].entries()) {
        const decoder = codec.decodeStream();
        const encoders = ALL_CODECS.map((other) => other.encodeStream());
        let failed = false;
        for (const [at, each] of pieces.entries()) {
          const events = decoder.push(JSON.stringify(at === position ? withAt(each, path, WRONG[index % WRONG.length]) : each));
          if (failed) expect(events).toEqual([]);
          failed ||= events.some(({ type }) => type === "failure");
          for (const encoder of encoders) encoder.push(events);
        }
        for (const encoder of encoders) encoder.push(decoder.end());
      }
    }
  }
}, 60_000);

test("arbitrary JSON never throws anything but an OmniError", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect(escapeOf(() => codec.decodeRequest(value), "client")).toBeUndefined();
      expect(escapeOf(() => codec.decodeResponse(value), "provider")).toBeUndefined();
      codec.decodeStream().push(JSON.stringify(value));
    }),
    { numRuns: 500 },
  );
});

test("what is nested a hundred thousand deep is refused and not followed", () => {
  const deep = (around: (inner: string) => string): string => around(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`);
  const call = deep(
    (inner) => `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${inner}}}]},"finishReason":"STOP"}]}`,
  );
  const schema = JSON.parse(deep((inner) => `{"contents":[],"tools":[{"functionDeclarations":[{"name":"f","parameters":${inner}}]}]}`));
  const [event] = codec
    .decodeStream()
    .push(call)
    .filter(({ type }) => type === "failure");
  expect(event).toMatchObject({ type: "failure", error: { kind: "upstream_invalid" } });
  const asked = codec.decodeRequest(schema);
  for (const other of ALL_CODECS) other.encodeRequest(asked);
});

test("the path of a streamed argument makes neither prototypes nor lists of a billion", () => {
  const push = (jsonPath: string) =>
    codec.decodeStream().push(
      JSON.stringify({
        candidates: [{ content: { parts: [{ functionCall: { name: "f", partialArgs: [{ jsonPath, stringValue: "x" }] } }] } }],
      }),
    );
  expect(JSON.stringify(push("$.__proto__.polluted"))).toContain('{\\"__proto__\\":{\\"polluted\\":\\"x\\"}}');
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  for (const path of ["$.a[1000000000]", "$", "a", "$..", `$${".a".repeat(2000)}`]) expect(push(path).at(-1)?.type).toBe("failure");
});
