import { defineFilter, type Filter } from "../filter.ts";

/** Errors, warnings and the verdict; of many written files both ends. */
export const buildVite: Filter = defineFilter({
  id: "build-vite",
  summary: "Errors, warnings and the verdict; of many written files both ends.",
  commands: ["vite build", "vite"],
  scripts: ["npm run", "pnpm", "yarn", "bun run", "make"],
  signs: ["^vite v\\d", "^✓ built in ", "^✓ \\d+ modules transformed", "^dist/\\S+ +[\\d.]+ kB"],
  keep: ["^vite v", "built in ", "^\\(!\\)", "^\\[\\w", "^ +➜"],
  drop: [{ what: "progress", lines: ["^transforming", "^✓ \\d+ modules transformed", "^rendering chunks", "^computing gzip size"] }],
  thin: { what: "written files", lines: ["^[^ ]+ +[\\d.,]+ kB"], aboveLines: 14, beside: 3 },
  samples: [
    {
      claim: "the verdict stays",
      command: "npx vite build",
      output: `vite v5.0.0 building for production...
transforming...
✓ 17 modules transformed.
rendering chunks...
dist/index.html  0.11 kB
✓ built in 507ms`,
      survives: ["✓ built in 507ms", "dist/index.html  0.11 kB"],
      drops: ["transforming...", "rendering chunks..."],
    },
  ],
});
