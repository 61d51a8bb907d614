import { describe, expect, test } from "bun:test";
import { greetingOf } from "../../src/cli/greeting.ts";
import type { Plan } from "../../src/routing/plan.ts";
import { planOf } from "../server/running.ts";

function greet(names: readonly string[], file: string | undefined = "/x/omni.config.ts"): string {
  const plan: Plan = { ...planOf("abcdef12"), names: { ...planOf("").names, chat: { ...planOf("").names.chat, names } } };
  return greetingOf({ version: "1.2.3", plan, url: "http://127.0.0.1:20128", file });
}

describe("the greeting", () => {
  test.each([
    { names: ["a/b", "default"], model: "default" },
    { names: ["a/b", "c/d"], model: "a/b" },
    { names: ["it's $HOME"], model: "it's $HOME" },
  ])("ends with a line that a shell reads as it is meant, for $names", ({ names, model }) => {
    const line = /try {5}curl (.*)/.exec(greet(names))?.[1] ?? "";
    const words = Bun.spawnSync(["sh", "-c", `printf '%s\\n' ${line}`])
      .stdout.toString()
      .trim()
      .split("\n");
    expect(words.slice(0, 4)).toEqual(["http://127.0.0.1:20128/v1/chat/completions", "-H", "content-type: application/json", "-d"]);
    expect(JSON.parse(words[4] ?? "").model).toBe(model);
  });

  test("names a few models and counts the rest", () => {
    expect(greet(["a", "b", "c", "d", "e", "f", "g"])).toContain("a, b, c, d, e, and 2 more");
  });

  test("has no line to try where there is nothing to ask", () => {
    expect(greet([])).not.toContain("curl");
  });

  test("says that a simulator answers where nothing is configured", () => {
    expect(greetingOf({ version: "1", plan: planOf("a"), url: "http://x", file: undefined })).toContain("simulator");
  });
});
