import type { SecretReference } from "../config/secret.ts";
import type { Plan } from "../routing/plan.ts";
import type { Wire } from "../wire/wire.ts";
import type { World } from "../world/world.ts";

/** A request as the server received it. Nothing in it has been looked at but its size. */
export interface Received {
  /** The format that the path belongs to; it has a downstream half. */
  readonly wire: Wire;
  /** The provider's name in a path below `/v1/providers/{provider}`. */
  readonly provider: string | undefined;
  readonly body: Uint8Array;
  readonly headers: Headers;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** What the server sends. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
}

/** Reads a secret. @throws {OmniError} If it is not there. */
export type SecretReader = (reference: SecretReference) => Promise<string>;

/** Carries exchanges. One per process. */
export declare class Gateway {
  constructor(world: World);
  /** The plan in use; undefined before the first `adopt`. */
  readonly plan: Plan | undefined;
  /** Exchanges under way. */
  readonly pending: number;
  /**
   * Puts a plan in force, from one exchange to the next. Exchanges under way keep the plan that they began with; health is carried over.
   * @throws {OmniError} If a secret can not be read; the plan in force then stays.
   */
  adopt(plan: Plan, readSecret: SecretReader): Promise<void>;
  /** Carries one exchange. Never throws: failures become replies in the client's format. */
  serve(received: Received): Promise<Reply>;
  /** Refuses new exchanges with `shutting_down`. */
  drain(): void;
}
