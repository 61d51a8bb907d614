import { createHmac } from "node:crypto";
import { OmniError } from "../ir/failure.ts";
import type { PlannedRemoteGuard } from "../routing/plan-guardrails.ts";
import { Cancellation } from "../world/cancellation.ts";
import type { Session } from "../world/network.ts";
import type { World } from "../world/world.ts";

/** What a guard is asked. */
export interface RemoteQuestion {
  readonly requestId: string;
  /** The name of the client's key. */
  readonly key: string;
  readonly operation: string;
  readonly model: string;
  readonly texts: readonly { readonly role: string; readonly text: string }[];
}

/** A verdict is short. */
const VERDICT_BYTES_MAX = 65_536;

/** A guardrail that runs elsewhere, behind an address of the operator's. */
export class RemoteGuard {
  readonly planned: PlannedRemoteGuard;
  private readonly secret: string | undefined;
  private readonly world: World;
  private readonly session: Session;

  /** @param secret What questions are signed with. */
  constructor(planned: PlannedRemoteGuard, secret: string | undefined, world: World) {
    this.planned = planned;
    this.secret = secret;
    this.world = world;
    this.session = world.network.open();
  }

  /**
   * Asks.
   * @throws {OmniError} `content_policy_violation`, if the guard says no; if it says nothing in time, or nothing that makes sense, as `onFailure` has it.
   */
  async check(question: RemoteQuestion): Promise<void> {
    let verdict: "allow" | "block" | "none";
    try {
      verdict = await this.ask(question);
    } catch {
      verdict = "none";
    }
    if (verdict === "allow" || (verdict === "none" && this.planned.onFailure === "allow")) return;
    const { name } = this.planned;
    if (verdict === "block")
      throw new OmniError("content_policy_violation", `Cannot take this request: the guardrail "${name}" does not allow it.`);
    throw new OmniError("overloaded", `Cannot take this request now: the guardrail "${name}" can not be asked, and has to be.`, {
      retryAfterMs: 1_000,
    });
  }

  /** Drops idle connections. */
  close(): void {
    this.session.close();
  }

  private async ask(question: RemoteQuestion): Promise<"allow" | "block" | "none"> {
    const { clock } = this.world;
    const cancellation = new Cancellation();
    const timer = clock.startTimer(this.planned.timeoutMs, () => cancellation.abort(new Error("The guardrail took too long.")));
    try {
      const body = Buffer.from(JSON.stringify({ phase: "input", ...question }));
      const signature = this.secret === undefined ? undefined : createHmac("sha256", this.secret).update(body).digest("hex");
      const response = await this.session.send({
        method: "POST",
        url: this.planned.url,
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          "accept-encoding": "identity",
          "user-agent": "omni",
          ...(signature !== undefined && { "x-omni-signature": `sha256=${signature}` }),
        },
        body,
        signal: cancellation,
      });
      const bytes = await response.bytes();
      if (response.status !== 200 || bytes.length > VERDICT_BYTES_MAX) return "none";
      const { action } = JSON.parse(Buffer.from(bytes).toString()) as { readonly action?: unknown };
      return action === "allow" || action === "block" ? action : "none";
    } finally {
      clock.cancelTimer(timer);
    }
  }
}
