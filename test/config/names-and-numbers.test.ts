import { describe, expect, test } from "bun:test";
import { durationMs } from "../../src/config/duration.ts";
import { nearest } from "../../src/config/nearest.ts";

describe("durationMs", () => {
  test.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["1.5m", 90_000],
    ["2h", 7_200_000],
    ["0.5s", 500],
  ] as const)("%s is %d ms", (text, ms) => expect(durationMs(text)).toBe(ms));

  test.each(["", "30", "s", "0s", "0.0s", "-5s", "1e3s", "30 s", "30S", "3d", " 30s", "30s ", "Infinitys", ".5s"])("%p is none", (text) =>
    expect(durationMs(text)).toBeUndefined(),
  );
});

describe("nearest", () => {
  const NAMES = ["openai/gpt-5.1", "openai/gpt-5", "combo:smart", "port"];

  test.each([
    { claim: "a letter too many", typed: "openai/gpt-5.11", near: "openai/gpt-5.1" },
    { claim: "letters in the wrong order", typed: "prot", near: "port" },
    { claim: "another case", typed: "Combo:Smart", near: "combo:smart" },
    { claim: "a third of the letters", typed: "comba:smrd", near: "combo:smart" },
    { claim: "nothing alike", typed: "anthropic/claude", near: undefined },
    { claim: "short and all different", typed: "xy", near: undefined },
  ])("$claim", ({ typed, near }) => expect(nearest(typed, NAMES)[0]).toBe(near));

  test("the nearest come first, as many as are wanted", () => {
    expect(nearest("openai/gpt-5.", NAMES, 3)).toEqual(["openai/gpt-5.1", "openai/gpt-5"]);
    expect(nearest("openai/gpt-5.", NAMES)).toHaveLength(1);
  });

  test("ten thousand names take no time to speak of", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `provider-${i % 60}/model-${i}`);
    expect(nearest("provider-7/modle-7", many)[0]).toBe("provider-7/model-7");
  });
});
