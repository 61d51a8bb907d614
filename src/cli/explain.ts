import { resolve } from "node:path";
import { styleText } from "node:util";
import { formatDiagnostic } from "../config/diagnostic.ts";
import { findConfig, folderOf } from "../config/load.ts";
import { nearest } from "../config/nearest.ts";
import type { Decision } from "../gateway/decisions.ts";
import type { LiveExplanation } from "../gateway/report-health.ts";
import { OPERATIONS } from "../ir/operation.ts";
import { DEADLINES } from "../resilience/deadline.ts";
import { type ExplainedChoice, type ExplainedTarget, type Explanation, explain } from "../routing/explain.ts";
import type { Plan } from "../routing/plan.ts";
import { STRATEGIES } from "../routing/strategies/index.ts";
import { askGateway, runningGateway } from "./ask-gateway.ts";
import type { Command, CommandInput } from "./command.ts";
import { liveText } from "./explain-live.ts";
import { attemptsIn, attemptsText, decisionText } from "./explain-request.ts";
import { folderIn } from "./ledger-folder.ts";
import { loadPlan } from "./load-plan.ts";
import { UsageError } from "./parse.ts";
import { ConfigRefusal, type LoadedPlan } from "./reload.ts";
import { drawTable } from "./table.ts";

/** `omni explain`. */
export const command: Command = {
  name: "explain",
  summary: "Say what a model's name leads to: targets, order, weights, limits, and where keys come from. Reads no secret and calls nobody.",
  args: "[model]",
  flags: {
    live: { type: "boolean", summary: "Ask the running gateway who would be asked now, and why the others would not." },
    id: { type: "string", value: "REQUEST", summary: "Say how one answer came about, by its x-omni-request-id." },
    url: { type: "string", value: "URL", summary: "Where the running gateway's administration is. Default: as the configuration says." },
    config: { type: "string", value: "FILE", summary: "The configuration. Default: omni.config.ts in this folder, else the built-in one." },
    env: { type: "string", value: "NAME", summary: "Which of the configuration's environments to merge in. Default: OMNI_ENV." },
    json: { type: "boolean", summary: "Print JSON alone." },
  },
  examples: [
    "omni explain default",
    "omni explain combo:smart --env production",
    "omni explain gpt-5.1 --json",
    "omni explain smart --live",
    "omni explain --id 01a2111a-2bb8-7220-8000-000000000000",
  ],
  run: async (input) => {
    const { flags, args } = input;
    const [model] = args;
    const id = textOf(flags["id"]);
    if ((model === undefined) === (id === undefined))
      throw new UsageError("explain needs either <model> or --id.", "See: omni explain --help");
    const loaded = await load(textOf(flags["config"]), textOf(flags["env"]));
    if (loaded === undefined) return 1;
    const { plan } = loaded;
    if (id !== undefined) return explainRequest(input, plan, id);
    if (model === undefined) return 1;
    if (flags["live"] === true) return explainNow(input, plan, model);
    const found = explain(plan, model);
    if (found.length === 0) return unknown(plan, model, flags["json"] === true);
    if (flags["json"] === true) console.log(JSON.stringify({ format: 1, config: plan.hash, model, routes: found.map(jsonOf) }));
    else console.log(found.map(textOfExplanation).join("\n\n"));
    return 0;
  },
};

/** Asks the running gateway who would be asked now. */
async function explainNow({ flags }: CommandInput, plan: Plan, model: string): Promise<number> {
  const gateway = await runningGateway(plan, textOf(flags["url"]), configFolder(flags));
  const answer = await askGateway(gateway, `/admin/explain?model=${encodeURIComponent(model)}`);
  if (answer.type !== "answer") {
    console.error(`omni: the gateway at ${gateway.url} does not say: ${answer.message}`);
    return 1;
  }
  if (flags["json"] === true) console.log(JSON.stringify(answer.json));
  else {
    const { routes } = answer.json as { readonly routes: readonly LiveExplanation[] }; // A gateway of this version.
    console.log(routes.map(liveText).join("\n\n"));
  }
  return 0;
}

/** Asks the running gateway how an answer came about, and the ledger if that does not know any more. */
async function explainRequest({ flags }: CommandInput, plan: Plan, id: string): Promise<number> {
  const json = flags["json"] === true;
  const gateway = await runningGateway(plan, textOf(flags["url"]), configFolder(flags));
  const answer = await askGateway(gateway, `/admin/decisions/${encodeURIComponent(id)}`);
  if (answer.type === "answer") {
    console.log(json ? JSON.stringify(answer.json) : decisionText(answer.json as Decision)); // A gateway of this version.
    return 0;
  }
  const rows = plan.ledger === undefined ? [] : attemptsIn(folderIn(plan.ledger.folder, configFolder(flags)), id);
  if (rows.length > 0) {
    console.log(json ? JSON.stringify({ format: 1, requestId: id, attempts: rows }) : attemptsText(id, rows));
    return 0;
  }
  console.error(`omni: nobody knows how ${id} came about. The gateway at ${gateway.url}: ${answer.message} The ledger has nothing of it.`);
  return 1;
}

