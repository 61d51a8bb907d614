import { countOpen, evenly, openAt, type Strategy, take } from "./strategy.ts";

/** By chance, whatever the weights. */
export const random: Strategy = {
  name: "random",
  summary: "by chance, each as likely",
  pick(choosing) {
    const open = countOpen(choosing);
    return open === 0 ? -1 : openAt(choosing, take(choosing.draw, open));
  },
  shares: evenly,
};
