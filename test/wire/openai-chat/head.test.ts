import { describe, expect, test } from "bun:test";
import { OmniError } from "../../../src/ir/failure.ts";
import { openaiChat } from "../../../src/wire/openai-chat/index.ts";

const downstream = openaiChat.downstream!;

function fault(body: string): OmniError {
  try {
    downstream.readHead(Buffer.from(body), "", "");
  } catch (error) {
    if (error instanceof OmniError) return error;
    throw error;
  }
  throw new Error("It was taken.");
}

describe("readHead", () => {
  test.each([
    ['{"model":"a/b"}', "a/b", false],
    ['{"stream":true,"model":"a/b","messages":[{"model":"c","stream":false}]}', "a/b", true],
    ['{"model":"a\\/b","stream":false}', "a/b", false],
    ['{"model":"\\u0061é","stream":null}', "aé", false],
  ])("reads %s", (text, model, stream) => {
    const body = Buffer.from(text);
    const head = downstream.readHead(body, "", "");
    expect(Buffer.from(head.modelBytes.subarray(head.modelStart, head.modelEnd)).toString()).toBe(model);
    expect(head.stream).toBe(stream);
    expect(JSON.parse(body.toString("utf8", head.valueStart, head.valueEnd))).toBe(model);
  });

  test.each([
    ["[]", "malformed_json", undefined],
    ["", "malformed_json", undefined],
    ['{"model":"a","model":"b"}', "malformed_json", undefined],
    ['{"model":"a","mod\\u0065l":"b"}', "malformed_json", undefined],
    ['{"messages":[]}', "invalid_model", "model"],
    ['{"model":""}', "invalid_model", "model"],
    ['{"model":null}', "invalid_model", "model"],
    ['{"model":["a"]}', "invalid_model", "model"],
    ['{"model":"a","stream":"true"}', "invalid_request", "stream"],
    ['{"model":"a","stream":1}', "invalid_request", "stream"],
  ] as const)("refuses %s as %s", (text, kind, param) => {
    expect(fault(text)).toMatchObject({ kind, param, status: 400 });
  });

  test("says what is wrong with a body and where", () => {
    expect(fault('{"model":"a",}').message).toBe('Cannot read the body as a JSON object: a key was expected, not "}" (byte 13).');
  });
});
