import { isIP } from "node:net";
import { isPublicAddress } from "./address.ts";
import { FetchError } from "./fetch-fault.ts";

/** Where a caller may send the gateway. */
export interface FetchRules {
  /** Ports that may be asked for. Default: 80 and 443. */
  readonly ports?: readonly number[];
  /** Hosts that may be fetched though their addresses are not public, such as `wiki.example.internal` or `127.0.0.1`. Default: none. */
  readonly privateHosts?: readonly string[];
}

const PORTS: readonly number[] = [80, 443];
/** Longer than any that people meet; servers refuse them as well. */
const URL_LENGTH_MAX = 8_192;

/** Names that mean this machine, this network or a cloud's insides, whatever they resolve to. */
const DENIED_NAMES =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|home\.arpa|in-addr\.arpa|ip6\.arpa|metadata|instance-data)$/;
const NAME = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/;

/**
 * Reads a URL that a caller gave and says whether it may be fetched, as far as that can be said without asking a name service.
 * It is judged by what the URL parser makes of it, so that no spelling of an address gets by.
 *
 * @returns The URL, parsed; nothing else is to be fetched.
 * @throws {FetchError} `invalid-url` or `denied`.
 */
export function checkUrl(text: string, rules: FetchRules = {}): URL {
  const url = checkUrlText(text);
  checkPort(url, rules.ports ?? PORTS);
  // The dot of the root is good for nothing but to be another spelling.
  url.hostname = url.hostname.replace(/\.$/, "");
  checkHost(hostOf(url), rules.privateHosts ?? []);
  return url;
}

/**
 * The part of it that no rule changes: whether it is a proper http URL at all, without credentials.
 * @throws {FetchError} `invalid-url`.
 */
export function checkUrlText(text: string): URL {
  if (text.length > URL_LENGTH_MAX) throw invalid(`it is ${text.length} characters long; at most ${URL_LENGTH_MAX} are taken`);
  // The URL parser leaves these out in silence; whoever looked at the text before it saw another URL.
  if (/[\p{Cc}\\]/u.test(text)) throw invalid("it has a control character or a backslash in it");
  const url = URL.parse(text);
  if (url === null) throw invalid('it is no absolute URL, such as "https://example.com/page"');
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw invalid(`its scheme is "${url.protocol.slice(0, 20)}"; "http:" and "https:" are taken`);
  if (url.username !== "" || url.password !== "") throw invalid("it has a user name or a password in it");
  return url;
}

/** The host as a name service and a certificate know it, without brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** Whether the operator has allowed this host by its name. */
export function isPrivateHostAllowed(host: string, { privateHosts = [] }: FetchRules): boolean {
  return privateHosts.some((allowed) => allowed.toLowerCase() === host);
}

/** The port that the URL leads to. */
export function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

function checkPort(url: URL, ports: readonly number[]): void {
  const port = portOf(url);
  if (!ports.includes(port)) throw invalid(`its port is ${port}; ${ports.join(" and ")} are taken`);
}

function checkHost(host: string, privateHosts: readonly string[]): void {
  if (isPrivateHostAllowed(host, { privateHosts })) return;
  if (isIP(host) !== 0) {
    if (!isPublicAddress(host)) throw denied("its address");
    return;
  }
  // A name without a dot is one of the local network, or becomes one by the search list of the machine.
  if (DENIED_NAMES.test(host) || !host.includes(".")) throw denied("its host");
  if (!NAME.test(host)) throw invalid("its host is no name that a site can have");
}

function invalid(why: string): FetchError {
  return new FetchError("invalid-url", `Cannot fetch this URL: ${why}.`);
}

/** A refusal in the same words for whatever lies there, so that nobody can map a network by it. */
export function denied(what: string): FetchError {
  return new FetchError("denied", `Cannot fetch this URL: ${what} is not on the public internet.`);
}
