import { defineFilter, type Filter } from "../filter.ts";

/** Sizes; of very many both ends, and of the inside of installed packages none. */
export const du: Filter = defineFilter({
  id: "du",
  summary: "Sizes; of very many both ends, and of the inside of installed packages none.",
  commands: ["du", "ncdu", "dust"],
  signs: ["^\\d+(?:\\.\\d)?[KMGT]?\\t\\S"],
  keep: ["^du: ", "\\ttotal$"],
  drop: [
    {
      what: "inside installed packages",
      lines: ["^[\\d.]+[KMGT]?\\t(?:\\./)?node_modules/[^/]+/", "^[\\d.]+[KMGT]?\\t(?:\\./)?\\.git/"],
      unlessMost: true,
    },
  ],
  cap: { lines: 110, head: 50, tail: 50 },
  samples: [
    {
      claim: "own folders stay",
      command: "du -h",
      output: `24K	./node_modules/eslint/conf
3.9M	./node_modules/eslint
84K	./src
4.1M	.`,
      survives: ["84K	./src", "4.1M	.", "3.9M	./node_modules/eslint"],
      drops: ["24K	./node_modules/eslint/conf"],
    },
  ],
});
