import { OmniError } from "../ir/failure.ts";
import type { AdminStore } from "../ledger/admin-store.ts";
import type { SessionRow } from "../ledger/schema.ts";
import type { Clock } from "../world/clock.ts";
import { addressGroup } from "./address-group.ts";
import { ANONYMOUS, type Caller } from "./caller.ts";
import { Gcra } from "./gcra.ts";
import { sha256Hex } from "./key-format.ts";
import { isSessionToken, makeSessionToken } from "./session-token.ts";

/** What a session is good for. */
export type SessionScope = "inference" | "admin";

/** All of them. */
export const SESSION_SCOPES: readonly SessionScope[] = ["inference", "admin"];

/** A person who is logged in. */
export interface Session {
  readonly account: string;
  readonly scopes: readonly SessionScope[];
  readonly endsEpochMs: number;
  /** As limits and the ledger see them. No key has such a name. */
  readonly caller: Caller;
}

/** A session that has just begun, or goes on under another token. */
export interface NewSession extends Session {
  /** Shown this once, and kept nowhere. */
  readonly token: string;
}

/** Who wants to come in. */
export interface LoginAttempt {
  readonly account: string;
  readonly password: string;
  readonly scopes: readonly SessionScope[];
  /** The client's; empty if it is not known. */
  readonly address: string;
}

/** What logins are kept with. */
export interface LoginsOptions {
  readonly clock: Clock;
  /** Unpredictable bytes, as many as are asked for. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Whether a password belongs to a hash: slow, and away from this thread. */
  readonly verify: (password: string, hash: string) => Promise<boolean>;
}

/** A session ends after this at the latest. */
const SESSION_MS = 12 * 3_600_000;
/** And after so long without being used. */
const IDLE_MS = 30 * 60_000;
/** How often it is taken down that a session is used. */
const TOUCH_MS = 60_000;
/** Passwords are looked at two at a time, each takes 64 MiB and a core for a third of a second; no more than so many wait. */
const CHECKS_MAX = 2;
const WAITING_MAX = 8;
/** Sessions that are known without asking the store. */
const KNOWN_MAX = 1_000;
const FAILURES = { address: { limit: 5, windowMs: 60_000 }, account: { limit: 10, windowMs: 60_000 } } as const;

/** What a password is held against where there is no such account, so that it takes as long. Nobody knows what it is of. */
const STRANGER = "$argon2id$v=19$m=65536,t=2,p=1$Pxjr3SsDroqDba7jZ+wu823EU+atMdd6z/WF/lAlk/w$qfgyTW8sSfGyQd0UqEjzDq2ui0z/1TW/4QSch+6j2+w";

/** Passwords and sessions: who may come in as a person, and who is in. One per process; the store may be shared with others. */
export class Logins {
  private readonly options: LoginsOptions;
  private readonly byAddress = new Gcra(FAILURES.address);
  private readonly byAccount = new Gcra(FAILURES.account);
  private readonly known = new Map<string, SessionRow>();
  private store: AdminStore | undefined;
  private accounts: readonly string[] = [];
  private checking = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(options: LoginsOptions) {
    this.options = options;
  }

  /** Takes what another process may have changed: whoever was logged out elsewhere is out here as well. */
  use(store: AdminStore | undefined): void {
    this.store = store;
    this.accounts = store?.accounts() ?? [];
    this.known.clear();
  }

  /** Whether anybody has a password. Then nobody comes in without one, or a key or a token. */
  get isOpen(): boolean {
    return this.accounts.length > 0;
  }

  /**
   * Begins a session for who knows the password. What is wrong is not told, and takes as long as what is right.
   * @throws {OmniError} `invalid_api_key` (401), `rate_limited` (429: too many wrong ones), `overloaded` (503) or `forbidden` (403: nobody has a password).
   */
  async login({ account, password, scopes, address }: LoginAttempt): Promise<NewSession> {
    const { store } = this;
    if (store === undefined || !this.isOpen)
      throw new OmniError("forbidden", "Cannot log in: this gateway has no password. Set one: omni admin set-password");
    const from = addressGroup(address);
    this.take(from, account);
    // Counted before it is known whether it is wrong, or many at once would all be let through.
    const isRight = await this.inTurn(() => this.options.verify(password, store.passwordHash(account) ?? STRANGER));
    if (!isRight) throw new OmniError("invalid_api_key", "Cannot log in: the account or the password is wrong.");
    this.giveBack(from, account);
    return this.begin(account, scopes);
  }

