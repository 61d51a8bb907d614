import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NEVER, Upstream } from "../support/upstream.ts";
import type { UpstreamFault } from "./upstream-faults.ts";

/** Addresses at which no provider of ours answers, each in its own way. Made as they are needed. */
export class Places {
  private readonly made = new Map<string, { readonly url: string; stop(): void }>();

  /** Without a trailing slash. */
  url(place: NonNullable<UpstreamFault["place"]>): string {
    let known = this.made.get(place);
    known ??= make(place);
    this.made.set(place, known);
    return known.url;
  }

  stop(): void {
    for (const { stop } of this.made.values()) stop();
  }
}

function make(place: NonNullable<UpstreamFault["place"]>): { readonly url: string; stop(): void } {
  if (place === "self-signed") return selfSigned();
  if (place === "no-tls") return speaksPlainly();
  const upstream = new Upstream();
  const stop = (): void => upstream.stop();
  switch (place) {
    case "nowhere":
      stop();
      return { url: upstream.url, stop };
    case "no-name":
      stop();
      // Longer than a name may be, so that it is told without asking anybody.
      return { url: `http://${"a".repeat(64)}.invalid`, stop };
    case "tls-stall":
      upstream.answering = NEVER;
      return { url: upstream.url.replace("http:", "https:"), stop };
    default:
      return place satisfies never;
  }
}

function speaksPlainly(): { readonly url: string; stop(): void } {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"), error() {} },
  });
  return { url: `https://127.0.0.1:${listener.port}`, stop: () => listener.stop(true) };
}

function selfSigned(): { readonly url: string; stop(): void } {
  const folder = mkdtempSync(join(tmpdir(), "omni-chaos-"));
  const line =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1";
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...line.split(" ")], { cwd: folder });
  if (exitCode !== 0) throw new Error(stderr.toString());
  const tls = { cert: readFileSync(join(folder, "cert.pem"), "utf8"), key: readFileSync(join(folder, "key.pem"), "utf8") };
  rmSync(folder, { recursive: true });
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, tls, socket: { data() {}, error() {} } });
  return { url: `https://127.0.0.1:${listener.port}`, stop: () => listener.stop(true) };
}
