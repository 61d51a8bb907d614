import { describe, expect, test, setDefaultTimeout } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatCodec } from "../../../src/wire/chat-codec.ts";
import { anthropicMessagesCodec, openaiChatCodec, openaiResponsesCodec } from "../../../src/wire/chat-codecs.ts";
import { RECORDINGS } from "./recordings.ts";

// All recorded traffic at once, on machines that may be busy.
setDefaultTimeout(60_000);

// Translations that a third party made and the real provider accepted. Where ours is another one, the table says why.

const CODECS: Readonly<Record<string, ChatCodec<object>>> = {
  anthropic: anthropicMessagesCodec,
  "chat-completions": openaiChatCodec,
  responses: openaiResponsesCodec,
};

/** Paths that may differ, per direction and case (`*`: all), and why. Lists are compared item by item, objects key by key. */
const EXPLAINED: readonly (readonly [to: string, cases: RegExp, path: RegExp, why: string])[] = [
  ["*", /./, /^\.(model|stream|stream_options)$/, "The gateway sets the model; we ask for usage in every stream."],
  ["responses", /./, /^\.store$/, "Other formats do not mean to be stored when they say nothing."],
  ["responses", /./, /^\.tools\.\d+\.strict$/, "To say nothing means strict in this format, and not strict in the others."],
  ["responses", /./, /^\.input\.\d+\.status$/, "Not needed in what goes to a provider."],
  ["responses", /./, /^\.include$/, "What is not stored can only be replayed if it is given out; probabilities must be asked for."],
  ["responses", /./, /^\.text\.format\.name$/, "Made up by both, since the other format has none."],
  [
    "responses",
    /systemMessage|instructionsParam|MidConversationSystem/i,
    /^\.(instructions|input)/,
    "One plain system prompt is `instructions` here, and an item there.",
  ],
  [
    "responses",
    /CacheControl|promptCacheKey|MessageWithSystem/,
    /^\.input/,
    "Marks of places to cache are written for models that are known to take them; else they are a declared loss.",
  ],
  ["responses", /MixedToolResult/, /^\.input\.3\.content$/, "A string and one part of text mean the same."],
  ["responses", /openAIMultipleReasoning/, /^\.input/, "`reasoning_signature` is the third party's own extension of the chat format."],
  ["responses", /safetyIdentifier/, /^\.(safety_identifier|metadata)$/, "The user's name goes where this format has a field for it."],
  ["responses", /topP/, /^\.top_p$/, "Whether a model refuses it is the catalog's to know, not the format's."],
  ["responses", /ToolSearch/, /^\.tools/, "A tool search is not the same thing at two vendors; the tools themselves are all sent."],
  ["anthropic", /./, /^\.max_tokens$/, "Required here; we send what newest models can write, not a small constant."],
  [
    "anthropic",
    /parallelToolCalls/,
    /^\.messages/,
    "All calls of a turn and all of their results stand in one message each, as the vendor demands.",
  ],
  [
    "anthropic",
    /reasoning|simpleRequest/i,
    /^\.(thinking|output_config)/,
    "For the model of the recording; by default newest models are meant, which think as they see fit.",
  ],
  ["anthropic", /fableTemperature/, /^\.temperature$/, "Whether a model refuses it is the catalog's to know, not the format's."],
  [
    "anthropic",
    /jsonSchema(Min|Prefix)/,
    /^\.output_config\.format\.schema\.properties/,
    "What is not enforced is said in the description.",
  ],
  ["anthropic", /ToolSearch/, /^\.(messages|tools)/, "A tool search is not the same thing at two vendors; it is a declared loss."],
  ["anthropic", /serviceTier/, /^\.service_tier$/, "`default` asks for no premium, which is `standard_only`."],
  [
    "anthropic",
    /WithoutThoughtSignature/,
    /^\.messages/,
    "A string and one part of text mean the same; a tool's answer stays as it was written.",
  ],
  ["chat-completions", /./, /^\.response_format\.json_schema\.name$/, "Made up by both, since the other format has none."],
  ["chat-completions", /Truncated/, /^\.max_completion_tokens$/, "The limit is the client's."],
  [
    "chat-completions",
    /parallelToolCalls/,
    /^\.messages\.1\.content$/,
    "Null and absent mean the same; null is what the vendor itself writes.",
  ],
  ["chat-completions", /metadata|safetyIdentifier/, /^\.(user|safety_identifier)$/, "`user` is known to all compatible providers."],
  [
    "chat-completions",
    /systemMessageArray|MessageWithSystem/,
    /^\.messages\.\d\.content$/,
    "A string and one part of text mean the same, and more providers take the string.",
  ],
  ["chat-completions", /webSearch/, /^\.web_search_options$/, "The search is asked for; there it is dropped."],
  ["chat-completions", /EffortMax/, /^\.reasoning_effort$/, "Which efforts a model knows is the catalog's to know, not the format's."],
];