/** The configuration's own folder. */
function configFolder(flags: CommandInput["flags"]): string {
  const file = textOf(flags["config"]) ?? findConfig();
  return file === undefined ? process.cwd() : folderOf(resolve(file));
}

function textOf(flag: string | boolean | undefined): string | undefined {
  return typeof flag === "string" ? flag : undefined;
}

/** @returns undefined if the configuration does not hold, which has been told then. */
async function load(file: string | undefined, environment: string | undefined): Promise<LoadedPlan | undefined> {
  try {
    const source = {
      file: file ?? findConfig(),
      environment: environment ?? (process.env["OMNI_ENV"] || undefined),
      logs: "json",
    } as const;
    return await loadPlan(source, new AbortController().signal);
  } catch (error) {
    if (!(error instanceof ConfigRefusal)) throw error;
    const style = { folder: process.cwd(), paint: process.stderr.isTTY === true };
    for (const diagnostic of error.diagnostics) console.error(formatDiagnostic(diagnostic, style));
    return undefined;
  }
}

function unknown(plan: Plan, model: string, json: boolean): number {
  const names = OPERATIONS.flatMap((operation) => plan.names[operation].names);
  const near = nearest(model, names, 3);
  if (json) console.log(JSON.stringify({ format: 1, config: plan.hash, model, routes: [], nearest: near }));
  const [word, shown] = near.length > 0 ? ["Nearest", near] : ["Some of those that are", names.slice(0, 3)];
  console.error(`omni: no model is called "${model}" here. ${word}: ${shown.map((name) => `"${name}"`).join(", ")}.`);
  return 1;
}

/** Undefined would be left out of JSON, and what is left out can not be told from what this version does not know. */
function jsonOf(explanation: Explanation): object {
  return {
    ...explanation,
    firstByteMs: explanation.firstByteMs ?? null,
    hedge: explanation.hedge === undefined ? null : { ...explanation.hedge, afterMs: explanation.hedge.afterMs ?? null },
    targets: explanation.targets.map((target) => ({ ...target, key: target.key ?? null, timeoutMs: target.timeoutMs ?? null })),
  };
}

function textOfExplanation(explanation: Explanation): string {
  const { path, kind, operation, choice, targets, notes } = explanation;
  const lines = [
    `${styleText("bold", path.join(" → "))}  (${kind}, ${operation})`,
    ...treeLines(choice),
    "",
    limitsOf(explanation),
    ...(explanation.hedge === undefined ? [] : [hedgeText(explanation.hedge)]),
    ...(explanation.resumes ? ["A stream that breaks off is gone on with by another target, once."] : []),
    "",
    tableOf(targets),
  ];
  if (notes.length > 0) lines.push("", ...notes.map((note) => `note: ${note}`));
  return lines.join("\n");
}

function limitsOf({ deadlineMs, firstByteMs, attemptsMax, targets }: Explanation): string {
  const { firstContentMs, firstContentMsLast } = DEADLINES;
  const byDefault =
    targets.length === 1 ? seconds(firstContentMsLast) : `${seconds(firstContentMs)}, or ${seconds(firstContentMsLast)} at the last target`;
  const first = firstByteMs === undefined ? byDefault : seconds(firstByteMs);
  return `At most ${attemptsMax} attempts in ${seconds(deadlineMs)}; the first content of a stream within ${first}.`;
}

function hedgeText({ afterMs, share }: NonNullable<Explanation["hedge"]>): string {
  const late = afterMs === undefined ? "later than 95 % of those before it" : `not there after ${seconds(afterMs)}`;
  return `A second target is asked as well when the first content is ${late}, for ${percent(share)} of all requests at most.`;
}

function treeLines(choice: ExplainedChoice, indent = "  "): string[] {
  if (choice.children === undefined) return [];
  const { strategy, children } = choice;
  const summary = STRATEGIES.find(({ name }) => name === strategy)?.summary;
  return [
    `${indent}${styleText("dim", `${strategy}: ${summary}`)}`,
    ...children.flatMap((child, place) => {
      const rank = strategy === "weighted" || strategy === "sticky" ? percent(child.share).padStart(7) : `${place + 1}.`.padStart(3);
      const when = child.when === undefined ? "" : `  when ${JSON.stringify(child.when).replaceAll('"', "")}`;
      const again = child.strategy !== undefined && child.children === undefined ? " (as above)" : "";
      return [`${indent}${rank}  ${child.name}${again}${when}`, ...treeLines(child, `${indent}      `)];
    }),
  ];
}

function tableOf(targets: readonly ExplainedTarget[]): string {
  const columns: Parameters<typeof drawTable>[0] = [
    { title: "target" },
    { title: "asked first", align: "right" },
    { title: "kind" },
    { title: "address" },
    { title: "key" },
    { title: "attempt" },
    ...(targets.some(({ limits }) => limits.length > 0) ? [{ title: "limits" }] : []),
  ];
  return drawTable(
    columns,
    targets.map(({ name, share, kind, baseUrl, key, timeoutMs, limits }) => [
      name,
      percent(share),
      kind,
      baseUrl,
      key ?? "none",
      timeoutMs === undefined ? "" : `≤ ${seconds(timeoutMs)}`,
      ...(targets.some((target) => target.limits.length > 0) ? [limits.join(", ")] : []),
    ]),
  );
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}
