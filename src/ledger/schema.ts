import {
  index,
  integer,
  primaryKey,
  real,
  type SQLiteColumn,
  type SQLiteTable,
  type SQLiteTableWithColumns,
  sqliteTable,
  text,
} from "drizzle-orm/sqlite-core";

/** A table with rows as an interface says. Drizzle would compute the rows' type from the table; exports have their types written out here. */
export type TableOf<Row> = SQLiteTableWithColumns<{
  name: string;
  schema: undefined;
  dialect: "sqlite";
  columns: { [Name in keyof Row]: ColumnOf<NonNullable<Row[Name]>, null extends Row[Name] ? false : true> };
}>;

type ColumnOf<Value, NotNull extends boolean> = SQLiteColumn<{
  name: string;
  tableName: string;
  dataType: Value extends boolean ? "boolean" : Value extends number ? "number" : "string";
  columnType: string;
  data: Value;
  driverParam: unknown;
  notNull: NotNull;
  hasDefault: false;
  isPrimaryKey: false;
  isAutoincrement: false;
  hasRuntimeDefault: false;
  enumValues: undefined;
  baseColumn: never;
  identity: undefined;
  generated: undefined;
}>;

/** What is known of one attempt. Amounts are billionths of a US dollar. */
export interface AttemptRow {
  readonly requestId: string;
  readonly attempt: number;
  /** `open`, or the outcome's certainty. */
  readonly state: "open" | "exact" | "estimated" | "zero" | "unknown";
  /** The process that opened it. What it leaves open when it dies becomes `unknown`. */
  readonly owner: string;
  readonly startedEpochMs: number;
  readonly settledEpochMs: number | null;
  readonly config: string;
  readonly price: string | null;
  readonly keyId: string | null;
  readonly keyName: string | null;
  readonly team: string | null;
  readonly organisation: string | null;
  readonly operation: string;
  readonly route: string;
  readonly provider: string;
  readonly model: string;
  readonly stream: boolean;
  readonly failure: string | null;
  readonly inputTokens: number | null;
  readonly inputTokensCached: number | null;
  readonly inputTokensCacheWritten: number | null;
  readonly inputTokensCacheWrittenLong: number | null;
  readonly outputTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly inputTokensOfAudio: number | null;
  readonly outputTokensOfAudio: number | null;
  readonly webSearches: number | null;
  readonly images: number | null;
  readonly audioSeconds: number | null;
  readonly reservedNanoUsd: number;
  /** NULL while it is open, and for good if nobody knows the price. */
  readonly costNanoUsd: number | null;
  readonly queueMs: number | null;
  readonly connectMs: number | null;
  readonly firstByteMs: number | null;
  readonly firstTokenMs: number | null;
  readonly totalMs: number | null;
  readonly bytesIn: number;
  readonly bytesOut: number | null;
  readonly losses: string | null;
  readonly tokensSaved: number | null;
  readonly bytesSavedBy: string | null;
  readonly cache: "hit" | null;
}

/** Rates that rows were billed by, as JSON. */
export interface PriceVersionRow {
  readonly version: string;
  readonly name: string;
  readonly rates: string;
}

/** How many bytes of a segment of the journal are in the tables already. */
export interface AppliedRow {
  readonly segment: string;
  readonly bytes: number;
}

/** What rows that were too old added up to when they were taken out. Empty texts stand for what a row had not. */
export interface DayRow {
  readonly day: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly team: string;
  readonly organisation: string;
  readonly provider: string;
  readonly model: string;
  readonly attempts: number;
  readonly failures: number;
  readonly unpriced: number;
  readonly uncertain: number;
  readonly requests: number;
  readonly inputTokens: number;
  readonly inputTokensCached: number;
  readonly inputTokensWritten: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly costNanoUsd: number;
}

