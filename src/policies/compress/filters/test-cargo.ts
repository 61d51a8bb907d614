import { defineFilter, type Filter } from "../filter.ts";

/** Compile errors with their frames, failing tests, and results; passing tests and compiled crates go. */
export const testCargo: Filter = defineFilter({
  id: "test-cargo",
  summary: "Compile errors with their frames, failing tests, and results; passing tests and compiled crates go.",
  commands: ["cargo test", "cargo nextest", "cargo build", "cargo check", "cargo clippy", "cargo run"],
  scripts: ["make", "just"],
  signs: ["^running \\d+ tests?$", "^test result: ", "^test \\S+ \\.\\.\\. ", "^ +Compiling \\S+ v\\d", "^error\\[E\\d{4}\\]: "],
  keep: ["^test result: ", "^running \\d", "^thread '", "^failures:", "^ +Running ", "^ +Finished "],
  keepSpans: [
    { from: ["^error(?:\\[E\\d+\\])?: ", "^warning: "], linesMax: 60 },
    { from: ["^---- \\S"], to: ["^---- \\S", "^failures:"], linesMax: 80 },
  ],
  drop: [
    { what: "passing tests", lines: ["^test .* \\.\\.\\. ok$", "^ +PASS \\["] },
    { what: "crates", lines: ["^ +(?:Compiling|Downloading|Downloaded|Checking|Fresh|Updating|Locking|Adding|Unpacking) "] },
  ],
  samples: [
    {
      claim: "a compile error stays with its place and frame",
      command: "cargo test",
      output: `   Compiling libc v0.2.150
   Compiling shop v0.1.0 (/tmp/project)
error[E0308]: mismatched types
 --> src/lib.rs:3:5
  |
3 |     count
  |     ^^^^^ expected String, found u32

running 2 tests
test tests::adds ... ok
test tests::discounts ... FAILED

test result: FAILED. 1 passed; 1 failed`,
      survives: [
        "error[E0308]: mismatched types",
        " --> src/lib.rs:3:5",
        "  |     ^^^^^ expected String, found u32",
        "test tests::discounts ... FAILED",
        "test result: FAILED. 1 passed; 1 failed",
      ],
      drops: ["test tests::adds ... ok", "   Compiling libc v0.2.150"],
    },
  ],
});
