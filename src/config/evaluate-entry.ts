// What `evaluate.ts` starts when Omni runs from source. The binary has a verb for it instead.
import { evaluateHere } from "./evaluator.ts";

await evaluateHere(process.argv[2] ?? "");
