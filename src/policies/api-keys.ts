import { timingSafeEqual } from "node:crypto";
import { OmniError } from "../ir/failure.ts";
import { addressGroup } from "./address-group.ts";
import { ANONYMOUS, type Caller } from "./caller.ts";
import { Gcra } from "./gcra.ts";
import { looksLikeKey, publicIdOf } from "./key-format.ts";
import type { Logins } from "./logins.ts";
import { Rights, type RightsData } from "./rights.ts";
import { cookieToken, isSessionToken } from "./session-token.ts";

/** A key that opens: declared by the operator, or made at run time. */
export interface KeyEntry {
  /** The public id for our own format; a declared one has its name. */
  readonly id: string;
  readonly name: string;
  /** Of the whole key, in hexadecimal digits. Several while a rotation lasts, each with its end. */
  readonly secrets: readonly { readonly sha256: string; readonly untilEpochMs?: number }[];
  readonly team?: string | undefined;
  readonly organisation?: string | undefined;
  readonly rights?: RightsData | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

interface Lock {
  readonly caller: Caller;
  readonly secrets: readonly { readonly digest: Uint8Array; readonly untilEpochMs: number }[];
}

/** All keys that open at a time. Immutable: a change makes another, and is in force with the next request. */
export class KeyRing {
  private readonly byId = new Map<string, Lock>();
  /** By the first 48 bits of the digest: only where to look; all of it is compared. */
  private readonly byDigest = new Map<number, Lock[]>();

  /** @throws {RangeError} If a digest, an hour or an address is none. */
  constructor(entries: readonly KeyEntry[]) {
    for (const entry of entries) {
      const lock = lockOf(entry);
      this.byId.set(entry.id, lock);
      for (const { digest } of lock.secrets) {
        const place = placeOf(digest);
        this.byDigest.set(place, [...(this.byDigest.get(place) ?? []), lock]);
      }
    }
  }

  get size(): number {
    return this.byId.size;
  }

  /**
   * Whom a key belongs to. Takes as long for a wrong one as for a right one, so that nothing is learned from the time.
   * @param digest SHA-256 of what was given.
   * @param id Its public id, if it has our own form.
   */
  find(digest: Uint8Array, id: string | undefined, epochMs: number): Caller | undefined {
    const known = id === undefined ? undefined : this.byId.get(id);
    const locks = known === undefined ? this.byDigest.get(placeOf(digest)) : [known];
    let found: Caller | undefined;
    for (const lock of locks ?? NO_LOCKS) {
      for (const secret of lock.secrets) {
        if (timingSafeEqual(secret.digest, digest) && epochMs < secret.untilEpochMs) found = lock.caller;
      }
    }
    return found;
  }
}

/** How keys are asked for. */
export interface ApiKeysOptions {
  /** Whether requests without a key are refused. Default: as soon as there is one key. `REQUIRE_API_KEY=false` makes it false. */
  readonly required?: boolean | undefined;
  /** How many wrong keys an address may try in a minute. Default 10. */
  readonly failuresPerMinute?: number;
  /** Who may come in as a person. Default: nobody. */
  readonly logins?: Logins | undefined;
}

/**
 * The door for clients. It looks at headers alone, so that nobody without a key gets a byte of a body read.
 * The ring is replaced as a whole whenever keys change.
 */
export class ApiKeys {
  ring: KeyRing;
  private readonly required: boolean | undefined;
  private readonly failures: Gcra;
  private readonly logins: Logins | undefined;
  private readonly digest = new Uint8Array(32);

  constructor(ring: KeyRing, { required, failuresPerMinute = 10, logins }: ApiKeysOptions = {}) {
    this.ring = ring;
    this.logins = logins;
    this.required = required;
    this.failures = new Gcra({ limit: failuresPerMinute, windowMs: 60_000 });
  }

  /** Whether a request needs a key. */
  get isRequired(): boolean {
    return this.required ?? this.isGuarded;
  }

  /** Whether there is anything that opens: a key, or a password. */
  get isGuarded(): boolean {
    return this.ring.size > 0 || this.logins?.isOpen === true;
  }

  /**
   * Says who is asking. On the hot path, 1 to 2 µs; allocates the key's text.
   * @param address The client's, empty if it is not known.
   * @throws {OmniError} `invalid_api_key` (401), `forbidden` (403: expired, at another time or from another place), `rate_limited` (429: too many
   *   wrong ones from there) or `invalid_request` (400: two different keys).
   */
  authenticate(headers: { get(name: string): string | null }, address: string, nowMs: number, epochMs: number): Caller {
    const key = extractKey(headers);
    if (key === undefined) {
      if (!this.isRequired) return ANONYMOUS;
      const token = this.logins?.isOpen === true ? cookieToken(headers) : undefined;
      if (token === undefined) throw missing();
      return this.sessionCaller(token, address, nowMs);
    }
    if (isSessionToken(key)) return this.sessionCaller(key, address, nowMs);
    const id = publicIdOf(key);
    // Where there are no keys nothing can be compared, and clients that insist on sending something send anything.
    if (this.ring.size === 0 && !this.isRequired && !looksLikeKey(key)) return ANONYMOUS;
    // What has our own form is 256 random bits, which nobody finds by trying; other secrets may be shorter, so they have to wait.
    const from = addressGroup(address);
    if (id === undefined) this.checkFailures(from, nowMs);
    Bun.SHA256.hash(key, this.digest);
    const caller = this.ring.find(this.digest, id, epochMs);
    if (caller === undefined) {
      this.checkFailures(from, nowMs);
      this.failures.take(from, 1, nowMs);
      throw wrong(id === undefined && looksLikeKey(key));
    }
    const open = caller.rights?.open(address, epochMs) ?? "yes";
    if (open !== "yes") throw closed(caller, open);
    return caller;
  }

