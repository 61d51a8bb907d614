import { type Watch, watchFiles } from "../../config/watch.ts";
import { SharedCounts } from "../../policies/shared-counts.ts";
import type { Plan } from "../../routing/plan.ts";
import type { ReloadOutcome } from "../../server/admin.ts";
import type { Log } from "../../telemetry/log.ts";
import { SharedMemory } from "../../world/shared-memory.ts";
import type { World } from "../../world/world.ts";
import { greetingOf } from "../greeting.ts";
import { loadPlan } from "../load-plan.ts";
import { ConfigRefusal, type LoadedPlan, Reloader, WATCH } from "../reload.ts";
import { isTerminal, openLog, printDiagnostics, printRefusal, START, tellReload, textOf } from "../serve-report.ts";
import type { StopSignals } from "../stop.ts";
import { VERSION } from "../version.ts";
import { KnownFacts } from "./known-facts.ts";
import { LedgerDesk } from "./ledger-desk.ts";
import { type Listening, Member, type WorkerEnd } from "./member.ts";
import type { CrewConfig, FromWorker, Question } from "./messages.ts";

/** What a supervisor is started with. */
export interface SupervisorOptions {
  readonly world: World;
  readonly signals: StopSignals;
  /** How many workers. */
  readonly workers: number;
  /** The arguments of the program; its workers get the same. */
  readonly args: readonly string[];
  /** The configuration's file; undefined for the built-in one. */
  readonly file: string | undefined;
  readonly environment: string | undefined;
}

/** A worker that ends by itself is started again after this; each further time in a row twice as long. Milliseconds. */
const RESTART_MS_FIRST = 100;
const RESTART_MS_MAX = 10_000;
/** One that has lived so long begins anew with that. */
const STEADY_MS = 30_000;
/** How long a replacement may take until it listens. */
const START_MS_MAX = 30_000;

/**
 * Keeps several processes that serve on one port. It reads the configuration, once for all, fills the ledger's tables, starts again what ends, and replaces
 * workers one by one when it is asked to. No request passes through it.
 */
