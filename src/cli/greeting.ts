import type { Plan } from "../routing/plan.ts";

/** What is known once the server listens. */
export interface Greeting {
  readonly version: string;
  readonly plan: Plan;
  /** Where it can be reached from this machine, without a trailing slash. */
  readonly url: string;
  /** Where its administration is, if that has a listener of its own. */
  readonly adminUrl?: string | undefined;
  /** The configuration's file; undefined for the built-in one. */
  readonly file: string | undefined;
}

const NAMES_MAX = 5;

/** The few lines that a server begins with: where it is, what it has, and a line that can be copied and works. */
export function greetingOf({ version, plan, url, adminUrl, file }: Greeting): string {
  const names = plan.names.chat.names;
  const model = names.includes("default") ? "default" : names[0];
  const others = names.length > NAMES_MAX ? `, and ${names.length - NAMES_MAX} more: ${url}/v1/models` : "";
  return [
    `Omni ${version} serves on ${url}`,
    file === undefined
      ? "  config  built in: there is no omni.config.ts here, so a simulator answers. Write one: omni init"
      : `  config  ${file} (${plan.hash})`,
    `  docs    ${url}/swagger`,
    ...(adminUrl === undefined ? [] : [`  admin   ${adminUrl}/admin`]),
    `  models  ${names.slice(0, NAMES_MAX).join(", ")}${others}`,
    ...(model === undefined ? [] : [`  try     ${curlLine(url, model)}`]),
    ...plan.notes.map((note) => `  note    ${note}`),
  ].join("\n");
}

function curlLine(url: string, model: string): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Say hello." }] });
  // A name is the operator's own and may hold a quote, which ends a shell's word.
  return `curl ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body.replaceAll("'", "'\\''")}'`;
}
