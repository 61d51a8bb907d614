import { defineFilter, type Filter } from "../filter.ts";

/** As terraform-plan, for OpenTofu. */
export const tofuPlan: Filter = defineFilter({
  id: "tofu-plan",
  summary: "As terraform-plan, for OpenTofu.",
  commands: ["tofu plan", "tofu apply", "tofu destroy", "opentofu plan"],
  signs: ["^OpenTofu will perform the following actions", "^OpenTofu used the selected providers", "^OpenTofu has compared"],
  keep: [
    "^ *# \\S+ (?:will|must|has|is) ",
    "^Plan: ",
    "^ *(?:-/\\+|\\+/-|~|-) ",
    "^(?:Changes to Outputs|No changes|Apply complete|OpenTofu (?:will|planned))",
    "forces replacement",
  ],
  keepSpans: [{ from: ["^(?:│ )?Error: ", "^(?:│ )?Warning: "], to: ["^╵"], linesMax: 30 }],
  drop: [
    {
      what: "state refreshed",
      lines: [
        "^\\S+: (?:Refreshing state|Reading|Read complete|Still reading|Creating|Still creating)",
        "^(?:Acquiring|Releasing) state lock",
      ],
    },
    { what: "not known yet", lines: ["= \\(known after apply\\)$"] },
    { what: "unchanged", lines: ["# \\(\\d{1,6} unchanged (?:attributes|blocks|elements)"] },
  ],
  samples: [
    {
      claim: "resources stay (from its documentation)",
      command: "tofu plan",
      output: `aws_instance.web: Refreshing state... [id=i-0123]

OpenTofu will perform the following actions:

  # aws_instance.web will be destroyed
  - resource "aws_instance" "web" {

Plan: 0 to add, 0 to change, 1 to destroy.`,
      survives: ["  # aws_instance.web will be destroyed", "Plan: 0 to add, 0 to change, 1 to destroy."],
      drops: ["aws_instance.web: Refreshing state... [id=i-0123]"],
    },
  ],
});
