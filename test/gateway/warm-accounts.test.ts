import { expect, test } from "bun:test";
import type { ConfigData } from "../../src/config/data.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { compile } from "../../src/routing/compile.ts";
import { bridgeOf } from "../../src/wire/bridge.ts";
import { WIRES } from "../../src/wire/index.ts";
import { carry, WHOLE } from "./carried.ts";

const accounts = Object.fromEntries(["one", "two", "three"].map((name) => [name, { apiKey: { $secret: "env", name } as const }]));

function planWith(policies: ConfigData["policies"]) {
  const a = { kind: "openai-compatible", baseUrl: "http://a.test/v1", models: { chat: ["m"] }, accounts };
  return compile({ providers: { a }, ...(policies && { policies }) } as ConfigData, { definitions: PROVIDERS, wires: WIRES, bridgeOf });
}

/** Which accounts twelve conversations are sent to, five turns each. */
async function accountsOf(policies: ConfigData["policies"]): Promise<string[][]> {
  const { ask } = await carry(planWith(policies), () => new Response(WHOLE, { headers: { "content-type": "application/json" } }));
  const used: string[][] = [];
  for (let conversation = 0; conversation < 12; conversation++) {
    const targets: string[] = [];
    for (let turn = 1; turn <= 5; turn++) {
      const later = Array.from({ length: turn - 1 }, (_, at) => [
        { role: "assistant", content: `a${at}` },
        { role: "user", content: `u${at}` },
      ]).flat();
      const messages = [{ role: "user", content: `conversation ${conversation}` }, ...later];
      targets.push((await ask("a/m", { body: { messages } })).headers["x-omni-target"]!);
    }
    used.push(targets);
  }
  return used;
}

test("a conversation goes back to the account that holds its warm prompt, and conversations are spread over all accounts", async () => {
  const used = await accountsOf({ promptCache: {} });
  for (const targets of used) expect(new Set(targets).size).toBe(1);
  expect(new Set(used.flat()).size).toBe(3);
});

test("without the policy whoever has the least to do is asked", async () => {
  const used = await accountsOf({});
  expect(used.some((targets) => new Set(targets).size > 1)).toBe(true);
});
