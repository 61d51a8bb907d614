import { countOpen, evenly, openAt, type Strategy } from "./strategy.ts";

/**
 * In turn among the children that are open. The turn is the exchange's number on its route, and what is left of it after division goes to the
 * choice below: nested circles then go round like the wheels of a counter, and no counter has to be kept per group.
 */
export const roundRobin: Strategy = {
  name: "round-robin",
  summary: "in turn, by the order of requests",
  asksFacts: true,
  pick(choosing) {
    const open = countOpen(choosing);
    if (open === 0) return -1;
    const { draw } = choosing;
    const place = draw.turn % open;
    draw.turn = (draw.turn - place) / open;
    return openAt(choosing, place);
  },
  shares: evenly,
};
