import { NetworkError } from "../../world/network.ts";
import type { World } from "../../world/world.ts";
import { SimulatorSession } from "./session.ts";
import { mannerOf, type SimulatorSettings } from "./settings.ts";

/** Where a simulator listens. */
export interface ListenOptions {
  /** Default: any free one. */
  readonly port?: number;
  readonly settings?: SimulatorSettings;
}

/** A simulator behind a real socket. */
export interface SimulatorServer {
  readonly port: number;
  /** As a provider's base URL: without a trailing slash. */
  readonly baseUrl: string;
  /** Breaks what is open and listens no more. */
  stop(): Promise<void>;
}

/** A reset takes with it what the other side has not read yet. */
const LINGER_MS = 20;

/**
 * Serves the simulator over HTTP on loopback. What breaks off does so on the wire, with a reset;
 * a connection that would be refused stands already, and is reset before the first byte.
 */
export function listen(world: World, { port = 0, settings = {} }: ListenOptions = {}): SimulatorServer {
  const session = new SimulatorSession({ clock: world.clock, random: world.random, manner: mannerOf(settings) }, LINGER_MS);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    development: false,
    // Without development, Bun 1.4.5 lets another process share the port in silence unless it is told not to.
    reusePort: false,
    idleTimeout: 0,
    async fetch(request) {
      const { method, url, signal } = request;
      try {
        return await session.send({ method, url, headers: Object.fromEntries(request.headers), body: await request.bytes(), signal });
      } catch (error) {
        // A body that fails before it gave anything makes the server reset the connection, head and all.
        if (error instanceof NetworkError || signal.aborted) return new Response(new ReadableStream({ pull: (stream) => stream.error() }));
        throw error;
      }
    },
  });
  return {
    port: server.port ?? port,
    baseUrl: `http://127.0.0.1:${server.port}/v1`,
    stop: () => server.stop(true),
  };
}
