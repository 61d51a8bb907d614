import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AttemptOpened, AttemptOutcome } from "../../src/ledger/attempt.ts";

/** An attempt that begins; every field that a test does not care for is filled. */
export function opened(requestId: string, attempt = 1, more: Partial<AttemptOpened> = {}): AttemptOpened {
  return {
    requestId,
    attempt,
    startedEpochMs: 1_735_689_600_000,
    config: "0123abcd",
    price: undefined,
    keyId: "key-of-alice",
    keyName: "alice",
    team: "search",
    organisation: "acme",
    operation: "chat",
    route: "smart",
    provider: "openai",
    model: "gpt-5.1",
    stream: false,
    bytesIn: 1_000,
    reservedNanoUsd: 5_000,
    ...more,
  };
}

/** What came of it. */
export function outcome(more: Partial<AttemptOutcome> = {}): AttemptOutcome {
  return {
    certainty: "exact",
    settledEpochMs: 1_735_689_601_000,
    failure: undefined,
    usage: { inputTokens: 100, inputTokensCached: 20, outputTokens: 30, reasoningTokens: 5 },
    costNanoUsd: 1_000,
    queueMs: 0.25,
    connectMs: undefined,
    firstByteMs: 120.5,
    firstTokenMs: 121,
    totalMs: 900,
    bytesOut: 2_000,
    losses: [],
    tokensSaved: 0,
    images: 0,
    audioSeconds: 0,
    ...more,
  };
}

/** A folder that is gone at the end of the block. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "omni-ledger-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
