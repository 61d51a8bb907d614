import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { SqliteKeyStore } from "../../src/ledger/key-store.ts";
import type { KeyRow } from "../../src/ledger/schema.ts";
import { ApiKeys, KeyRing } from "../../src/policies/api-keys.ts";
import { entriesOf } from "../../src/policies/stored-keys.ts";
import type { KeyBook } from "../../src/server/keys.ts";
import { temporaryFolder } from "../ledger/samples.ts";
import { run } from "./running.ts";

let folder: ReturnType<typeof temporaryFolder>;
let store: SqliteKeyStore;
let told: readonly KeyRow[] = [];
let keys: KeyBook;
beforeEach(() => {
  folder = temporaryFolder();
  store = new SqliteKeyStore(folder.path, 0);
  told = [];
  keys = {
    list: () => store.list(),
    change: (change) => {
      const outcome = change(store);
      told = store.list();
      return outcome;
    },
  };
});
afterEach(() => {
  store.close();
  folder[Symbol.dispose]();
});

async function post(url: string, body: unknown = {}): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Whom a key opens to, by what the gateway was told last. */
function openTo(key: unknown, epochMs = Date.now(), address = "10.0.0.1"): string {
  const door = new ApiKeys(new KeyRing(entriesOf(told)), { required: true });
  try {
    return door.authenticate(new Headers({ "x-api-key": String(key) }), address, 0, epochMs).keyName;
  } catch (error) {
    return (error as { kind: string }).kind;
  }
}

describe("/admin/keys", () => {
  test("makes a key that opens what it is for, and shows it once", async () => {
    using running = run({ keys });
    const wish = {
      name: "alice",
      team: "search",
      organisation: "acme",
      models: ["acme/*"],
      addresses: ["10.0.0.0/8"],
      expires: "2999-01-31",
      hours: [{ utc: "00:00-12:00" }, { utc: "12:00-00:00" }],
      tags: { owner: "ann" },
    };
    const { status, body } = await post(`${running.url}/admin/keys`, wish);
    expect([status, body["name"], body["state"]]).toEqual([201, "alice", "active"]);
    expect([openTo(body["key"]), openTo(body["key"], Date.now(), "192.0.2.1")]).toEqual(["alice", "forbidden"]);
    const list = await (await fetch(`${running.url}/admin/keys`)).text();
    expect(JSON.parse(list)).toMatchObject({
      data: [{ id: body["id"], name: "alice", team: "search", rights: { models: ["acme/*"], tags: { owner: "ann" } } }],
    });
    const kept = store.list()[0];
    for (const secret of [String(body["key"]), String(kept?.sha256)]) expect(list).not.toContain(secret);
    expect(running.audited).toMatchObject([{ actor: "local", action: "keys.new", subject: body["id"], detail: { name: "alice" } }]);
    expect(JSON.stringify(running.audited)).not.toContain(String(body["key"]));
  });

  test("rotates: both work for a while; and revokes: nothing does any more", async () => {
    using running = run({ keys });
    const { body: made } = await post(`${running.url}/admin/keys`, { name: "alice", test: true });
    expect(String(made["key"])).toStartWith("omni_test_");
    const { body: next } = await post(`${running.url}/admin/keys/${made["id"]}/rotate`, { overlap: "1h" });
    const later = Date.now() + 3_600_001;
    expect([made["key"], next["key"]].map((key) => [openTo(key), openTo(key, later)])).toEqual([
      ["alice", "invalid_api_key"],
      ["alice", "alice"],
    ]);
    expect((await post(`${running.url}/admin/keys/${made["id"]}/revoke`)).status).toBe(200);
    expect([made["key"], next["key"]].map((key) => openTo(key))).toEqual(["invalid_api_key", "invalid_api_key"]);
    for (const verb of ["rotate", "revoke"]) expect((await post(`${running.url}/admin/keys/${made["id"]}/${verb}`)).status).toBe(404);
    expect(running.audited.map(({ action }) => action)).toEqual(["keys.new", "keys.rotate", "keys.revoke"]);
  });

  test.each([
    { body: {}, param: "name" },
    { body: { name: " " }, param: "name" },
    { body: { name: "a\nb" }, param: "name" },
    { body: { name: "a", test: "yes" }, param: "test" },
    { body: { name: "a", modls: ["x"] }, param: "modls" },
    { body: { name: "a", models: "x" }, param: "models" },
    { body: { name: "a", expires: "soon" }, param: "expires" },
    { body: { name: "a", addresses: ["10.0.0.0/99"] }, param: "addresses" },
    { body: { name: "a", hours: [{ utc: "8-9" }] }, param: "hours.0.utc" },
    { body: { name: "a", sha256: "0".repeat(64) }, param: "sha256" },
    { body: { name: "a", rights: {} }, param: "rights" },
  ])("refuses to make $body, and says what is wrong", async ({ body, param }) => {
    using running = run({ keys });
    const answer = await post(`${running.url}/admin/keys`, body);
    expect([answer.status, (answer.body["error"] as { param: string }).param]).toEqual([400, param]);
    expect([store.list(), running.audited]).toEqual([[], []]);
  });
});
