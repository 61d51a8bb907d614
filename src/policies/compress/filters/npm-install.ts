import { defineFilter, type Filter } from "../filter.ts";

/** What was added and how it stands with vulnerabilities, and every error; progress, funding and old deprecations go. */
export const npmInstall: Filter = defineFilter({
  id: "npm-install",
  summary: "What was added and how it stands with vulnerabilities, and every error; progress, funding and old deprecations go.",
  commands: [
    "npm install",
    "npm i",
    "npm ci",
    "npm add",
    "npm update",
    "pnpm install",
    "pnpm i",
    "pnpm add",
    "pnpm update",
    "yarn install",
    "yarn add",
    "yarn upgrade",
    "bun install",
    "bun add",
  ],
  signs: [
    "^(?:added|removed|changed|up to date)[ ,].{0,80}packages? in ",
    "^\\d+ packages? are looking for funding",
    "^npm (?:WARN|warn) deprecated ",
    "^Progress: resolved \\d",
  ],
  keep: [
    "^(?:added|removed|changed|up to date|audited)",
    "\\bvulnerabilit",
    "^npm (?:ERR!|error)",
    "^(?:dependencies|devDependencies|peerDependencies):",
    "^[-+] \\S",
    "^Done in",
  ],
  drop: [
    {
      what: "deprecations",
      lines: ["^npm (?:WARN|warn) deprecated ", "^ ?WARN ? deprecated ", "^warning [^:]+: .{0,120}no longer (?:maintained|supported)"],
    },
    {
      what: "progress",
      lines: [
        "^Progress: ",
        "^[+|\\\\/-]{4,}$",
        "^(?:\\[\\d/\\d\\]|info) ",
        "^Packages: [+-]\\d",
        "^npm (?:http|timing|sill|verb|info) ",
        "^\\. +(?:prepare|postinstall)",
        "^Lockfile is up to date",
      ],
    },
    { what: "funding", lines: ["^\\d+ packages? are looking for funding", "^ +run `npm fund`", "^npm notice"] },
  ],
  samples: [
    {
      claim: "errors stay beside a summary",
      command: "npm install",
      output: `npm warn deprecated inflight@1.0.6: This module is not supported
npm warn deprecated request@2.88.2: request has been deprecated

added 211 packages in 19s

44 packages are looking for funding
  run \`npm fund\` for details
npm error code ELIFECYCLE`,
      survives: ["added 211 packages in 19s", "npm error code ELIFECYCLE"],
      drops: ["npm warn deprecated inflight@1.0.6: This module is not supported", "44 packages are looking for funding"],
    },
  ],
});
