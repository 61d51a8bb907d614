import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { durationMs } from "../config/duration.ts";
import { findConfig, folderOf } from "../config/load.ts";
import { readSecret } from "../config/read-secret.ts";
import type { SecretReference } from "../config/secret.ts";
import { isLoopback } from "../config/validate.ts";
import { type Watch, watchFiles } from "../config/watch.ts";
import { Gateway } from "../gateway/gateway.ts";
import { Logins } from "../policies/logins.ts";
import type { SecretReader } from "../gateway/live.ts";
import { Redaction } from "../gateway/redaction.ts";
import { OmniError } from "../ir/failure.ts";
import type { LedgerState } from "../ledger/writer.ts";
import type { PlannedWebhook } from "../routing/plan-policies.ts";
import { Webhooks } from "../telemetry/webhooks.ts";
import { Meter } from "../gateway/meter.ts";
import type { Plan } from "../routing/plan.ts";
import { type App, type AppOptions, createApp } from "../server/app.ts";
import { logMistake } from "../server/reply.ts";
import type { Log } from "../telemetry/log.ts";
import { WIRES } from "../wire/index.ts";
import { systemClock } from "../world/clock.ts";
import { systemWorld } from "../world/system.ts";
import type { World } from "../world/world.ts";
import { AdminBooks } from "./admin-books.ts";
import { Books } from "./books.ts";
import type { Command, CommandInput } from "./command.ts";
import type { WorkerOrders } from "./crew/messages.ts";
import { Supervisor } from "./crew/supervisor.ts";
import { Worker, workerOrders } from "./crew/worker.ts";
import { liftsFetchLimit } from "./fetch-limit.ts";
import { greetingOf } from "./greeting.ts";
import { folderIn } from "./ledger-folder.ts";
import { loadPlan } from "./load-plan.ts";
import { UsageError } from "./parse.ts";
import { Reloader, WATCH } from "./reload.ts";
import { isTerminal, openLog, printDiagnostics, printRefusal, START, tellReload, textOf } from "./serve-report.ts";
import { type StopSignals, stop, takeStopSignals, wait } from "./stop.ts";
import { VERSION } from "./version.ts";

/** How long a process that was replaced still answers on connections that are open, so that none is closed in a client's face. Milliseconds. */
const LINGER_MS = 1_000;

const WORKERS_MAX = 64;

const CONFIG_FILE = "omni.config.ts";

/** `omni serve`. */
export const command: Command = {
  name: "serve",
  summary: "Serve: load the configuration, listen, and load it anew whenever it changes.",
  flags: {
    port: { type: "string", value: "PORT", summary: "Listen on this port; then PORT counts, then the configuration, then 20128." },
    hostname: { type: "string", value: "HOST", summary: "Listen on this address instead of the configuration's." },
    config: { type: "string", value: "FILE", summary: `The configuration. Default: ${CONFIG_FILE} in this folder.` },
    env: { type: "string", value: "NAME", summary: "Which of the configuration's environments to merge in." },
    demo: { type: "boolean", summary: "Serve the built-in configuration, a simulator that needs no key, whatever lies here." },
    "demo-if-unconfigured": { type: "boolean", summary: `The same where there is no ${CONFIG_FILE}, which is what happens then anyway.` },
    "log-requests": { type: "boolean", summary: "Log a line for each request, as is done at a terminal; costs some microseconds each." },
    "lame-duck": {
      type: "string",
      value: "DURATION",
      summary: "How long to go on taking requests after a stop is asked for and /readyz says no. Default 0s.",
    },
    workers: {
      type: "string",
      value: "N|auto",
      summary:
        "Serve with so many processes on one port; auto: one for each core. They count limits and budgets together. Linux. Default 1.",
    },
  },
  examples: [
    "omni serve --demo",
    "omni serve",
    `omni serve --config /etc/omni/${CONFIG_FILE} --env production`,
    "omni serve --port 8080 --lame-duck 5s",
    "omni serve --workers auto",
  ],
  run: serve,
};

