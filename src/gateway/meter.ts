import type { FailureKind } from "../ir/failure.ts";
import { inputTokensWritten } from "../ir/usage.ts";
import { Counter, Histogram, type Metric } from "../telemetry/metrics.ts";
import type { Exchange } from "./exchange.ts";
import type { GuardFinding } from "./guarding.ts";

// The bounds that OpenTelemetry's conventions for generative AI prescribe.
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] as const;
const FIRST_TOKEN_SECONDS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;

const NO_FINDINGS: readonly GuardFinding[] = [];

/** What is counted of exchanges. Names of routes and targets are the plan's own; nothing that a client says becomes a label. */
export class Meter {
  private readonly requests = new Counter("omni_requests_total", "Exchanges, by route and by what came of them.", ["route", "outcome"]);
  private readonly attempts = new Counter("omni_attempts_total", "Attempts at targets, by what came of them.", ["target", "outcome"]);
  private readonly refusals = new Counter("omni_refusals_total", "Requests that were refused before there was an exchange.", [
    "reason",
    "",
  ]);
  private readonly tokens = new Counter("omni_tokens_total", "Tokens, by target and type.", ["target", "type"]);
  private readonly cost = new Counter("omni_cost_usd_total", "What exchanges cost in US dollars, as far as their prices are known.", [
    "route",
    "",
  ]);
  private readonly unpriced = new Counter("omni_unpriced_total", "Exchanges whose cost nobody knows.", ["route", ""]);
  private readonly guardrails = new Counter("omni_guardrail_findings_total", "What guardrails have found, by what they did.", [
    "guardrail",
    "action",
  ]);
  private readonly duration = new Histogram(
    "gen_ai_server_request_duration_seconds",
    "From a request's arrival to the last byte of its answer.",
    "gen_ai_operation_name",
    SECONDS,
  );
  private readonly firstToken = new Histogram(
    "gen_ai_server_time_to_first_token_seconds",
    "From a request's arrival to the first content of its answer.",
    "gen_ai_operation_name",
    FIRST_TOKEN_SECONDS,
  );

  /** All of them, to be told. */
  get metrics(): readonly Metric[] {
    return [
      this.requests,
      this.attempts,
      this.refusals,
      this.tokens,
      this.cost,
      this.unpriced,
      this.guardrails,
      this.duration,
      this.firstToken,
    ];
  }

  /** Counts an exchange that is over. On the hot path; allocates nothing but for names that were never seen. */
  count(exchange: Exchange, failure: FailureKind | undefined, nowMs: number): void {
    const { route, usage, account, startedMs, firstContentMs, attempts, guarded } = exchange;
    this.requests.add(1, route.name, failure ?? "ok");
    this.duration.observe((nowMs - startedMs) / 1000, route.operation);
    if (firstContentMs !== undefined) this.firstToken.observe((firstContentMs - startedMs) / 1000, route.operation);
    let target = "";
    for (const attempt of attempts) {
      target = attempt.target.name;
      this.attempts.add(1, target, attempt.failure ?? "ok");
    }
    if (usage !== undefined && target !== "") {
      this.tokens.add(usage.inputTokens, target, "input");
      if (usage.inputTokensCached > 0) this.tokens.add(usage.inputTokensCached, target, "input_cached");
      const written = inputTokensWritten(usage);
      if (written > 0) this.tokens.add(written, target, "input_written");
      this.tokens.add(usage.outputTokens, target, "output");
      if (usage.reasoningTokens > 0) this.tokens.add(usage.reasoningTokens, target, "reasoning");
    }
    for (const { guardrail, action } of guarded?.findings ?? NO_FINDINGS) this.guardrails.add(1, guardrail, action);
    if (account === undefined || attempts.length === 0) return;
    const { spentNanoUsd } = account;
    if (spentNanoUsd === undefined) this.unpriced.add(1, route.name, "");
    else this.cost.add(spentNanoUsd / 1e9, route.name, "");
  }

  /** Counts a request that never became an exchange. */
  refuse(reason: FailureKind): void {
    this.refusals.add(1, reason, "");
  }
}
