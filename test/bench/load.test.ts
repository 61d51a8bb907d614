import { afterAll, describe, expect, test } from "bun:test";
import { type LoadJob, runLoad } from "../../bench/load.ts";
import { cpuMs, hasAccounting } from "../../bench/machine.ts";
import { startPassThrough } from "../../bench/pass-through.ts";
import { BULK_EVENTS, requestBody } from "../../bench/traffic.ts";
import { startUpstream } from "../../bench/upstream.ts";

const upstream = startUpstream(0);
afterAll(() => upstream.stop());

const JOB: LoadJob = {
  port: upstream.port,
  pid: process.pid,
  path: "/v1/chat/completions",
  behaviour: "whole",
  bodyBytes: 1024,
  connections: 4,
  warmMs: 0,
  measuredMs: 150,
};

describe("the load generator", () => {
  test.each([
    { claim: "bodies in one piece", bodyBytes: 1024 },
    { claim: "bodies in many pieces", bodyBytes: 512 * 1024 },
  ])("gets whole answers from the upstream for $claim", async ({ bodyBytes }) => {
    const { answers, failures, latencyMs } = await runLoad({ ...JOB, bodyBytes });
    expect(answers).toBeGreaterThan(0);
    expect(failures).toBe(0);
    expect(latencyMs.p50).toBeGreaterThan(0);
  });

  test("counts every event of a stream in bulk", async () => {
    const { answers, events, failures } = await runLoad({ ...JOB, behaviour: "bulk" });
    expect(failures).toBe(0);
    expect(events).toBe(answers * BULK_EVENTS);
    expect(answers).toBeGreaterThan(0);
  });

  test("times paced events from their write, while their streams go on", async () => {
    const { answers, events, delayMs, failures } = await runLoad({ ...JOB, behaviour: "paced", measuredMs: 400 });
    expect({ answers, failures }).toEqual({ answers: 0, failures: 0 });
    expect(events).toBeGreaterThan(4);
    expect(delayMs.p50).toBeGreaterThanOrEqual(0);
    expect(delayMs.p50).toBeLessThan(1_000);
  });

  test.each(["whole", "bulk"] as const)("understands a %s answer that comes through the pass-through", async (behaviour) => {
    const passThrough = startPassThrough(0, `http://127.0.0.1:${upstream.port}`);
    const { answers, failures } = await runLoad({ ...JOB, port: passThrough.port, behaviour });
    await passThrough.stop();
    expect(answers).toBeGreaterThan(0);
    expect(failures).toBe(0);
  });

  test.each([
    { claim: "a refusal", behaviour: "whole", answer: () => new Response("no", { status: 503 }) },
    { claim: "a stream without its end", behaviour: "bulk", answer: () => new Response("data: {}\n\n") },
  ] as const)("takes $claim for a failure", async ({ behaviour, answer }) => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
    const { answers, failures } = await runLoad({ ...JOB, port: server.port ?? 0, behaviour });
    await server.stop(true);
    expect(answers).toBe(0);
    expect(failures).toBeGreaterThan(0);
  });

  test("takes a broken connection for a failure, and goes on", async () => {
    const server = Bun.listen({ port: 0, hostname: "127.0.0.1", socket: { data: (socket) => void socket.terminate() } });
    const { answers, failures } = await runLoad({ ...JOB, port: server.port });
    server.stop(true);
    expect(answers).toBe(0);
    expect(failures).toBeGreaterThan(JOB.connections);
  });

  test("sends when a request is due, so that a stall shows in all that fell into it", async () => {
    let stalled: Promise<void> | undefined;
    let seen = 0;
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch() {
        // The twentieth and all that come in the 400 ms after it wait for the same end.
        if (++seen === 20) stalled = Bun.sleep(400);
        await stalled;
        return new Response("{}");
      },
    });
    const result = await runLoad({ ...JOB, port: server.port ?? 0, ratePerSecond: 100, connections: 128, measuredMs: 1_000 });
    await server.stop(true);
    expect(result).toMatchObject({ answers: 100, failures: 0 });
    // Forty of a hundred were due in the stall. A generator that waited for its turn would have seen it once, and a p90 of nothing.
    expect(result.latencyMs.p90).toBeGreaterThan(150);
  });
});

test("the CPU of a process is what it used, where the kernel keeps books, and nothing elsewhere", () => {
  const before = cpuMs(process.pid);
  const { user, system } = process.cpuUsage();
  let sum = 0;
  for (const startedMs = performance.now(); performance.now() - startedMs < 60; ) sum += Math.sqrt(sum + 1);
  const used = process.cpuUsage({ user, system });
  const usedMs = hasAccounting() ? (used.user + used.system) / 1000 : 0;
  // The kernel brings a running thread's books up to date at its ticks.
  expect(Math.abs(cpuMs(process.pid) - before - usedMs)).toBeLessThan(25);
  expect(sum).toBeGreaterThan(0);
});

test.each([400, 1024, 32 * 1024])("a body of %d bytes has exactly so many, and is a chat request", (bytes) => {
  const body = requestBody("whole", bytes);
  expect(body.length).toBe(bytes);
  expect(JSON.parse(new TextDecoder().decode(body))).toMatchObject({ model: "bench/whole", stream: false });
});
