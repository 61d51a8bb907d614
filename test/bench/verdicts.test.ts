import { describe, expect, test } from "bun:test";
import { budgetFaults, CPU_RATIO_MAX, LOOK_UP_NS_MAX } from "../../bench/budget.ts";
import { compareRuns, type RunFigures } from "../../bench/compare.ts";
import { type Figure, figureOf, type Metric, ratiosOf } from "../../bench/figures.ts";
import { LOOK_UP } from "../../bench/micro/routing.ts";

const figure = (values: readonly number[], of = "omni", metric: Metric = "cpuUsPerRequest", scenario = "closed-loop"): Figure =>
  figureOf("requests", scenario, of, metric, values);

const run = (figures: readonly Figure[], foreign = 0): RunFigures => {
  const scenario = { suite: "requests", scenario: "closed-loop", about: "", noise: { steal: 0, foreign }, failures: 0, loadCpuUs: null };
  return { figures, scenarios: [scenario] };
};

describe("a comparison of two runs", () => {
  test.each([
    { claim: "less CPU is better", metric: "cpuUsPerRequest", before: [100, 101, 102], after: [80, 81, 82], verdict: "better" },
    { claim: "more CPU is worse", metric: "cpuUsPerRequest", before: [80, 81, 82], after: [100, 101, 102], verdict: "worse" },
    { claim: "more requests are better", metric: "perSecond", before: [100, 101, 102], after: [120, 121, 122], verdict: "better" },
    {
      claim: "what the spread of one covers is noise",
      metric: "cpuUsPerRequest",
      before: [60, 100, 140],
      after: [118, 119, 120],
      verdict: "same",
    },
    {
      claim: "what is steady but tiny is noise",
      metric: "cpuUsPerRequest",
      before: [100, 100, 100],
      after: [102, 102, 102],
      verdict: "same",
    },
  ] as const)("$claim", ({ metric, before, after, verdict }) => {
    const [change] = compareRuns(run([figure(before, "omni", metric)]), run([figure(after, "omni", metric)]));
    expect(change?.verdict).toBe(verdict);
  });

  test("takes out what the pass-through changed as well", () => {
    const before = run([figure([100, 101, 102]), figure([50, 50, 50], "pass-through")]);
    const after = run([figure([200, 202, 204]), figure([100, 100, 100], "pass-through")]);
    expect(compareRuns(before, after).map(({ verdict }) => verdict)).toEqual(["same", "machine"]);
    const slower = run([figure([260, 262, 264]), figure([100, 100, 100], "pass-through")]);
    expect(compareRuns(before, slower)[0]?.verdict).toBe("worse");
  });

  test("trusts no figure without a pass-through from a machine that was busy", () => {
    const [before, after] = [[figure([100, 101, 102])], [figure([150, 151, 152])]];
    expect(compareRuns(run(before), run(after, 0.9))[0]?.verdict).toBe("same");
    expect(compareRuns(run(before, 0.9), run(after))[0]?.verdict).toBe("same");
  });

  test("speaks only of what both have", () => {
    expect(compareRuns(run([figure([1], "nginx")]), run([figure([1], "omni"), figure([Number.NaN], "nginx")]))).toEqual([]);
  });
});

describe("ratios", () => {
  test("are the middle of the rounds' own ratios, so that a slow moment which hit both does not count", () => {
    const figures = [figure([12, 120, 13]), figure([10, 100, 10], "pass-through")];
    expect(ratiosOf(figures).cpuPerRequestVsPassThrough).toBeCloseTo(1.2, 10);
  });

  test("are null where one of the two was not measured", () => {
    expect(ratiosOf([figure([12])])).toMatchObject({
      cpuPerRequestVsPassThrough: null,
      cpuPerRequestVsNginx: null,
      addedLatencyMsP50: null,
    });
  });
});

describe("the budget", () => {
  const reportOf = (ratio: number, lookUpNs: number, failures = 0) => {
    const figures = [figure([ratio]), figure([1], "pass-through"), figure([lookUpNs], LOOK_UP, "nsPerCall", "routing")];
    const scenario = { suite: "requests", scenario: "closed-loop", about: "", noise: null, failures, loadCpuUs: null };
    return { ratios: ratiosOf(figures), figures, scenarios: [scenario] };
  };

  test.each([
    { claim: "is kept at its very limits", report: reportOf(CPU_RATIO_MAX, LOOK_UP_NS_MAX), faults: 0 },
    { claim: "is missed by a gateway that costs more", report: reportOf(CPU_RATIO_MAX + 0.01, 10), faults: 1 },
    { claim: "is missed by a look-up that takes longer", report: reportOf(1, LOOK_UP_NS_MAX + 1), faults: 1 },
    { claim: "is missed by wrong answers, however fast", report: reportOf(1, 10, 3), faults: 1 },
    { claim: "is missed by what was not measured", report: { ...reportOf(1, 10), figures: [], ratios: ratiosOf([]) }, faults: 2 },
  ])("$claim", ({ report, faults }) => {
    expect(budgetFaults(report)).toHaveLength(faults);
  });
});
