import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Exchange } from "../../src/gateway/exchange.ts";
import { Meter } from "../../src/gateway/meter.ts";
import type { AttemptOpened, AttemptOutcome } from "../../src/ledger/attempt.ts";
import type { Drainer } from "../../src/ledger/drainer.ts";
import { Journal } from "../../src/ledger/journal.ts";
import { costNanoUsd, ratesOf } from "../../src/ledger/price.ts";
import { Ledger } from "../../src/ledger/writer.ts";
import { ApiKeys, KeyRing } from "../../src/policies/api-keys.ts";
import { Budgets } from "../../src/policies/budget.ts";
import type { Caller } from "../../src/policies/caller.ts";
import { ConcurrencyLimits } from "../../src/policies/concurrency.ts";
import { makeKey } from "../../src/policies/key-format.ts";
import { admitBy, compilePolicies, type PolicyExchange, settleBy } from "../../src/policies/policy.ts";
import { RateLimits } from "../../src/policies/rate-limit.ts";
import { ManualClock } from "../../src/world/simulated.ts";
import type { MicroCase } from "./timing.ts";

const NOW = { nowMs: 0, epochMs: Date.UTC(2025, 0, 1) };
const USAGE = { inputTokens: 1_000, inputTokensCached: 200, outputTokens: 300, reasoningTokens: 50 };

/** Keys, limits, budgets and the ledger: what each exchange pays for being counted. */
export function accountingCases(): readonly MicroCase[] {
  return [checkKey("right"), checkKey("wrong"), limits(), budget(), price(), ledger(), metrics()];
}

function checkKey(which: "right" | "wrong"): MicroCase {
  const made = Array.from({ length: 1_000 }, () => makeKey("live", (count) => crypto.getRandomValues(new Uint8Array(count))));
  const keys = new ApiKeys(new KeyRing(made.map(({ id, sha256 }) => ({ id, name: id, secrets: [{ sha256 }] }))), {
    failuresPerMinute: 1e9,
  });
  const stranger = makeKey("live", (count) => new Uint8Array(count).fill(7));
  const requests = made.slice(0, 64).map(({ key }) => new Headers({ authorization: `Bearer ${which === "right" ? key : stranger.key}` }));
  return {
    name: `check a ${which} key`,
    about: "of a thousand, from a request's headers",
    run(times) {
      let sum = 0;
      for (let count = 0; count < times; count++) {
        try {
          sum += keys.authenticate(requests[count & 63]!, "192.0.2.7", count, NOW.epochMs).keyId.length; // There are 64.
        } catch {
          sum++;
        }
      }
      return sum;
    },
  };
}

function limits(): MicroCase {
  const rule = { name: "r", limit: 1e6, windowMs: 60_000 } as const;
  const plan = compilePolicies([
    new ConcurrencyLimits([{ name: "c", per: "key", limit: 1e6 }]),
    new RateLimits([
      { ...rule, per: "key", counts: "requests" },
      { ...rule, per: "team", counts: "tokens", limit: 1e9 },
    ]),
  ]);
  return admitAndSettle("limits", "one of concurrency, one of requests, one of tokens, headers included; admitted and settled", plan);
}

function budget(): MicroCase {
  const rule = { name: "b", limitNanoUsd: 9e15, period: "month" } as const;
  const budgets = new Budgets(
    [
      { ...rule, per: "key" },
      { ...rule, name: "all", per: "all" },
    ],
    [],
    NOW.epochMs,
  );
  return admitAndSettle("budgets", "of the key and of all: set aside and settled", compilePolicies([budgets]));
}

function admitAndSettle(name: string, about: string, plan: ReturnType<typeof compilePolicies>): MicroCase {
  const callers = Array.from(
    { length: 64 },
    (_, at): Caller => ({ keyId: `k${at}`, keyName: `k${at}`, team: `t${at & 7}`, organisation: undefined, rights: undefined, tags: {} }),
  );
  const outcome = { usage: USAGE, costNanoUsd: 1, failure: undefined };
  return {
    name,
    about,
    run(times) {
      let sum = 0;
      for (let count = 0; count < times; count++) {
        const now = { nowMs: count, epochMs: NOW.epochMs + count };
        const exchange = exchangeOf(callers[count & 63]!); // There are 64.
        const holds = admitBy(plan, exchange, now);
        sum += holds.length;
        settleBy(plan, holds, exchange, outcome, now);
      }
      return sum;
    },
  };
}

