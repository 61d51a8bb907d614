import { createHmac } from "node:crypto";
import { afterEach, describe, expect, test } from "bun:test";
import { type Webhook, Webhooks } from "../../src/telemetry/webhooks.ts";
import type { NetworkRequest } from "../../src/world/network.ts";
import { ManualClock } from "../../src/world/simulated.ts";
import type { World } from "../../src/world/world.ts";

const HOOK: Webhook = { name: "ops", url: "https://ops.example.com/hook", secret: "s3cret", events: ["budget.spent"] };

interface Delivered {
  readonly request: NetworkRequest;
  readonly atMs: number;
}

/** A world whose network answers as it is told. */
function worldOf(answers: (number | "broken" | "never")[]): { world: World; clock: ManualClock; seen: Delivered[] } {
  const clock = new ManualClock();
  const seen: Delivered[] = [];
  const world: World = {
    clock,
    random: { unit: () => 1, uuid: () => `id-${seen.length}` },
    network: {
      open: () => ({
        send: async (request) => {
          seen.push({ request, atMs: clock.nowMs() });
          const answer = answers.length > 1 ? answers.shift() : answers[0];
          if (answer === "broken") throw new Error("the network broke");
          if (answer === "never")
            return new Promise((_, reject) => {
              request.signal.addEventListener("abort", () => reject(request.signal.reason as Error));
            });
          return new Response(null, { status: answer ?? 200 });
        },
        close: () => {},
      }),
      resolve: async () => [],
      ownAddresses: () => [],
    },
  };
  return { world, clock, seen };
}

const closing: Webhooks[] = [];
afterEach(() => {
  for (const webhooks of closing.splice(0)) webhooks.close();
});

function made(answers: (number | "broken" | "never")[], hook: Webhook = HOOK) {
  const failures: string[] = [];
  const { world, clock, seen } = worldOf(answers);
  const webhooks = new Webhooks(world, (name, event, why) => failures.push(`${name} ${event} ${why}`));
  webhooks.use([hook]);
  closing.push(webhooks);
  return { webhooks, clock, seen, failures };
}

describe("a webhook", () => {
  test("is told once, signed together with the time", async () => {
    const { webhooks, clock, seen } = made([204]);
    webhooks.send("budget.spent", { budget: "all", share: 0.5 });
    await clock.advance(600_000);
    expect(seen.length).toBe(1);
    const { headers, body, url } = seen[0]!.request; // There is one.
    const text = Buffer.from(body ?? new Uint8Array()).toString();
    expect([url, JSON.parse(text)]).toMatchObject([HOOK.url, { id: "id-0", event: "budget.spent", data: { budget: "all", share: 0.5 } }]);
    const [, seconds = "", hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers["x-omni-signature"] ?? "") ?? [];
    expect(hex).toBe(createHmac("sha256", HOOK.secret).update(`${seconds}.${text}`).digest("hex"));
    expect(webhooks.state).toEqual({ delivered: 1, failed: 0, dropped: 0 });
  });

  test("is only told what it wants to hear", async () => {
    const { webhooks, clock, seen } = made([200]);
    webhooks.send("ledger.changed", {});
    await clock.advance(1_000);
    expect(seen.length).toBe(0);
  });

  test("that does not take it is told again, later each time, under the same name", async () => {
    const { webhooks, clock, seen } = made([500, "broken", 302, 200]);
    webhooks.send("budget.spent", {});
    await clock.advance(60_000);
    expect(seen.map(({ atMs }) => Math.round(atMs / 1_000))).toEqual([0, 1, 3, 7]);
    expect(new Set(seen.map(({ request }) => request.headers["x-omni-delivery"])).size).toBe(1);
    expect(webhooks.state).toEqual({ delivered: 1, failed: 0, dropped: 0 });
  });

  test("that says nothing is not waited for longer than ten seconds", async () => {
    const { webhooks, clock, seen } = made(["never", 200]);
    webhooks.send("budget.spent", {});
    await clock.advance(10_000);
    await clock.advance(1_000);
    expect(seen.length).toBe(2);
  });

  test("that never takes it is given up, and what comes after is told", async () => {
    const { webhooks, clock, seen, failures } = made([...Array.from({ length: 8 }, () => 500), 200]);
    webhooks.send("budget.spent", { n: 1 });
    webhooks.send("budget.spent", { n: 2 });
    await clock.advance(600_000);
    expect([seen.length, failures]).toEqual([9, ["ops budget.spent status 500"]]);
    expect(webhooks.state).toEqual({ delivered: 1, failed: 1, dropped: 0 });
  });

  test("that is gone for good is not asked twice", async () => {
    const { webhooks, clock, seen, failures } = made([410]);
    webhooks.send("budget.spent", {});
    await clock.advance(600_000);
    expect([seen.length, failures.length]).toEqual([1, 1]);
  });

  test("holds a thousand of what it can not get rid of, the latest", async () => {
    const { webhooks, clock, seen } = made(["never"]);
    for (let n = 0; n < 1_500; n++) webhooks.send("budget.spent", { n });
    await clock.advance(1);
    expect([seen.length, webhooks.state.dropped]).toEqual([1, 500]);
  });

  test("stays the same over a change of the configuration that does not touch it, and hears nothing more when it is taken out", async () => {
    const { webhooks, clock, seen } = made([500, 200]);
    webhooks.send("budget.spent", {});
    await clock.advance(1);
    webhooks.use([{ ...HOOK }]);
    await clock.advance(2_000);
    expect([seen.length, webhooks.state.delivered]).toEqual([2, 1]);
    webhooks.use([]);
    webhooks.send("budget.spent", {});
    await clock.advance(60_000);
    expect(seen.length).toBe(2);
  });
});