export class Supervisor {
  private readonly options: SupervisorOptions;
  private readonly seats: number;
  private readonly memory: SharedMemory;
  private readonly counts: SharedCounts;
  private readonly desk: LedgerDesk;
  private readonly reloader: Reloader;
  private readonly facts = new KnownFacts();
  private readonly members = new Set<Member>();
  private log: Log;
  private watch: Watch | undefined;
  private plan: Plan | undefined;
  private config: CrewConfig | undefined;
  private faultsAtStart: ConfigRefusal["diagnostics"] = [];
  private listening: Listening | undefined;
  private turn = 0;
  private endsInRow = 0;
  private isStopping = false;
  private restarting: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    const { world, workers } = options;
    this.options = options;
    // While one is replaced by another both have a seat, and those that were replaced keep theirs until their last exchange has ended.
    this.seats = 2 * workers + 2;
    this.log = openLog("pretty", world.clock);
    this.memory = SharedMemory.create(`omni-${world.random.uuid()}`, SharedCounts.bytesFor(this.seats));
    // The supervisor has a lock's word of its own, and no seat.
    this.counts = new SharedCounts(this.memory.bytes, this.seats, this.seats, 0);
    this.counts.seed(() => Math.floor(world.random.unit() * 2 ** 32));
    this.desk = new LedgerDesk(world, () => this.log);
    this.reloader = new Reloader(
      {
        load: (signal) => loadPlan({ ...options, logs: this.logs }, signal),
        adopt: async (_, loaded) => this.adopt(loaded),
        ended: (trigger, outcome, sources, readFromEpochMs) => {
          tellReload(this.log, trigger, outcome);
          this.tellState();
          void this.watch?.follow(sources, readFromEpochMs);
        },
      },
      world.clock,
    );
  }

  async run(): Promise<number> {
    const { signals, file, world, workers } = this.options;
    process.on("SIGHUP", () => void this.reloader.reload("SIGHUP"));
    process.on("SIGUSR2", () => void this.restart());
    if (file !== undefined) this.watch = await watchFiles(file, world.clock, () => void this.reloader.reload(WATCH));
    const outcome = await Promise.race([this.start(), signals.first]);
    if (typeof outcome === "string") return this.stop();
    if (outcome.type === "refused") {
      // A worker that could not listen has said so itself.
      if (outcome.refused.diagnostics.length > 0) printRefusal(outcome);
      await this.stop();
      return 1;
    }
    printDiagnostics(outcome.warnings);
    const { plan } = this;
    const { url = "", adminUrl } = this.listening ?? {};
    if (plan !== undefined) {
      this.log = openLog(plan.server.logs, world.clock);
      console.log(greetingOf({ version: VERSION, plan, url, adminUrl, file }));
    }
    this.log.write("info", "workers", { count: workers, pids: [...this.members].map(({ pid }) => pid).join(" ") });
    await signals.first;
    return this.stop();
  }

  /** The first worker shows whether it can be done; the others follow. */
  private async start(): Promise<ReloadOutcome> {
    const outcome = await this.reloader.reload(START);
    if (outcome.type === "refused" || this.isStopping) return outcome;
    const others = Array.from({ length: this.options.workers - 1 }, () => this.hire());
    await Promise.all(others.map((member) => member.listening));
    return outcome;
  }

  private get logs(): CrewConfig["logs"] {
    return isTerminal() ? "pretty" : "json";
  }

  /** Puts a configuration in force with all workers, or with none. */
  private async adopt({ plan, data, warnings }: LoadedPlan): Promise<undefined> {
    const before = this.config;
    this.config = { data, warnings, logs: this.logs };
    if (this.members.size === 0) {
      await this.first();
    } else {
      const faults = await this.adoptAll(this.config);
      if (faults !== undefined) {
        this.config = before;
        if (before !== undefined) await this.adoptAll(before);
        throw new ConfigRefusal(faults, this.reloader.running?.sources ?? []);
      }
    }
    this.plan = plan;
    return undefined;
  }

  /** Starts the first worker, which takes the configuration or refuses it, and the port or not. */
  private async first(): Promise<void> {
    const member = this.hire();
    const listening = await member.listening;
    if (listening === undefined) {
      const faults = this.faultsAtStart;
      this.faultsAtStart = [];
      throw new ConfigRefusal(faults, []);
    }
    this.listening = listening;
  }

  /** @returns The faults of the first that refuses it; undefined if nobody does. */
  private async adoptAll(config: CrewConfig): Promise<ConfigRefusal["diagnostics"] | undefined> {
    const turn = ++this.turn;
    const there = [...this.members].filter(({ isThere }) => isThere);
    const ends = await Promise.all(there.map((member) => member.adopt({ type: "adopt", turn, config })));
    return ends.find((faults) => faults !== undefined && faults.length > 0);
  }

  private hire(): Member {
    const { world, workers, args } = this.options;
    const taken = new Set([...this.members].map(({ seat }) => seat));
    const seat = Array.from({ length: this.seats }, (_, at) => at).find((at) => !taken.has(at));
    if (seat === undefined) throw new Error("All seats are taken: too many workers have not yet ended.");
    const orders = { seat, seats: this.seats, workers, memory: this.memory.path, port: this.listening?.port };
    const member = new Member(
      orders,
      args,
      world.clock.nowMs(),
      (from, message) => this.hear(from, message),
      (from, end) => this.ended(from, end),
    );
    this.members.add(member);
    return member;
  }

  private hear(member: Member, message: FromWorker): void {
    switch (message.type) {
      case "hello":
        member.tell({ type: "welcome", nowMs: this.options.world.clock.nowMs() });
        void this.instruct(member);
        return;
      case "ask":
        void this.answer(member, message.id, message.question);
        return;
      case "news":
        if (message.news.type === "health") this.facts.note(message.news.fact, this.options.world.clock.nowMs());
        for (const other of this.members) if (other !== member && other.isThere) other.tell({ type: "news", news: message.news });
        return;
      case "adopted":
      case "listening":
        return;
      default:
        message satisfies never;
    }
  }

  private async instruct(member: Member): Promise<void> {
    member.isThere = true;
    this.tellState(member);
    const { config } = this;
    if (config === undefined) return;
    const faults = await member.adopt({ type: "adopt", turn: ++this.turn, config });
    if (faults === undefined) return;
    if (faults.length === 0) {
      for (const fact of this.facts.known(this.options.world.clock.nowMs())) member.tell({ type: "news", news: { type: "health", fact } });
      return;
    }
    this.faultsAtStart = faults;
    // It ends by itself; if it was not the first, a secret has gone that was there before.
    for (const { what, fix } of this.listening === undefined ? [] : faults)
      this.log.write("error", "a worker can not take the configuration", { pid: member.pid, what, fix });
  }

  private tellState(member?: Member): void {
    const { running, refused } = this.reloader;
    for (const each of member === undefined ? this.members : [member])
      if (each.isThere) each.tell({ type: "state", state: { running, refused } });
  }

  private async answer(member: Member, id: number, question: Question): Promise<void> {
    try {
      member.tell({ type: "answer", id, value: await this.do(question) });
    } catch (error) {
      member.tell({ type: "failure", id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  private async do(question: Question): Promise<unknown> {
    switch (question.type) {
      case "reload":
        return this.reloader.reload(question.trigger);
      case "restart":
        void this.restart();
        return this.options.workers;
      case "ledger":
        return this.desk.answer(question.folder, question.question);
      default:
        return question satisfies never;
    }
  }

  /** Replaces all workers, one after the other: the new one listens before the old one stops to. Whoever asks meanwhile waits for the one under way. */
  private restart(): Promise<void> {
    this.restarting ??= this.replaceAll().finally(() => {
      this.restarting = undefined;
    });
    return this.restarting;
  }

  private async replaceAll(): Promise<void> {
    const old = [...this.members].filter((member) => !member.isRetiring);
    let replaced = 0;
    this.log.write("info", "workers are replaced", { count: old.length });
    for (const member of old) {
      if (this.isStopping) return;
      const next = this.hire();
      const listening = await Promise.race([next.listening, this.wait(START_MS_MAX)]);
      if (listening === undefined) {
        next.isRetiring = true;
        next.kill("SIGKILL");
        this.log.write("error", "workers are not replaced: a new one did not come to listen", { replaced });
        return;
      }
      member.isRetiring = true;
      member.tell({ type: "retire" });
      await member.exited;
      replaced++;
    }
    this.log.write("info", "workers were replaced", { count: replaced });
  }

  private ended(member: Member, { code, signal }: WorkerEnd): void {
    const { clock } = this.options.world;
    this.members.delete(member);
    this.counts.release(member.seat);
    void this.desk.workerEnded();
    // Before the first listens there is nothing to go on with.
    if (this.isStopping || member.isRetiring || this.listening === undefined) return;
    this.endsInRow = clock.nowMs() - member.startedMs >= STEADY_MS ? 1 : this.endsInRow + 1;
    const waitMs = Math.min(RESTART_MS_FIRST * 2 ** Math.min(this.endsInRow - 1, 10), RESTART_MS_MAX);
    this.log.write("error", "a worker has ended; another follows", { pid: member.pid, code: code ?? "", signal: signal ?? "", waitMs });
    clock.startTimer(waitMs, () => {
      if (!this.isStopping) this.hire();
    });
  }

  /** Ends all of them, then the ledger. */
  private async stop(): Promise<number> {
    this.isStopping = true;
    this.watch?.close();
    this.reloader.close();
    const end = (): void => {
      for (const member of this.members) member.kill("SIGTERM");
    };
    end();
    void this.options.signals.second.then(end);
    while (this.members.size > 0) await Promise.all([...this.members].map((member) => member.exited));
    try {
      await this.desk.close();
    } catch (error) {
      this.log.write("error", "the ledger's tables could not be closed", { why: textOf(error) });
    }
    this.memory.close();
    this.log.flush();
    return 0;
  }

  private wait(ms: number): Promise<undefined> {
    return new Promise((resolve) => {
      this.options.world.clock.startTimer(ms, () => resolve(undefined));
    });
  }
}
