import { foreseenLosses } from "../wire/foreseen-losses.ts";
import type { Plan } from "./plan.ts";

/** What requests to a combo may lose at one of its targets. */
export interface ComboLoss {
  readonly combo: string;
  /** `provider/model`. */
  readonly target: string;
  /** The formats whose clients may lose this, and only this. */
  readonly formats: readonly string[];
  /** Short names, as `x-omni-loss` has them. In order of what weighs more: what is missing first, then what only changes how it is answered. */
  readonly lost: readonly string[];
}

/**
 * Foresees for every combo of chat what its targets' formats have no place for. Targets that speak a client's own format lose nothing and are not listed.
 * Nothing on a request's path asks for it.
 */
export function comboLosses({ routes, targets }: Plan): ComboLoss[] {
  return routes.flatMap((route) => {
    if (route.type !== "combo" || route.operation !== "chat") return [];
    const services = new Map(route.targets.map((id) => [targets[id]!.service, targets[id]!])); // Ids are rows.
    return [...services.values()].flatMap(({ service, bridges, model }) => {
      const byLost = new Map<string, string[]>();
      for (const [format, { bridge }] of bridges) {
        const losses = foreseenLosses(bridge, model).toSorted((a, b) => Number(b.weight === "content") - Number(a.weight === "content"));
        if (losses.length === 0) continue;
        const lost = [...new Set(losses.map(({ what }) => what))].join(", ");
        byLost.set(lost, [...(byLost.get(lost) ?? []), format]);
      }
      return [...byLost].map(([lost, formats]) => ({ combo: route.name, target: service, formats, lost: lost.split(", ") }));
    });
  });
}

/** The combos whose targets do not all lose the same, so that it matters to a client which one answers. */
export function unevenCombos({ routes, targets }: Plan, losses: readonly ComboLoss[]): string[] {
  return routes.flatMap(({ type, operation, name, targets: ids }) => {
    if (type !== "combo" || operation !== "chat") return [];
    const lostAt = (service: string): string =>
      JSON.stringify(
        losses.filter(({ combo, target }) => combo === name && target === service).map(({ formats, lost }) => [formats, lost]),
      );
    return new Set(ids.map((id) => lostAt(targets[id]!.service))).size > 1 ? [name] : []; // Ids are rows.
  });
}
