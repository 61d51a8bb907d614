import { isIP } from "node:net";

/** Where a URL leads, as far as a connection and a request have to know. */
export interface Destination {
  /** What connections are shared by. */
  readonly origin: string;
  readonly isSecure: boolean;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** As the `host` header has it. */
  readonly host: string;
  /** With the query. */
  readonly path: string;
}

/**
 * Reads a URL.
 * @param environment Says which requests have to go by a proxy.
 * @returns undefined for what only the runtime's own client can reach: by a proxy, with a password in the URL, and what is no http URL at all.
 */
export function destinationOf(url: string, environment: Readonly<Record<string, string | undefined>>): Destination | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port, host, pathname, search, username, password, origin } = new URL(url);
  if ((protocol !== "http:" && protocol !== "https:") || username !== "" || password !== "") return undefined;
  const isSecure = protocol === "https:";
  // Which spelling counts is the runtime's business: it is asked when either is there.
  const isProxied = [environment[`${protocol.slice(0, -1)}_proxy`], environment[`${protocol.slice(0, -1).toUpperCase()}_PROXY`]].some(
    Boolean,
  );
  if (isProxied && !goesDirect(hostname, environment["no_proxy"] || environment["NO_PROXY"])) return undefined;
  return {
    origin,
    isSecure,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (isSecure ? 443 : 80) : Number(port),
    host,
    path: pathname + search,
  };
}

/** Whether the list of exceptions names this host for certain. What it leaves open, the runtime's own client decides. */
function goesDirect(hostname: string, exceptions: string | undefined): boolean {
  return (exceptions ?? "").split(",").some((entry) => {
    const name = entry.trim().toLowerCase();
    return (
      name === "*" || name === hostname || (name !== "" && isIP(hostname) === 0 && hostname.endsWith(`.${name.replace(/^\*?\./, "")}`))
    );
  });
}
