import { describe, expect, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";
import { configFor, type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { Upstream } from "../support/upstream.ts";

const BODY = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
});

/** Replaces the file at once, as editors do. */
function write(gateway: GatewayProcess, config: string): void {
  writeFileSync(`${gateway.configFile}.new`, config);
  renameSync(`${gateway.configFile}.new`, gateway.configFile);
}

/** How many reloads; `.ci/run` asks for 200, which takes about a minute. */
const RELOADS = Number(process.env["OMNI_TEST_RELOADS"] ?? 45);

describe("reloads under load", () => {
  test(`${RELOADS} of them, every third one broken, fail no request and cut no stream`, async () => {
    using upstream = new Upstream((request) =>
      request.json.stream
        ? { headers: { "content-type": "text/event-stream" }, body: slowStream() }
        : { headers: { "content-type": "application/json" }, body: BODY },
    );
    const good = (generation: number): string => configFor(upstream.baseUrl, ["m", `only-in-${generation}`]);
    await using gateway = await startGateway(good(0));
    const failures: string[] = [];
    let requests = 0;
    let streams = 0;
    let over = false;
    const load = async (): Promise<void> => {
      while (!over) {
        const response = await gateway.post("/v1/chat/completions", { model: "m", messages: [] }).catch((error: Error) => error);
        if (response instanceof Error || response.status !== 200)
          failures.push(response instanceof Error ? response.message : await response.text());
        else await response.text();
        requests++;
        // As many as there is time for, and some time for the reloads.
        await Bun.sleep(2);
      }
    };
    const stream = async (): Promise<void> => {
      while (!over) {
        const text = await gateway
          .post("/v1/chat/completions", { model: "m", stream: true, messages: [] })
          .then((response) => response.text())
          .catch((error: Error) => error.message);
        if (text !== (slowStream().filter((piece) => typeof piece === "string") as string[]).join("")) failures.push(text);
        streams++;
      }
    };
    const running = [load(), load(), stream(), stream(), stream(), stream()];
    const reload = async (): Promise<{ status: number }> => fetch(`${gateway.url}/admin/reload`, { method: "POST" });
    let refused = 0;
    for (let generation = 1; generation <= RELOADS; generation++) {
      const broken = generation % 3 === 0;
      write(gateway, broken ? good(generation).slice(0, -10) : good(generation));
      const { status } = await reload();
      if (broken) {
        expect(status).toBeGreaterThanOrEqual(400);
        refused++;
      } else {
        expect(status).toBe(200);
      }
    }
    over = true;
    await Promise.all(running);
    expect(failures).toEqual([]);
    expect(refused).toBe(Math.floor(RELOADS / 3));
    expect(requests).toBeGreaterThan(RELOADS);
    expect(streams).toBeGreaterThan(10);
    const names = ((await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] }).data.map(({ id }) => id);
    expect(names).toContain(`up/only-in-${RELOADS % 3 === 0 ? RELOADS - 1 : RELOADS}`);
  }, 240_000);
});

function slowStream(): (string | { pauseMs: number })[] {
  const pieces: (string | { pauseMs: number })[] = [];
  for (let i = 0; i < 10; i++) {
    pieces.push(
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content: String(i) }, finish_reason: null }] })}\n\n`,
      { pauseMs: 30 },
    );
  }
  pieces.push(
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`,
    "data: [DONE]\n\n",
  );
  return pieces;
}
