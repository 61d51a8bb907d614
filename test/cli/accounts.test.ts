import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, type Mock, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMMANDS, main } from "../../src/cli/main.ts";
import { LocalDrainer, ledgerFile } from "../../src/ledger/drainer.ts";
import { Journal } from "../../src/ledger/journal.ts";
import { SqliteKeyStore } from "../../src/ledger/key-store.ts";
import { ApiKeys, KeyRing } from "../../src/policies/api-keys.ts";
import { entriesOf } from "../../src/policies/stored-keys.ts";
import { opened, outcome } from "../ledger/samples.ts";

let folder = "";
let out: Mock<typeof console.log>;
let err: Mock<typeof console.error>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omni-accounts-"));
  out = spyOn(console, "log").mockImplementation(() => {});
  err = spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  out.mockRestore();
  err.mockRestore();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a line on the test's ledger. */
async function run(...line: string[]): Promise<{ code: number; text: string; errors: string }> {
  out.mockClear();
  err.mockClear();
  const code = await main([...line, "--ledger", folder], COMMANDS);
  return { code, text: out.mock.calls.flat().join("\n"), errors: err.mock.calls.flat().join("\n") };
}

/** Whom a key opens to, by what is in the store now. */
function openTo(key: string, epochMs = 0): string {
  const store = new SqliteKeyStore(folder, 0);
  const keys = new ApiKeys(new KeyRing(entriesOf(store.list())), { required: true });
  store.close();
  try {
    return keys.authenticate(new Headers({ authorization: `Bearer ${key}` }), "", 0, epochMs).keyName;
  } catch {
    return "nobody";
  }
}

describe("omni keys", () => {
  test("makes a key that opens, and keeps nothing of it that would", async () => {
    const { code, text } = await run("keys", "new", "--name", "alice", "--team", "search", "--models", "smart,openai/*");
    expect([code, openTo(text)]).toEqual([0, "alice"]);
    const kept = new Database(join(folder, "keys.sqlite")).query("SELECT * FROM keys").all();
    expect(JSON.stringify(kept)).not.toContain(text.slice(23, 60));
    expect(JSON.parse((await run("keys", "list", "--json")).text)).toMatchObject({
      keys: [{ name: "alice", team: "search", state: "active", rights: { models: ["smart", "openai/*"] } }],
    });
  });

  test("rotates: both secrets open for a while, then the new one alone", async () => {
    const { id, key } = JSON.parse((await run("keys", "new", "--name", "alice", "--json")).text);
    const next = (await run("keys", "rotate", id, "--overlap", "1h")).text;
    const now = Date.now();
    expect([openTo(key, now), openTo(next, now)]).toEqual(["alice", "alice"]);
    expect([openTo(key, now + 3_600_001), openTo(next, now + 3_600_001)]).toEqual(["nobody", "alice"]);
    expect((await run("keys", "list")).text).toContain("rotating");
  });

  test("may only be used when and on the days that are said", async () => {
    const { text } = await run("keys", "new", "--name", "alice", "--hours", "mon+tue@08:00-18:00,20:00-21:00");
    const monday = Date.UTC(2025, 0, 6);
    const at = (day: number, hour: number): string => openTo(text, monday + day * 86_400_000 + hour * 3_600_000);
    expect([at(0, 9), at(1, 17), at(2, 9), at(2, 20), at(0, 19)]).toEqual(["alice", "alice", "nobody", "alice", "nobody"]);
    for (const hours of ["8-9", "mun@08:00-09:00", "mon+mon@08:00-09:00"])
      expect([hours, (await run("keys", "new", "--name", "a", "--hours", hours)).code]).toEqual([hours, 64]);
  });

  test("leave a line in the audit log for all that is done to them", async () => {
    const { id } = JSON.parse((await run("keys", "new", "--name", "alice", "--json")).text);
    await run("keys", "rotate", id);
    await run("keys", "revoke", id);
    const { text, code } = await run("audit", "--json");
    const { entries, intact } = JSON.parse(text) as { entries: { action: string; subject: string }[]; intact: boolean };
    expect([code, intact, entries.map(({ action, subject }) => `${action} ${subject === id}`)]).toEqual([
      0,
      true,
      ["keys.revoke true", "keys.rotate true", "keys.new true"],
    ]);
    expect((await run("audit", "--last", "1")).text.split("\n").length).toBe(2);
  });

  test("revokes, once", async () => {
    const { id, key } = JSON.parse((await run("keys", "new", "--name", "alice", "--json")).text);
    expect((await run("keys", "revoke", id)).code).toBe(0);
    expect(openTo(key)).toBe("nobody");
    expect(await run("keys", "revoke", id)).toMatchObject({ code: 1, errors: expect.stringContaining("no key") });
  });

  test.each([
    { line: ["keys", "new"], says: "whose key" },
    { line: ["keys", "make"], says: 'can not "make"' },
    { line: ["keys", "revoke"], says: "which key" },
    { line: ["keys", "list", "x"], says: "takes no id" },
    { line: ["keys", "new", "--name", "a", "--addresses", "10.0.0.0/99"], says: "10.0.0.0/99" },
    { line: ["keys", "new", "--name", "a", "--expires", "2001-01-01"], says: "over already" },
    { line: ["keys", "new", "--name", "a", "--expires", "soon"], says: "neither a day" },
    { line: ["keys", "new", "--name", "a", "--tag", "x"], says: "a name and a value" },
  ])("refuses $line", async ({ line, says }) => {
    const { code, errors } = await run(...line);
    expect(code).toBe(64);
    expect(errors).toContain(says);
  });
});

