import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalDrainer } from "../../src/ledger/drainer.ts";
import { Journal } from "../../src/ledger/journal.ts";
import { Ledger } from "../../src/ledger/writer.ts";
import { ANONYMOUS } from "../../src/policies/caller.ts";
import { ManualClock } from "../../src/world/simulated.ts";
import { opened, outcome } from "../ledger/samples.ts";
import { run } from "./running.ts";

const DAY_MS = 86_400_000;
/** When the samples began: the first day of 2025. */
const START = 1_735_689_600_000;

let folder = "";
let ledger: Ledger;
let drainer: LocalDrainer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omni-usage-"));
  drainer = new LocalDrainer({ folder, owner: "self" }, 0, 0);
  ledger = new Ledger(new Journal({ folder, owner: "self" }), drainer, new ManualClock());
  ledger.settle(ledger.open(opened("a1", 1, { price: "p" })), outcome({ costNanoUsd: 1_500_000 }));
  ledger.settle(
    ledger.open(opened("a2", 1, { price: "p", model: "gpt-5", startedEpochMs: START + DAY_MS })),
    outcome({ costNanoUsd: 2_000_000 }),
  );
  ledger.settle(ledger.open(opened("b1", 1, { keyId: "key-of-bob", keyName: "alice", model: "new" })), outcome({ costNanoUsd: undefined }));
});
afterEach(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const as = (keyId: string) => ({ authenticate: () => ({ ...ANONYMOUS, keyId, keyName: "alice" }) });
const ask = async (url: string): Promise<unknown> => (await fetch(url)).json();

describe("GET /v1/usage", () => {
  test("adds up what the calling key used, by model, and nothing of a namesake's", async () => {
    using running = run({ ledger, ...as("key-of-alice") });
    expect(await ask(`${running.url}/v1/usage`)).toEqual({
      object: "usage",
      key: "alice",
      since: null,
      until: null,
      requests: 2,
      attempts: 2,
      failures: 0,
      tokens: 310,
      input_tokens: 240,
      input_tokens_cached: 40,
      input_tokens_written: 0,
      output_tokens: 70,
      reasoning_tokens: 10,
      cost_usd: 0.0035,
      unpriced: 0,
      uncertain: 0,
      models: [
        expect.objectContaining({ model: "openai/gpt-5", requests: 1, cost_usd: 0.002 }),
        expect.objectContaining({ model: "openai/gpt-5.1", requests: 1, tokens: 155, cost_usd: 0.0015 }),
      ],
    });
    expect(await ask(`${running.url}/api/v1/usage`)).toMatchObject({ requests: 2 });
  });

  test("looks at a span", async () => {
    using running = run({ ledger, ...as("key-of-alice") });
    expect(await ask(`${running.url}/v1/usage?since=2025-01-02`)).toMatchObject({ requests: 1, since: "2025-01-02T00:00:00.000Z" });
    expect(await ask(`${running.url}/v1/usage?until=2025-01-02`)).toMatchObject({ requests: 1, cost_usd: 0.0015 });
    expect(await ask(`${running.url}/v1/usage?since=1h`)).toMatchObject({ requests: 0, tokens: 0, cost_usd: 0, models: [] });
  });

  test("says of a cost that nobody knows that it is not known, never that it is nothing", async () => {
    using running = run({ ledger, ...as("key-of-bob") });
    expect(await ask(`${running.url}/v1/usage`)).toMatchObject({ requests: 1, cost_usd: null, unpriced: 1, models: [{ cost_usd: null }] });
  });

  test.each(["since=yesterday", "until=x", "since="])("refuses ?%s", async (query) => {
    using running = run({ ledger });
    const response = await fetch(`${running.url}/v1/usage?${query}`);
    expect([response.status, ((await response.json()) as { error: { param: string } }).error.param]).toEqual([
      400,
      query.split("=")[0] as string,
    ]);
  });

  test("says so where there is no ledger", async () => {
    using running = run();
    for (const path of ["/v1/usage", "/admin/usage"]) {
      const response = await fetch(`${running.url}${path}`);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("keeps no ledger");
    }
  });

  test("asks the ledger once for whoever asks the same meanwhile, and not for more than it can take", async () => {
    let [asked, free] = [0, (): void => {}];
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    const usage = (): Promise<readonly []> => {
      asked++;
      return held.then(() => []);
    };
    const slow = { usage } as unknown as Ledger; // All that is asked of it here.
    using running = run({ ledger: slow });
    const same = Array.from({ length: 20 }, () => fetch(`${running.url}/v1/usage`));
    while (asked === 0) await Bun.sleep(1);
    const others = Array.from({ length: 8 }, (_, day) => fetch(`${running.url}/v1/usage?since=2025-01-0${day + 1}`));
    while (asked < 8) await Bun.sleep(1);
    await Bun.sleep(20);
    free();
    expect((await Promise.all(same)).map(({ status }) => status)).toEqual(same.map(() => 200));
    const statuses = (await Promise.all(others)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 503]);
    expect(asked).toBe(8);
  });
});

describe("GET /admin/usage", () => {
  test.each([
    { query: "", by: "key", rows: [{ key: "alice", requests: 3, cost_usd: 0.0035, unpriced: 1 }] },
    {
      query: "by=model",
      by: "model",
      rows: [{ model: "openai/gpt-5" }, { model: "openai/gpt-5.1" }, { model: "openai/new", cost_usd: null }],
    },
    {
      query: "by=day",
      by: "day",
      rows: [
        { day: "2025-01-01", requests: 2 },
        { day: "2025-01-02", requests: 1 },
      ],
    },
    { query: "by=team&key=key-of-bob", by: "team", rows: [{ team: "search", requests: 1 }] },
  ])("adds up by $by", async ({ query, by, rows }) => {
    using running = run({ ledger });
    const answer = (await ask(`${running.url}/admin/usage?${query}`)) as { rows: object[] };
    expect(answer).toMatchObject({ object: "usage", by, rows });
    expect(answer.rows.length).toBe(rows.length);
  });

  test("refuses what can not be added up by", async () => {
    using running = run({ ledger });
    expect((await fetch(`${running.url}/admin/usage?by=colour`)).status).toBe(400);
  });
});
