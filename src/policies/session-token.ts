import { OmniError } from "../ir/failure.ts";

const PREFIX = "omni_session_";
const TOKEN = /^omni_session_[0-9A-Za-z_-]{43}$/;

/** The cookie's name where the browser came by https: with this prefix it takes it from this very host alone, and gives it to nobody else. */
export const SECURE_COOKIE = "__Host-omni";
/** The same over plain http, on one's own machine. */
export const PLAIN_COOKIE = "omni_session";

/**
 * Makes the token of a session: 256 random bits.
 * @param randomBytes Unpredictable bytes, as many as are asked for.
 */
export function makeSessionToken(randomBytes: (count: number) => Uint8Array): string {
  return PREFIX + Buffer.from(randomBytes(32)).toString("base64url");
}

/** Whether a text is written like a session's token. */
export function isSessionToken(text: string): boolean {
  return text.startsWith(PREFIX) && TOKEN.test(text);
}

/**
 * The session's token in a request's cookie.
 * @returns undefined if there is none.
 * @throws {OmniError} `forbidden`, if there is one and the request does not come from a page of this very host: a browser sends a cookie along whoever made
 *   it ask.
 */
export function cookieToken(headers: { get(name: string): string | null }): string | undefined {
  const cookies = headers.get("cookie");
  if (cookies === null || !cookies.includes(PREFIX)) return undefined;
  const name = cameSecurely(headers) ? SECURE_COOKIE : PLAIN_COOKIE;
  const token = cookies
    .split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
  if (token === undefined || !isSessionToken(token)) return undefined;
  if (isFromThisHost(headers)) return token;
  throw new OmniError(
    "forbidden",
    "Cannot take the session's cookie from here: the request was not made by a page of this host. Programs send the token as Authorization: Bearer.",
  );
}

/** Whether the client came by https, as the proxy in front says. Who says so himself only gets a cookie that he can not use. */
export function cameSecurely(headers: { get(name: string): string | null }): boolean {
  return headers.get("x-forwarded-proto") === "https";
}

/** Whether a browser says that one of our own pages asks, or a person by hand. A request without a word on it is taken for neither. */
export function isFromThisHost(headers: { get(name: string): string | null }): boolean {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  if (origin !== null && !isOwnOrigin(origin, headers.get("host") ?? "")) return false;
  if (site !== null) return site === "same-origin" || site === "none";
  return origin !== null;
}

/** Whether an origin is that of a host, by http or https. */
export function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}
