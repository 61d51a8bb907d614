import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { SqliteAdminStore } from "../../src/ledger/admin-store.ts";
import { Logins } from "../../src/policies/logins.ts";
import { systemClock } from "../../src/world/clock.ts";
import { temporaryFolder } from "../ledger/samples.ts";
import { run } from "./running.ts";

const PASSWORD = "correct horse battery staple";

let folder: ReturnType<typeof temporaryFolder>;
let store: SqliteAdminStore;
let logins: Logins;
beforeEach(async () => {
  folder = temporaryFolder();
  store = new SqliteAdminStore(folder.path, 0);
  // As dear as it may be cheap: what it costs is not what is tested here.
  store.setPassword("admin", await Bun.password.hash(PASSWORD, { algorithm: "argon2id", memoryCost: 8, timeCost: 1 }), 0);
  logins = new Logins({
    clock: systemClock,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    verify: (password, hash) => Bun.password.verify(password, hash),
  });
  logins.use(store);
});
afterEach(() => {
  store.close();
  folder[Symbol.dispose]();
});

interface Answer {
  readonly status: number;
  readonly cookie: string;
  readonly body: { readonly token: string; readonly error?: { readonly code: string } } & Record<string, unknown>;
}

async function post(url: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
  const response = await fetch(url, init);
  return { status: response.status, cookie: response.headers.get("set-cookie") ?? "", body: (await response.json()) as Answer["body"] };
}

describe("POST /api/auth/login", () => {
  test("gives a token for programs and a cookie for browsers, and both open the administration", async () => {
    using running = run({ logins });
    const { status, body, cookie } = await post(`${running.url}/api/auth/login`, { password: PASSWORD });
    expect([status, body["account"], body["scopes"], body["token_type"]]).toEqual([200, "admin", ["inference", "admin"], "bearer"]);
    expect(cookie.replace(/=43\d{3};/, "=12h;")).toBe(`omni_session=${body.token}; Path=/; Max-Age=12h; HttpOnly; SameSite=Strict`);
    const get = (headers: Record<string, string>) => fetch(`${running.url}/admin/config`, { headers }).then((answer) => answer.status);
    expect(await get({ authorization: `Bearer ${body.token}` })).toBe(200);
    expect(await get({ cookie: `omni_session=${body.token}`, "sec-fetch-site": "same-origin" })).toBe(200);
    expect(await get({ cookie: `omni_session=${body.token}`, "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await get({ cookie: `omni_session=${body.token}` })).toBe(403);
    // A password closes what was open to the machine itself.
    expect(await get({})).toBe(401);
    expect(running.audited).toEqual([{ actor: "login:admin", address: "127.0.0.1", action: "session.begin", subject: "admin" }]);
    expect(running.log.join("")).not.toContain(body.token);
  });

  test("gives a cookie that is bound to its host where the browser came by https", async () => {
    using running = run({ logins });
    const { cookie } = await post(`${running.url}/api/auth/login`, { password: PASSWORD }, { "x-forwarded-proto": "https" });
    expect(cookie).toMatch(/^__Host-omni=omni_session_[\w-]{43}; Path=\/; Max-Age=43\d{3}; HttpOnly; SameSite=Strict; Secure$/);
  });

  test.each([
    { claim: "a wrong password", body: { password: "wrong" }, status: 401 },
    { claim: "nobody's account", body: { password: PASSWORD, account: "eve" }, status: 401 },
    { claim: "no password", body: {}, status: 400 },
    { claim: "a number", body: { password: 12 }, status: 400 },
    { claim: "a long one", body: { password: "x".repeat(2_000) }, status: 400 },
    { claim: "a longer one", body: { password: "x".repeat(5_000) }, status: 413 },
    { claim: "an odd account", body: { password: PASSWORD, account: "a b" }, status: 400 },
    { claim: "an unknown scope", body: { password: PASSWORD, scopes: ["root"] }, status: 400 },
    { claim: "no scope", body: { password: PASSWORD, scopes: [] }, status: 400 },
    { claim: "a list", body: [], status: 400 },
    { claim: "another site's page", body: { password: PASSWORD }, headers: { origin: "https://evil.test" }, status: 403 },
    { claim: "a form", body: { password: PASSWORD }, headers: { "content-type": "application/x-www-form-urlencoded" }, status: 415 },
  ])("refuses $claim with $status and gives no cookie", async ({ body, headers = {}, status }) => {
    using running = run({ logins });
    const answer = await post(`${running.url}/api/auth/login`, body, headers as Record<string, string>);
    expect([answer.status, answer.cookie]).toEqual([status, ""]);
    expect(JSON.stringify(answer.body)).not.toContain(PASSWORD);
  });

  test("says how long to wait after five wrong ones", async () => {
    using running = run({ logins });
    const statuses: number[] = [];
    for (let count = 0; count < 6; count++) statuses.push((await post(`${running.url}/api/auth/login`, { password: "no" })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test("is for the scopes that are asked for", async () => {
    using running = run({ logins });
    const { body } = await post(`${running.url}/api/auth/login`, { password: PASSWORD, scopes: ["inference"] });
    expect(body["scopes"]).toEqual(["inference"]);
    expect((await fetch(`${running.url}/admin/config`, { headers: { authorization: `Bearer ${body.token}` } })).status).toBe(403);
  });
});

describe("a session", () => {
  test("tells of itself, gets another token, and is over after logout", async () => {
    using running = run({ logins });
    const { body: first } = await post(`${running.url}/api/auth/login`, { password: PASSWORD });
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    const told = (token: string) => fetch(`${running.url}/api/auth/session`, { headers: as(token) });
    expect(await (await told(first.token)).json()).toMatchObject({ account: "admin", expires_at: first["expires_at"] });
    const { body: second, cookie } = await post(`${running.url}/api/auth/rotate`, {}, as(first.token));
    expect([second["expires_at"], (await told(first.token)).status]).toEqual([first["expires_at"], 401]);
    expect(cookie).toContain(second.token);
    const out = await post(`${running.url}/api/auth/logout`, {}, as(second.token));
    expect([out.status, out.cookie]).toEqual([200, "omni_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"]);
    expect((await told(second.token)).status).toBe(401);
    expect((await post(`${running.url}/api/auth/logout`, {}, as(second.token))).status).toBe(401);
  });
});

describe("a listener of the administration's own", () => {
  test("has the administration, and the other one has nothing of it", () => {
    using data = run({ logins, plane: "data" });
    using admin = run({ logins, plane: "admin" });
    const accesses = (running: typeof data): string[] => [...new Set(running.app.endpoints.map(({ access }) => access))].sort();
    expect(accesses(data)).toEqual(["anyone", "client", "session"]);
    expect(accesses(admin)).toEqual(["admin", "anyone", "session"]);
  });

  test("answers there and is not found elsewhere, under whatever name", async () => {
    using data = run({ logins, plane: "data" });
    using admin = run({ logins, plane: "admin" });
    const { body } = await post(`${admin.url}/api/auth/login`, { password: PASSWORD });
    const headers = { authorization: `Bearer ${body.token}` };
    expect((await fetch(`${admin.url}/admin/config`, { headers })).status).toBe(200);
    expect((await fetch(`${admin.url}/v1/models`, { headers })).status).toBe(404);
    for (const path of ["/admin/config", "/Admin/config", "/v1/../admin/config", "//admin/config", "/%61dmin/config"])
      expect([path, (await fetch(`${data.url}${path}`, { headers })).status >= 400]).toEqual([path, true]);
  });
});
