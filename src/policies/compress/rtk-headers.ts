import type { Saving } from "./compress-body.ts";

/** What says on an answer how much of its request's tool results was left out. */
export const RTK_HEADER = "x-omni-rtk";

/** With the value `off`, each of these on a request switches compression off for it. The first is the reference's. */
export const RTK_OFF_HEADERS: readonly string[] = ["x-omniroute-rtk", RTK_HEADER];

/** Headers have a limit in length; filters beyond this number are summed up as `others`. */
const FILTERS_MAX = 12;

/** `git-diff;bytes=18234>6120, test-jest;bytes=3986>1853`: one entry per filter, in order of appearance. Undefined if nothing was saved. */
export function formatSavings(savings: readonly Saving[]): string | undefined {
  const sums = sumsOf(savings);
  if (sums.size === 0) return undefined;
  return [...sums].map(([id, { before, after }]) => `${id};bytes=${before}>${after}`).join(", ");
}

/** `git-diff=12114 test-jest=2133`: bytes that were left out, by filter, as the ledger keeps them. Undefined if nothing was saved. */
export function formatBytesSaved(savings: readonly Saving[]): string | undefined {
  if (savings.length === 0) return undefined;
  return [...sumsOf(savings)].map(([id, { before, after }]) => `${id}=${before - after}`).join(" ");
}

function sumsOf(savings: readonly Saving[]): Map<string, { readonly before: number; readonly after: number }> {
  const sums = new Map<string, { before: number; after: number }>();
  for (const { filter, bytesBefore, bytesAfter } of savings) {
    const id = sums.has(filter) || sums.size < FILTERS_MAX ? filter : "others";
    const sum = sums.get(id) ?? { before: 0, after: 0 };
    sums.set(id, { before: sum.before + bytesBefore, after: sum.after + bytesAfter });
  }
  return sums;
}

/** Whether a request asks to be left alone. */
export function isSwitchedOff(headers: Headers): boolean {
  return RTK_OFF_HEADERS.some((name) => {
    const value = headers.get(name);
    return value !== null && ["off", "false", "0", "no"].includes(value.trim().toLowerCase());
  });
}
