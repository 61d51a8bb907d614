import type { Diagnostic } from "../../config/diagnostic.ts";
import { OmniError } from "../../ir/failure.ts";
import type { DrainerQuestion } from "../../ledger/drain-worker.ts";
import { type Drainer, QuestionDrainer } from "../../ledger/drainer.ts";
import { SharedCounts } from "../../policies/shared-counts.ts";
import type { Plan } from "../../routing/plan.ts";
import type { ConfigKeeper, ConfigRefused, ConfigRunning, ReloadOutcome } from "../../server/admin.ts";
import type { Clock } from "../../world/clock.ts";
import { SharedMemory } from "../../world/shared-memory.ts";
import { planOf } from "../load-plan.ts";
import { refusalOf } from "../reload.ts";
import { type CrewConfig, type FromWorker, type News, ORDERS, type Question, type ToWorker, type WorkerOrders } from "./messages.ts";

/** What a worker does at its supervisor's word. */
export interface WorkerDuties {
  /** Puts a plan in force; gives the admin token. @throws {OmniError} If a secret is missing; nothing is changed then. */
  adopt(plan: Plan): Promise<string | undefined>;
  /** Another has taken this one's place: finish what is under way, and end. */
  retire(): void;
  /** The supervisor is gone. */
  orphaned(): void;
  heard(news: News): void;
}

/** One process of several that serve together, as it sees its supervisor: who keeps the configuration, the ledger's tables and the number of processes. */
export class Worker implements ConfigKeeper {
  running: ConfigRunning | undefined;
  refused: ConfigRefused | undefined;
  adminToken: string | undefined;
  readonly orders: WorkerOrders;
  private readonly clock: Clock;
  private readonly memory: SharedMemory;
  private readonly duties: WorkerDuties;
  private readonly asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private readonly begun = Promise.withResolvers<CrewConfig | undefined>();
  private readonly helloMs: number;
  private clockOffsetMs = 0;
  private questions = 0;
  private adopting: Promise<void> = Promise.resolve();
  private shared: SharedCounts | undefined;

  constructor(orders: WorkerOrders, clock: Clock, duties: WorkerDuties) {
    this.orders = orders;
    this.clock = clock;
    this.duties = duties;
    this.memory = SharedMemory.open(orders.memory);
    process.on("message", (message) => this.hear(message as ToWorker)); // Nobody else has the other end.
    process.on("disconnect", () => this.leave());
    // At a terminal, Ctrl-C and a hang-up reach the whole group; a worker heeds its supervisor.
    process.on("SIGHUP", () => {});
    this.helloMs = clock.nowMs();
    this.tell({ type: "hello" });
  }

  /** Whether this process is the first of all: what the ledger knows of budgets is put into the shared memory by that one alone. */
  get isFirst(): boolean {
    return this.orders.port === undefined;
  }

  /** Waits for the first configuration, and puts it in force. @returns undefined if it was refused; the supervisor tells why. */
  begin(): Promise<CrewConfig | undefined> {
    return this.begun.promise;
  }

  /** Where limits count that hold for all processes. */
  get counts(): SharedCounts {
    const { seats, seat } = this.orders;
    // Not before the first configuration: by then the clocks have been compared.
    this.shared ??= new SharedCounts(this.memory.bytes, seats, seat, this.clockOffsetMs);
    return this.shared;
  }

  listening(port: number, url: string, adminUrl: string | undefined): void {
    this.tell({ type: "listening", port, url, adminUrl });
  }

  /** Tells all other workers. */
  spread(news: News): void {
    this.tell({ type: "news", news });
  }

  async reload(trigger: string): Promise<ReloadOutcome> {
    return (await this.ask({ type: "reload", trigger })) as ReloadOutcome; // What the supervisor gives for it; so below.
  }

  async restart(): Promise<number> {
    return (await this.ask({ type: "restart" })) as number;
  }

  /** The one who fills the ledger's tables, for this process's own journal. */
  drainer(folder: string, owner: string): Drainer {
    return new QuestionDrainer(owner, (question: DrainerQuestion) => this.ask({ type: "ledger", folder, question }));
  }

  /** Lets go of the supervisor, so that the process can end. */
  close(): void {
    process.removeAllListeners("disconnect");
    if (process.connected) process.disconnect?.();
  }

  private ask(question: Question): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = ++this.questions;
    this.asked.set(id, { resolve, reject });
    this.tell({ type: "ask", id, question });
    return promise;
  }

  private tell(message: FromWorker): void {
    if (process.connected) process.send?.(message);
  }

  private hear(message: ToWorker): void {
    switch (message.type) {
      case "welcome":
        // As if the answer had been given half-way.
        this.clockOffsetMs = message.nowMs - (this.helloMs + this.clock.nowMs()) / 2;
        return;
      case "adopt":
        // One after the other, or an older one could end later and stay.
        this.adopting = this.adopting.then(() => this.adopt(message.turn, message.config));
        return;
      case "state":
        this.running = message.state.running;
        this.refused = message.state.refused;
        return;
      case "answer":
        this.take(message.id)?.resolve(message.value);
        return;
      case "failure":
        this.take(message.id)?.reject(new Error(message.message));
        return;
      case "news":
        this.duties.heard(message.news);
        return;
      case "retire":
        this.duties.retire();
        return;
      default:
        message satisfies never;
    }
  }

  private take(id: number): { resolve(value: unknown): void; reject(error: Error): void } | undefined {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    return asked;
  }

  private async adopt(turn: number, config: CrewConfig): Promise<void> {
    let faults: readonly Diagnostic[] = [];
    try {
      this.adminToken = await this.duties.adopt(planOf(config.data, config.logs));
    } catch (error) {
      faults = refusalOf(error);
    }
    this.tell({ type: "adopted", turn, faults });
    this.begun.resolve(faults.length === 0 ? config : undefined);
  }

  private leave(): void {
    for (const { reject } of this.asked.values()) reject(new OmniError("shutting_down", "The supervisor is gone."));
    this.asked.clear();
    this.duties.orphaned();
  }
}

/** What this process was started with, if it is a worker. Taken out of the environment, which others inherit. */
export function workerOrders(): WorkerOrders | undefined {
  const text = process.env[ORDERS];
  delete process.env[ORDERS];
  // Without the other end of the line it is a variable that somebody happens to have set.
  return text === undefined || process.send === undefined ? undefined : (JSON.parse(text) as WorkerOrders);
}