/** A key that was made at run time. */
export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  /** The secret before the last rotation, and how long it still opens. */
  readonly sha256Previous: string | null;
  readonly previousUntilEpochMs: number | null;
  readonly team: string | null;
  readonly organisation: string | null;
  /** The rest of what a key may and may not, as JSON: scopes, expiry, schedule, addresses, tags. */
  readonly rights: string;
  readonly createdEpochMs: number;
  readonly revokedEpochMs: number | null;
}

/** A person who may log in. */
export interface PasswordRow {
  readonly account: string;
  /** As argon2id writes it, with its own salt and costs. */
  readonly hash: string;
  readonly changedEpochMs: number;
}

/** A log-in that lasts. */
export interface SessionRow {
  /** Of its token, in hexadecimal digits; the token itself is kept nowhere. */
  readonly sha256: string;
  readonly account: string;
  /** With blanks between them. */
  readonly scopes: string;
  readonly createdEpochMs: number;
  readonly usedEpochMs: number;
  readonly endsEpochMs: number;
}

/** Something that an administrator did. Rows are added and never changed: the database itself refuses that. */
export interface AuditRow {
  readonly number: number;
  readonly atEpochMs: number;
  /** Who: `login:admin`, `token`, `local`, or `command` for the command line. */
  readonly actor: string;
  /** Where from; empty for the command line. */
  readonly address: string;
  /** What: `keys.new`, `config.reload`. */
  readonly action: string;
  /** To what: the id of a key, the hash of a configuration. */
  readonly subject: string;
  /** More of it, as JSON; never a secret. */
  readonly detail: string;
  /** SHA-256 of all the above and of the row before, so that nothing can be taken out of the middle or altered without being seen. */
  readonly sha256: string;
}

/** One row per attempt. */
export const attempts: TableOf<AttemptRow> = tableOf(
  sqliteTable(
    "attempts",
    {
      requestId: text("request_id").notNull(),
      attempt: integer("attempt").notNull(),
      state: text("state", { enum: ["open", "exact", "estimated", "zero", "unknown"] }).notNull(),
      owner: text("owner").notNull(),
      startedEpochMs: integer("started_epoch_ms").notNull(),
      settledEpochMs: integer("settled_epoch_ms"),
      config: text("config").notNull(),
      price: text("price"),
      keyId: text("key_id"),
      keyName: text("key_name"),
      team: text("team"),
      organisation: text("organisation"),
      operation: text("operation").notNull(),
      route: text("route").notNull(),
      provider: text("provider").notNull(),
      model: text("model").notNull(),
      stream: integer("stream", { mode: "boolean" }).notNull(),
      failure: text("failure"),
      inputTokens: integer("input_tokens"),
      inputTokensCached: integer("input_tokens_cached"),
      inputTokensCacheWritten: integer("input_tokens_cache_written"),
      inputTokensCacheWrittenLong: integer("input_tokens_cache_written_long"),
      outputTokens: integer("output_tokens"),
      reasoningTokens: integer("reasoning_tokens"),
      inputTokensOfAudio: integer("input_tokens_of_audio"),
      outputTokensOfAudio: integer("output_tokens_of_audio"),
      webSearches: integer("web_searches"),
      images: integer("images"),
      audioSeconds: real("audio_seconds"),
      reservedNanoUsd: integer("reserved_nano_usd").notNull(),
      costNanoUsd: integer("cost_nano_usd"),
      queueMs: real("queue_ms"),
      connectMs: real("connect_ms"),
      firstByteMs: real("first_byte_ms"),
      firstTokenMs: real("first_token_ms"),
      totalMs: real("total_ms"),
      bytesIn: integer("bytes_in").notNull(),
      bytesOut: integer("bytes_out"),
      losses: text("losses"),
      tokensSaved: integer("tokens_saved"),
      bytesSavedBy: text("bytes_saved_by"),
      cache: text("cache", { enum: ["hit"] }),
    },
    (table) => [
      primaryKey({ columns: [table.requestId, table.attempt] }),
      index("attempts_by_start").on(table.startedEpochMs),
      index("attempts_by_key").on(table.keyId, table.startedEpochMs),
    ],
  ),
);

