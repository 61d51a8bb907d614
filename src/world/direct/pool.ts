import type { Call } from "./call.ts";
import { Connection, type Origin } from "./connection.ts";
import type { Sweeper } from "./sweeper.ts";

/** More idle connections than this are not kept; it is the most that one provider was ever asked at a time, and then some. */
const IDLE_MAX = 1024;

/** The connections to one origin. The one that was used last is used first, so that the others grow old and are closed. */
export class Pool implements Origin {
  readonly hostname: string;
  readonly port: number;
  readonly tls: Bun.TLSOptions | undefined;
  readonly connectMsMax: number;
  private readonly sweeper: Sweeper;
  private readonly idleMsMax: number;
  private idle: Connection[] = [];
  /** Connections that were busy when the session was closed. They are not kept. */
  private isClosed = false;

  constructor(where: Pick<Origin, "hostname" | "port" | "tls" | "connectMsMax">, idleMsMax: number, sweeper: Sweeper) {
    this.hostname = where.hostname;
    this.port = where.port;
    this.tls = where.tls;
    this.connectMsMax = where.connectMsMax;
    this.idleMsMax = idleMsMax;
    this.sweeper = sweeper;
  }

  /** Sends a call over an idle connection, or over a new one. */
  start(call: Call): void {
    for (let connection = this.idle.pop(); connection !== undefined; connection = this.idle.pop()) {
      if (connection.start(call)) return;
    }
    new Connection(this, call);
  }

  onIdle(connection: Connection): void {
    if (this.isClosed || this.idle.length >= IDLE_MAX) {
      connection.close();
      return;
    }
    connection.idleSince = this.sweeper.now;
    this.idle.push(connection);
    this.sweeper.add(this);
  }

  onGone(connection: Connection): void {
    const at = this.idle.lastIndexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
  }

  /** Closes what has been idle for too long. False when nothing idle is left. */
  sweep(): boolean {
    const { now, everyMs } = this.sweeper;
    const kept: Connection[] = [];
    for (const connection of this.idle) {
      // A second less than the server says, so that we are the ones who close.
      const msMax = Math.min(this.idleMsMax, ((connection.keepAliveS ?? Number.POSITIVE_INFINITY) - 1) * 1000);
      if ((now - connection.idleSince) * everyMs >= msMax) connection.close();
      else kept.push(connection);
    }
    this.idle = kept;
    return kept.length > 0;
  }

  /** Closes what is idle, now and from now on. */
  close(): void {
    this.isClosed = true;
    for (const connection of this.idle) connection.close();
    this.idle = [];
  }
}