function exchangeOf(caller: Caller): PolicyExchange {
  return {
    id: "0193",
    caller,
    address: "192.0.2.7",
    operation: "chat",
    route: "smart",
    headers: NO_HEADERS,
    body: NO_BYTES,
    stream: false,
    deadlineMs: 600_000,
    estimate: { tokens: 1_550, costNanoUsdMax: 1_000 },
    answerHeaders: {},
  };
}

const NO_HEADERS = { get: () => null };
const NO_BYTES = new Uint8Array();

function price(): MicroCase {
  const rates = ratesOf({ input: 1.25, inputCached: 0.125, output: 10 });
  return {
    name: "price",
    about: "what an exchange cost, from its tokens",
    run(times) {
      let sum = 0;
      for (let count = 0; count < times; count++) sum += costNanoUsd(USAGE, rates) ?? 0;
      return sum;
    },
  };
}

function ledger(): MicroCase {
  const opened: AttemptOpened = {
    requestId: "01935a7c-7b1e-7000-8000-0123456789ab",
    attempt: 1,
    startedEpochMs: NOW.epochMs,
    config: "0123abcd",
    price: "0123456789ab",
    keyId: "4fKq0Z8tT1aB",
    keyName: "alice",
    team: "search",
    organisation: "acme",
    operation: "chat",
    route: "smart",
    provider: "openai",
    model: "gpt-5.1",
    stream: true,
    bytesIn: 4_096,
    reservedNanoUsd: 1_234_567,
  };
  const outcome: AttemptOutcome = {
    certainty: "exact",
    settledEpochMs: NOW.epochMs,
    failure: undefined,
    usage: USAGE,
    costNanoUsd: 4_775_000,
    queueMs: 0.123,
    connectMs: undefined,
    firstByteMs: 321.123,
    firstTokenMs: 322.456,
    totalMs: 1_234.567,
    bytesOut: 16_384,
    losses: [],
    tokensSaved: 0,
    images: 0,
    audioSeconds: 0,
  };
  return {
    name: "ledger",
    about: "an attempt opened and settled: two lines, two write(2)",
    run(times) {
      // Made anew each time, so that no more lies on the disk than one round wrote.
      const folder = mkdtempSync(join(tmpdir(), "omni-bench-"));
      const journal = new Journal({ folder, owner: "bench" });
      const book = new Ledger(journal, IDLE, new ManualClock());
      for (let count = 0; count < times; count++) book.settle(book.open(opened), outcome);
      const sum = journal.bytesWritten;
      void book.close();
      rmSync(folder, { recursive: true, force: true });
      return sum;
    },
  };
}

function metrics(): MicroCase {
  const meter = new Meter();
  const exchanges = Array.from({ length: 64 }, (_, at) => ({
    route: { name: `route-${at & 7}`, operation: "chat" },
    usage: USAGE,
    account: { spentNanoUsd: 4_775_000 },
    startedMs: 0,
    firstContentMs: 321,
    attempts: [{ target: { name: `openai/model-${at & 15}` }, failure: undefined }],
  })) as unknown as Exchange[]; // As much of one as is looked at.
  return {
    name: "metrics",
    about: "an exchange of one attempt counted: route, target, tokens, cost, two histograms",
    run(times) {
      for (let count = 0; count < times; count++) meter.count(exchanges[count & 63]!, undefined, 1_234); // There are 64.
      return meter.metrics.length;
    },
  };
}

/** Takes nothing in: the tables are another thread's work. */
const IDLE: Drainer = {
  recover: async () => ({ setAside: undefined, unknown: 0, recovered: 0, spoilt: 0 }),
  drain: async () => ({ records: 0, bytes: 0, spoilt: 0 }),
  compact: async () => 0,
  usage: async () => [],
  spent: async () => [],
  close: async () => {},
};