  private sessionCaller(token: string, address: string, nowMs: number): Caller {
    const session = this.logins?.find(token);
    if (session === undefined) {
      const from = addressGroup(address);
      this.checkFailures(from, nowMs);
      this.failures.take(from, 1, nowMs);
      throw new OmniError("invalid_api_key", "Cannot serve this session: it has ended. Log in again.");
    }
    if (!session.scopes.includes("inference"))
      throw new OmniError("forbidden", "Cannot serve this session: it was begun for the administration alone.");
    return session.caller;
  }

  private checkFailures(from: string, nowMs: number): void {
    const waitMs = this.failures.waitMs(from, 1, nowMs);
    if (waitMs > 0)
      throw new OmniError("rate_limited", "Cannot check more keys from this address now: too many of them were wrong.", {
        retryAfterMs: waitMs,
      });
  }
}

/**
 * Whether a key may ask for a name and a kind of work. Also an unknown name is asked about, so that a key can not find out what there is.
 * @param route The plan's spelling.
 * @throws {OmniError} `forbidden`.
 */
export function checkScope(caller: Caller, route: string, operation: string): void {
  const { rights } = caller;
  if (rights === undefined || (rights.permitsModel(route) && rights.permitsOperation(operation))) return;
  throw new OmniError("forbidden", `Cannot serve "${route}" to the key "${caller.keyName}": its scope does not have it.`, {
    param: "model",
  });
}

/**
 * The one place where a client's key is looked for; what is allowed never depends on which header it came in.
 * @returns undefined if there is none.
 * @throws {OmniError} `invalid_request`, if there are two that differ.
 */
export function extractKey(headers: { get(name: string): string | null }): string | undefined {
  const authorization = headers.get("authorization");
  const bearer = authorization === null ? undefined : bearerOf(authorization);
  const keys = [bearer, headers.get("x-api-key")?.trim() || undefined, headers.get("x-goog-api-key")?.trim() || undefined];
  let found: string | undefined;
  for (const key of keys) {
    if (key === undefined || key === found) continue;
    if (found !== undefined)
      throw new OmniError(
        "invalid_request",
        "Cannot tell which key counts: authorization, x-api-key and x-goog-api-key hold different ones.",
      );
    found = key;
  }
  return found;
}

function bearerOf(authorization: string): string | undefined {
  // Some clients send the word alone where no key is set.
  if (/^bearer\s*$/i.test(authorization)) return undefined;
  if (authorization.slice(0, 7).toLowerCase() === "bearer ") return authorization.slice(7).trim() || undefined;
  // Of another scheme, whatever it is: no key of ours, so it is a wrong one where keys are asked for, and no matter where none are.
  return authorization;
}

const NO_LOCKS: readonly Lock[] = [
  // What an unknown key is compared with, so that it takes as long.
  { caller: ANONYMOUS, secrets: [{ digest: new Uint8Array(32), untilEpochMs: Number.NEGATIVE_INFINITY }] },
];

function lockOf({ id, name, secrets, team, organisation, rights, tags = {} }: KeyEntry): Lock {
  const caller: Caller = { keyId: id, keyName: name, team, organisation, rights: rights && new Rights(rights), tags };
  return {
    caller,
    secrets: secrets.map(({ sha256, untilEpochMs = Number.POSITIVE_INFINITY }) => {
      const digest = Buffer.from(sha256, "hex");
      if (digest.length !== 32 || sha256.length !== 64)
        throw new RangeError(`Cannot take the key "${name}": its SHA-256 is not 64 hexadecimal digits.`);
      return { digest, untilEpochMs };
    }),
  };
}

function placeOf(digest: Uint8Array): number {
  let place = 0;
  for (let at = 0; at < 6; at++) place = place * 256 + digest[at]!; // There are 32.
  return place;
}

function missing(): OmniError {
  return new OmniError("invalid_api_key", "Cannot serve without a key: send one as Authorization: Bearer, x-api-key or x-goog-api-key.");
}

function wrong(isMistyped: boolean): OmniError {
  const why = isMistyped ? "it is incomplete or mistyped" : "nobody has it";
  return new OmniError("invalid_api_key", `Cannot serve this key: ${why}.`);
}

function closed(caller: Caller, open: "expired" | "not-now" | "not-from-there"): OmniError {
  const why = { expired: "has expired", "not-now": "may not be used at this time", "not-from-there": "may not be used from this address" };
  return new OmniError(open === "expired" ? "invalid_api_key" : "forbidden", `Cannot serve the key "${caller.keyName}": it ${why[open]}.`);
}
