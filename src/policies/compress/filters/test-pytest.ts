import { defineFilter, type Filter } from "../filter.ts";

/** Failures with their source lines, and the summary; passing tests go. */
export const testPytest: Filter = defineFilter({
  id: "test-pytest",
  summary: "Failures with their source lines, and the summary; passing tests go.",
  commands: ["pytest", "py.test"],
  scripts: ["make", "tox", "nox", "python", "python3"],
  signs: ["^=+ test session starts =+", "^=+ \\d+ (?:passed|failed|error)", "^E {3}", "^FAILED \\S+::", "^collected \\d+ items?"],
  keep: ["^(?:FAILED|ERROR|XPASS) ", "^E ", "^> ", "^=+ ", "^_+ \\S", "^collect(?:ed|ing) "],
  keepSpans: [{ from: ["^=+ (?:FAILURES|ERRORS)"], to: ["^=+ (?:short test summary|warnings summary|slowest)"], linesMax: 400 }],
  drop: [
    { what: "passing tests", lines: ["^.* PASSED(?: |$)", "^[^ ]+ [.sx]+ +\\[", "^[.sx]{4,} *\\[ *\\d", "^[.sx]{20,}$"] },
    { what: "session header", lines: ["^(?:platform|cachedir|plugins|configfile|asyncio): ?", "^platform "] },
  ],
  samples: [
    {
      claim: "the failing source line stays",
      command: "python -m pytest",
      output: `============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-8.0.0, pluggy-1.4.0
collected 3 items

test_a.py ..                                                             [ 66%]
test_b.py F                                                              [100%]

=================================== FAILURES ===================================
________________________________ test_discount _________________________________

    def test_discount():
>       assert total([10, 20]) == 27
E       assert 30 == 27

test_b.py:5: AssertionError
=========================== short test summary info ============================
FAILED test_b.py::test_discount - assert 30 == 27
========================= 1 failed, 2 passed in 0.04s ==========================`,
      survives: [
        ">       assert total([10, 20]) == 27",
        "    def test_discount():",
        "E       assert 30 == 27",
        "test_b.py F                                                              [100%]",
      ],
      drops: ["test_a.py ..                                                             [ 66%]"],
    },
  ],
});
