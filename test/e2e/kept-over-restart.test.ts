import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configFor, startGateway } from "../support/gateway-process.ts";
import { Upstream } from "../support/upstream.ts";

const ANSWER = {
  headers: { "content-type": "application/json" },
  body: '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}',
};

test("what the operator wants kept is found again after a restart: answers by key, and answers to equal requests", async () => {
  const folder = mkdtempSync(join(tmpdir(), "omni-kept-"));
  using upstream = new Upstream(ANSWER);
  const policies = "policies: { idempotency: { persist: true }, cache: { persist: true }, reasoning: { persist: true } }";
  const config = configFor(upstream.baseUrl, ["m"], `ledger: { folder: ${JSON.stringify(folder)} }, ${policies},`);
  const body = { model: "up/m", messages: [{ role: "user", content: "hi" }] };
  const keyed = { headers: { "idempotency-key": "k", "cache-control": "no-store" } };
  const seen: (string | null)[][] = [];
  try {
    for (let run = 0; run < 2; run++) {
      await using gateway = await startGateway(config);
      const [first, second] = [await gateway.post("/v1/chat/completions", body, keyed), await gateway.post("/v1/chat/completions", body)];
      expect([first.status, second.status, await first.text(), await second.text()]).toEqual([200, 200, ANSWER.body, ANSWER.body]);
      gateway.process.kill("SIGTERM");
      await gateway.process.exited;
      seen.push([first.headers.get("idempotent-replayed"), second.headers.get("x-omni-cache")]);
    }
    expect(seen).toEqual([
      [null, "miss"],
      ["true", "hit"],
    ]);
    expect(upstream.requests).toHaveLength(2);
    for (const name of readdirSync(folder).filter((file) => /^(?:idempotency|answers|reasoning)\.sqlite$/.test(file))) {
      expect([name, statSync(join(folder, name)).mode & 0o077]).toEqual([name, 0]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 30_000);
