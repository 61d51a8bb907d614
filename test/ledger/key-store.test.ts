import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { keysFile, SqliteKeyStore, watchKeys } from "../../src/ledger/key-store.ts";
import type { KeyRow } from "../../src/ledger/schema.ts";
import { entriesOf } from "../../src/policies/stored-keys.ts";
import { ManualClock } from "../../src/world/simulated.ts";
import { temporaryFolder } from "./samples.ts";

const row = (id: string, more: Partial<KeyRow> = {}): KeyRow => ({
  id,
  name: "alice",
  sha256: "0".repeat(64),
  sha256Previous: null,
  previousUntilEpochMs: null,
  team: "search",
  organisation: null,
  rights: '{"models":["smart"],"tags":{"a":"b"}}',
  createdEpochMs: 1,
  revokedEpochMs: null,
  ...more,
});

test("a change that one process makes is known to another within a second, and nothing else wakes it", async () => {
  using folder = temporaryFolder();
  const [gateway, command] = [new SqliteKeyStore(folder.path, 0), new SqliteKeyStore(folder.path, 0)];
  const clock = new ManualClock();
  const seen: (readonly string[])[] = [];
  const end = watchKeys(
    gateway,
    clock,
    () => seen.push(gateway.list().map(({ id, revokedEpochMs }) => `${id} ${revokedEpochMs}`)),
    () => {},
  );
  await clock.advance(1_000);
  command.add(row("a"));
  await clock.advance(1_000);
  expect(command.revoke("a", 5)).toBe(true);
  await clock.advance(999);
  await clock.advance(5_000);
  end();
  command.add(row("b"));
  await clock.advance(5_000);
  expect(seen).toEqual([["a null"], ["a 5"]]);
  gateway.close();
  command.close();
});

test("a rotation keeps the secret before for a while; what is revoked is neither rotated nor revoked again", () => {
  using folder = temporaryFolder();
  const store = new SqliteKeyStore(folder.path, 0);
  store.add(row("a"));
  expect(() => store.add(row("a"))).toThrow();
  expect([store.rotate("a", "1".repeat(64), 99), store.rotate("b", "", 0)]).toEqual([true, false]);
  expect(store.list()).toEqual([row("a", { sha256: "1".repeat(64), sha256Previous: "0".repeat(64), previousUntilEpochMs: 99 })]);
  expect([store.revoke("a", 5), store.revoke("a", 6), store.rotate("a", "2".repeat(64), 0)]).toEqual([true, false, false]);
  store.close();
});

test("keys whose rights can not be read open nothing, and neither do revoked ones", () => {
  const unreadable: string[] = [];
  const entries = entriesOf([row("a"), row("b", { rights: "{" }), row("c", { revokedEpochMs: 1 })], (id) => unreadable.push(id));
  expect(entries).toEqual([
    {
      id: "a",
      name: "alice",
      secrets: [{ sha256: "0".repeat(64) }],
      team: "search",
      organisation: undefined,
      rights: { models: ["smart"] },
      tags: { a: "b" },
    },
  ]);
  expect(unreadable).toEqual(["b"]);
});

test("damaged keys stop the start instead of leaving the door to nobody or to all", () => {
  using folder = temporaryFolder();
  writeFileSync(keysFile(folder.path), "no database at all, whatever its name may say ".repeat(50));
  expect(() => new SqliteKeyStore(folder.path, 7)).toThrow(/damaged-7/);
});
