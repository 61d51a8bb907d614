import type { Clock } from "../world/clock.ts";
import type { Network } from "../world/network.ts";

/** Bun's own limit of requests under way at a time, unless its environment said otherwise when it started. */
const LIMIT_BY_DEFAULT = 256;
const WAIT_MS = 2_000;

/**
 * Proves that more requests than Bun's default can be under way at a time: sends one more than that to a server in this process that answers none before all
 * are there. Takes some 30 ms and 514 sockets of loopback, which are closed again.
 */
export async function liftsFetchLimit(network: Network, clock: Clock): Promise<boolean> {
  const count = LIMIT_BY_DEFAULT + 1;
  const all = Promise.withResolvers<boolean>();
  let arrived = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    routes: {
      "/": async () => {
        if (++arrived === count) all.resolve(true);
        await all.promise;
        return new Response("");
      },
    },
  });
  const session = network.open();
  const leaving = new AbortController();
  const timer = clock.startTimer(WAIT_MS, () => all.resolve(false));
  const request = { method: "GET", url: server.url.href, headers: {}, signal: leaving.signal } as const;
  for (let sent = 0; sent < count; sent++) void session.send(request).catch(() => {});
  const lifted = await all.promise;
  clock.cancelTimer(timer);
  leaving.abort();
  session.close();
  await server.stop(true);
  return lifted;
}