/** What was asked for on the command line. */
interface Wishes {
  /** undefined for the built-in configuration. */
  readonly file: string | undefined;
  readonly environment: string | undefined;
  readonly port: number | undefined;
  readonly hostname: string | undefined;
  readonly logsRequests: boolean;
  /** What REQUIRE_API_KEY says; undefined leaves it to the configuration. */
  readonly requireKeys: boolean | undefined;
  readonly lameDuckMs: number;
  /** How many processes. */
  readonly workers: number;
}

async function serve(input: CommandInput): Promise<number> {
  const wishes = wishesOf(input);
  const orders = workerOrders();
  // From here on a signal is a wish and not the end: also in the middle of a start.
  const signals = takeStopSignals(systemClock);
  if (orders === undefined && wishes.workers > 1) {
    const { file, environment, workers } = wishes;
    return new Supervisor({ world: systemWorld(), signals, workers, args: process.argv.slice(2), file, environment }).run();
  }
  return new Serving(wishes, signals, orders).run();
}

/** One run of `omni serve`, from the first look at the configuration to the last byte. */
class Serving {
  private readonly wishes: Wishes;
  private readonly signals: StopSignals;
  private readonly world: World = systemWorld();
  private readonly gateway: Gateway;
  private readonly reloader: Reloader;
  private readonly startedEpochMs: number;
  private log: Log;
  private books: Books;
  private readonly webhooks: Webhooks = new Webhooks(this.world, (webhook, event, why) =>
    this.log.write("warn", "a webhook did not take what it was told", { webhook, event, why }),
  );
  private readonly meter: Meter = new Meter();
  private adminBooks: AdminBooks | undefined;
  /** Secrets that no provider is ever sent. */
  private ownSecrets: Redaction = new Redaction([]);
  private readonly redact = (line: string): string => this.ownSecrets.text(this.gateway.redaction?.text(line) ?? line);
  private readonly logins: Logins = new Logins({
    clock: this.world.clock,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    verify: (password, hash) => Bun.password.verify(password, hash),
  });
  private ledgerIsOpen = false;
  private watch: Watch | undefined;
  /** The administration's own listener, if it has one. */
  private adminServer: Bun.Server<unknown> | undefined;

  /** The others that serve beside this process, if there are any. */
  private readonly crew: Worker | undefined;
  private app: App | undefined;
  private readonly retired = Promise.withResolvers<"retired">();

  constructor(wishes: Wishes, signals: StopSignals, orders: WorkerOrders | undefined) {
    this.wishes = wishes;
    this.signals = signals;
    this.startedEpochMs = this.world.clock.epochMs();
    this.log = openLog("pretty", this.world.clock, this.redact);
    this.books = new Books(join(this.folder, ".omni"), this.world, () => this.log);
    this.crew = orders && this.join(orders);
    this.gateway = new Gateway(
      this.world,
      { mistaken: (error, requestId) => logMistake(this.log, error, requestId) },
      {
        requireKeys: wishes.requireKeys,
        logins: this.logins,
        shadowed: (rule, { id, caller }) =>
          this.log.write("info", "a rule in shadow mode would have refused", { rule, requestId: id, key: caller.keyName }),
        spending: ({ rule, subject, share }) => {
          const spent = {
            budget: rule.name,
            per: rule.per,
            subject,
            share,
            usd: rule.limitNanoUsd / 1e9,
            period: rule.period,
            soft: rule.soft === true,
          };
          this.log.write("warn", "budget", spent);
          this.webhooks.send("budget.spent", spent);
        },
        // Where several count together, the first of all has told what was spent.
        spentBefore: async (rules) => (this.crew?.isFirst === false ? [] : this.books.spentBefore(rules)),
        counts: () => this.crew?.counts,
        processes: orders?.workers ?? 1,
        found: this.crew && ((fact) => this.crew?.spread({ type: "health", fact })),
        storeFolder: () => this.books.folder,
        storeFailed: (error) =>
          this.log.write("error", "what is kept between requests can not be read or written", { error: textOf(error) }),
      },
    );
    this.reloader = new Reloader(
      {
        load: (signal) => loadPlan({ ...wishes, logs: isTerminal() ? "pretty" : "json" }, signal),
        adopt: (plan) => this.adopt(plan),
        ended: (trigger, outcome, sources, readFromEpochMs) => {
          tellReload(this.log, trigger, outcome);
          void this.watch?.follow(sources, readFromEpochMs);
        },
      },
      this.world.clock,
    );
  }

