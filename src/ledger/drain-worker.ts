import { type LedgerPlace, LocalDrainer } from "./drainer.ts";
import type { SpentQuery, UsageBy, UsageSpan } from "./report.ts";

/** What a drainer is asked that does not run where the question comes from. */
export type DrainerQuestion =
  | { readonly type: "recover"; readonly again: boolean }
  | { readonly type: "drain"; readonly isOver: boolean; readonly owner: string | undefined }
  | { readonly type: "compact"; readonly beforeEpochMs: number }
  | { readonly type: "usage"; readonly by: UsageBy; readonly span: UsageSpan }
  | { readonly type: "spent"; readonly query: SpentQuery };

/** What the thread is asked. */
export type DrainRequest =
  | DrainerQuestion
  | { readonly type: "open"; readonly place: LedgerPlace; readonly epochMs: number }
  | { readonly type: "close" };

/** What it answers, one answer per question, in order. */
export type DrainAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string; readonly code: string };

declare const self: Worker;

/** This thread may stand still while another process writes; nobody waits for it. */
const BUSY_MS_MAX = 5_000;

let drainer: LocalDrainer | undefined;

self.onmessage = async ({ data }: MessageEvent<DrainRequest>) => {
  let answer: DrainAnswer;
  try {
    answer = { ok: true, value: await run(data) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    answer = { ok: false, message: error instanceof Error ? error.message : String(error), code };
  }
  self.postMessage(answer);
};

async function run(request: DrainRequest): Promise<unknown> {
  switch (request.type) {
    case "open":
      drainer = new LocalDrainer(request.place, request.epochMs, BUSY_MS_MAX);
      return undefined;
    case "recover":
      return drainer?.recover(request.again);
    case "drain":
      return drainer?.drain(request.isOver, request.owner);
    case "compact":
      return drainer?.compact(request.beforeEpochMs);
    case "usage":
      return drainer?.usage(request.by, request.span);
    case "spent":
      return drainer?.spent(request.query);
    case "close":
      return drainer?.close();
    default:
      return request satisfies never;
  }
}
