import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatCodec } from "../../../src/wire/chat-codec.ts";
import { anthropicMessagesCodec, openaiChatCodec, openaiResponsesCodec } from "../../../src/wire/chat-codecs.ts";
import { geminiGenerateCodec } from "../../../src/wire/gemini-generate/codec.ts";
import { RECORDINGS } from "../codec/recordings.ts";

// Translations that a third party made and the real provider accepted. Where ours is another one, the table says why.

const CODECS: Readonly<Record<string, ChatCodec<object>>> = {
  google: geminiGenerateCodec,
  anthropic: anthropicMessagesCodec,
  "chat-completions": openaiChatCodec,
  responses: openaiResponsesCodec,
};

/** Paths that may differ, per receiver and case, and why. Lists are compared item by item, objects key by key; null and absent are the same. */
const EXPLAINED: readonly (readonly [to: string, cases: RegExp, path: RegExp, why: string])[] = [
  ["*", /./, /^\.(model|stream|stream_options)$/, "The gateway sets the model; it stands in the path where Google is called."],
  [
    "google",
    /./,
    /^\.contents\.\d+\.parts\.\d+\.function(Call|Response)\.id$/,
    "The ids that clients gave go on: they tell calls of one name apart.",
  ],
  [
    "google",
    /ParamTypeFallback|outputConfig|outputFormat|jsonSchemaFormat|textFormat/,
    /responseJsonSchema\.title$/,
    "Made up where the client gave no name.",
  ],
  [
    "google",
    /reasoning(EffortLow|Summary)Param/,
    /thinkingConfig\.includeThoughts$/,
    "An effort alone is about the answer too, and asks for no thoughts.",
  ],
  [
    "google",
    /MidConversationSystem|WithSystemMessage/,
    /^\.(systemInstruction|contents)/,
    "What is said in the middle stays in its place; parts stay parts.",
  ],
  ["google", /webSearch/, /^\.tools$/, "The search is asked for; there it is dropped."],
  ["google", /DisabledThinking|EffortNone/, /thinkingConfig/, "Newest models can not be told not to think, only to think little."],
  ["google", /documentContent/, /inlineData\.data$/, "Inline data is base64."],
  [
    "google",
    /MixedToolResult/,
    /^\.contents/,
    "A tool's text stays as it was written; what the user says besides stands in the same content.",
  ],
  ["google", /nMultiple|frequency|seed|logprobs/, /^\.generationConfig/, "Google knows it as well; there it is dropped."],
  ["google", /exclusiveMinimum/, /description$/, "What is not enforced is said in the description."],
  ["google", /CustomToolCall/, /^\.tools$/, "A tool for free text becomes a function with one text; there it is dropped."],
  ["google", /OutputWithoutThoughtSignature/, /response\.output$/, "A tool's text stays as it was written."],
  [
    "responses",
    /./,
    /^\.(store|include)$|^\.tools\.\d+\.strict$|^\.reasoning\.summary$/,
    "Other formats do not mean to be stored or strict when they say nothing, and thoughts were asked for.",
  ],
  ["*", /./, /\.(text\.format|response_format\.json_schema)\.name$/, "Made up by both, since the other format has none."],
  ["*", /./, /schema\.additionalProperties$/, "Schemas stay as the client wrote them."],
  [
    "*",
    /temperature|Schema(Property|Minimum)|ThinkingJson/i,
    /^\.temperature$/,
    "Whether a model refuses it is the catalog's to know, not the format's.",
  ],
  ["*", /EffortLow|ThinkingJson/, /(reasoning\.effort|reasoning_effort)$/, "How much effort a budget is, both guess."],
  [
    "*",
    /./,
    /(call_id|tool_call_id|tool_calls\.\d+\.id)$/,
    "Made by both, since the client gave none; ours stay unique in a whole conversation.",
  ],
  ["responses", /ThoughtSignature/, /^\.input\.\d+\.(status|name)$/, "Not needed in what goes to a provider."],
  [
    "chat-completions",
    /ThoughtSignature/,
    /(extra_content|reasoning_signature)$/,
    "Google's own place for it; theirs is the third party's own.",
  ],
  ["chat-completions", /parallelToolCalls/, /^\.messages\.\d+\.content$/, "What Google's guides wrap a text in is not a part of it."],
  ["chat-completions", /webSearch/, /^\.web_search_options$/, "The search is asked for; there it is dropped."],
  ["*", /instructionsParam|systemMessageArray/, /^\.(messages|instructions|system)/, "The system prompt is carried; there it is dropped."],
  ["*", /seed/, /^\.seed$/, "It is carried; there it is dropped."],
  ["anthropic", /./, /^\.max_tokens$/, "Required here; we send what newest models can write, not a small constant."],
  ["anthropic", /jsonSchema/, /description$/, "What is not enforced is said in the description."],
  ["anthropic", /JsonObject/, /^\.(tools|tool_choice)$/, "No tool is made up; that JSON was asked for is a declared loss."],
];

