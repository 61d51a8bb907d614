import { jsonMembers } from "../../bytes/json-members.ts";
import type { Loss } from "../../ir/loss.ts";

/** A cloud that runs Anthropic's models and takes the format in clothes of its own: the model in the path, the version in the body. */
export interface Host {
  /** What it wants as `anthropic_version`. */
  readonly version: string;
  /** Where a request is posted to, below the base URL. */
  path(model: string, stream: boolean): string;
  /** Trial features that it knows; it refuses a request that names another. */
  readonly betas: ReadonlySet<string>;
  /** Where it wants them named. */
  readonly betasIn: "body" | "header";
  /** Whether `stream` stays in the body; elsewhere the path says it. */
  readonly keepsStream: boolean;
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html */
export const BEDROCK: Host = {
  version: "bedrock-2023-05-31",
  // Names of models have colons in them, and those of profiles slashes.
  path: (model, stream) => `/model/${encodeURIComponent(model)}/${stream ? "invoke-with-response-stream" : "invoke"}`,
  betas: new Set([
    ...["computer-use-2024-10-22", "computer-use-2025-01-24", "computer-use-2025-11-24", "token-efficient-tools-2025-02-19"],
    ...["interleaved-thinking-2025-05-14", "output-128k-2025-02-19", "dev-full-thinking-2025-05-14", "context-1m-2025-08-07"],
    ...["context-management-2025-06-27", "effort-2025-11-24", "tool-search-tool-2025-10-19", "tool-examples-2025-10-29"],
    "fine-grained-tool-streaming-2025-05-14",
  ]),
  betasIn: "body",
  keepsStream: false,
};

/** https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude */
export const VERTEX: Host = {
  version: "vertex-2023-10-16",
  path: (model, stream) => `/publishers/anthropic/models/${encodeURIComponent(model)}:${stream ? "streamRawPredict" : "rawPredict"}`,
  betas: new Set([
    ...["computer-use-2024-10-22", "computer-use-2025-01-24", "token-efficient-tools-2025-02-19", "interleaved-thinking-2025-05-14"],
    ...["output-128k-2025-02-19", "context-1m-2025-08-07", "context-management-2025-06-27", "web-search-2025-03-05"],
    ...["effort-2025-11-24", "fine-grained-tool-streaming-2025-05-14", "tool-search-tool-2025-10-19"],
  ]),
  betasIn: "header",
  keepsStream: true,
};

/** Fields that only Anthropic itself knows, at the top of a request: a host refuses them. */
const ANTHROPIC_ONLY: ReadonlySet<string> = new Set(["mcp_servers", "container", "speed", "inference_geo"]);
const PUT_ANEW: ReadonlySet<string> = new Set(["model", "anthropic_version", "anthropic_beta"]);

/**
 * Dresses a request of the format for a host. All members that stay do so byte for byte, since a signature within is only good as it was given.
 * @param body Well-formed already.
 * @param betas What the client's `anthropic-beta` says.
 */
export function dressFor(
  host: Host,
  body: Uint8Array,
  betas: string | null,
): { readonly body: Uint8Array; readonly losses: readonly Loss[] } {
  const losses: Loss[] = [];
  const head: { anthropic_version: string; anthropic_beta?: readonly string[] } = { anthropic_version: host.version };
  const known = knownBetas(host, betas);
  if (host.betasIn === "body" && known.length > 0) head.anthropic_beta = known;
  const pieces: Uint8Array[] = [Buffer.from(JSON.stringify(head).slice(0, -1))];
  for (const { name, start, end } of jsonMembers(body) ?? []) {
    if (PUT_ANEW.has(name) || (name === "stream" && !host.keepsStream)) continue;
    if (ANTHROPIC_ONLY.has(name)) {
      losses.push({
        path: name,
        what: name,
        why: "Only Anthropic itself knows it.",
        weight: name === "mcp_servers" ? "content" : "setting",
      });
      continue;
    }
    pieces.push(Buffer.from(`,${JSON.stringify(name)}:`), body.subarray(start, end));
  }
  pieces.push(Buffer.from("}"));
  return { body: Buffer.concat(pieces), losses };
}

/** Those of the betas that a header names which a host knows. Agents name many, by habit; what depends on an unknown one is refused by its own name. */
export function knownBetas({ betas }: Host, header: string | null): string[] {
  const named = (header ?? "").split(",").map((name) => name.trim());
  return [...new Set(named)].filter((name) => betas.has(name));
}
