import { expect, test } from "bun:test";
import fc from "fast-check";
import { CircuitBreaker } from "../../src/resilience/circuit-breaker.ts";

/** What a circuit breaker should be, as plainly as it can be said. */
interface Model {
  nowMs: number;
  failuresInRow: number;
  state: "closed" | "open";
  openedMs: number;
  openUntilMs: number;
  openings: number;
  probing: boolean;
  underWay: number[];
}

interface Real {
  readonly breaker: CircuitBreaker;
}

const OPTIONS = { failuresToOpen: 3, attemptsMin: Number.POSITIVE_INFINITY, openMsFirst: 1_000, openMsMax: 8_000, jitter: 0 };

const allows = (model: Model): boolean => model.state === "closed" || (model.nowMs >= model.openUntilMs && !model.probing);

function open(model: Model): void {
  model.state = "open";
  model.openedMs = model.nowMs;
  model.openUntilMs = model.nowMs + Math.min(1_000 * 2 ** model.openings, 8_000);
  model.openings++;
  model.probing = false;
}

/** @returns When an attempt began that is over now. */
const finish = (model: Model, which: number): number => model.underWay.splice(which % model.underWay.length, 1)[0]!;

class Wait implements fc.Command<Model, Real> {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check = (): boolean => true;
  run(model: Model): void {
    model.nowMs += this.ms;
  }
  toString = (): string => `wait ${this.ms}`;
}

class Start implements fc.Command<Model, Real> {
  check = allows;
  run(model: Model, { breaker }: Real): void {
    breaker.started(model.nowMs);
    if (model.state === "open") model.probing = true;
    model.underWay.push(model.nowMs);
  }
  toString = (): string => "start";
}

class Finish implements fc.Command<Model, Real> {
  readonly how: "succeeded" | "failed" | "abandoned";
  readonly which: number;
  constructor(how: "succeeded" | "failed" | "abandoned", which: number) {
    this.how = how;
    this.which = which;
  }
  check = (model: Readonly<Model>): boolean => model.underWay.length > 0;
  run(model: Model, { breaker }: Real): void {
    const startedMs = finish(model, this.which);
    if (this.how === "abandoned") {
      breaker.abandoned(startedMs);
      if (model.state === "open" && startedMs >= model.openUntilMs) model.probing = false;
    } else if (this.how === "succeeded") {
      breaker.succeeded(startedMs, model.nowMs);
      if (model.state === "closed") model.failuresInRow = 0;
      else if (startedMs > model.openedMs) Object.assign(model, { state: "closed", failuresInRow: 0, openings: 0, probing: false });
    } else {
      breaker.failed(startedMs, model.nowMs);
      if (model.state === "open") {
        if (startedMs >= model.openUntilMs) open(model);
      } else if (++model.failuresInRow >= 3) open(model);
    }
  }
  toString = (): string => `${this.how} ${this.which}`;
}

/** After each step the two must say the same. */
class Same implements fc.Command<Model, Real> {
  check = (): boolean => true;
  run(model: Model, { breaker }: Real): void {
    expect(breaker.allows(model.nowMs)).toBe(allows(model));
    expect(breaker.state(model.nowMs)).toBe(model.state === "closed" ? "closed" : model.nowMs < model.openUntilMs ? "open" : "half-open");
    expect(breaker.share(model.nowMs)).toBeWithin(0.1, 1.000001);
  }
  toString = (): string => "same?";
}

test("a circuit breaker does what its plain description says, in whatever order things happen", () => {
  const commands = [
    fc.nat(3_000).map((ms) => new Wait(ms)),
    fc.constant(new Start()),
    fc.constant(new Start()),
    fc.tuple(fc.constantFrom("succeeded", "failed", "failed", "abandoned"), fc.nat(5)).map(([how, which]) => new Finish(how, which)),
    fc.constant(new Same()),
  ];
  fc.assert(
    fc.property(fc.commands<Model, Real>(commands, { maxCommands: 100 }), (steps) => {
      const setup = () => ({
        model: {
          nowMs: 1,
          failuresInRow: 0,
          state: "closed",
          openedMs: 0,
          openUntilMs: 0,
          openings: 0,
          probing: false,
          underWay: [],
        } as Model,
        real: { breaker: new CircuitBreaker(OPTIONS, () => 0) },
      });
      fc.modelRun(setup, steps);
    }),
    { numRuns: 2_000 },
  );
});
