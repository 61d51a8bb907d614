import type { ConfigData } from "../../src/config/data.ts";

/** A target, and the part of all chances with which it is asked. */
export interface Share {
  readonly target: string;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * Reads straight off a configuration what a reference leads to: no ids, no columns, nothing computed beforehand.
 * It is what the compiled plan is held against.
 * @param isOpen Whether a target may be asked.
 * @returns The targets that may be asked now, in the order of their shares, which together are the whole from 0 to 1; none if nothing is open.
 */
export function sharesOf(config: ConfigData, reference: string, isOpen: (target: string) => boolean, from = 0, to = 1): Share[] {
  if (!reference.startsWith("combo:")) return isOpen(reference) ? [{ target: reference, from, to }] : [];
  const combo = config.combos![reference.slice("combo:".length)]!;
  const list = combo.chat!.map((item) => (typeof item === "string" ? { to: item, weight: 1 } : { weight: 1, ...item }));
  const open = list.filter((item) => sharesOf(config, item.to, isOpen).length > 0);
  if (combo.strategy !== "weighted") return open.slice(0, 1).flatMap((item) => sharesOf(config, item.to, isOpen, from, to));
  const total = open.reduce((sum, item) => sum + item.weight, 0);
  let at = from;
  return open.flatMap((item) => {
    const start = at;
    at += ((to - from) * item.weight) / total;
    return sharesOf(config, item.to, isOpen, start, at);
  });
}
