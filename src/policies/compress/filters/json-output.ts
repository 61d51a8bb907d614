import { defineFilter, type Filter } from "../filter.ts";

/** JSON as it is, up to a length; then both ends, with all that speaks of errors, states and messages. */
export const jsonOutput: Filter = defineFilter({
  id: "json-output",
  summary: "JSON as it is, up to a length; then both ends, with all that speaks of errors, states and messages.",
  commands: ["jq", "yq", "gron"],
  signs: ["^[[{]$", '^ +"[^"]+": ', "^ {1,8}[}\\]],?$"],
  keep: ['^ *"(?:status|state|error|errors|code|message|reason|id|name)": '],
  drop: [{ what: "empty members", lines: ['^ +"[^"]+": (?:\\[\\]|\\{\\}),?$'] }],
  cap: { lines: 400, head: 250, tail: 100 },
  lineCharsMax: 8192,
  samples: [
    {
      claim: "last members of objects stay",
      command: "jq . a.json",
      output: `{
  "a": 1,
  "list_of_nothing_at_all": [],
  "status": "ok",
  "last": true
}`,
      survives: ['  "last": true', '  "status": "ok",', "}"],
      drops: ['  "list_of_nothing_at_all": [],'],
    },
  ],
});