  async run(): Promise<number> {
    try {
      return this.crew === undefined ? await this.runAlone() : await this.runInCrew(this.crew);
    } finally {
      this.crew?.close();
    }
  }

  private async runInCrew(crew: Worker): Promise<number> {
    const config = await Promise.race([crew.begin(), this.signals.first]);
    const { plan } = this.gateway;
    if (typeof config === "string") return this.giveUp(0);
    if (config === undefined || plan === undefined) return this.giveUp(1);
    this.log = openLog(plan.server.logs, this.world.clock, this.redact);
    const server = this.listen(plan);
    if (server === undefined) return this.giveUp(1);
    this.takeMistakes();
    crew.listening(server.port ?? 0, urlOf(server), this.adminServer && urlOf(this.adminServer));
    if (crew.isFirst) void this.checkFetchLimit();
    const end = await Promise.race([this.signals.first, this.retired.promise]);
    if (end === "retired") await this.retire(server);
    else await this.stop(server);
    return 0;
  }

  /** Ends after another has taken this process's place: connections are closed with their next answer, and what is under way goes on to its end. */
  private async retire(server: Bun.Server<unknown>): Promise<void> {
    const { clock } = this.world;
    const { app, signals } = this;
    const drainMs = this.gateway.plan?.server.drainMs ?? 0;
    app?.closeConnections();
    await Promise.race([wait(LINGER_MS, clock), signals.first]);
    const stopped = [server.stop(), this.adminServer?.stop()];
    const outcome = await Promise.race([Promise.all(stopped), wait(drainMs, clock), signals.first]);
    if (!Array.isArray(outcome)) this.log.write("warn", "replaced with exchanges under way", { cut: this.gateway.pending });
    this.gateway.drain();
    await server.stop(true);
    await this.close();
  }

  private join(orders: WorkerOrders): Worker {
    return new Worker(orders, this.world.clock, {
      adopt: (plan) => this.adopt(plan),
      retire: () => this.retired.resolve("retired"),
      // A process without its supervisor would never be told of anything again.
      orphaned: () => process.kill(process.pid, "SIGTERM"),
      heard: (news) => (news.type === "health" ? this.gateway.heard(news.fact) : this.books.lookAgain()),
    });
  }

  private async runAlone(): Promise<number> {
    process.on("SIGHUP", () => void this.reloader.reload("SIGHUP"));
    await this.watchConfig();
    const outcome = await Promise.race([this.reloader.reload(START), this.signals.first]);
    const { plan } = this.gateway;
    if (typeof outcome === "string") return this.giveUp(0);
    if (outcome.type === "refused" || plan === undefined) {
      if (outcome.type === "refused") printRefusal(outcome);
      return this.giveUp(1);
    }
    printDiagnostics(outcome.warnings);
    this.log = openLog(plan.server.logs, this.world.clock, this.redact);
    const server = this.listen(plan);
    if (server === undefined) return this.giveUp(1);
    this.takeMistakes();
    console.log(
      greetingOf({
        version: VERSION,
        plan,
        url: urlOf(server),
        adminUrl: this.adminServer && urlOf(this.adminServer),
        file: this.wishes.file,
      }),
    );
    void this.checkFetchLimit();
    await this.signals.first;
    await this.stop(server);
    return 0;
  }

  /** Gives up the start; nothing is to keep the process from ending. */
  private giveUp(code: number): number {
    this.watch?.close();
    this.reloader.close();
    this.adminBooks?.close();
    void this.adminServer?.stop(true);
    return code;
  }

  private async adopt(plan: Plan): Promise<string | undefined> {
    const read = (reference: SecretReference): Promise<string> => readSecret(reference, { folder: this.folder });
    const token = plan.server.adminToken === undefined ? undefined : await read(plan.server.adminToken);
    const hooks = await Promise.all(plan.policies.webhooks.map(async (hook) => ({ ...hook, secret: await readSigningSecret(hook, read) })));
    await this.openBooks(plan);
    this.gateway.meter = plan.server.metrics ? this.meter : undefined;
    await this.gateway.adopt(plan, read);
    this.webhooks.use(hooks);
    this.ownSecrets = new Redaction([...(token === undefined ? [] : [token]), ...hooks.map(({ secret }) => secret)]);
    return token;
  }

