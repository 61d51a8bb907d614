import { createHmac } from "node:crypto";
import { Cancellation } from "../world/cancellation.ts";
import type { Timer } from "../world/clock.ts";
import type { Session } from "../world/network.ts";
import type { World } from "../world/world.ts";

/** What is told to others when it happens. */
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** All of them. `budget.spent`: half, four fifths or all of a budget are used up. `ledger.changed`: the ledger stopped to work as it should, or does again. */
export const WEBHOOK_EVENTS = ["budget.spent", "ledger.changed"] as const;

/** Somebody who is told. */
export interface Webhook {
  /** The operator's name for it. */
  readonly name: string;
  readonly url: string;
  /** What deliveries are signed with. Never empty: everybody could sign with nothing. */
  readonly secret: string;
  readonly events: readonly WebhookEvent[];
}

/** How deliveries went so far, all together. */
export interface WebhookCounts {
  readonly delivered: number;
  /** Given up after all tries. */
  readonly failed: number;
  /** Never tried, since too many were waiting. */
  readonly dropped: number;
}

/** Told once of each delivery that was given up. `why`: a status, or what the network said. */
export type WebhookFailure = (webhook: string, event: string, why: string) => void;

const WAITING_MAX = 1_000;
const TRIES_MAX = 8;
const WAIT_MS_FIRST = 1_000;
const WAIT_MS_MAX = 60_000;
const TIMEOUT_MS = 10_000;

/** Tells others over HTTP what happens here: signed, in order, again and again until it is taken, and never in anybody's way. */
export class Webhooks {
  private readonly world: World;
  private readonly failed: WebhookFailure;
  private queues: readonly Queue[] = [];
  private readonly counts = { delivered: 0, failed: 0, dropped: 0 };

  constructor(world: World, failed: WebhookFailure = () => {}) {
    this.world = world;
    this.failed = failed;
  }

  /** Tells these from now on. What waits for one that stays goes on waiting. */
  use(webhooks: readonly Webhook[]): void {
    const kept = this.queues.filter(({ webhook }) => webhooks.some((each) => isSame(each, webhook)));
    for (const queue of this.queues) if (!kept.includes(queue)) queue.close();
    this.queues = webhooks.map(
      (webhook) => kept.find((queue) => isSame(webhook, queue.webhook)) ?? new Queue(webhook, this.world, this.counts, this.failed),
    );
  }

  /** How deliveries went. */
  get state(): WebhookCounts {
    return this.counts;
  }

  /** Tells of something. Returns at once. */
  send(event: WebhookEvent, data: Readonly<Record<string, unknown>>): void {
    const id = this.world.random.uuid();
    const body = JSON.stringify({ id, event, at: new Date(this.world.clock.epochMs()).toISOString(), data });
    for (const queue of this.queues) if (queue.webhook.events.includes(event)) queue.add({ id, event, body });
  }

  /** Gives up what waits. */
  close(): void {
    this.use([]);
  }
}

function isSame(one: Webhook, other: Webhook): boolean {
  return one.name === other.name && one.url === other.url && one.secret === other.secret && one.events.join() === other.events.join();
}

interface Delivery {
  readonly id: string;
  readonly event: WebhookEvent;
  readonly body: string;
}

/** What one of them is to be told, one after the other. */
class Queue {
  readonly webhook: Webhook;
  private readonly world: World;
  private readonly counts: { delivered: number; failed: number; dropped: number };
  private readonly failed: WebhookFailure;
  private readonly session: Session;
  private readonly waiting: Delivery[] = [];
  private tries = 0;
  private isSending = false;
  private isClosed = false;
  private timer: Timer | undefined;

  constructor(webhook: Webhook, world: World, counts: { delivered: number; failed: number; dropped: number }, failed: WebhookFailure) {
    this.webhook = webhook;
    this.world = world;
    this.counts = counts;
    this.failed = failed;
    this.session = world.network.open();
  }

  add(delivery: Delivery): void {
    if (this.waiting.length >= WAITING_MAX) {
      // The oldest but the one that is on its way: what is new matters more.
      this.waiting.splice(1, 1);
      this.counts.dropped++;
    }
    this.waiting.push(delivery);
    if (this.timer === undefined) void this.run();
  }

  close(): void {
    this.isClosed = true;
    this.waiting.length = 0;
    if (this.timer !== undefined) this.world.clock.cancelTimer(this.timer);
    this.session.close();
  }

  private async run(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    try {
      for (let next = this.waiting[0]; next !== undefined && !this.isClosed; next = this.waiting[0]) {
        const why = await this.send(next);
        if (this.isClosed) return;
        if (why === undefined) this.counts.delivered++;
        else if (++this.tries < TRIES_MAX && why !== GONE) {
          this.again();
          return;
        } else {
          this.counts.failed++;
          this.failed(this.webhook.name, next.event, why);
        }
        this.tries = 0;
        this.waiting.shift();
      }
    } finally {
      this.isSending = false;
    }
  }

  private again(): void {
    const { clock, random } = this.world;
    const waitMs = Math.min(WAIT_MS_MAX, WAIT_MS_FIRST * 2 ** (this.tries - 1)) * (0.5 + random.unit() / 2);
    this.timer = clock.startTimer(waitMs, () => {
      this.timer = undefined;
      void this.run();
    });
  }

  /** @returns undefined if it was taken; else why not. Never rejects. */
  private async send({ id, event, body }: Delivery): Promise<string | undefined> {
    const { clock } = this.world;
    const cancellation = new Cancellation();
    const timer = clock.startTimer(TIMEOUT_MS, () => cancellation.abort(new Error("it took too long")));
    // The time is part of what is signed, so that nobody can send it again later.
    const seconds = Math.floor(clock.epochMs() / 1000);
    const signature = createHmac("sha256", this.webhook.secret).update(`${seconds}.${body}`).digest("hex");
    try {
      const response = await this.session.send({
        method: "POST",
        url: this.webhook.url,
        headers: {
          "content-type": "application/json",
          accept: "*/*",
          "accept-encoding": "identity",
          "user-agent": "omni",
          "x-omni-event": event,
          "x-omni-delivery": id,
          "x-omni-signature": `t=${seconds},v1=${signature}`,
        },
        body: Buffer.from(body),
        signal: cancellation,
      });
      await response.bytes();
      if (response.status === 410) return GONE;
      return response.status >= 200 && response.status < 300 ? undefined : `status ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      clock.cancelTimer(timer);
    }
  }
}

/** Whoever says so wants no more. */
const GONE = "status 410";
