/** The yardstick: the least that a gateway on this runtime can be which reads a request, sends it on, and streams the answer back. */
export interface PassThrough {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts it. Nothing is looked at but the path: no key, no routing, no limits, no ids.
 *
 * @param port 0 for any that is free.
 * @param upstream Where everything goes, such as `http://127.0.0.1:9000`.
 */
export function startPassThrough(port: number, upstream: string): PassThrough {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    development: false,
    idleTimeout: 0,
    async fetch(request) {
      if (request.method !== "POST") return new Response("ready");
      const answer = await fetch(upstream + new URL(request.url).pathname, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: request.headers.get("authorization") ?? "" },
        body: await request.arrayBuffer(),
        signal: request.signal,
      });
      return new Response(answer.body, {
        status: answer.status,
        headers: { "content-type": answer.headers.get("content-type") ?? "application/octet-stream" },
      });
    },
  });
  return { port: server.port ?? port, stop: () => server.stop(true) };
}
