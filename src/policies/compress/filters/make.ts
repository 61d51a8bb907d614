import { defineFilter, type Filter } from "../filter.ts";

/** What recipes print, with warnings and errors; compiler commands and changes of folder go. */
export const make: Filter = defineFilter({
  id: "make",
  summary: "What recipes print, with warnings and errors; compiler commands and changes of folder go.",
  commands: ["make", "gmake", "ninja", "cmake --build"],
  runsOthers: true,
  signs: ["^g?make\\[\\d+\\]: (?:Entering|Leaving) directory", "^make: \\*\\*\\* "],
  keep: ["^g?make(?:\\[\\d+\\])?: \\*\\*\\* ", ": warning: ", "^make: "],
  keepSpans: [
    {
      from: [":\\d{1,6}:\\d{1,6}: (?:fatal error|error|warning|note): "],
      to: ["^(?:cc|gcc|g\\+\\+|clang|c\\+\\+) ", "^make"],
      linesMax: 8,
    },
  ],
  drop: [
    { what: "changes of folder", lines: ["^g?make(?:\\[\\d+\\])?: (?:Entering|Leaving) directory"] },
    {
      what: "compiler commands",
      lines: [
        "^(?:cc|gcc|g\\+\\+|clang|c\\+\\+|ar|ranlib) .*-",
        "^clang\\+\\+ .*-",
        "^ +(?:CC|CXX|LD|AR|GEN|AS|HOSTCC|CCLD) +\\S",
        "^\\[ *\\d+%\\] (?:Building|Built|Linking|Generating)",
        "^\\[\\d+/\\d+\\] (?:Building|Linking|Generating|Compiling)",
        "^libtool: ",
      ],
    },
    { what: "nothing to do", lines: ["^g?make(?:\\[\\d+\\])?: Nothing to be done"] },
  ],
  samples: [
    {
      claim: "the compiler's warnings and frames stay",
      command: "make all",
      output: `make[1]: Entering directory '/tmp/project/lib'
cc -O2 -Wall -c part.c -o part.o
part.c:3:7: warning: unused variable 'unused' [-Wunused-variable]
    3 |   int unused;
      |       ^~~~~~
library is ready
make[1]: Leaving directory '/tmp/project/lib'
make: *** [Makefile:11: broken] Error 1`,
      survives: [
        "part.c:3:7: warning: unused variable 'unused' [-Wunused-variable]",
        "    3 |   int unused;",
        "library is ready",
        "make: *** [Makefile:11: broken] Error 1",
      ],
      drops: ["make[1]: Entering directory '/tmp/project/lib'", "cc -O2 -Wall -c part.c -o part.o"],
    },
  ],
});
