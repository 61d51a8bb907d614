import { describe, expect, test } from "bun:test";
import { ConfigRefusal, type LoadedPlan, Reloader } from "../../src/cli/reload.ts";
import { defaultConfig } from "../../src/config/default-config.ts";
import type { Diagnostic } from "../../src/config/diagnostic.ts";
import { OmniError } from "../../src/ir/failure.ts";
import type { Plan } from "../../src/routing/plan.ts";
import { systemClock } from "../../src/world/clock.ts";
import { planOf } from "../server/running.ts";

const unknownModel: Diagnostic = {
  code: "OMNI-C021",
  severity: "error",
  what: "No such model.",
  fix: undefined,
  file: "/x/omni.config.ts",
  line: 3,
};

interface Reading {
  readonly signal: AbortSignal;
  give(plan: Plan): void;
  fail(error: unknown): void;
}

/** A reloader whose readings the test ends by hand. */
function keep(adopt: (plan: Plan) => Promise<string | undefined> = async () => undefined) {
  const readings: Reading[] = [];
  const adopted: string[] = [];
  const ended: string[] = [];
  const reloader = new Reloader(
    {
      load: (signal) => {
        const { promise, resolve, reject } = Promise.withResolvers<LoadedPlan>();
        signal.addEventListener("abort", () => reject(new Error("killed")));
        readings.push({
          signal,
          give: (plan) => resolve({ plan, data: defaultConfig, sources: ["/x/omni.config.ts"], warnings: [] }),
          fail: reject,
        });
        return promise;
      },
      adopt: async (plan) => {
        const token = await adopt(plan);
        adopted.push(plan.hash);
        return token;
      },
      ended: (trigger, outcome) => void ended.push(`${trigger} ${outcome.type}`),
    },
    systemClock,
  );
  return { reloader, readings, adopted, ended };
}

describe("Reloader", () => {
  test("puts a new configuration in force, with its token and its sources", async () => {
    const { reloader, readings, adopted } = keep(async () => "token");
    const reloading = reloader.reload("start");
    readings[0]?.give(planOf("a"));
    expect(await reloading).toEqual({ type: "applied", hash: "a", restart: [], warnings: [] });
    expect([adopted, reloader.adminToken, reloader.running?.sources]).toEqual([["a"], "token", ["/x/omni.config.ts"]]);
  });

  test("touches nothing when the configuration is the same", async () => {
    const { reloader, readings, adopted } = keep();
    const first = reloader.reload("start");
    readings[0]?.give(planOf("a"));
    await first;
    const since = reloader.running?.sinceEpochMs;
    const second = reloader.reload("watch");
    readings[1]?.give(planOf("a"));
    expect(await second).toMatchObject({ type: "unchanged", hash: "a" });
    expect([adopted, reloader.running?.sinceEpochMs]).toEqual([["a"], since]);
  });

  test("reads secrets anew when it is asked to in person, though the configuration is the same", async () => {
    let token = "old";
    const { reloader, readings, adopted } = keep(async () => token);
    const first = reloader.reload("start");
    readings[0]?.give(planOf("a"));
    await first;
    token = "rotated";
    const second = reloader.reload("SIGHUP");
    readings[1]?.give(planOf("a"));
    expect(await second).toMatchObject({ type: "unchanged", hash: "a" });
    expect([adopted, reloader.adminToken]).toEqual([["a", "a"], "rotated"]);
  });

  test.each([
    { claim: "that does not read", fail: new ConfigRefusal([unknownModel], ["/x/omni.config.ts"]), diagnostic: unknownModel },
    { claim: "that fails in an unforeseen way", fail: new TypeError("odd"), diagnostic: { code: "internal_error" } },
  ])("keeps the old configuration when a new one comes $claim, and says why until one is taken", async ({ fail, diagnostic }) => {
    const { reloader, readings, adopted } = keep();
    const first = reloader.reload("start");
    readings[0]?.give(planOf("a"));
    await first;
    const second = reloader.reload("watch");
    readings[1]?.fail(fail);
    expect(await second).toMatchObject({ type: "refused", refused: { trigger: "watch", diagnostics: [diagnostic] } });
    expect([adopted, reloader.running?.hash, reloader.refused?.diagnostics.length]).toEqual([["a"], "a", 1]);
    const third = reloader.reload("watch");
    readings[2]?.give(planOf("a"));
    await third;
    expect(reloader.refused).toBeUndefined();
  });

  test("keeps the old configuration and its token when a secret of the new one is missing", async () => {
    const { reloader, readings } = keep(async (plan) => {
      if (plan.hash === "b") throw new OmniError("internal_error", "Cannot read the secret: OPENAI_API_KEY is not set.");
      return "old token";
    });
    const first = reloader.reload("start");
    readings[0]?.give(planOf("a"));
    await first;
    const second = reloader.reload("watch");
    readings[1]?.give(planOf("b"));
    expect(await second).toMatchObject({ type: "refused", refused: { diagnostics: [{ code: "OMNI-C040" }] } });
    expect([reloader.running?.hash, reloader.adminToken]).toEqual(["a", "old token"]);
  });

  test("ends a reading that a newer wish has overtaken; both get the newer outcome, and nothing is said of the older", async () => {
    const { reloader, readings, adopted, ended } = keep();
    const first = reloader.reload("watch");
    const second = reloader.reload("SIGHUP");
    await Bun.sleep(0);
    expect([readings.length, readings[0]?.signal.aborted, readings[1]?.signal.aborted]).toEqual([2, true, false]);
    readings[1]?.give(planOf("b"));
    expect([await first, await second]).toEqual([
      { type: "applied", hash: "b", restart: [], warnings: [] },
      { type: "applied", hash: "b", restart: [], warnings: [] },
    ]);
    expect([adopted, ended, reloader.refused]).toEqual([["b"], ["SIGHUP applied"], undefined]);
  });

  test("never reads two at a time, and always ends with the last", async () => {
    const { reloader, readings, adopted } = keep();
    const all = Array.from({ length: 30 }, (_, round) => reloader.reload(`round ${round}`));
    await Bun.sleep(0);
    expect(readings.filter(({ signal }) => !signal.aborted).length).toBe(1);
    readings.at(-1)?.give(planOf("z"));
    await Promise.all(all);
    expect(adopted).toEqual(["z"]);
  });

  test("says what waits for a restart", async () => {
    const { reloader, readings } = keep();
    const first = reloader.reload("start");
    readings[0]?.give(planOf("a"));
    await first;
    const moved: Plan = { ...planOf("b"), server: { ...planOf("b").server, port: 1, hostname: "0.0.0.0" } };
    const second = reloader.reload("watch");
    readings[1]?.give(moved);
    expect(await second).toEqual({ type: "applied", hash: "b", restart: ["server.port", "server.hostname"], warnings: [] });
  });
});
