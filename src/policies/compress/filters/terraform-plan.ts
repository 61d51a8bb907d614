import { defineFilter, type Filter } from "../filter.ts";

/** Every resource and attribute that changes, and the plan's numbers; refreshing and values that are not known yet go. */
export const terraformPlan: Filter = defineFilter({
  id: "terraform-plan",
  summary: "Every resource and attribute that changes, and the plan's numbers; refreshing and values that are not known yet go.",
  commands: ["terraform plan", "terraform apply", "terraform destroy"],
  signs: [
    "^Terraform will perform the following actions",
    "^Plan: \\d+ to add",
    "^ {2}# \\S+ (?:will|must) be ",
    "^Terraform used the selected providers",
  ],
  keep: [
    "^ *# \\S+ (?:will|must|has|is) ",
    "^Plan: ",
    "^ *(?:-/\\+|\\+/-|~|-) ",
    "^(?:Changes to Outputs|No changes|Apply complete|Terraform (?:will|planned))",
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
      claim: "changed attributes stay",
      command: "terraform plan",
      output: `aws_instance.web: Refreshing state... [id=i-0123]

Terraform will perform the following actions:

  # aws_instance.web must be replaced
-/+ resource "aws_instance" "web" {
      ~ ami = "ami-1" -> "ami-2" # forces replacement
      + arn = (known after apply)
    }

Plan: 1 to add, 0 to change, 1 to destroy.`,
      survives: [
        "  # aws_instance.web must be replaced",
        '      ~ ami = "ami-1" -> "ami-2" # forces replacement',
        "Plan: 1 to add, 0 to change, 1 to destroy.",
      ],
      drops: ["aws_instance.web: Refreshing state... [id=i-0123]", "      + arn = (known after apply)"],
    },
  ],
});
