import { afterAll, afterEach, beforeAll, expect, type Mock, spyOn, test } from "bun:test";
import { stripVTControlCharacters } from "node:util";
import { COMMANDS, main } from "../../src/cli/main.ts";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { Upstream } from "../support/upstream.ts";

const JSON_TYPE = { "content-type": "application/json" };
const choices = [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }];
const answer = { headers: JSON_TYPE, body: JSON.stringify({ id: "c", object: "chat.completion", created: 1, model: "m", choices }) };
// It asks for so much time that its circuit stays open as long as the suite needs.
const failure = { status: 503, headers: { ...JSON_TYPE, "retry-after": "300" }, body: '{"error":{"message":"no"}}' };

let broken: Upstream;
let limited: Upstream;
let good: Upstream;
let gateway: GatewayProcess;
let out: Mock<typeof console.log>;
let err: Mock<typeof console.error>;

beforeAll(async () => {
  broken = new Upstream(failure);
  limited = new Upstream({ status: 429, headers: { ...JSON_TYPE, "retry-after": "600" }, body: "{}" });
  good = new Upstream({
    ...answer,
    headers: { ...JSON_TYPE, "x-ratelimit-limit-requests": "100", "x-ratelimit-remaining-requests": "40" },
  });
  const provider = (name: string, { baseUrl }: Upstream): string =>
    `${name}: provider.openaiCompatible({ baseUrl: "${baseUrl}", apiKey: secret.env("UPSTREAM_KEY"), models: { chat: ["m"] } })`;
  gateway = await startGateway(
    `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: { ${provider("broken", broken)}, ${provider("limited", limited)}, ${provider("good", good)} },
  combos: { smart: { chat: ["broken/m", "limited/m", "good/m"] } },
});
`,
    { env: { UPSTREAM_KEY: "sk-upstream-canary" } },
  );
  out = spyOn(console, "log").mockImplementation(() => {});
  err = spyOn(console, "error").mockImplementation(() => {});
});
afterAll(async () => {
  out.mockRestore();
  err.mockRestore();
  await gateway.stop();
  for (const upstream of [broken, limited, good]) upstream.stop();
});
afterEach(() => {
  out.mockClear();
  err.mockClear();
});

const written = (stream: Mock<typeof console.log>): string => stripVTControlCharacters(stream.mock.calls.flat().join("\n"));
const ask = async (): Promise<string> => {
  const response = await gateway.post("/v1/chat/completions", { model: "smart", messages: [{ role: "user", content: "hi" }] });
  expect(response.status).toBe(200);
  return response.headers.get("x-omni-request-id") ?? "";
};
// biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for.
const admin = async (path: string): Promise<any> => (await fetch(`${gateway.url}${path}`)).json();
const explain = (...argv: string[]): Promise<number> =>
  main(["explain", ...argv, "--config", gateway.configFile, "--url", gateway.url], COMMANDS);

test("an answer's way is read back: who was asked, and who was passed over and why", async () => {
  const first = await ask();
  for (let at = 0; at < 5; at++) await ask();
  const later = await ask();
  expect(await admin(`/admin/decisions/${first}`)).toMatchObject({
    requestId: first,
    route: "smart",
    strategy: "fallback",
    attempts: [
      { target: "broken/m", failure: "upstream_overloaded", passedOver: [] },
      { target: "limited/m", failure: "rate_limited", passedOver: [] },
      { target: "good/m", passedOver: [{ target: "limited/m", hindrances: [{ what: "target_rests" }] }] },
    ],
  });
  expect(await explain("--id", later)).toBe(0);
  expect(written(out)).toMatch(/broken\/m was passed over: its circuit is open, again in [\d.]+ s \(after upstream_overloaded\)/);
  expect(written(out)).toMatch(/1\. good\/m after \d+ ms: answered/);
}, 30_000);

test("what is known of everybody is told, with reasons and times, and without keys", async () => {
  const report = await admin("/admin/health");
  const target = (name: string) => report.targets.find((each: { name: string }) => each.name === name);
  expect(target("broken/m")).toMatchObject({ state: "out", why: [{ what: "circuit_of_model" }], lastFailure: "upstream_overloaded" });
  expect(target("limited/m")).toMatchObject({ state: "out", why: [{ what: "target_rests" }], lastFailure: "rate_limited" });
  expect(target("limited/m").why[0].untilEpochMs - report.atEpochMs).toBeWithin(500_000, 600_001);
  expect(target("good/m")).toMatchObject({ state: "ready", why: [], share: 1, inFlight: 0 });
  expect(target("good/m").latencyMs).toBeGreaterThan(0);
  expect(report.providers.map(({ name, circuit }: { name: string; circuit: string }) => [name, circuit])).toEqual([
    ["broken", "closed"],
    ["limited", "closed"],
    ["good", "closed"],
    ["local", "closed"],
  ]);
  expect(report.accounts.map(({ state }: { state: string }) => state)).toEqual(["ready", "ready", "ready", "ready"]);
  expect(JSON.stringify(report)).not.toContain("sk-upstream-canary");
}, 30_000);

test("explain --live says who would be asked now", async () => {
  expect(await explain("smart", "--live")).toBe(0);
  expect(written(out)).toMatch(/1\. +good\/m +ready/);
  expect(written(out)).toMatch(/— +limited\/m +it asked to be left alone, again in/);
  out.mockClear();
  expect(await explain("smart", "--live", "--json")).toBe(0);
  expect(JSON.parse(written(out))).toMatchObject({ format: 1, model: "smart", routes: [{ route: "combo:smart", strategy: "fallback" }] });
}, 30_000);

test("what nobody knows is said so", async () => {
  expect(await explain("nobody/has", "--live")).toBe(1);
  expect(written(err)).toContain("no model is called so");
  err.mockClear();
  expect(await explain("--id", "01a2111a-2bb8-7220-8000-000000000000")).toBe(1);
  expect(written(err)).toContain("not among the latest thousand");
  err.mockClear();
  expect(await main(["explain", "smart", "--live", "--config", gateway.configFile, "--url", "http://127.0.0.1:1"], COMMANDS)).toBe(1);
  expect(written(err)).toContain("does not say");
  expect(await explain()).not.toBe(0);
  expect(await explain("smart", "--id", "x")).not.toBe(0);
  expect((await fetch(`${gateway.url}/admin/explain`)).status).toBe(400);
}, 30_000);

test("a gateway that is gone leaves the ledger to be asked", async () => {
  const id = await ask();
  // The row is in the tables a moment later.
  let code = 1;
  for (let tries = 0; code !== 0 && tries < 100; tries++) {
    code = await main(["explain", "--id", id, "--config", gateway.configFile, "--url", "http://127.0.0.1:1"], COMMANDS);
    if (code !== 0) await Bun.sleep(100);
  }
  expect(written(out)).toContain("by the ledger");
  expect(written(out)).toContain("good/m");
}, 30_000);
