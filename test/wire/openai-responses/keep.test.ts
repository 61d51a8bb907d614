import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../src/ir/json.ts";
import { openaiResponses } from "../../../src/wire/openai-responses/index.ts";

const { keeping, readHead } = openaiResponses.downstream!;
const { inputOf, restate, pageOf, idOf, itemOf } = keeping!;
const bytes = (json: unknown): Uint8Array => Buffer.from(JSON.stringify(json));
const said = (text: string): JsonObject => ({ role: "user", content: text });
const answer = (text: string, id = "msg_1"): JsonObject => ({
  output: [
    { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "sealed" },
    { type: "web_search_call", id: "ws_1", status: "completed" },
    { type: "message", id, role: "assistant", content: [{ type: "output_text", text }] },
  ],
});

describe("what a request says of kept answers", () => {
  test.each([
    [{}, { store: true, previous: undefined, refers: false }],
    [{ store: null }, { store: true }],
    [{ store: false }, { store: false }],
    [{ previous_response_id: null }, { previous: undefined }],
    [{ previous_response_id: "resp_é" }, { previous: "resp_é" }],
    [{ input: [{ type: "message" }, { type: "item_reference", id: "msg_1" }] }, { refers: true }],
    [{ input: [{ type: "message", content: [{ type: "item_reference" }] }] }, { refers: false }],
  ])("is read off %j", (more, wanted) => {
    expect(readHead(bytes({ model: "m", ...more }), "", "").keep).toMatchObject(wanted);
  });

  test.each([7, "", {}, true])("is refused if the name is %j", (name) => {
    expect(() => readHead(bytes({ model: "m", previous_response_id: name }), "", "")).toThrow("`previous_response_id` must be its name");
  });

  test("is refused if it is said twice", () => {
    const body = Buffer.from('{"model":"m","previous_response_id":"a","previous_response_id":"b"}');
    expect(() => readHead(body, "", "")).toThrow("comes twice");
  });
});

describe("a request that goes on", () => {
  const find = (id: string): JsonObject | undefined =>
    id === "msg_1" ? { type: "message", role: "assistant", content: "Kept." } : undefined;
  const restated = (request: object, turns?: Parameters<typeof restate>[1]): unknown =>
    JSON.parse(Buffer.from(restate(bytes({ model: "m", ...request }), turns, find).body).toString());

  test("says all by itself, in order, without names that mean nothing elsewhere", () => {
    const turns = [
      { input: [said("One")], answer: answer("1") },
      { input: inputOf(bytes({ model: "m", input: "Two" })), answer: answer("2") },
    ];
    expect(restated({ previous_response_id: "resp_2", input: "Three", temperature: 1 }, turns)).toEqual({
      model: "m",
      temperature: 1,
      input: [
        said("One"),
        { type: "reasoning", summary: [], encrypted_content: "sealed" },
        { type: "web_search_call", id: "ws_1", status: "completed" },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "1" }] },
        { type: "message", role: "user", content: [{ type: "input_text", text: "Two" }] },
        { type: "reasoning", summary: [], encrypted_content: "sealed" },
        { type: "web_search_call", id: "ws_1", status: "completed" },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "2" }] },
        { type: "message", role: "user", content: [{ type: "input_text", text: "Three" }] },
      ],
    });
  });

  test("may say nothing of its own", () => {
    expect(restated({ previous_response_id: "resp_1" }, [{ input: [said("One")], answer: { output: [] } }])).toEqual({
      model: "m",
      input: [said("One")],
    });
  });

  test("has what it points to put in, where that is kept, and keeps every digit", () => {
    const body = Buffer.from(
      '{"model":"m","seed":12345678901234567890,"input":[{"type":"item_reference","id":"msg_1"},{"type":"item_reference","id":"x"}]}',
    );
    const { body: got, changed } = restate(body, undefined, find);
    expect(changed).toBeTrue();
    expect(Buffer.from(got).toString()).toContain('"seed":12345678901234567890');
    expect(JSON.parse(Buffer.from(got).toString()).input).toEqual([find("msg_1"), { type: "item_reference", id: "x" }]);
  });

  test("is left as it is where nothing is kept", () => {
    const body = bytes({ model: "m", previous_response_id: "resp_1", input: [{ type: "item_reference", id: "x" }] });
    expect(restate(body, undefined, find)).toEqual({ body, changed: false });
  });

  test.each([7, null, [["a", 1]], { a: 1 }])("is not upset by words that are none: %j", (input) => {
    expect(inputOf(bytes({ model: "m", input }))).toEqual([]);
  });
});

describe("the items that an answer was made from", () => {
  const turns = [
    { input: [said("One"), { type: "function_call_output", call_id: "c", output: "x" }], answer: answer("1") },
    { input: [said("Two")], answer: answer("2") },
  ];
  const ids = (page: Parameters<typeof pageOf>[2]): unknown[] =>
    (pageOf(turns, "resp_9", page)["data"] as JsonObject[]).map(({ id }) => id);
  const ALL = ["msg_9_0_0", "item_9_0_1", "rs_1", "ws_1", "msg_1", "msg_9_1_0"];

  test("come latest first, and each has a name", () => {
    expect(ids({})).toEqual(ALL.toReversed());
    expect(ids({ order: "asc" })).toEqual(ALL);
  });

  test("come page by page, and the pages are all of them", () => {
    for (let limit = 1; limit <= 7; limit++) {
      const seen: unknown[] = [];
      for (let after: string | undefined, more = true; more; ) {
        const page = pageOf(turns, "resp_9", { limit: String(limit), order: "asc", after });
        seen.push(...(page["data"] as JsonObject[]).map(({ id }) => id));
        more = page["has_more"] === true;
        after = String(page["last_id"]);
      }
      expect(seen).toEqual(ALL);
    }
  });

  test.each([
    [{ limit: "0" }, "limit"],
    [{ limit: "101" }, "limit"],
    [{ limit: "x" }, "limit"],
    [{ order: "up" }, "order"],
    [{ after: "msg_x" }, "after"],
  ])("are refused for %j", (page, param) => {
    expect(() => pageOf(turns, "resp_9", page)).toThrow(expect.objectContaining({ kind: "invalid_request", param }));
  });
});

test("the name of an answer is its own, and nothing that stands deeper", () => {
  expect(idOf(Buffer.from('{"output":[{"id":"msg_1"}],"id":"resp_1"}'))).toBe("resp_1");
  expect(idOf(Buffer.from('{"output":[{"id":"msg_1"}]}'))).toBeUndefined();
  expect(itemOf(answer("1"), "msg_2")).toBeUndefined();
});
