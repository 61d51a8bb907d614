import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { getTableColumns, getTableName } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { ADMIN_MIGRATIONS, KEY_MIGRATIONS, LEDGER_MIGRATIONS } from "../../src/ledger/migrations.ts";
import { ADMIN_TABLES, KEY_TABLES, LEDGER_TABLES } from "../../src/ledger/schema.ts";

test.each([
  { name: "the ledger", migrations: LEDGER_MIGRATIONS, tables: LEDGER_TABLES },
  { name: "the keys", migrations: KEY_MIGRATIONS, tables: KEY_TABLES },
  { name: "the administration", migrations: ADMIN_MIGRATIONS, tables: ADMIN_TABLES },
])("the steps of $name make exactly what the schema says", ({ migrations, tables }) => {
  const database = new Database(":memory:");
  for (const step of migrations) database.run(step);
  const made = database.query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all() as { name: string }[];
  expect(made.map(({ name }) => name)).toEqual(tables.map((table) => getTableName(table)).sort());
  for (const table of tables) expect(columnsOf(database, table)).toEqual(columnsSaid(table));
});

function columnsOf(database: Database, table: SQLiteTable): string[] {
  const rows = database.query(`PRAGMA table_info(${getTableName(table)})`).all() as {
    name: string;
    type: string;
    notnull: number;
    pk: number;
  }[];
  return rows.map(({ name, type, notnull, pk }) => `${name} ${type} ${notnull === 1 || pk > 0 ? "NOT NULL" : "NULL"}`);
}

function columnsSaid(table: SQLiteTable): string[] {
  return Object.values(getTableColumns(table)).map(
    (column) => `${column.name} ${column.getSQLType().toUpperCase()} ${column.notNull || column.primary ? "NOT NULL" : "NULL"}`,
  );
}
