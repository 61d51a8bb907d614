import type { Gateway } from "../gateway/gateway.ts";
import type { AuditRow } from "../ledger/schema.ts";
import type { Logins } from "../policies/logins.ts";
import type { Webhooks } from "../telemetry/webhooks.ts";
import type { LoadWatch } from "../resilience/load-watch.ts";
import type { Log } from "../telemetry/log.ts";
import type { Downstream, Wire } from "../wire/wire.ts";
import type { World } from "../world/world.ts";
import type { ConfigKeeper } from "./admin.ts";
import type { AdminDoorkeeper } from "./auth.ts";
import type { ClientWatch } from "./client-watch.ts";
import type { KeyBook } from "./keys.ts";
import type { AnswerStamp } from "./reply.ts";

/** What an administrator did. */
export interface AdminDeed {
  readonly actor: string;
  readonly address: string;
  /** Such as `keys.new`. */
  readonly action: string;
  readonly subject: string;
  /** More of it; never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Which endpoints a listener has: all, all but the administration's, or that and what it needs. */
export type Plane = "all" | "data" | "admin";

/** What the server needs of the gateway. */
export type Carrier = Pick<
  Gateway,
  | "plan"
  | "serve"
  | "serveKept"
  | "authenticate"
  | "ledger"
  | "meter"
  | "health"
  | "pending"
  | "budgetStandings"
  | "plan"
  | "serve"
  | "authenticate"
  | "ledger"
  | "meter"
  | "health"
  | "pending"
  | "budgetStandings"
  | "reportHealth"
  | "explainLive"
  | "decision"
>;

/** What every endpoint may ask for. Made once, when the server is. */
export interface ServerContext {
  readonly world: World;
  readonly gateway: Carrier;
  readonly keeper: ConfigKeeper;
  /** Who may come in as a person; undefined where nobody may. */
  readonly logins?: Logins | undefined;
  /** Who is told of what happens; undefined where nobody is. */
  readonly webhooks?: Pick<Webhooks, "state"> | undefined;
  /** Keys that are made at run time; undefined where there is no place for them. */
  readonly keys?: KeyBook | undefined;
  /** Puts what an administrator did into the audit log. Never throws. */
  audit(done: AdminDeed): void;
  /** The latest of what was put there, the last one first. */
  auditLog(count: number): readonly AuditRow[];
  readonly log: Log;
  /** Notices which clients leave before they are answered. */
  readonly clients: ClientWatch;
  /** Formats that clients speak. One endpoint comes of each of their paths. */
  readonly wires: readonly Wire[];
  /** In whose words errors are told where a path belongs to no wire: OpenAI's, which most clients read. */
  readonly envelope: Downstream;
  readonly version: string;
  /** When the process began to serve, as models' `created`. */
  readonly startedEpochMs: number;
  /** Whether a line is logged for every request. Costs some 7 µs each. */
  readonly logsRequests: boolean;
  /** Whether a stop was asked for, so that nobody should send more. */
  isDraining(): boolean;
  /** What is listened on, for those whose rights depend on it. */
  readonly hostname: string;
  /** Lets administrators in, and counts those who are none. */
  readonly doorkeeper: AdminDoorkeeper;
  /** Whether the process keeps up. */
  readonly load: LoadWatch;
  /** All paths that are served, as the documentation writes them. */
  paths(): readonly string[];
  /** A fresh request id beside the hash of the plan in force. */
  stamp(): AnswerStamp;
}