async function fill(): Promise<void> {
  const journal = new Journal({ folder, owner: "me" });
  for (const keyName of ["alice", "=HYPERLINK(1),x"]) {
    journal.append({ type: "open", opened: opened(keyName, 1, { keyName }) }, 0);
    journal.append(
      {
        type: "settle",
        requestId: keyName,
        attempt: 1,
        outcome: outcome({ usage: undefined, certainty: "unknown", costNanoUsd: 1_500_000_000 }),
      },
      0,
    );
  }
  const drainer = new LocalDrainer({ folder, owner: "me" }, 0, 0);
  await drainer.drain(true);
  await drainer.close();
}

describe("omni usage", () => {
  test("prints a table with a sum", async () => {
    await fill();
    const { code, text } = await run("usage");
    expect(code).toBe(0);
    expect(text).toContain("alice");
    expect(text.split("\n").at(-1)).toMatch(/^total .* 3\.00$/);
  });

  test("prints JSON, and CSV that no spreadsheet takes for a formula", async () => {
    await fill();
    expect(JSON.parse((await run("usage", "--by", "model", "--json")).text)).toMatchObject({
      rows: [{ group: "openai/gpt-5.1", costUsd: "3.00" }],
    });
    const { text } = await run("usage", "--csv");
    expect(text.split("\r\n")).toHaveLength(3);
    expect(text).toContain(`"'=HYPERLINK(1),x"`);
  });

  test("has nothing to say where there is no ledger, and makes none", async () => {
    expect((await run("usage", "--json")).text).toContain('"requests": 0');
    expect(await Bun.file(ledgerFile(folder)).exists()).toBe(false);
  });

  test.each([{ line: ["usage", "--by", "colour"] }, { line: ["usage", "--since", "yesterday"] }])("refuses $line", async ({ line }) => {
    expect((await run(...line)).code).toBe(64);
  });
});

describe("omni ledger verify", () => {
  test("says that it adds up, and exits with 1 when it does not", async () => {
    expect((await run("ledger", "verify")).code).toBe(1);
    await fill();
    expect(await run("ledger", "verify")).toMatchObject({ code: 0, text: expect.stringContaining("It adds up.") });
    const database = new Database(ledgerFile(folder));
    database.run("UPDATE attempts SET attempt = 2 WHERE key_name = 'alice'");
    database.close();
    expect(await run("ledger", "verify")).toMatchObject({ code: 1, text: expect.stringContaining("gap:") });
    expect((await run("ledger", "check")).code).toBe(64);
  });
});
