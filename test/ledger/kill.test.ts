import { expect, test } from "bun:test";
import { killLoop } from "./kill-loop.ts";
import { temporaryFolder } from "./samples.ts";

test("a process that is killed at any moment takes no acknowledged attempt with it, and leaves none twice or open", async () => {
  using folder = temporaryFolder();
  const report = await killLoop(folder.path, 6, (kill) => [0, 3, 11, 23, 41, 67][kill] ?? 0);
  expect(report).toMatchObject({ missing: 0, withoutRow: 0, duplicates: 0, difference: 0, open: 0 });
  expect(report.acknowledged).toBeGreaterThan(100);
}, 60_000);
