import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { type AuditEntry, adminFile, SqliteAdminStore } from "../../src/ledger/admin-store.ts";
import { temporaryFolder } from "./samples.ts";

const entry = (subject: string): AuditEntry => ({
  atEpochMs: 1,
  actor: "token",
  address: "192.0.2.7",
  action: "keys.revoke",
  subject,
  detail: "{}",
});

test("the audit log has everything in order, and tells that it is whole", () => {
  using folder = temporaryFolder();
  const store = new SqliteAdminStore(folder.path, 0);
  for (const subject of ["a", "b", "c"]) store.note(entry(subject));
  expect(store.auditLog(2).map(({ number, subject }) => [number, subject])).toEqual([
    [3, "c"],
    [2, "b"],
  ]);
  expect(store.auditFault()).toBeUndefined();
  store.close();
});

test("the audit log lets nobody change or shorten it by the database", () => {
  using folder = temporaryFolder();
  const store = new SqliteAdminStore(folder.path, 0);
  store.note(entry("a"));
  const database = new Database(adminFile(folder.path));
  for (const statement of ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
    expect(() => database.run(statement)).toThrow(/only added to/);
  database.close();
  store.close();
});

test.each([
  { claim: "altered", statement: "UPDATE audit SET subject = 'x' WHERE number = 2", fault: 2 },
  { claim: "taken out", statement: "DELETE FROM audit WHERE number = 2", fault: 2 },
  {
    claim: "taken out and closed up",
    statement: "DELETE FROM audit WHERE number = 2; UPDATE audit SET number = 2 WHERE number = 3",
    fault: 2,
  },
])("an entry of the audit log that was $claim behind the database's back is found", ({ statement, fault }) => {
  using folder = temporaryFolder();
  const store = new SqliteAdminStore(folder.path, 0);
  for (const subject of ["a", "b", "c"]) store.note(entry(subject));
  const database = new Database(adminFile(folder.path));
  database.run("DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_shortened;");
  database.run(statement);
  database.close();
  expect(store.auditFault()).toBe(fault);
  store.close();
});
