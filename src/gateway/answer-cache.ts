import type { PolicyTarget } from "../policies/policy.ts";
import { Rights } from "../policies/rights.ts";
import type { PlannedCache } from "../routing/plan-policies.ts";
import type { BoundedStore } from "../store/bounded-store.ts";
import type { CancelSignal } from "../world/cancellation.ts";
import { policyTargetOf } from "./account.ts";
import { type AnswerKey, answerKeyOf } from "./answer-key.ts";
import { cacheWishOf } from "./cache-control.ts";
import type { Exchange } from "./exchange.ts";
import type { Reply } from "./gateway.ts";
import { packReply, unpackReply } from "./kept-reply.ts";
import { type Parting, SharedReply } from "./shared-reply.ts";

/** What the cache had to do with an answer. */
export const CACHE_HEADER = "x-omni-cache";

/** The longest answer that is kept, however much room there is: one is held in memory for as long as it is under way. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** What holds for the answer and not for the exchange that it was first given to. */
const KEPT_HEADERS = ["content-type", "x-omni-target", "x-omni-loss"] as const;

/** What becomes of an exchange where answers are given again. */
export type Found =
  /** The cache has nothing to do with it. */
  | { readonly type: "bypass" }
  /** An answer that was given before. */
  | {
      readonly type: "kept";
      readonly body: Uint8Array;
      readonly headers: Readonly<Record<string, string>>;
      readonly target?: PolicyTarget | undefined;
    }
  /** An answer that is being given to an equal request. */
  | {
      readonly type: "under-way";
      join(parted: (parting: Parting) => void): Promise<Reply>;
      readonly target: () => PolicyTarget | undefined;
    }
  /** There is none: `lead` gives it to all who ask meanwhile, and to this one. */
  | { readonly type: "none"; lead(answer: () => Promise<Reply>): Promise<Reply> };

/** Gives answers again to equal requests. Equal requests at the same time are one request to a provider, which goes on for as long as one client waits. */
export class AnswerCache {
  private readonly planned: PlannedCache;
  private readonly store: BoundedStore;
  private readonly models: Rights | undefined;
  private readonly underWay = new Map<string, { readonly shared: SharedReply; readonly exchange: Exchange }>();

  constructor(planned: PlannedCache, store: BoundedStore) {
    this.planned = planned;
    this.store = store;
    this.models = planned.models && new Rights({ models: planned.models });
  }

  /** Looks for an answer to a request that was let in. */
  find(exchange: Exchange): Found {
    const { received, route, world } = exchange;
    const wish = cacheWishOf(received.headers.get("cache-control"));
    if (!wish.write || this.models?.permitsModel(route.name) === false) return { type: "bypass" };
    const asked = answerKeyOf(exchange, this.planned.per);
    if (asked === undefined) return { type: "bypass" };
    const name = JSON.stringify([asked.tenant, asked.key]);
    if (wish.read) {
      const kept = this.store.get(asked.tenant, asked.key);
      const ageMs = kept === undefined ? 0 : world.clock.nowMs() - kept.storedMs;
      if (kept !== undefined && ageMs <= wish.ageMsMax) {
        const { body, headers, target } = unpackReply(kept.value);
        return { type: "kept", body, target, headers: { ...headers, [CACHE_HEADER]: "hit", age: String(Math.floor(ageMs / 1000)) } };
      }
      const other = this.underWay.get(name);
      if (other?.shared.isJoinable === true) return join(other, received.signal);
    }
    return { type: "none", lead: (answer) => this.lead(exchange, asked, name, answer) };
  }

  private async lead(exchange: Exchange, asked: AnswerKey, name: string, answer: () => Promise<Reply>): Promise<Reply> {
    // Its own client may leave, and others still wait.
    exchange.detach();
    const over = (): void => {
      if (this.underWay.get(name)?.shared === shared) this.underWay.delete(name);
    };
    let reply: Reply | undefined;
    const opening = answer().then((opened) => {
      reply = opened;
      return opened;
    });
    const shared = new SharedReply(opening, {
      bytesMax: Math.min(ANSWER_BYTES_MAX, this.store.entryBytesMax),
      abandoned: () => {
        over();
        exchange.leave();
      },
      over: (body) => {
        over();
        if (body !== undefined && reply?.status === 200) this.keep(asked, exchange, reply, body);
      },
    });
    this.underWay.set(name, { shared, exchange });
    const own = await shared.join(exchange.received.signal);
    return { ...own, headers: { ...own.headers, [CACHE_HEADER]: "miss" } };
  }

  private keep({ tenant, key }: AnswerKey, exchange: Exchange, { status, headers }: Reply, body: Uint8Array): void {
    const kept = Object.fromEntries(KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
    this.store.put(
      tenant,
      key,
      packReply({ fingerprint: key, status, headers: kept, target: targetOf(exchange, headers["x-omni-target"]), body }),
    );
  }
}

function join({ shared, exchange }: { readonly shared: SharedReply; readonly exchange: Exchange }, signal: CancelSignal): Found {
  let name: string | undefined;
  return {
    type: "under-way",
    join: async (parted) => {
      const { headers, ...reply } = await shared.join(signal, parted);
      name = headers["x-omni-target"];
      const kept = Object.fromEntries(KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
      return { ...reply, headers: { ...kept, [CACHE_HEADER]: "hit", age: "0" } };
    },
    target: () => targetOf(exchange, name),
  };
}

/**
 * Who answers an exchange, as far as it has come.
 * @param name What its reply calls it; of several that were asked at once the last is not always the one.
 */
function targetOf(exchange: Exchange, name: string | undefined): PolicyTarget | undefined {
  const attempt = exchange.attempts.find(({ target }) => target.name === name) ?? exchange.attempts.at(-1);
  return attempt && policyTargetOf(exchange, attempt.target);
}
