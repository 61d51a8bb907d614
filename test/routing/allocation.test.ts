import { expect, test } from "bun:test";
import { join } from "node:path";

const LOOP = join(import.meta.dir, "routing-loop.ts");
const CALLS = 5_000_000;

/**
 * Counts the garbage collections that a function causes in many calls. The runtime asks for one about every 8 MB that are allocated, so none in a
 * million calls means less than eight bytes per call, which is less than any object has. What the heap's own figures say between two collections proves
 * nothing: they do not move.
 * @param name An export of `routing-loop.ts`.
 */
async function collectionsIn(name: string, calls = CALLS): Promise<number> {
  const script = `
    const { ${name}: call } = await import(${JSON.stringify(LOOP)});
    const { writeSync } = await import("node:fs");
    for (let round = 0; round < 5; round++) { for (let at = 0; at < 50000; at++) call(at); await 0; }
    Bun.gc(true);
    await Bun.sleep(20);
    let sum = 0;
    writeSync(2, "<<<BEGIN\\n");
    for (let at = 0; at < ${calls}; at++) sum += call(at);
    writeSync(2, "END>>> " + sum + "\\n");
    process.exit(0);`;
  const child = Bun.spawn([process.execPath, "-e", script], {
    env: { ...process.env, BUN_JSC_logGC: "1", BUN_JSC_useConcurrentGC: "0" },
    stdout: "ignore",
    stderr: "pipe",
  });
  const text = await new Response(child.stderr).text();
  const [begin, end] = [text.indexOf("<<<BEGIN"), text.indexOf("END>>>")];
  if (begin < 0 || end < begin) throw new Error(`The loop did not run to its end:\n${text.slice(-2000)}`);
  return [...text.slice(begin, end).matchAll(/bytes allocated this cycle: \d+/g)].length;
}

test("looking a name up and deciding on a target allocate nothing", async () => {
  expect(await collectionsIn("route")).toBe(0);
}, 60_000);

test("nor does deciding among fifty, by each strategy, with all pre-checks", async () => {
  expect(await collectionsIn("choose", 1_000_000)).toBe(0);
}, 60_000);

test("one small object per call would be noticed", async () => {
  expect(await collectionsIn("routeAndAllocate")).toBeGreaterThan(5);
}, 60_000);
