import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";

// Lines to paste, in the order in which they stand: some use what one before them has made.
const readme = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");
const lines = [...readme.matchAll(/`(curl [^`]*)`|^(curl .*)$/gm)]
  .map(([, inline, whole]) => (inline ?? whole ?? "").replaceAll("\\|", "|"))
  .filter((line) => line.includes("20128") && !/\$|\.\.\.|…|<|admin/.test(line));

let gateway: GatewayProcess;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "omni-readme-"));
  gateway = await startGateway(undefined, { args: ["--demo"] });
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("there are lines to try", () => expect(lines.length).toBeGreaterThan(6));

test.each(lines.map((line) => [line]))("%s", async (line) => {
  const child = Bun.spawn(
    ["sh", "-c", line.replaceAll(/(?:http:\/\/)?(?:localhost|127\.0\.0\.1):20128/g, gateway.url).replace("curl ", "curl -fsS ")],
    {
      cwd: folder,
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const [said, wrong, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  expect([code, wrong]).toEqual([0, ""]);
  if (!line.includes(" -o ")) expect(said).toMatch(/^[{\[]|^data: /);
});
