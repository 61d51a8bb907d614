import { describe, expect, test } from "bun:test";
import { allCells, type Cell, expectedOf, nameOf, sampleOf } from "./cells.ts";
import { CLIENT_FORMATS } from "./client-formats.ts";
import { outcomeOf, type Phase } from "./contract.ts";
import { PROVIDER_FORMATS } from "./provider-formats.ts";
import { runCells } from "./run-cells.ts";
import { allClientCells, clientCellName, runClientCells } from "./run-client-cells.ts";
import { UPSTREAM_FAULTS } from "./upstream-faults.ts";

const cells = allCells();
const named = (name: string): Cell => cells.find((cell) => nameOf(cell) === name)!;

describe("the chaos matrix", () => {
  test("has every fault for every pair of formats, far more than 1,500 cells, and an expectation for each", () => {
    expect(cells.length).toBeGreaterThan(10_000);
    expect(new Set(cells.map(nameOf)).size).toBe(cells.length);
    expect(new Set(cells.map(({ client }) => client))).toEqual(new Set(CLIENT_FORMATS));
    expect(new Set(cells.map(({ format }) => format))).toEqual(new Set(PROVIDER_FORMATS));
    expect(new Set(cells.map(({ fault }) => fault))).toEqual(new Set(UPSTREAM_FAULTS));
    for (const cell of cells) expect(expectedOf(cell).outcome.attempts).toBeWithin(1, 5);
  });

  test("does not pass over what the contract is silent about", () => {
    expect(() => outcomeOf("dawn" as Phase, "single", false)).toThrow("says nothing");
    const cell = named("openai-chat → openai-chat, whole, single: 500");
    expect(() => expectedOf({ ...cell, fault: { ...cell.fault, kind: "upstream_unheard_of", status: 0 } })).not.toThrow();
    const { status: _, ...fault } = cell.fault;
    expect(() => expectedOf({ ...cell, fault: { ...fault, kind: "upstream_unheard_of" } })).toThrow("no status");
  });

  test("sees what is not as the contract says", async () => {
    const cell = named("openai-chat → openai-chat, whole, single: 500");
    const wrong: Cell = { ...cell, fault: { ...cell.fault, phase: "fine" } };
    const findings = await runCells([wrong, cell], 2);
    expect(findings.map(({ name }) => name)).toEqual([nameOf(wrong)]);
    expect(findings[0]?.faults).toContain("the status is 500, not 200");
  }, 60_000);

  // All of it runs by itself, `npm run chaos`; this is a part that reaches into every corner.
  test("a part of it, providers that fail", async () => {
    expect(await runCells(sampleOf(cells, 31), 24)).toEqual([]);
  }, 300_000);

  test("a part of it, clients that do", async () => {
    const bad = allClientCells();
    expect(new Set(bad.map(clientCellName)).size).toBe(bad.length);
    expect(await runClientCells(sampleOf(bad, 3), 24)).toEqual([]);
  }, 120_000);
});
