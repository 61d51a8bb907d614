import { defineFilter, type Filter } from "../filter.ts";

/** What was installed, warnings and errors; downloads and what was there already go. */
export const pip: Filter = defineFilter({
  id: "pip",
  summary: "What was installed, warnings and errors; downloads and what was there already go.",
  commands: ["pip install", "pip3 install", "pip download", "pip3 download", "pip uninstall", "pip sync", "pip wheel"],
  signs: ["^Successfully installed ", "^Requirement already satisfied: ", "^Collecting \\S", "^ +Downloading \\S+\\.(?:whl|tar)"],
  keep: ["^Successfully ", "^(?:ERROR|WARNING): ", "^ +(?:×|╰─>)"],
  drop: [
    {
      what: "downloads",
      lines: [
        "^Collecting ",
        "^ *(?:Downloading|Using cached|Obtaining|Preparing metadata|Getting requirements|Installing build|Installing backend|Building wheel|Created wheel|Stored in) ?",
        "^ +[━╸╺]",
        "^ +[-\\\\|/] ?$",
        "^Installing collected packages: ",
        "^Looking in indexes: ",
        "^Building wheels? ",
      ],
    },
    { what: "already satisfied", lines: ["^Requirement already satisfied: "] },
    { what: "notices", lines: ["^\\[notice\\]"] },
  ],
  samples: [
    {
      claim: "what was installed stays",
      command: "pip install flask",
      output: `Collecting flask
  Downloading flask-3.1.3-py3-none-any.whl (103 kB)
Requirement already satisfied: click>=8.1.3 in /tmp/project/venv (8.5.1)
WARNING: The script flask is installed in '/tmp/bin' which is not on PATH.
Successfully installed flask-3.1.3`,
      survives: ["Successfully installed flask-3.1.3", "WARNING: The script flask is installed in '/tmp/bin' which is not on PATH."],
      drops: ["Collecting flask", "Requirement already satisfied: click>=8.1.3 in /tmp/project/venv (8.5.1)"],
    },
  ],
});
