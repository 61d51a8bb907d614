import { createHash } from "node:crypto";
import { OmniError } from "../ir/failure.ts";
import type { Counts } from "../policies/counts.ts";
import { tenantOf } from "../policies/tenant.ts";
import type { BoundedStore } from "../store/bounded-store.ts";
import type { Received, Reply } from "./gateway.ts";
import { listenTo, packReply, unpackReply } from "./kept-reply.ts";

/** What clients name a request by, so that they may send it again without its being done again. */
export const IDEMPOTENCY_HEADER = "idempotency-key";
/** With the value `true` on an answer that was given before. */
export const REPLAYED_HEADER = "idempotent-replayed";

/** Longer names are refused. */
const KEY_LENGTH_MAX = 255;
/** When to look again whether the first of two equal requests was answered. */
const RETRY_AFTER_MS = 1_000;
/** Refusals that would be the same a moment later, where it was a provider that found fault with the request. */
const LASTING: ReadonlySet<number> = new Set([400, 404, 413, 415, 422]);

/**
 * Answers a request once, however often it is sent under one key.
 *
 * Kept is what came to its end: whole answers, streams with their protocol's own end, and refusals of a provider that has looked at the request. What may be
 * otherwise a moment later (5xx, 429, broken and abandoned streams) is not, and the next one with the same key is carried as if it were the first.
 */
export class Idempotency {
  /** Requests that are being answered, and what they ask. As many as there are exchanges under way. */
  private readonly underWay = new Map<string, { readonly fingerprint: string }>();
  private readonly elsewhere: Elsewhere | undefined;

  /** @param elsewhere Where requests are noted that other processes are answering. Default: there are no others. */
  constructor(elsewhere?: Elsewhere) {
    this.elsewhere = elsewhere;
  }

  /**
   * @param store Where answers are kept.
   * @param key What the client calls the request.
   * @param carry Does what is asked; never throws.
   * @throws {OmniError} `invalid_request`, `idempotency_in_flight` or `idempotency_mismatch`.
   */
  async serve(store: BoundedStore, key: string, received: Received, carry: () => Promise<Reply>): Promise<Reply> {
    if (key === "" || key.length > KEY_LENGTH_MAX) {
      const message = `Cannot use the Idempotency-Key: it has ${key.length} characters. Send 1 to ${KEY_LENGTH_MAX}.`;
      throw new OmniError("invalid_request", message);
    }
    const tenant = tenantOf(received.caller, received.address());
    const fingerprint = fingerprintOf(received);
    const kept = keptReply(store, tenant, key, fingerprint);
    if (kept !== undefined) return kept;
    const name = JSON.stringify([tenant, key]);
    const other = this.underWay.get(name);
    if (other !== undefined) throw other.fingerprint === fingerprint ? inFlight() : mismatch();
    if (this.elsewhere?.take(name) === false) throw inFlight();
    const own = { fingerprint };
    this.underWay.set(name, own);
    // Another process may have come to its end between the two looks.
    const keptMeanwhile = this.elsewhere && keptReply(store, tenant, key, fingerprint);
    if (keptMeanwhile !== undefined) {
      this.forget(name, own);
      return keptMeanwhile;
    }
    const reply = await carry();
    if (!isLasting(reply)) {
      this.forget(name, own);
      return reply;
    }
    if (!(reply.body instanceof Uint8Array)) {
      // Of a client that leaves before it asks for the body nothing else is heard.
      received.signal.addEventListener("abort", () => this.forget(name, own));
      if (received.signal.aborted) this.forget(name, own);
    }
    return listenTo(reply, store.entryBytesMax, {
      ended: (body) => {
        // In this order, so that no other process finds it neither under way nor kept.
        if (body !== undefined) store.put(tenant, key, packReply({ fingerprint, status: reply.status, headers: reply.headers, body }));
        this.forget(name, own);
      },
      broke: () => this.forget(name, own),
    });
  }

  private forget(name: string, own: object): void {
    if (this.underWay.get(name) !== own) return;
    this.underWay.delete(name);
    this.elsewhere?.giveBack(name);
  }
}

/**
 * The answer that was given before.
 * @throws {OmniError} `idempotency_mismatch`, if it was another request.
 */
function keptReply(store: BoundedStore, tenant: string, key: string, fingerprint: string): Reply | undefined {
  const kept = store.get(tenant, key);
  if (kept === undefined) return undefined;
  const reply = unpackReply(kept.value);
  if (reply.fingerprint !== fingerprint) throw mismatch();
  return { status: reply.status, headers: { ...reply.headers, [REPLAYED_HEADER]: "true" }, body: reply.body };
}

/** Requests that other processes are answering. */
export interface Elsewhere {
  /** @returns False if another has taken it. */
  take(name: string): boolean;
  giveBack(name: string): void;
}

/** Notes them beside what is counted together: what a process had taken is given back when it dies. */
export function elsewhereIn(counts: Counts): Elsewhere {
  const underWay = counts.underWay({ name: "idempotency", per: "all", limit: 1 });
  const alone = <T>(run: () => T): T => {
    counts.holds?.enter();
    try {
      return run();
    } finally {
      counts.holds?.leave();
    }
  };
  return {
    take: (name) =>
      alone(() => {
        if (underWay.count(name) > 0) return false;
        underWay.add(name, 1);
        return true;
      }),
    giveBack: (name) => alone(() => underWay.add(name, -1)),
  };
}

function isLasting({ status, headers }: Reply): boolean {
  return (status >= 200 && status <= 299) || (LASTING.has(status) && headers["x-omni-attempts"] !== "0");
}

/** Two requests are the same if they came by the same path and have the same bytes, but for what a form's parts are divided by. */
function fingerprintOf({ wire, provider, rest, query, counts, compacts, body, headers }: Received): string {
  const way = [wire.name, provider ?? null, rest, query ?? "", counts === true, compacts === true];
  const hash = createHash("sha256").update(JSON.stringify(way));
  for (const part of partsOf(body, headers.get("content-type"))) hash.update(`\n${part.length} `).update(part);
  return hash.digest("base64url");
}

/** The pieces between a form's boundaries, which clients make up anew for each sending; all of it for any other body. */
function* partsOf(body: Uint8Array, contentType: string | null): Generator<Uint8Array> {
  const [, quoted, bare] = /^multipart\/.*;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType ?? "") ?? [];
  const boundary = quoted ?? bare;
  let start = 0;
  if (boundary !== undefined) {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
    for (let at = bytes.indexOf(boundary); at >= 0; at = bytes.indexOf(boundary, start)) {
      yield body.subarray(start, at);
      start = at + boundary.length;
    }
  }
  yield body.subarray(start);
}

function inFlight(): OmniError {
  const message = "Cannot answer twice at once: a request with this Idempotency-Key is being answered. Ask again after it.";
  return new OmniError("idempotency_in_flight", message, { retryAfterMs: RETRY_AFTER_MS });
}

function mismatch(): OmniError {
  const message = "Cannot use this Idempotency-Key: it was sent with another request before. Send a new one with each new request.";
  return new OmniError("idempotency_mismatch", message);
}