/** The prices that rows refer to. */
export const prices: TableOf<PriceVersionRow> = tableOf(
  sqliteTable("prices", { version: text("version").primaryKey(), name: text("name").notNull(), rates: text("rates").notNull() }),
);

/** Written in the same transaction as the rows, so that nothing goes in twice. */
export const applied: TableOf<AppliedRow> = tableOf(
  sqliteTable("applied", { segment: text("segment").primaryKey(), bytes: integer("bytes").notNull() }),
);

/** Sums per day of what was taken out. */
export const days: TableOf<DayRow> = tableOf(
  sqliteTable(
    "days",
    {
      day: text("day").notNull(),
      keyId: text("key_id").notNull(),
      keyName: text("key_name").notNull(),
      team: text("team").notNull(),
      organisation: text("organisation").notNull(),
      provider: text("provider").notNull(),
      model: text("model").notNull(),
      attempts: integer("attempts").notNull(),
      failures: integer("failures").notNull(),
      unpriced: integer("unpriced").notNull(),
      uncertain: integer("uncertain").notNull(),
      requests: integer("requests").notNull(),
      inputTokens: integer("input_tokens").notNull(),
      inputTokensCached: integer("input_tokens_cached").notNull(),
      inputTokensWritten: integer("input_tokens_written").notNull(),
      outputTokens: integer("output_tokens").notNull(),
      reasoningTokens: integer("reasoning_tokens").notNull(),
      costNanoUsd: integer("cost_nano_usd").notNull(),
    },
    (table) => [primaryKey({ columns: [table.day, table.keyId, table.team, table.organisation, table.provider, table.model] })],
  ),
);

/** Keys of run time, in a database of their own, so that whoever polls for changes sees changes of keys alone. */
export const keys: TableOf<KeyRow> = tableOf(
  sqliteTable("keys", {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    sha256: text("sha256").notNull(),
    sha256Previous: text("sha256_previous"),
    previousUntilEpochMs: integer("previous_until_epoch_ms"),
    team: text("team"),
    organisation: text("organisation"),
    rights: text("rights").notNull(),
    createdEpochMs: integer("created_epoch_ms").notNull(),
    revokedEpochMs: integer("revoked_epoch_ms"),
  }),
);

/** Who may log in. */
export const passwords: TableOf<PasswordRow> = tableOf(
  sqliteTable("passwords", {
    account: text("account").primaryKey(),
    hash: text("hash").notNull(),
    changedEpochMs: integer("changed_epoch_ms").notNull(),
  }),
);

/** Who is logged in. */
export const sessions: TableOf<SessionRow> = tableOf(
  sqliteTable("sessions", {
    sha256: text("sha256").primaryKey(),
    account: text("account").notNull(),
    scopes: text("scopes").notNull(),
    createdEpochMs: integer("created_epoch_ms").notNull(),
    usedEpochMs: integer("used_epoch_ms").notNull(),
    endsEpochMs: integer("ends_epoch_ms").notNull(),
  }),
);

/** What administrators did. */
export const audit: TableOf<AuditRow> = tableOf(
  sqliteTable("audit", {
    number: integer("number").primaryKey(),
    atEpochMs: integer("at_epoch_ms").notNull(),
    actor: text("actor").notNull(),
    address: text("address").notNull(),
    action: text("action").notNull(),
    subject: text("subject").notNull(),
    detail: text("detail").notNull(),
    sha256: text("sha256").notNull(),
  }),
);

/** The tables of the ledger's own database. */
export const LEDGER_TABLES: readonly SQLiteTable[] = [attempts, prices, applied, days];

/** The tables of the keys' database. */
export const KEY_TABLES: readonly SQLiteTable[] = [keys];

/** The tables of the administration's database. */
export const ADMIN_TABLES: readonly SQLiteTable[] = [passwords, sessions, audit];

/** The columns are those of the interface: a test holds them against each other by what comes out of a database. */
function tableOf<Row>(table: SQLiteTable): TableOf<Row> {
  return table as unknown as TableOf<Row>;
}