function differences(ours: unknown, theirs: unknown, path = ""): string[] {
  if (Bun.deepEquals(ours, theirs)) return [];
  const both = [ours, theirs];
  const comparable = both.every((value) => typeof value === "object" && value !== null) && Array.isArray(ours) === Array.isArray(theirs);
  if (!comparable) return [path];
  const [left, right] = both as [Record<string, unknown>, Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) => differences(left[key], right[key], `${path}.${key}`));
}

const FOLDER = join(RECORDINGS, "reference-translations");
const PAIRS = readdirSync(FOLDER).flatMap((pair) => {
  const [from = "", to = ""] = pair.replace(/\.json$/, "").split("--to--");
  return CODECS[from] && CODECS[to] ? [{ pair, from, to }] : [];
});
const used = new Set<number>();

describe.each(PAIRS)("$pair", ({ pair, from, to }) => {
  const cases = readdirSync(join(FOLDER, pair)).map((file) => file.replace(".json", ""));

  test.each(cases)("%s is translated as the reference is, or for a reason that stands in the table", (name) => {
    const reference = JSON.parse(readFileSync(join(FOLDER, pair, `${name}.json`), "utf8"));
    const { json } = CODECS[to]!.encodeRequest(CODECS[from]!.decodeRequest(reference.request_in));
    const unexplained = differences(json, reference.request_translated_by_lingua).filter((path) => {
      const index = EXPLAINED.findIndex(([wire, names, paths]) => (wire === "*" || wire === to) && names.test(name) && paths.test(path));
      if (index >= 0) used.add(index);
      return index < 0;
    });
    expect(unexplained).toEqual([]);
  });

  // Some requests the provider refused, and there is no answer to tell.
  const answered = cases.filter((name) => {
    const { provider_response_recorded: answer } = JSON.parse(readFileSync(join(FOLDER, pair, `${name}.json`), "utf8"));
    return !answer.error && answer.id !== undefined;
  });
  test.each(answered)("%s: the provider's answer can be told to the client in its own format", (name) => {
    const reference = JSON.parse(readFileSync(join(FOLDER, pair, `${name}.json`), "utf8"));
    const answer = CODECS[to]!.decodeResponse(reference.provider_response_recorded);
    const back = CODECS[from]!.decodeResponse(CODECS[from]!.encodeResponse(answer).json);
    const theirs = CODECS[from]!.decodeResponse(reference.response_translated_back_by_lingua);
    const wordsOf = (response: typeof back) =>
      response.choices[0]!.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
    const callsOf = (response: typeof back) =>
      response.choices[0]!.parts.flatMap((part) =>
        part.type === "tool-call" ? [[part.id, part.name, JSON.parse(part.argumentsJson)]] : [],
      );
    expect(wordsOf(back)).toBe(wordsOf(theirs));
    expect(callsOf(back)).toEqual(callsOf(theirs));
    expect(back.usage?.inputTokens).toBe(theirs.usage?.inputTokens as number);
    expect(back.choices[0]!.finish.reason).toBe(theirs.choices[0]!.finish.reason);
  });
});

test("every explanation is needed", () => {
  expect(EXPLAINED.filter((_, index) => !used.has(index)).map(([wire, , path]) => `${wire} ${path}`)).toEqual([]);
});
