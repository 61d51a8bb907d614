import type { Diagnostic } from "../config/diagnostic.ts";
import { OmniError } from "../ir/failure.ts";
import type { Plan } from "../routing/plan.ts";
import type { ServerContext } from "./context.ts";
import type { Endpoint } from "./endpoint.ts";
import { respondJson } from "./reply.ts";

/** The configuration in force. */
export interface ConfigRunning {
  readonly hash: string;
  /** When it came into force. */
  readonly sinceEpochMs: number;
  /** The file and all that it imports. */
  readonly sources: readonly string[];
}

/** The last configuration that was not taken. */
export interface ConfigRefused {
  readonly atEpochMs: number;
  /** What asked for it: `start`, `watch`, `SIGHUP`, `admin`. */
  readonly trigger: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** How a reload ended. `unchanged`: the same configuration, nothing was touched. */
export type ReloadOutcome =
  | {
      readonly type: "applied" | "unchanged";
      readonly hash: string;
      /** Settings that take effect only after a restart, such as `server.port`. */
      readonly restart: readonly string[];
      /** What a person should know though nothing was refused. */
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly type: "refused"; readonly refused: ConfigRefused };

/** Who keeps the configuration: knows what runs, and reloads it. */
export interface ConfigKeeper {
  readonly running: ConfigRunning | undefined;
  /** Undefined when the last reload was taken. */
  readonly refused: ConfigRefused | undefined;
  /** The admin token of the plan in force, resolved. */
  readonly adminToken: string | undefined;
  reload(trigger: string): Promise<ReloadOutcome>;
  /**
   * Begins to replace all processes that serve, one by one. Does not wait for it: the one that was asked is replaced as well.
   * @returns How many. Absent where one process serves alone.
   */
  restart?(): Promise<number>;
}

/** How many entries of the audit log are told at once; `omni audit` tells all. */
const AUDIT_ENTRIES = 1_000;

/** What an operator asks of a running gateway. */
export function adminEndpoints(context: ServerContext): readonly Endpoint[] {
  const { keeper } = context;
  return [
    {
      method: "GET",
      path: "/admin/config",
      access: "admin",
      detail: { tag: "Administration", summary: "The configuration in force, and the last one that was refused and why" },
      answer: () => respondJson(report(context.gateway.plan, keeper), context.stamp()),
    },
    {
      method: "GET",
      path: "/admin/audit",
      access: "admin",
      detail: { tag: "Administration", summary: "What administrators did, the latest thousand entries" },
      answer: () => respondJson({ object: "list", data: context.auditLog(AUDIT_ENTRIES) }, context.stamp()),
    },
    {
      method: "POST",
      path: "/admin/reload",
      access: "admin",
      detail: {
        tag: "Administration",
        summary: "Read the configuration anew",
        description: "200 if it is in force now, 422 with its faults if it was refused and the old one stays.",
      },
      answer: async (request, server, _, { keyName: actor }) => {
        const outcome = await keeper.reload("admin");
        const subject = outcome.type === "refused" ? "" : outcome.hash;
        const address = server?.requestIP(request)?.address ?? "";
        context.audit({ actor, address, action: "config.reload", subject, detail: { outcome: outcome.type } });
        return respondJson({ format: 1, ...outcome }, context.stamp(), outcome.type === "refused" ? 422 : 200);
      },
    },
    {
      method: "POST",
      path: "/admin/restart",
      access: "admin",
      detail: {
        tag: "Administration",
        summary: "Replace all processes, one by one",
        description: "202: it has begun; requests go on meanwhile. 400 where one process serves alone (`omni serve --workers`).",
      },
      answer: async (request, server, _, { keyName: actor }) => {
        if (keeper.restart === undefined)
          throw new OmniError("invalid_request", "Cannot replace the process: it serves alone. Start several: omni serve --workers 2");
        const processes = await keeper.restart();
        const address = server?.requestIP(request)?.address ?? "";
        context.audit({ actor, address, action: "workers.restart", subject: "", detail: { processes } });
        return respondJson({ format: 1, processes }, context.stamp(), 202);
      },
    },
  ];
}

/** What may be shown of a plan: names, never headers, secrets or where secrets are to be found. */
function report(plan: Plan | undefined, keeper: ConfigKeeper): unknown {
  return {
    format: 1,
    running: keeper.running ?? null,
    refused: keeper.refused ?? null,
    plan:
      plan === undefined
        ? null
        : {
            providers: plan.providers.map((provider) => ({
              name: provider.name,
              kind: provider.definition.name,
              baseUrl: withoutCredentials(provider.baseUrl),
            })),
            routes: plan.routes.map((route) => ({
              name: route.name,
              type: route.type,
              operation: route.operation,
              targets: route.targets.map((id) => plan.targets[id]?.name),
              deadlineMs: route.deadlineMs,
              attemptsMax: route.attemptsMax,
            })),
            server: {
              port: plan.server.port,
              hostname: plan.server.hostname,
              drainMs: plan.server.drainMs,
              bodyBytesMax: plan.server.bodyBytesMax,
              logs: plan.server.logs,
            },
            notes: plan.notes,
          },
  };
}

// An address may carry a name and password, or a key in its query.
function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//").replace(/[?#].*$/, "");
}
