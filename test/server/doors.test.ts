import { afterAll, beforeAll, expect, test } from "bun:test";
import { SqliteAdminStore } from "../../src/ledger/admin-store.ts";
import { SqliteKeyStore } from "../../src/ledger/key-store.ts";
import { ApiKeys, KeyRing } from "../../src/policies/api-keys.ts";
import { sha256Hex } from "../../src/policies/key-format.ts";
import { Logins } from "../../src/policies/logins.ts";
import type { Access } from "../../src/server/endpoint.ts";
import { systemClock } from "../../src/world/clock.ts";
import { temporaryFolder } from "../ledger/samples.ts";
import { request, say } from "./raw.ts";
import { run } from "./running.ts";

const KEY = "client-key-0123456789";
const TOKEN = "admin-token-0123456789";

const folder = temporaryFolder();
const adminStore = new SqliteAdminStore(folder.path, 0);
const keyStore = new SqliteKeyStore(folder.path, 0);
const logins = new Logins({
  clock: systemClock,
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  verify: async () => true,
});
// Wrong keys are counted by address, and here all come from one.
const door = new ApiKeys(new KeyRing([{ id: "k", name: "k", secrets: [{ sha256: sha256Hex(KEY) }] }]), { logins, failuresPerMinute: 1e9 });
const sessions: Record<"inference" | "admin", string> = { inference: "", admin: "" };
beforeAll(async () => {
  adminStore.setPassword("admin", "hash", 0);
  logins.use(adminStore);
  for (const scope of ["inference", "admin"] as const)
    sessions[scope] = (await logins.login({ account: "admin", password: "x", scopes: [scope], address: "" })).token;
});
afterAll(() => {
  adminStore.close();
  keyStore.close();
  folder[Symbol.dispose]();
});

/** What somebody may bring, and what that opens. */
const credentials = (): readonly { readonly headers: readonly string[]; readonly opens: readonly Access[] }[] => [
  { headers: [], opens: [] },
  { headers: ["X-Api-Key: wrong"], opens: [] },
  { headers: ["Authorization: Bearer "], opens: [] },
  { headers: [`Authorization: Basic ${btoa(`admin:${TOKEN}`)}`], opens: [] },
  { headers: [`Authorization: Bearer ${KEY}`], opens: ["client"] },
  { headers: [`X-Api-Key: ${TOKEN}`], opens: [] },
  { headers: [`Authorization: Bearer ${sessions.inference}`], opens: ["client", "session"] },
  { headers: [`Cookie: omni_session=${sessions.admin}`], opens: [] },
  { headers: [`Cookie: omni_session=${sessions.admin}`, "Sec-Fetch-Site: cross-site"], opens: [] },
];

const HOSTS = ["localhost", "a", "ab", "abc", "a b", "a/admin?x=", "localhost, localhost", "@localhost", "localhost:1:2", ""];

/** Ways to write a path that some reader may take for the same. */
function writings(path: string): string[] {
  const [first = "", ...rest] = path.split("/").filter((part) => part !== "");
  const tail = rest.length > 0 ? `/${rest.join("/")}` : "";
  return [
    path.toUpperCase(),
    `/${path}`,
    `/.${path}`,
    `/v1/..${path}`,
    `/v1/%2e%2e${path}`,
    `/healthz/..${path}`,
    `/%${first.charCodeAt(0).toString(16)}${first.slice(1)}${tail}`,
    `/${first}%2f${rest.join("/")}`,
    `/${first}\\${rest.join("\\")}`,
    `${path}/`,
    `${path};x`,
    `${path}%00`,
    `${path}/.`,
    `http://localhost${path}`,
    `x${path}`,
  ];
}

test("no endpoint opens to who has no right to it, whatever is said for a host and however its path is written", async () => {
  const keys = { list: () => keyStore.list(), change: <T>(change: (store: SqliteKeyStore) => T): T => change(keyStore) };
  using running = run({
    logins,
    keys,
    authenticate: (headers) => door.authenticate(headers, "192.0.2.1", 0, systemClock.epochMs()),
  });
  running.keeper.adminToken = TOKEN;
  const cases: { readonly what: string; readonly text: string }[] = [];
  for (const { method, path, access } of running.app.endpoints) {
    if (access === "anyone") continue;
    const exact = path.replace("*", "x").replace(/:\w+/g, "acme");
    for (const { headers, opens } of credentials()) {
      if (opens.includes(access)) continue;
      const json = method === "POST" ? ["Content-Type: application/json"] : [];
      const body = method === "POST" ? '{"name":"eve"}' : "";
      const at = (target: string, host: string): void => {
        cases.push({
          what: `${method} ${target} as ${headers.join() || "nobody"} to "${host}"`,
          text: request(method, target, [`Host: ${host}`, ...headers, ...json], body),
        });
      };
      for (const host of HOSTS) at(exact, host);
      for (const target of writings(exact)) at(target, "localhost");
    }
  }
  const opened: string[] = [];
  let statuses = 0;
  for (let from = 0; from < cases.length; from += 64) {
    const answers = await Promise.all(
      cases.slice(from, from + 64).map(async ({ what, text }) => ({ what, ...(await say(running.port, text)) })),
    );
    for (const { what, status } of answers) {
      statuses++;
      if (status < 400) opened.push(`${status} ${what}`);
    }
  }
  expect(opened).toEqual([]);
  expect(statuses).toBeGreaterThan(2_000);
  expect([running.received.length, running.keeper.reloads.length, running.audited.length, keyStore.list().length]).toEqual([0, 0, 0, 0]);
}, 120_000);
