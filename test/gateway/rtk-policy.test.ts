import { describe, expect, test } from "bun:test";
import type { RtkData } from "../../src/config/data.ts";
import { ANONYMOUS, type Caller } from "../../src/policies/caller.ts";
import type { Filter } from "../../src/policies/compress/filter.ts";
import { carry, planOf, WHOLE } from "./carried.ts";

const ACME: Filter = {
  id: "acme-build",
  summary: "Drops the steps that went well.",
  commands: ["acme build"],
  drop: [{ what: "finished steps", lines: ["^ok \\d+ "] }],
  samples: [{ claim: "errors stay", command: "acme build", output: "ok 1 a\nerror: b", survives: ["error: b"], drops: ["ok 1 a"] }],
};
const OUTPUT = `${Array.from({ length: 60 }, (_, at) => `ok ${at} step number ${at} went well`).join("\n")}\nerror: it broke`;
const MESSAGES = [
  { role: "user", content: "build" },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c1", type: "function", function: { name: "bash", arguments: JSON.stringify({ command: "acme build" }) } }],
  },
  { role: "tool", tool_call_id: "c1", content: OUTPUT },
];
const alice: Caller = { ...ANONYMOUS, keyId: "alice", keyName: "alice" };

/** What is sent on, and what the answer says of it. */
async function send(rtk: RtkData, model = "a/m", caller = ANONYMOUS): Promise<{ sent: string; header: string | undefined }> {
  let sent = "";
  const plan = planOf({ policies: { rtk }, combos: { both: { chat: ["a/m", "b/m"] } } });
  const { ask } = await carry(plan, (_, { body }) => {
    sent = Buffer.from(body!).toString();
    return new Response(WHOLE, { headers: { "content-type": "application/json" } });
  });
  const { headers } = await ask(model, { body: { messages: MESSAGES }, caller });
  return { sent, header: headers["x-omni-rtk"] };
}

describe("policies.rtk", () => {
  test("an operator's own filter acts on the output of its command, and the answer names it", async () => {
    const { sent, header } = await send({ filters: [ACME] });
    expect(sent).not.toContain("ok 7 step");
    expect(sent).toContain("error: it broke");
    expect(sent).toContain("[-60 lines: finished steps]");
    expect(header).toMatch(/^acme-build;bytes=\d+>\d+$/);
  });

  test("Omni's own filters are still there beside it", async () => {
    expect((await send({})).sent).toContain("ok 7 step");
  });

  test.each([
    { claim: "a key", except: { keys: ["alice"] }, model: "a/m", caller: alice, isLeft: true },
    { claim: "another key", except: { keys: ["bob"] }, model: "a/m", caller: alice, isLeft: false },
    { claim: "a route", except: { models: ["both"] }, model: "both", caller: ANONYMOUS, isLeft: true },
    { claim: "routes by how they begin", except: { models: ["a/*"] }, model: "a/m", caller: ANONYMOUS, isLeft: true },
    { claim: "another route", except: { models: ["a/*"] }, model: "b/m", caller: ANONYMOUS, isLeft: false },
    { claim: "a provider that may serve it", except: { providers: ["b"] }, model: "both", caller: ANONYMOUS, isLeft: true },
    { claim: "a provider that may not", except: { providers: ["b"] }, model: "a/m", caller: ANONYMOUS, isLeft: false },
  ])("leaves requests alone by $claim: $isLeft", async ({ except, model, caller, isLeft }) => {
    const { sent, header } = await send({ filters: [ACME], except }, model, caller);
    expect([sent.includes("ok 7 step"), header === undefined]).toEqual([isLeft, isLeft]);
  });
});
