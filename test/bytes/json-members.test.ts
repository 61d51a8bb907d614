import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { jsonMembers } from "../../src/bytes/json-members.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("jsonMembers", () => {
  test("finds the members of any object, however it is laid out", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => !/[\\"]|[^ -~]/.test(name)),
          fc.jsonValue(),
        ),
        fc.constantFrom(0, 1, "\t"),
        (object, indent) => {
          const text = JSON.stringify(object, null, indent);
          const found = jsonMembers(bytes(text));
          const read = found?.map(({ name, start, end }) => [name, JSON.parse(Buffer.from(bytes(text)).subarray(start, end).toString())]);
          expect(Object.fromEntries(read ?? [["?", "?"]])).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  test.each([
    { claim: "gives nothing of what is no object", text: "[1]" },
    { claim: "gives nothing where a name stands twice", text: '{"a":1,"a":2}' },
    { claim: "gives nothing where a name is written with escapes", text: '{"\\u0061":1}' },
    { claim: "gives nothing of an object that breaks off", text: '{"a":1' },
  ])("$claim", ({ text }) => {
    expect(jsonMembers(bytes(text))).toBeUndefined();
  });

  test("ends values where they end", () => {
    const text = '{ "a" : 1.50 , "b":"x\\"}" ,"c":{"d":[1,"]"]} }';
    expect(jsonMembers(bytes(text))?.map(({ start, end }) => text.slice(start, end))).toEqual(["1.50", '"x\\"}"', '{"d":[1,"]"]}']);
  });
});
