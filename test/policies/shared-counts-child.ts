// A process that counts together with others: `shared-counts-child.ts FILE SEATS SEAT SUBJECTS REQUESTS [die]`. Prints how many it was let do.
import { Budgets } from "../../src/policies/budget.ts";
import { ConcurrencyLimits } from "../../src/policies/concurrency.ts";
import { RateLimits } from "../../src/policies/rate-limit.ts";
import { SharedCounts } from "../../src/policies/shared-counts.ts";
import { SharedMemory } from "../../src/world/shared-memory.ts";
import { at, caller, exchange, outcome, thrown } from "./exchange.ts";

const [file = "", seats = "", seat = "", subjects = "", requests = "", ending = ""] = process.argv.slice(2);
const counts = new SharedCounts(SharedMemory.open(file).bytes, Number(seats), Number(seat), 0);
const rates = new RateLimits(
  [{ name: "r", per: "key", counts: "requests", limit: 500, windowMs: 3_600_000 }],
  undefined,
  undefined,
  counts,
);
const budgets = new Budgets([{ name: "b", per: "key", period: "day", limitNanoUsd: 300_000 }], [], 0, undefined, undefined, counts);
const places = new ConcurrencyLimits([{ name: "c", per: "all", limit: 7 }], undefined, undefined, counts);
const now = at(1_000);
let [taken, paid] = [0, 0];
for (let count = 0; count < Number(requests); count++) {
  const one = exchange({ caller: caller(`k${count % Number(subjects)}`) });
  if (thrown(() => rates.admit(one, now)) === undefined) taken++;
  if (thrown(() => budgets.admit(one, now)?.settle(outcome({ costNanoUsd: 1_000 }), now)) === undefined) paid++;
  places.admit(one).settle(outcome(), now);
}
console.log(JSON.stringify({ taken, paid }));
if (ending === "die") {
  for (let count = 0; count < 3; count++) places.admit(exchange());
  budgets.admit(exchange({ caller: caller("last"), estimate: { tokens: 1, costNanoUsdMax: 200_000 } }), now);
  counts.holds.enter();
  process.kill(process.pid, "SIGKILL");
}
