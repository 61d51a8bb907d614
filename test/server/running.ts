import type { Received, Reply } from "../../src/gateway/gateway.ts";
import type { Meter } from "../../src/gateway/meter.ts";
import type { Ledger } from "../../src/ledger/writer.ts";
import { ANONYMOUS, type Caller } from "../../src/policies/caller.ts";
import type { ProviderDefinition } from "../../src/providers/provider.ts";
import type { NameIndex } from "../../src/routing/name-index.ts";
import type { AccountId, Plan, PlannedProvider, ProviderId, Route, RouteId, Target, TargetId } from "../../src/routing/plan.ts";
import { OPERATIONS } from "../../src/ir/operation.ts";
import type { ConfigKeeper, ReloadOutcome } from "../../src/server/admin.ts";
import { type App, type AppOptions, createApp } from "../../src/server/app.ts";
import type { AdminDeed } from "../../src/server/context.ts";
import { createLog } from "../../src/telemetry/log.ts";
import type { Downstream, Wire } from "../../src/wire/wire.ts";
import { type Clock, systemClock, type Timer } from "../../src/world/clock.ts";
import { directNetwork } from "../../src/world/direct/network-direct.ts";
import { systemRandom } from "../../src/world/random.ts";

/** A clock whose timers run when the test says so. */
export interface HeldClock extends Clock {
  /** Runs all timers that wait for at least as long as is said. */
  fire(delayMsMin: number): void;
  readonly waiting: number;
}

