import { describe, expect, test } from "bun:test";
import { checkFilter } from "../../../src/policies/compress/check-filter.ts";
import { compress } from "../../../src/policies/compress/compress.ts";
import { defineFilter, type Filter } from "../../../src/policies/compress/filter.ts";
import { FilterSet } from "../../../src/policies/compress/filter-set.ts";
import { FILTERS } from "../../../src/policies/compress/filters/index.ts";

const OURS: Filter = defineFilter({
  id: "deploy",
  summary: "What our deploy prints.",
  commands: ["./deploy", "deploy"],
  signs: ["^Deploying \\S", "^Deployed "],
  drop: [{ what: "uploads", lines: ["^uploading "] }],
  samples: [
    {
      claim: "the address stays",
      command: "./deploy web",
      output: "Deploying web\nuploading a.js\nuploading b.js\nDeployed https://example.com",
      survives: ["Deployed https://example.com"],
      drops: ["uploading a.js"],
    },
  ],
});

test("a filter of one's own is taken, and comes before those of Omni", () => {
  expect(checkFilter(OURS)).toEqual([]);
  const mine: Filter = { ...OURS, id: "my-jest", commands: ["jest"] };
  const set = new FilterSet([OURS, mine, ...FILTERS]);
  const output = `Deploying web\n${"uploading a file to the store\n".repeat(50)}Deployed https://example.com\n`;
  expect(compress(output, { command: "cd x && ./deploy web" }, set)).toMatchObject({ filter: "deploy", droppedLines: 50 });
  expect(compress(output, { command: "npx jest" }, set)?.filter).toBe("my-jest");
});

test("it is data: it may come from JSON", () => {
  expect(checkFilter(JSON.parse(JSON.stringify(OURS)))).toEqual([]);
});

const [sample] = OURS.samples;

describe("checkFilter says what is wrong", () => {
  test.each([
    { claim: "an id that cannot stand in a header", filter: { ...OURS, id: "My Filter; x" }, fault: "is no id" },
    { claim: "no sample", filter: { ...OURS, samples: [] }, fault: "has no sample" },
    { claim: "a pattern that can run away", filter: { ...OURS, keep: ["^(?:a+)+$"] }, fault: "Cannot take the pattern" },
    {
      claim: "a word that would break a mark",
      filter: { ...OURS, drop: [{ what: "a]\nb", lines: ["^x"] }] },
      fault: "cannot stand in a mark",
    },
    { claim: "lines cut too short", filter: { ...OURS, lineCharsMax: 10 }, fault: "less than 2048" },
    {
      claim: "a line that does not survive",
      filter: { ...OURS, drop: [{ what: "all", lines: ["^\\w"] }] },
      fault: "does not survive: Deployed",
    },
    { claim: "a line that does not go", filter: { ...OURS, drop: [] }, fault: "does not go: uploading a.js" },
    {
      claim: "a line that never was",
      filter: { ...OURS, samples: [{ ...sample!, drops: ["nowhere"] }] },
      fault: "has no such line: nowhere",
    },
    {
      claim: "a sample that is read from a file",
      filter: { ...OURS, samples: [{ ...sample!, command: "cat a" }] },
      fault: "does not take it",
    },
  ])("$claim", ({ filter, fault }) => {
    expect(checkFilter(filter).join("\n")).toContain(fault);
  });
});