  /** The configuration's own folder. */
  private get folder(): string {
    return this.wishes.file === undefined ? process.cwd() : folderOf(this.wishes.file);
  }

  /** Before the first plan is in force: its budgets ask the ledger what was spent already. */
  private async openBooks(plan: Plan): Promise<void> {
    if (this.gateway.plan === undefined) {
      const folder = folderIn(plan.ledger?.folder, this.folder);
      const changed = (state: LedgerState): void => {
        this.log.write("warn", "ledger", { ...state });
        this.webhooks.send("ledger.changed", { ...state });
      };
      const { crew } = this;
      this.books = new Books(folder, this.world, () => this.log, {
        changed,
        drainerOf: crew && ((place, owner) => crew.drainer(place, owner)),
        keysChanged: () => crew?.spread({ type: "books" }),
      });
      this.adminBooks ??= new AdminBooks(folder, this.world, this.logins, () => this.log);
      this.adminBooks.follow();
      this.books.followKeys((keys) => this.gateway.setStoredKeys(keys));
    }
    if (plan.ledger === undefined || this.ledgerIsOpen) return;
    this.gateway.ledger = await this.books.openLedger(plan.ledger);
    this.ledgerIsOpen = true;
  }

  /** @returns undefined if that is not possible; it has been said why. */
  private listen(plan: Plan): Bun.Server<unknown> | undefined {
    const hostname = this.wishes.hostname ?? plan.server.hostname;
    const port = this.crew?.orders.port ?? this.wishes.port ?? plan.server.port;
    if (!isLoopback(hostname) && !this.gateway.requiresKeys) {
      console.error(
        `omni: cannot listen on ${hostname}: other machines can reach it, and nobody there would need a key. Declare policies.keys, or listen on 127.0.0.1.`,
      );
      return undefined;
    }
    const options: AppOptions = {
      world: this.world,
      gateway: this.gateway,
      keeper: this.crew ?? this.reloader,
      sharing: this.crew === undefined ? "none" : this.crew.isFirst ? "first" : "joins",
      log: this.log,
      wires: WIRES,
      version: VERSION,
      startedEpochMs: this.startedEpochMs,
      logsRequests: this.wishes.logsRequests,
      hostname,
      logins: this.logins,
      keys: this.books,
      webhooks: this.webhooks,
      audit: (done) => this.adminBooks?.audit(done),
      auditLog: (count) => this.adminBooks?.auditLog(count) ?? [],
      isDraining: () => this.signals.isStopping,
    };
    const { admin } = plan.server;
    if (admin !== undefined) {
      this.adminServer = tryToListen(createApp({ ...options, plane: "admin", hostname: admin.hostname }), admin.port, admin.hostname);
      if (this.adminServer === undefined) return undefined;
    }
    this.app = createApp({ ...options, plane: admin === undefined ? "all" : "data" });
    return tryToListen(this.app, port, hostname);
  }

  private async watchConfig(): Promise<void> {
    const { file } = this.wishes;
    if (file === undefined) return;
    this.watch = await watchFiles(file, this.world.clock, () => void this.reloader.reload(WATCH));
  }

  /** What no one caught is a bug; it is told, and the others' requests go on. Before there are any, such a bug ends the process, as it should. */
  private takeMistakes(): void {
    let count = 0;
    for (const event of ["unhandledRejection", "uncaughtException"] as const) {
      process.on(event, (error: unknown) => this.log.write("error", event, { count: ++count, error: textOf(error) }));
    }
    process.on("exit", () => this.log.flush());
  }

  private async checkFetchLimit(): Promise<void> {
    if (await liftsFetchLimit(this.world.network, this.world.clock)) return;
    const remedy = "Start it with BUN_CONFIG_MAX_HTTP_REQUESTS=65535, and a limit of open files (ulimit -n) above 2000.";
    this.log.write("warn", "only 256 requests to providers can be under way at a time; the others wait", { remedy });
  }

  private async stop(server: Bun.Server<unknown>): Promise<void> {
    this.watch?.close();
    this.reloader.close();
    const { lameDuckMs } = this.wishes;
    const drainMs = this.gateway.plan?.server.drainMs ?? 0;
    await stop({ server, gateway: this.gateway, signals: this.signals, clock: this.world.clock, log: this.log, lameDuckMs, drainMs });
    await this.close();
  }