export function holdClock(): HeldClock {
  const timers = new Map<number, { delayMs: number; run: () => void }>();
  let next = 0;
  return {
    ...systemClock,
    startTimer: (delayMs, run) => {
      timers.set(++next, { delayMs, run });
      return next as unknown as Timer;
    },
    cancelTimer: (timer) => void timers.delete(timer as unknown as number),
    fire: (delayMsMin) => {
      for (const [id, { delayMs, run }] of timers) {
        if (delayMs < delayMsMin) continue;
        timers.delete(id);
        run();
      }
    },
    get waiting() {
      return timers.size;
    },
  };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const downstream: Downstream = {
  paths: ["/chat/completions"],
  sample: { model: "default", messages: [] },
  streamType: "text/event-stream",
  keepAlive: encode(": \n\n"),
  readHead: () => {
    throw new Error("The double of the gateway reads no heads.");
  },
  encodeError: (error) => encode(JSON.stringify({ error: { message: error.message, code: error.kind, param: error.param ?? null } })),
  encodeErrorEvent: () => encode(""),
};

export const wire: Wire = {
  name: "openai-chat",
  operation: "chat",
  downstream,
  upstream: () => {
    throw new Error("The double of the gateway calls nobody.");
  },
};

function indexOf(names: readonly string[]): NameIndex {
  const find = (bytes: Uint8Array, start: number, end: number): RouteId | -1 =>
    names.indexOf(new TextDecoder().decode(bytes.subarray(start, end))) as RouteId | -1;
  return { find, findAt: (_, bytes, start, end) => find(bytes, start, end), names };
}

const NO_NAMES = Object.fromEntries(OPERATIONS.map((operation) => [operation, indexOf([])])) as unknown as Plan["names"];

/** A plan with as much in it as the server looks at. */
export function planOf(hash: string, bodyBytesMax = 1_000): Plan {
  const provider = {
    id: 0 as ProviderId,
    name: "acme",
    definition: { name: "openai-compatible" } as ProviderDefinition,
    baseUrl: "https://user:pass@acme.test/v1",
    headers: { "x-secret": "s3cret" },
    settings: {},
    accounts: [0 as AccountId],
    attemptsMax: undefined,
    timeoutMs: undefined,
    silenceMs: 60_000,
  } satisfies PlannedProvider;
  const targets = ["acme/tiny", "acme/big/model"].map((name, id) => ({
    id: id as TargetId,
    name,
    service: name,
    account: 0 as AccountId,
    provider: provider.id,
    operation: "chat",
    model: name.slice(5),
    modelJson: encode(`"${name}"`),
    sheet: {},
    bridges: new Map(),
  })) as Target[];
  const names = ["smart", "acme/tiny", "acme/big/model"];
  const routes = names.map((name, id) => ({
    id: id as RouteId,
    operation: "chat",
    name,
    type: id === 0 ? "combo" : "target",
    root: 0,
    nodes: new Int32Array(),
    asksFacts: false,
    asksHeadroom: false,
    targets: id === 0 ? [0, 1] : [id - 1],
    deadlineMs: 1,
    firstByteMs: 1,
    attemptsMax: 4,
  })) as unknown as Route[];
  return {
    hash,
    policies: {
      keys: [],
      requireKeys: undefined,
      rates: [],
      concurrency: [],
      budgets: [],
      idempotency: undefined,
      reasoning: undefined,
      promptCache: undefined,
      cache: undefined,
      responses: undefined,
      guardrails: undefined,
      webhooks: [],
      rtk: { enabled: false, marked: "leave-all" },
    },
    ledger: undefined,
    prices: [],
    providers: [provider],
    accounts: [{ id: 0 as AccountId, provider: provider.id, name: undefined, apiKey: undefined, weight: undefined }],
    targets,
    routes,
    names: { ...NO_NAMES, chat: indexOf(names) },
    choices: {
      target: new Int32Array(),
      strategy: new Int8Array(),
      childStart: new Int32Array(1),
      children: new Int32Array(),
      weight: new Float64Array(),
      condition: new Int32Array(),
      conditions: [],
      key: new Uint32Array(),
    },
    models: {
      inputPrice: new Float64Array(2),
      outputPrice: new Float64Array(2),
      contextTokens: new Float64Array(2),
      lacks: new Uint32Array(2),
    },
    server: {
      port: 0,
      hostname: "127.0.0.1",
      drainMs: 1_000,
      bodyBytesMax,
      shed: undefined,
      adminToken: undefined,
      admin: undefined,
      logs: "json",
      metrics: true,
    },
    notes: [],
  };
}

export interface Running {
  readonly app: App;
  readonly server: Bun.Server<unknown>;
  readonly port: number;
  readonly url: string;
  readonly clock: HeldClock;
  /** What reached the gateway. */
  readonly received: Received[];
  readonly log: string[];
  /** What went into the audit log. */
  readonly audited: AdminDeed[];
  readonly keeper: {
    running: ConfigKeeper["running"];
    refused: ConfigKeeper["refused"];
    adminToken: string | undefined;
    reloads: string[];
    outcome: ReloadOutcome;
  };
}

export interface RunningOptions extends Partial<AppOptions> {
  readonly plan?: Plan | undefined;
  /** Who asks. Default: anybody. */
  authenticate?(headers: Headers): Caller;
  serve?(received: Received): Promise<Reply> | Reply;
  readonly ledger?: Ledger;
  readonly meter?: Meter;
}

/** A server that listens, on top of a double of the gateway that says back what it got. */
export function run(options: RunningOptions = {}): Running & Disposable {
  const received: Received[] = [];
  const log: string[] = [];
  const audited: AdminDeed[] = [];
  const clock = holdClock();
  const echo = (each: Received): Reply => ({
    status: 200,
    headers: { "content-type": "application/json", "x-omni-request-id": "gateway", "x-omni-config": "plan0001" },
    body: each.body,
  });
  const keeper: Running["keeper"] & ConfigKeeper = {
    running: { hash: "plan0001", sinceEpochMs: 1, sources: ["/etc/omni/omni.config.ts"] },
    refused: undefined,
    adminToken: undefined,
    reloads: [],
    outcome: { type: "unchanged", hash: "plan0001", restart: [], warnings: [] },
    reload: async (trigger) => {
      keeper.reloads.push(trigger);
      return keeper.outcome;
    },
  };
  const plan = "plan" in options ? options.plan : planOf("plan0001");
  const app = createApp({
    world: {
      clock,
      random: systemRandom,
      network: { ...directNetwork, open: () => ({ send: () => Promise.reject(new Error("closed")), close: () => {} }) },
    },
    gateway: {
      plan,
      ledger: options.ledger,
      meter: options.meter,
      health: undefined,
      pending: 0,
      budgetStandings: () => undefined,
      reportHealth: () => undefined,
      explainLive: () => undefined,
      decision: () => undefined,
      authenticate: options.authenticate ?? (() => ANONYMOUS),
      serveKept: () => Promise.reject(new Error("Nothing is kept here.")),
      serve: async (each) => {
        received.push(each);
        return (options.serve ?? echo)(each);
      },
    },
    keeper,
    audit: (done) => audited.push(done),
    auditLog: () => [],
    log: createLog({ format: "json", clock, write: (text) => log.push(text) }),
    wires: [wire],
    version: "0.0.0",
    startedEpochMs: 1_700_000_000_000,
    logsRequests: false,
    hostname: "127.0.0.1",
    isDraining: () => false,
    ...options,
  });
  const server = app.listen(0, "127.0.0.1");
  const port = server.port!; // It listens on TCP.
  return {
    app,
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    clock,
    received,
    log,
    audited,
    keeper,
    [Symbol.dispose]: () => void server.stop(true),
  };
}
