import { durationMs } from "../config/duration.ts";
import { SqliteAdminStore } from "../ledger/admin-store.ts";
import { SqliteKeyStore } from "../ledger/key-store.ts";
import { issueKey, shownKey } from "../policies/issued-key.ts";
import { makeKey } from "../policies/key-format.ts";
import { type Hours, Rights, type RightsData, WEEKDAYS } from "../policies/rights.ts";
import { systemWorld } from "../world/system.ts";
import type { Command, CommandInput } from "./command.ts";
import { LEDGER_FLAGS, ledgerFolder } from "./ledger-folder.ts";
import { UsageError } from "./parse.ts";
import { drawTable } from "./table.ts";

/** `omni keys`. */
export const command: Command = {
  name: "keys",
  summary: "Make, list, rotate and revoke keys of clients, while the gateway runs.",
  args: "<new|list|rotate|revoke> [id]",
  flags: {
    name: { type: "string", value: "NAME", summary: "new: whose key it is." },
    team: { type: "string", value: "TEAM", summary: "new: what it belongs to." },
    organisation: { type: "string", value: "NAME", summary: "new: what the team belongs to." },
    models: { type: "string", value: "LIST", summary: "new: what may be asked for, such as smart,openai/*. Default: everything." },
    deny: { type: "string", value: "LIST", summary: "new: what may not." },
    operations: { type: "string", value: "LIST", summary: "new: kinds of work." },
    providers: { type: "string", value: "LIST", summary: "new: who may serve it." },
    hours: { type: "string", value: "LIST", summary: "new: when it works, in UTC: 08:00-18:00, or only on some days mon+tue@08:00-18:00." },
    addresses: { type: "string", value: "LIST", summary: "new: where it may come from, such as 10.0.0.0/8." },
    expires: { type: "string", value: "WHEN", summary: "new: from when on it is of no use: 2027-01-31, or 720h from now." },
    tag: { type: "string", value: "NAME=VALUE", summary: "new: something to know it by, several with commas between." },
    test: { type: "boolean", summary: "new, rotate: begin it with omni_test_ instead of omni_live_." },
    overlap: { type: "string", value: "DURATION", summary: "rotate: how long the old secret goes on working. Default 24h." },
    json: { type: "boolean", summary: "Print JSON." },
    ...LEDGER_FLAGS,
  },
  examples: [
    "omni keys new --name alice --team search --models 'smart,openai/*'",
    "omni keys list",
    "omni keys rotate 4fKq0Z8tT1aB --overlap 1h",
    "omni keys revoke 4fKq0Z8tT1aB",
  ],
  run: keys,
};

async function keys(input: CommandInput): Promise<number> {
  const [verb = "", id] = input.args;
  const run = VERBS[verb];
  if (run === undefined) throw new UsageError(`keys can not "${verb}"`, "Try one of: omni keys new, list, rotate, revoke");
  if (NEEDS_ID.has(verb) !== (id !== undefined))
    throw new UsageError(id === undefined ? `which key to ${verb}?` : `${verb} takes no id`, "See their ids: omni keys list");
  const { clock } = systemWorld();
  const folder = await ledgerFolder(input);
  const store = new SqliteKeyStore(folder, clock.epochMs());
  const note: Task["note"] = (action, subject, detail = {}) => {
    const log = new SqliteAdminStore(folder, clock.epochMs());
    log.note({ atEpochMs: clock.epochMs(), actor: "command", address: "", action, subject, detail: JSON.stringify(detail) });
    log.close();
  };
  try {
    return run({ store, epochMs: clock.epochMs(), input, id: id ?? "", note });
  } finally {
    store.close();
  }
}

interface Task {
  readonly store: SqliteKeyStore;
  readonly epochMs: number;
  readonly input: CommandInput;
  readonly id: string;
  /** Puts what was done into the audit log. */
  note(action: string, subject: string, detail?: Readonly<Record<string, unknown>>): void;
}

const VERBS: Readonly<Record<string, (task: Task) => number>> = { new: make, list, rotate, revoke };
const NEEDS_ID: ReadonlySet<string> = new Set(["rotate", "revoke"]);

function make({ store, epochMs, input: { flags }, note }: Task): number {
  const { name } = flags;
  if (typeof name !== "string" || name.trim() === "") throw new UsageError("whose key is it to be?", "Try: omni keys new --name alice");
  const rights = { ...rightsOf(flags, epochMs), ...tagsOf(flags["tag"]) };
  const { key, row } = issueKey(
    { name, team: textOf(flags["team"]), organisation: textOf(flags["organisation"]), rights, mode: modeOf(flags) },
    epochMs,
    randomBytes,
  );
  store.add(row);
  note("keys.new", row.id, { name });
  return tellKey(row.id, key, flags["json"] === true);
}

