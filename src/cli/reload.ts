import type { ConfigData } from "../config/data.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import { FAULTS } from "../config/fault.ts";
import { OmniError } from "../ir/failure.ts";
import type { Plan } from "../routing/plan.ts";
import type { ConfigKeeper, ConfigRefused, ConfigRunning, ReloadOutcome } from "../server/admin.ts";
import type { Clock } from "../world/clock.ts";

/** A configuration that was read, checked and compiled, and is not yet in force. */
export interface LoadedPlan {
  readonly plan: Plan;
  /** What it was compiled from. */
  readonly data: ConfigData;
  /** Full paths: the file itself and all that it imports. */
  readonly sources: readonly string[];
  /** What a person should know though nothing is refused. */
  readonly warnings: readonly Diagnostic[];
}

/** A configuration that can not be taken. */
export class ConfigRefusal extends Error {
  override readonly name = "ConfigRefusal";
  readonly diagnostics: readonly Diagnostic[];
  /** The files that were read before it failed: mending one of them is to be noticed. */
  readonly sources: readonly string[];

  constructor(diagnostics: readonly Diagnostic[], sources: readonly string[]) {
    super(diagnostics[0]?.what ?? "The configuration can not be taken.");
    this.diagnostics = diagnostics;
    this.sources = sources;
  }
}

/** The trigger of a reload that nobody asked for: a file has changed. */
export const WATCH = "watch";

/** What a reload is made of. */
export interface ReloadSteps {
  /**
   * Reads the configuration.
   * @param signal Aborted when a newer one is wanted: reading then ends at once, even where it would have gone on for ever.
   * @throws {ConfigRefusal}
   */
  load(signal: AbortSignal): Promise<LoadedPlan>;
  /**
   * Puts it in force.
   * @returns The admin token, if there is one.
   * @throws {ConfigRefusal} If a secret is missing; nothing is changed then.
   */
  adopt(plan: Plan, loaded: LoadedPlan): Promise<string | undefined>;
  /** Is told how each reload ended, and which files it was made of. Not told of those that a newer one ended. */
  ended(trigger: string, outcome: ReloadOutcome, sources: readonly string[], readFromEpochMs: number): void;
}

/**
 * Keeps the configuration. Whatever asks for a reload comes here, and they are done one after another. A newer wish ends the reading under way, so that an
 * endless loop in one version does not keep out the next; whoever waited for the older gets the outcome of the newer.
 */
export class Reloader implements ConfigKeeper {
  running: ConfigRunning | undefined;
  refused: ConfigRefused | undefined;
  adminToken: string | undefined;
  private readonly steps: ReloadSteps;
  private readonly clock: Clock;
  private plan: Plan | undefined;
  private planAtStart: Plan | undefined;
  private wanted: string | undefined;
  private reading: AbortController | undefined;
  private turns: Promise<ReloadOutcome> | undefined;

  constructor(steps: ReloadSteps, clock: Clock) {
    this.steps = steps;
    this.clock = clock;
  }

  /** Never rejects for what is wrong with a configuration: that is an outcome. */
  reload(trigger: string): Promise<ReloadOutcome> {
    this.wanted = trigger;
    this.reading?.abort();
    this.turns ??= this.takeTurns();
    return this.turns;
  }

  /** Ends the reading under way, for good. */
  close(): void {
    this.wanted = undefined;
    this.reading?.abort();
  }

  private async takeTurns(): Promise<ReloadOutcome> {
    for (;;) {
      const trigger = this.wanted ?? "";
      this.wanted = undefined;
      const outcome = await this.takeTurn(trigger);
      if (this.wanted !== undefined) continue;
      // In the same breath as the look at what is wanted, or a wish in between would be waited for and never granted.
      this.turns = undefined;
      return outcome;
    }
  }

  private async takeTurn(trigger: string): Promise<ReloadOutcome> {
    const readFromEpochMs = this.clock.epochMs();
    const reading = new AbortController();
    this.reading = reading;
    let sources: readonly string[] = [];
    let outcome: ReloadOutcome;
    try {
      outcome = await this.take(trigger, reading.signal);
      sources = this.running?.sources ?? [];
    } catch (error) {
      if (error instanceof ConfigRefusal) sources = error.sources;
      outcome = this.refuse(error, trigger);
    }
    this.reading = undefined;
    if (!reading.signal.aborted) this.steps.ended(trigger, outcome, sources, readFromEpochMs);
    return outcome;
  }

  private async take(trigger: string, signal: AbortSignal): Promise<ReloadOutcome> {
    const loaded = await this.steps.load(signal);
    const { plan, sources, warnings } = loaded;
    const isSame = plan.hash === this.plan?.hash;
    // The same configuration may name a secret that has changed since. Whoever asks in person gets it read; a file that was touched is no reason.
    if (!isSame || trigger !== WATCH) {
      this.adminToken = await this.steps.adopt(plan, loaded);
      this.plan = plan;
      this.planAtStart ??= plan;
    }
    const sinceEpochMs = isSame && this.running !== undefined ? this.running.sinceEpochMs : this.clock.epochMs();
    this.running = { hash: plan.hash, sinceEpochMs, sources };
    this.refused = undefined;
    const restart = this.planAtStart === undefined ? [] : restartNeeds(this.planAtStart, plan);
    return { type: isSame ? "unchanged" : "applied", hash: plan.hash, restart, warnings };
  }

  private refuse(error: unknown, trigger: string): ReloadOutcome {
    const diagnostics = refusalOf(error);
    const refused: ConfigRefused = { atEpochMs: this.clock.epochMs(), trigger, diagnostics };
    // One that was ended for a newer one says nothing about any configuration.
    if (this.reading?.signal.aborted !== true) this.refused = refused;
    return { type: "refused", refused };
  }
}

/** Why a configuration can not be taken, of whatever was thrown over it. */
export function refusalOf(error: unknown): readonly Diagnostic[] {
  return error instanceof ConfigRefusal ? error.diagnostics : [diagnosticOf(error)];
}

/** What went wrong outside the configuration's text: a secret that is not there. Anything else is a mistake of ours, and its stack is what helps. */
function diagnosticOf(error: unknown): Diagnostic {
  const severity = "error";
  if (error instanceof OmniError) return { code: FAULTS.secretUnresolved, severity, what: error.message, fix: undefined };
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "internal_error", severity, what, fix: "this is a mistake of Omni's: report it with the text above" };
}

/** What is settled when the process starts, and differs now. */
function restartNeeds(then: Plan, now: Plan): string[] {
  const names = ["port", "hostname", "logs"] as const;
  const admin = ["port", "hostname"] as const;
  return [
    ...names.filter((name) => then.server[name] !== now.server[name]).map((name) => `${name === "logs" ? "telemetry" : "server"}.${name}`),
    ...admin.filter((name) => then.server.admin?.[name] !== now.server.admin?.[name]).map((name) => `server.admin.${name}`),
  ];
}
