import { afterAll, beforeAll, beforeEach, expect, type Mock, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { COMMANDS, main } from "../../src/cli/main.ts";

const folder = mkdtempSync(join(tmpdir(), "omni-explain-"));
const file = join(folder, "omni.config.json");
let out: Mock<typeof console.log>;
let err: Mock<typeof console.error>;

beforeAll(() => {
  out = spyOn(console, "log").mockImplementation(() => {});
  err = spyOn(console, "error").mockImplementation(() => {});
  writeFileSync(
    file,
    JSON.stringify({
      providers: {
        near: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1", models: { chat: ["small"] } },
        far: { kind: "openai", apiKey: { $secret: "env", name: "FAR_KEY" } },
      },
      combos: { smart: { strategy: "weighted", chat: [{ to: "far/gpt-5.1", weight: 3 }, "near/small"] } },
      environments: { quiet: { combos: { smart: { strategy: "fallback", chat: ["near/small"], timeout: "5s" } } } },
    }),
  );
});
afterAll(() => {
  out.mockRestore();
  err.mockRestore();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  out.mockClear();
  err.mockClear();
});
const written = (stream: Mock<typeof console.log>): string => stripVTControlCharacters(stream.mock.calls.flat().join("\n"));
const explain = (...argv: string[]): Promise<number> => main(["explain", ...argv, "--config", file], COMMANDS);

test("prints the way, the weights, the limits and where the key comes from, for people", async () => {
  expect(await explain("smart")).toBe(0);
  for (const part of ["smart → combo:smart", "75 %  far/gpt-5.1", "25 %  near/small", "600 s", "https://api.openai.com/v1", "$FAR_KEY"]) {
    expect(written(out)).toContain(part);
  }
});

test("reads no key, and so prints none", async () => {
  process.env["FAR_KEY"] = "sk-do-not-print";
  await explain("smart");
  await explain("smart", "--json");
  expect(written(out) + written(err)).not.toContain("sk-do-not-print");
  delete process.env["FAR_KEY"];
});

test("prints JSON alone for machines", async () => {
  expect(await explain("far/gpt-5.1", "--json")).toBe(0);
  expect(JSON.parse(written(out))).toMatchObject({
    format: 1,
    config: expect.stringMatching(/^[0-9a-f]{8}$/),
    model: "far/gpt-5.1",
    routes: [{ kind: "target", firstByteMs: null, targets: [{ name: "far/gpt-5.1", key: "$FAR_KEY", timeoutMs: null }] }],
  });
});

test("explains the environment that is asked for", async () => {
  await explain("smart", "--env", "quiet", "--json");
  expect(JSON.parse(written(out)).routes[0]).toMatchObject({ deadlineMs: 5000, targets: [{ name: "near/small", share: 1 }] });
});

test("exits with 1 on a name that is none, and says which are near", async () => {
  expect(await explain("smrt")).toBe(1);
  expect(written(err)).toContain('Nearest: "smart"');
  expect(await explain("smrt", "--json")).toBe(1);
  expect(JSON.parse(written(out))).toMatchObject({ routes: [], nearest: ["smart"] });
});

test("exits with 1 on a configuration that does not hold, and says why", async () => {
  writeFileSync(join(folder, "broken.json"), JSON.stringify({ providers: {} }));
  expect(await main(["explain", "smart", "--config", join(folder, "broken.json")], COMMANDS)).toBe(1);
  expect(written(err)).toContain("there is no provider");
});