/** Answers that the reference tells otherwise, and why ours is right. */
const OTHERWISE: readonly (readonly [to: string, cases: RegExp, why: string])[] = [
  ["anthropic", /webSearch/, "What the vendor searched by itself is no call of a tool of the client's."],
  ["responses", /webSearch/, "The same."],
  ["anthropic", /JsonObject/, "The answer is a call of the tool that the reference made up."],
];

function differences(ours: unknown, theirs: unknown, path = ""): string[] {
  if (Bun.deepEquals(ours, theirs) || ((ours ?? null) === null && (theirs ?? null) === null)) return [];
  const both = [ours, theirs];
  const comparable = both.every((value) => typeof value === "object" && value !== null) && Array.isArray(ours) === Array.isArray(theirs);
  if (!comparable) return [path];
  const [left, right] = both as [Record<string, unknown>, Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) => differences(left[key], right[key], `${path}.${key}`));
}

const FOLDER = join(RECORDINGS, "reference-translations");
const read = (pair: string, name: string) => JSON.parse(readFileSync(join(FOLDER, pair, `${name}.json`), "utf8"));
const PAIRS = readdirSync(FOLDER).flatMap((pair) => {
  const [from = "", to = ""] = pair.replace(/\.json$/, "").split("--to--");
  return CODECS[from] && CODECS[to] && (from === "google" || to === "google") ? [{ pair, from, to }] : [];
});
const used = new Set<number>();

describe.each(PAIRS)("$pair", ({ pair, from, to }) => {
  const cases = readdirSync(join(FOLDER, pair)).map((file) => file.replace(".json", ""));

  test.each(cases)("%s is translated as the reference is, or for a reason that stands in the table", (name) => {
    const reference = read(pair, name);
    const model = String(reference.request_translated_by_lingua.model);
    const { json } = CODECS[to]!.encodeRequest({ ...CODECS[from]!.decodeRequest(reference.request_in), model });
    const unexplained = differences(JSON.parse(JSON.stringify(json)), reference.request_translated_by_lingua).filter((path) => {
      const index = EXPLAINED.findIndex(([wire, names, paths]) => (wire === "*" || wire === to) && names.test(name) && paths.test(path));
      if (index >= 0) used.add(index);
      return index < 0;
    });
    expect(unexplained).toEqual([]);
  });

  // Some requests the provider refused, and there is no answer to tell.
  const answered = cases.filter((name) => {
    const { provider_response_recorded: answer, response_translated_back_by_lingua: back } = read(pair, name);
    return !answer.error && back !== undefined && back !== null && !OTHERWISE.some(([to_, names]) => to_ === to && names.test(name));
  });

  test.each(answered)("%s: the provider's answer is told to the client in its own format", (name) => {
    const reference = read(pair, name);
    const answer = CODECS[to]!.decodeResponse(reference.provider_response_recorded);
    const back = CODECS[from]!.decodeResponse(JSON.parse(JSON.stringify(CODECS[from]!.encodeResponse(answer).json)));
    const theirs = CODECS[from]!.decodeResponse(reference.response_translated_back_by_lingua);
    const wordsOf = (response: typeof back) =>
      response.choices[0]!.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
    const callsOf = (response: typeof back) =>
      response.choices[0]!.parts.flatMap((part) =>
        part.type === "tool-call" ? [[part.name, JSON.parse(part.argumentsJson || "{}")]] : [],
      );
    expect(wordsOf(back)).toBe(wordsOf(theirs));
    expect(callsOf(back)).toEqual(callsOf(theirs));
    expect(back.choices[0]!.finish.reason).toBe(theirs.choices[0]!.finish.reason);
  });
});

test("every reason in the table is needed", () => {
  expect(EXPLAINED.flatMap(([, , , why], index) => (used.has(index) ? [] : [why]))).toEqual([]);
});
