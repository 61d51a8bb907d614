import { expect, test } from "bun:test";
import type { ConfigData } from "../../src/config/data.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { compile } from "../../src/routing/compile.ts";
import { worstCases } from "../../src/routing/worst-case.ts";
import { bridgeOf } from "../../src/wire/bridge.ts";
import { WIRES } from "../../src/wire/index.ts";

const provider = { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1", models: { chat: ["cheap", "dear", "unknown"] } };

test("the worst that one request can come to counts nested combos, repeats, and the dearest targets", () => {
  const config: ConfigData = {
    providers: { p: provider },
    prices: { "p/cheap": { input: 1, output: 1 }, "p/dear": { input: 10, output: 30 } },
    combos: {
      inner: { chat: ["p/cheap", "p/dear"] },
      outer: { timeout: "30s", attempts: 3, chat: ["combo:inner", "p/cheap"] },
      lone: { chat: ["p/cheap"] },
      vague: { chat: ["p/cheap", "p/unknown"] },
    },
  };
  const found = worstCases(compile(config, { definitions: PROVIDERS, wires: WIRES, bridgeOf }));
  const of = (name: string) => found.find(({ combo }) => combo === name);
  expect(of("inner")).toEqual({
    combo: "inner",
    operation: "chat",
    targets: 2,
    attempts: 4,
    deadlineMs: 600_000,
    usd: expect.closeTo(0.084, 9),
  });
  expect(of("outer")).toMatchObject({ targets: 2, attempts: 3, deadlineMs: 30_000, usd: expect.closeTo(0.082, 9) });
  expect(of("lone")).toMatchObject({ targets: 1, attempts: 2, usd: expect.closeTo(0.004, 9) });
  expect(of("vague")?.usd).toBeUndefined();
});
