import { describe, expect, test } from "bun:test";
import { OmniError } from "../../src/ir/failure.ts";
import { admitBy, compilePolicies, NO_POLICIES, type Policy, settleBy, steerBy } from "../../src/policies/policy.ts";
import { at, exchange, outcome, thrown } from "./exchange.ts";

const log: string[] = [];
const holding = (name: string): Policy => ({
  name,
  admit: () => ({ settle: ({ costNanoUsd }) => void log.push(`${name} ${costNanoUsd}`) }),
});
const refusing: Policy = {
  name: "no",
  admit: () => {
    throw new OmniError("forbidden", "No.");
  },
};

describe("policies", () => {
  test("are listed only at the moments that they speak at", () => {
    const plan = compilePolicies([holding("a"), { name: "b", steer: () => true }]);
    expect(Object.fromEntries(Object.entries(plan).map(([moment, list]) => [moment, list.map(({ name }) => name)]))).toEqual({
      admit: ["a"],
      shape: [],
      answer: [],
      steer: ["b"],
      watch: [],
      settle: [],
    });
  });

  test("give back what they hold, the last first, when one of them refuses", () => {
    log.length = 0;
    const plan = compilePolicies([holding("a"), holding("b"), refusing, holding("c")]);
    expect(thrown(() => admitBy(plan, exchange(), at(0)))).toMatchObject({ kind: "forbidden" });
    expect(log).toEqual(["b 0", "a 0"]);
  });

  test("are told the end, those that hold something and those that only want to know", () => {
    log.length = 0;
    const plan = compilePolicies([holding("a"), { name: "b", settle: (_, { failure }) => void log.push(`b ${failure}`) }]);
    const seen = exchange();
    settleBy(plan, admitBy(plan, seen, at(0)), seen, outcome({ failure: "client_closed" }), at(1));
    expect(log).toEqual(["a 1000", "b client_closed"]);
  });

  test("let a target serve only if all of them do", () => {
    const target = { name: "a/m", provider: "a", model: "m" };
    const steering = (answer: boolean): Policy => ({ name: "s", steer: () => answer });
    expect(steerBy(compilePolicies([steering(true), steering(true)]), exchange(), target, at(0))).toBe(true);
    expect(steerBy(compilePolicies([steering(true), steering(false)]), exchange(), target, at(0))).toBe(false);
    expect(steerBy(NO_POLICIES, exchange(), target, at(0))).toBe(true);
  });

  test("that do not exist hold nothing", () => {
    expect(admitBy(NO_POLICIES, exchange(), at(0))).toBe(admitBy(NO_POLICIES, exchange(), at(1)));
  });
});
