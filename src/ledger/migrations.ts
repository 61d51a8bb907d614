/**
 * What makes a database what `schema.ts` says, step by step. A step that was ever released is never changed; a new one is added behind it.
 * Written by hand and compiled in, so that the binary needs no files beside it. A test holds the outcome against the schema, column by column.
 * Steps only ever add: nothing that an older binary reads goes away under it.
 */
export const LEDGER_MIGRATIONS: readonly string[] = [
  `CREATE TABLE attempts (
     request_id TEXT NOT NULL,
     attempt INTEGER NOT NULL,
     state TEXT NOT NULL,
     owner TEXT NOT NULL,
     started_epoch_ms INTEGER NOT NULL,
     settled_epoch_ms INTEGER,
     config TEXT NOT NULL,
     price TEXT,
     key_id TEXT,
     key_name TEXT,
     team TEXT,
     organisation TEXT,
     operation TEXT NOT NULL,
     route TEXT NOT NULL,
     provider TEXT NOT NULL,
     model TEXT NOT NULL,
     stream INTEGER NOT NULL,
     failure TEXT,
     input_tokens INTEGER,
     input_tokens_cached INTEGER,
     input_tokens_cache_written INTEGER,
     input_tokens_cache_written_long INTEGER,
     output_tokens INTEGER,
     reasoning_tokens INTEGER,
     input_tokens_of_audio INTEGER,
     output_tokens_of_audio INTEGER,
     web_searches INTEGER,
     images INTEGER,
     audio_seconds REAL,
     reserved_nano_usd INTEGER NOT NULL,
     cost_nano_usd INTEGER,
     queue_ms REAL,
     connect_ms REAL,
     first_byte_ms REAL,
     first_token_ms REAL,
     total_ms REAL,
     bytes_in INTEGER NOT NULL,
     bytes_out INTEGER,
     losses TEXT,
     tokens_saved INTEGER,
     PRIMARY KEY (request_id, attempt)
   ) WITHOUT ROWID;
   CREATE INDEX attempts_by_start ON attempts (started_epoch_ms);
   CREATE INDEX attempts_by_key ON attempts (key_id, started_epoch_ms);
   CREATE INDEX attempts_open ON attempts (owner) WHERE state = 'open';
   CREATE TABLE prices (version TEXT PRIMARY KEY, name TEXT NOT NULL, rates TEXT NOT NULL);
   CREATE TABLE applied (segment TEXT PRIMARY KEY, bytes INTEGER NOT NULL);
   CREATE TABLE days (
     day TEXT NOT NULL,
     key_id TEXT NOT NULL,
     key_name TEXT NOT NULL,
     team TEXT NOT NULL,
     organisation TEXT NOT NULL,
     provider TEXT NOT NULL,
     model TEXT NOT NULL,
     attempts INTEGER NOT NULL,
     failures INTEGER NOT NULL,
     unpriced INTEGER NOT NULL,
     uncertain INTEGER NOT NULL,
     requests INTEGER NOT NULL,
     input_tokens INTEGER NOT NULL,
     input_tokens_cached INTEGER NOT NULL,
     input_tokens_written INTEGER NOT NULL,
     output_tokens INTEGER NOT NULL,
     reasoning_tokens INTEGER NOT NULL,
     cost_nano_usd INTEGER NOT NULL,
     PRIMARY KEY (day, key_id, team, organisation, provider, model)
   ) WITHOUT ROWID;`,
  `ALTER TABLE attempts ADD COLUMN bytes_saved_by TEXT;
   ALTER TABLE attempts ADD COLUMN cache TEXT;`,
];

/** The same for the database of keys. */
export const KEY_MIGRATIONS: readonly string[] = [
  `CREATE TABLE keys (
     id TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     sha256 TEXT NOT NULL,
     sha256_previous TEXT,
     previous_until_epoch_ms INTEGER,
     team TEXT,
     organisation TEXT,
     rights TEXT NOT NULL,
     created_epoch_ms INTEGER NOT NULL,
     revoked_epoch_ms INTEGER
   );`,
];

/** The same for the database of the administration: passwords, sessions, and what was done. */
export const ADMIN_MIGRATIONS: readonly string[] = [
  `CREATE TABLE passwords (account TEXT PRIMARY KEY, hash TEXT NOT NULL, changed_epoch_ms INTEGER NOT NULL);
   CREATE TABLE sessions (
     sha256 TEXT PRIMARY KEY,
     account TEXT NOT NULL,
     scopes TEXT NOT NULL,
     created_epoch_ms INTEGER NOT NULL,
     used_epoch_ms INTEGER NOT NULL,
     ends_epoch_ms INTEGER NOT NULL
   );
   CREATE TABLE audit (
     number INTEGER PRIMARY KEY,
     at_epoch_ms INTEGER NOT NULL,
     actor TEXT NOT NULL,
     address TEXT NOT NULL,
     action TEXT NOT NULL,
     subject TEXT NOT NULL,
     detail TEXT NOT NULL,
     sha256 TEXT NOT NULL
   );
   CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
   CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;`,
];