  private async close(): Promise<void> {
    this.gateway.close();
    await this.adminServer?.stop(true);
    this.adminBooks?.close();
    this.webhooks.close();
    await this.books.close();
    this.log.flush();
  }
}

/** @throws {OmniError} If it is empty: then everybody could sign. */
async function readSigningSecret({ name, secret }: PlannedWebhook, read: SecretReader): Promise<string> {
  const text = await read(secret);
  if (text !== "") return text;
  throw new OmniError("internal_error", `Cannot sign what the webhook "${name}" is told: its secret is empty.`);
}

/** @returns undefined if that is not possible; it has been said why. */
function tryToListen(app: App, port: number, hostname: string): Bun.Server<unknown> | undefined {
  try {
    return app.listen(port, hostname);
  } catch (error) {
    console.error(`omni: cannot listen on ${hostname}:${port}: ${reasonOf(error)}`);
    return undefined;
  }
}

function wishesOf({ flags }: CommandInput): Wishes {
  const text = (name: string): string | undefined => (typeof flags[name] === "string" ? flags[name] : undefined);
  const asked = text("config");
  if (flags["demo"] === true && asked !== undefined)
    throw new UsageError("serve: --demo and --config exclude each other.", "Try: omni serve --demo");
  return {
    file: flags["demo"] === true ? undefined : asked === undefined ? findConfig() : resolve(asked),
    environment: text("env") ?? process.env["OMNI_ENV"],
    port: portOf("--port", text("port")) ?? portOf("PORT", process.env["PORT"] || undefined),
    hostname: text("hostname"),
    logsRequests: flags["log-requests"] === true || isTerminal(),
    requireKeys: requireKeysOf(process.env["REQUIRE_API_KEY"]),
    lameDuckMs: lameDuckOf(text("lame-duck")),
    workers: workersOf(text("workers")),
  };
}

function requireKeysOf(text: string | undefined): boolean | undefined {
  switch (text?.toLowerCase()) {
    case undefined:
    case "":
      return undefined;
    case "false":
    case "0":
      return false;
    case "true":
    case "1":
      return true;
    default:
      throw new UsageError(`serve: REQUIRE_API_KEY is "${text}".`, "Set it to true or false.");
  }
}

function portOf(source: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new UsageError(`serve: ${source} is no port: ${text}`, "Try: omni serve --port 20128");
}

function workersOf(text: string | undefined): number {
  const count = text === undefined ? 1 : text === "auto" ? availableParallelism() : /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > WORKERS_MAX)
    throw new UsageError(
      `serve: --workers is neither a number from 1 to ${WORKERS_MAX} nor auto: ${text}`,
      "Try: omni serve --workers auto",
    );
  if (count > 1 && process.platform !== "linux") {
    if (text === "auto") return 1;
    throw new UsageError("serve: --workers needs Linux, which alone spreads connections over processes.", "Try: omni serve");
  }
  return count;
}

function lameDuckOf(text: string | undefined): number {
  if (text === undefined || text === "0s" || text === "0") return 0;
  const ms = durationMs(text);
  if (ms === undefined) throw new UsageError(`serve: --lame-duck is no duration: ${text}`, "Try: omni serve --lame-duck 5s");
  return ms;
}

/** Why one can not listen, and what to do about it. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "another process does already. Stop it, or choose another port: omni serve --port 20129";
  if (code === "EACCES") return "this user may not. Choose a port above 1023: omni serve --port 20128";
  if (code === "EADDRNOTAVAIL") return "this machine has no such address. Mend server.hostname, or: omni serve --hostname 127.0.0.1";
  if (code === "ENOENT" || code === "ENOTFOUND")
    return "no machine has this name. Mend server.hostname, or: omni serve --hostname 127.0.0.1";
  return textOf(error);
}

/** Where this machine reaches the server: one that listens everywhere is reached by loopback. */
function urlOf({ hostname, port }: Bun.Server<unknown>): string {
  const name = hostname === "0.0.0.0" || hostname === "::" || hostname === undefined ? "127.0.0.1" : hostname;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
