import { ANONYMOUS, type Caller } from "../../src/policies/caller.ts";
import type { PolicyExchange, PolicyOutcome } from "../../src/policies/policy.ts";

/** A caller with a key. */
export function caller(keyName = "alice", more: Partial<Caller> = {}): Caller {
  return { ...ANONYMOUS, keyId: `id-of-${keyName}`, keyName, team: "search", organisation: "acme", ...more };
}

/** An exchange as policies see it; every field that a test does not care for is filled. */
export function exchange(more: Partial<PolicyExchange> = {}): PolicyExchange {
  return {
    id: "0193",
    caller: caller(),
    address: "192.0.2.7",
    operation: "chat",
    route: "smart",
    headers: new Headers(),
    body: new Uint8Array(),
    stream: false,
    deadlineMs: 600_000,
    estimate: { tokens: 100, costNanoUsdMax: 1_000 },
    answerHeaders: {},
    ...more,
  };
}

/** A good end. */
export function outcome(more: Partial<PolicyOutcome> = {}): PolicyOutcome {
  return { usage: undefined, costNanoUsd: 1_000, failure: undefined, ...more };
}

/** Both clocks at one moment. */
export const at = (nowMs: number, epochMs: number = Date.UTC(2025, 0, 1) + nowMs): { nowMs: number; epochMs: number } => ({
  nowMs,
  epochMs,
});

/** What is thrown. */
export function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