  /**
   * Whose token it is.
   * @returns undefined if it is nobody's, or the session has ended.
   */
  find(token: string): Session | undefined {
    if (this.store === undefined || !isSessionToken(token)) return undefined;
    const sha256 = sha256Hex(token);
    const row = this.known.get(sha256) ?? this.store.session(sha256);
    if (row === undefined) return undefined;
    const nowEpochMs = this.options.clock.epochMs();
    if (nowEpochMs >= row.endsEpochMs || nowEpochMs - row.usedEpochMs >= IDLE_MS) {
      this.known.delete(sha256);
      return undefined;
    }
    this.remember(row, nowEpochMs);
    return sessionOf(row);
  }

  /**
   * Gives a session another token; the one before is of no use any more. It ends when it would have ended.
   * @returns undefined if there is no such session.
   */
  rotate(token: string): NewSession | undefined {
    const session = this.find(token);
    if (session === undefined) return undefined;
    this.end(token);
    return this.begin(session.account, session.scopes, session.endsEpochMs);
  }

  /**
   * Logs out.
   * @param everywhere All sessions of the same account.
   */
  end(token: string, everywhere = false): void {
    const session = this.find(token);
    if (session === undefined || this.store === undefined) return;
    if (everywhere) {
      this.store.endSessionsOf(session.account);
      this.known.clear();
    } else {
      this.store.endSession(sha256Hex(token));
      this.known.delete(sha256Hex(token));
    }
  }

  private begin(account: string, scopes: readonly SessionScope[], endsEpochMs?: number): NewSession {
    const epochMs = this.options.clock.epochMs();
    const token = makeSessionToken(this.options.randomBytes);
    const row: SessionRow = {
      sha256: sha256Hex(token),
      account,
      scopes: scopes.join(" "),
      createdEpochMs: epochMs,
      usedEpochMs: epochMs,
      endsEpochMs: endsEpochMs ?? epochMs + SESSION_MS,
    };
    this.store?.forgetSessions(epochMs);
    this.store?.addSession(row);
    this.remember(row, epochMs);
    return { ...sessionOf(row), token };
  }

  private remember(row: SessionRow, epochMs: number): void {
    if (epochMs - row.usedEpochMs >= TOUCH_MS) this.store?.touchSession(row.sha256, epochMs);
    else if (this.known.has(row.sha256)) return;
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.set(row.sha256, { ...row, usedEpochMs: epochMs - row.usedEpochMs >= TOUCH_MS ? epochMs : row.usedEpochMs });
  }

  private take(from: string, account: string): void {
    const nowMs = this.options.clock.nowMs();
    const waitMs = Math.max(this.byAddress.waitMs(from, 1, nowMs), this.byAccount.waitMs(account, 1, nowMs));
    if (waitMs > 0)
      throw new OmniError("rate_limited", "Cannot log in now: too many attempts failed. Wait a while.", { retryAfterMs: waitMs });
    this.byAddress.take(from, 1, nowMs);
    this.byAccount.take(account, 1, nowMs);
  }

  private giveBack(from: string, account: string): void {
    const nowMs = this.options.clock.nowMs();
    this.byAddress.take(from, -1, nowMs);
    this.byAccount.take(account, -1, nowMs);
  }

  private async inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.checking < CHECKS_MAX) this.checking++;
    else {
      if (this.waiting.length >= WAITING_MAX)
        throw new OmniError("overloaded", "Cannot log in now: others are being let in.", { retryAfterMs: 2_000 });
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    }
    try {
      return await run();
    } finally {
      // Whoever waits takes the place over; else it is free.
      const next = this.waiting.shift();
      if (next === undefined) this.checking--;
      else next();
    }
  }
}

function sessionOf({ account, scopes, endsEpochMs }: SessionRow): Session {
  const name = `login:${account}`;
  return {
    account,
    scopes: SESSION_SCOPES.filter((scope) => scopes.split(" ").includes(scope)),
    endsEpochMs,
    caller: { ...ANONYMOUS, keyId: name, keyName: name },
  };
}
