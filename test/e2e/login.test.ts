import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";

const ENTRY = join(import.meta.dir, "../../scripts/omni.ts");
const PASSWORD = "correct horse battery staple";
const CONFIG = (more: string): string => `import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: { sim: provider.simulator({ settings: { pace: "1ms", firstTokenDelay: "1ms", tokens: 3 } }) },
  default: "sim/writer",
  ${more}
});
`;

/** Runs a command in the gateway's folder. */
async function omni(gateway: GatewayProcess, args: readonly string[], stdin = ""): Promise<{ code: number; out: string }> {
  const child = Bun.spawn([process.execPath, ENTRY, ...args], {
    cwd: dirname(gateway.configFile),
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const out = (await new Response(child.stdout).text()) + (await new Response(child.stderr).text());
  return { code: await child.exited, out };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await Bun.sleep(50);
}

test("a password that is set while the gateway runs closes it, and lets in whoever has it", async () => {
  await using gateway = await startGateway(CONFIG(""));
  const chat = (token?: string) =>
    gateway.post(
      "/v1/chat/completions",
      { model: "default", messages: [{ role: "user", content: "hi" }] },
      { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
    );
  expect((await chat()).status).toBe(200);
  expect((await omni(gateway, ["admin", "set-password"], "short\n")).code).toBe(64);
  const set = await omni(gateway, ["admin", "set-password"], `${PASSWORD}\n`);
  expect([set.code, set.out.includes(PASSWORD)]).toEqual([0, false]);
  await until(async () => (await chat()).status === 401);
  expect((await gateway.post("/api/auth/login", { password: "wrong" })).status).toBe(401);
  const { token } = (await (await gateway.post("/api/auth/login", { password: PASSWORD })).json()) as { token: string };
  expect((await chat(token)).status).toBe(200);
  const admin = { headers: { authorization: `Bearer ${token}` } };
  expect((await gateway.post("/admin/reload", {}, admin)).status).toBe(200);
  expect(await (await fetch(`${gateway.url}/admin/usage`, admin)).json()).toMatchObject({
    rows: expect.arrayContaining([expect.objectContaining({ key: "login:admin", requests: 1 })]),
  });
  const { out, code } = await omni(gateway, ["audit", "--json"]);
  const actions = (JSON.parse(out) as { entries: { action: string; actor: string }[] }).entries.map(
    (entry) => `${entry.actor} ${entry.action}`,
  );
  expect([code, actions]).toEqual([0, ["login:admin config.reload", "login:admin session.begin", "command password.set"]]);
  expect(await (await fetch(`${gateway.url}/admin/audit`, admin)).json()).toMatchObject({ data: [{ action: "config.reload" }, {}, {}] });
  const made = (await (await gateway.post("/admin/keys", { name: "alice" }, admin)).json()) as { id: string; key: string };
  expect((await chat(made.key)).status).toBe(200);
  expect((await gateway.post(`/admin/keys/${made.id}/revoke`, {}, admin)).status).toBe(200);
  expect((await chat(made.key)).status).toBe(401);
  await omni(gateway, ["admin", "set-password"], `another ${PASSWORD}`);
  await until(async () => (await chat(token)).status === 401);
  expect(gateway.log).not.toContain(token);
  expect(gateway.log).not.toContain(PASSWORD);
}, 60_000);

test("an administration with a listener of its own is there and nowhere else", async () => {
  await using gateway = await startGateway(CONFIG("server: { admin: { port: 0 } },"));
  const adminUrl = /admin\s+(http:\S+)\/admin/.exec(gateway.log)?.[1] ?? "";
  expect((await fetch(`${adminUrl}/admin/config`)).status).toBe(200);
  expect((await fetch(`${adminUrl}/v1/models`)).status).toBe(404);
  expect((await fetch(`${gateway.url}/admin/config`)).status).toBe(404);
  expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(200);
}, 30_000);
