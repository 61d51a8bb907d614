import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isJsonObject, numberOf, parseJson } from "../../src/ir/json.ts";

describe("parseJson", () => {
  test.each([
    "12345678901234567890",
    "-0",
    "1.0",
    "1e2",
    "0.10",
    "0.0000001",
    "123456789.123456789",
    '{"a":[1.50,-0,"1.0"],"b":9007199254740993}',
    '{"__proto__":1.0}',
  ])("prints %s as it was written", (text) => {
    expect(JSON.stringify(parseJson(text))).toBe(text);
  });

  test("says the same as JSON.parse of everything that JavaScript prints", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test("keeps the digits of any number", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?(0|[1-9]\d{0,24})(\.\d{1,24})?([eE][+-]?\d{1,2})?$/), (digits) => {
        expect(JSON.stringify(parseJson(`[${digits}, {"a": ${digits}}]`))).toBe(`[${digits},{"a":${digits}}]`);
      }),
    );
  });

  test("refuses what is no JSON", () => {
    expect(() => parseJson("{1.0")).toThrow(SyntaxError);
  });
});

test("a number in disguise is a number and no object", () => {
  const value = parseJson("[1.0]") as readonly unknown[];
  expect(numberOf(value[0])).toBe(1);
  expect(isJsonObject(value[0])).toBe(false);
  expect(numberOf("1")).toBeUndefined();
  expect(isJsonObject([])).toBe(false);
});