function rotate({ store, epochMs, input: { flags }, id, note }: Task): number {
  const overlap = flags["overlap"] ?? "24h";
  const overlapMs = overlap === "0" ? 0 : durationMs(String(overlap));
  if (overlapMs === undefined) throw new UsageError(`"${overlap}" is no duration`, "Write 30m, 24h or 0");
  const made = makeKey(modeOf(flags), randomBytes, id);
  if (!store.rotate(id, made.sha256, epochMs + overlapMs)) return unknown(id);
  note("keys.rotate", id, { overlapMs });
  return tellKey(id, made.key, flags["json"] === true);
}

function revoke({ store, epochMs, input: { flags }, id, note }: Task): number {
  if (!store.revoke(id, epochMs)) return unknown(id);
  note("keys.revoke", id);
  console.log(
    flags["json"] === true ? JSON.stringify({ format: 1, id, revoked: true }) : `${id} is revoked; gateways notice within a second.`,
  );
  return 0;
}

function list({ store, epochMs, input: { flags } }: Task): number {
  const rows = store.list().map((row) => shownKey(row, epochMs));
  if (flags["json"] === true) {
    console.log(JSON.stringify({ format: 1, keys: rows }, null, 2));
    return 0;
  }
  const columns = ["id", "name", "team", "organisation", "state", "made", "rights"].map((title) => ({ title }));
  const cells = rows.map((row) => [
    row.id,
    row.name,
    row.team ?? "",
    row.organisation ?? "",
    row.state,
    new Date(row.createdEpochMs).toISOString().slice(0, 10),
    Object.keys(row.rights).length === 0 ? "" : JSON.stringify(row.rights),
  ]);
  console.log(drawTable(columns, cells));
  return 0;
}

function tellKey(id: string, key: string, asJson: boolean): number {
  console.log(asJson ? JSON.stringify({ format: 1, id, key }) : key);
  if (!asJson) console.error(`This is the only time that it is shown. Its id is ${id}.`);
  return 0;
}

function unknown(id: string): number {
  console.error(`omni: there is no key "${id}" that is not revoked. See them all: omni keys list`);
  return 1;
}

function modeOf(flags: CommandInput["flags"]): "live" | "test" {
  return flags["test"] === true ? "test" : "live";
}

function rightsOf(flags: CommandInput["flags"], epochMs: number): RightsData {
  const lists = Object.fromEntries(
    (["models", "deny", "operations", "providers", "addresses"] as const).flatMap((name) => {
      const names = listOf(flags[name]);
      return names === undefined ? [] : [[name, names]];
    }),
  );
  const { expires } = flags;
  const hours = listOf(flags["hours"])?.map(hoursOf);
  const rights: RightsData = {
    ...lists,
    ...(hours && { hours }),
    ...(typeof expires === "string" ? { expiresEpochMs: momentOf(expires, epochMs) } : {}),
  };
  try {
    new Rights(rights);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), "Write addresses such as 10.0.0.0/8,192.0.2.7");
  }
  return rights;
}

function hoursOf(text: string): Hours {
  const [, days, from = "", to = ""] = /^(?:([a-z+]+)@)?(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  const names = days?.split("+") ?? [...WEEKDAYS];
  const known = WEEKDAYS.filter((day) => names.includes(day));
  if (from === "" || known.length !== names.length)
    throw new UsageError(`"${text}" is no span of time`, "Write 08:00-18:00 or mon+tue@08:00-18:00");
  return { days: known, from, to };
}

function momentOf(text: string, epochMs: number): number {
  const inMs = durationMs(text);
  const moment = inMs === undefined ? Date.parse(text) : epochMs + inMs;
  if (!/^\d/.test(text) || !Number.isFinite(moment))
    throw new UsageError(`"${text}" is neither a day nor a duration`, "Write 2027-01-31 or 720h");
  if (moment <= epochMs) throw new UsageError(`"${text}" is over already`, "Write a day to come");
  return moment;
}

function tagsOf(flag: string | boolean | undefined): { readonly tags?: Readonly<Record<string, string>> } {
  const pairs = listOf(flag)?.map((pair) => pair.split("=", 2));
  if (pairs === undefined) return {};
  if (pairs.some(([name, value]) => !name || value === undefined))
    throw new UsageError("a tag has a name and a value", "Write --tag owner=ann,cost-centre=7");
  return { tags: Object.fromEntries(pairs) };
}

function listOf(flag: string | boolean | undefined): string[] | undefined {
  if (typeof flag !== "string") return undefined;
  return flag
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function textOf(flag: string | boolean | undefined): string | undefined {
  return typeof flag === "string" && flag !== "" ? flag : undefined;
}

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}
