import { timingSafeEqual } from "node:crypto";
import { OmniError } from "../ir/failure.ts";
import { addressGroup } from "../policies/address-group.ts";
import { ANONYMOUS, type Caller } from "../policies/caller.ts";
import { Gcra } from "../policies/gcra.ts";
import type { Logins } from "../policies/logins.ts";
import { cookieToken, isOwnOrigin, isSessionToken } from "../policies/session-token.ts";
import type { Clock } from "../world/clock.ts";
import { isLoopbackAddress, isLoopbackHost } from "./host.ts";

/** What the door to the administration goes by. */
export interface AdminDoor {
  /** The token that opens it from anywhere; undefined if the operator set none. */
  readonly token: string | undefined;
  /** Who may come in as a person; undefined where nobody may. */
  readonly logins: Logins | undefined;
  /** What the server listens on. */
  readonly hostname: string;
}

/** How many wrong tokens an address may try in a minute. */
const FAILURES_PER_MINUTE = 10;

/**
 * Lets administrators in. With a token set, or a password, only these open. With none, only a process on this machine may come in, which is
 * told by the listening address, the caller's address, a `Host` that no foreign name can point at this machine with (DNS rebinding),
 * and the absence of another site's mark on the request (a page in the operator's browser).
 */
export class AdminDoorkeeper {
  private readonly clock: Clock;
  private readonly failures = new Gcra({ limit: FAILURES_PER_MINUTE, windowMs: 60_000 });

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * @param address The caller's; undefined if it is not known.
   * @returns Who it is, for the audit log.
   * @throws {OmniError} `invalid_api_key`, `forbidden` or `rate_limited`.
   */
  letIn(request: Request, address: string | undefined, door: AdminDoor): Caller {
    if (door.token === undefined && door.logins?.isOpen !== true) {
      checkLocal(request, address, door.hostname);
      return LOCAL;
    }
    const given = bearerOf(request.headers);
    const token = given ?? cookieToken(request.headers);
    if (token === undefined) throw wrong("there is no token");
    const [from, nowMs] = [addressGroup(address ?? ""), this.clock.nowMs()];
    const waitMs = this.failures.waitMs(from, 1, nowMs);
    if (waitMs > 0)
      throw new OmniError("rate_limited", "Cannot administer the gateway now: too many wrong tokens came from this address.", {
        retryAfterMs: waitMs,
      });
    if (door.token !== undefined && isEqual(token, door.token)) return BY_TOKEN;
    const session = isSessionToken(token) ? door.logins?.find(token) : undefined;
    if (session?.scopes.includes("admin") === true) return session.caller;
    if (session !== undefined)
      throw new OmniError("forbidden", "Cannot administer the gateway by this session: it was begun for inference alone.");
    this.failures.take(from, 1, nowMs);
    throw wrong("the token is wrong, or its session has ended");
  }
}

/** A token or a session that a request brings, wherever it stands. @throws {OmniError} `forbidden`, as `cookieToken`. */
export function sessionTokenOf(headers: Headers): string | undefined {
  return bearerOf(headers) ?? cookieToken(headers);
}

const LOCAL: Caller = { ...ANONYMOUS, keyId: "local", keyName: "local" };
const BY_TOKEN: Caller = { ...ANONYMOUS, keyId: "token", keyName: "token" };

function checkLocal(request: Request, callerAddress: string | undefined, hostname: string): void {
  if (!isLoopbackAddress(hostname)) {
    throw new OmniError(
      "forbidden",
      "Cannot administer the gateway: it listens beyond this machine and has neither server.admin.token nor a password (omni admin set-password).",
    );
  }
  const host = request.headers.get("host") ?? "";
  if (
    callerAddress === undefined ||
    !isLoopbackAddress(callerAddress.replace("::ffff:", "")) ||
    !isLoopbackHost(host) ||
    isFromAnotherSite(request.headers, host)
  ) {
    throw new OmniError(
      "forbidden",
      "Cannot administer the gateway from another site or machine without a token. Call /admin on 127.0.0.1, or set server.admin.token.",
    );
  }
}

function bearerOf(headers: Headers): string | undefined {
  return /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

function wrong(why: string): OmniError {
  return new OmniError(
    "invalid_api_key",
    `Cannot administer the gateway: ${why}. Send the admin token, or that of a session, as Authorization: Bearer.`,
  );
}

/** Digests are of equal length whatever was given, so that neither the time taken nor a thrown error tells anything about the token. */
function isEqual(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(text).digest();
}

function isFromAnotherSite(headers: Headers, host: string): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return true;
  const origin = headers.get("origin");
  return origin !== null && !isOwnOrigin(origin, host);
}
