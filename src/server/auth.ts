import { timingSafeEqual } from "node:crypto";
import { OmniError } from "../ir/failure.ts";
import { isLoopbackAddress, isLoopbackHost } from "./host.ts";

/** What the door to the administration goes by. */
export interface AdminDoor {
  /** The token that opens it from anywhere; undefined if the operator set none. */
  readonly token: string | undefined;
  /** What the server listens on. */
  readonly hostname: string;
}

/**
 * Lets an administrator in, or throws. With a token set, only the token opens. With none, only a process on this machine may come in, which is
 * told by the listening address, the caller's address, a `Host` that no foreign name can point at this machine with (DNS rebinding),
 * and the absence of another site's mark on the request (a page in the operator's browser).
 * @throws {OmniError} `invalid_api_key` or `forbidden`.
 */
export function checkAdmin(request: Request, callerAddress: string | undefined, door: AdminDoor): void {
  if (door.token !== undefined) {
    checkToken(request.headers.get("authorization"), door.token);
    return;
  }
  if (!isLoopbackAddress(door.hostname)) {
    throw new OmniError(
      "forbidden",
      "Cannot administer the gateway: it listens beyond this machine and has no server.admin.token. Set one to use /admin.",
    );
  }
  const host = request.headers.get("host") ?? "";
  if (
    callerAddress === undefined ||
    !isLoopbackAddress(callerAddress.replace("::ffff:", "")) ||
    !isLoopbackHost(host) ||
    isFromAnotherSite(request.headers, host)
  ) {
    throw new OmniError(
      "forbidden",
      "Cannot administer the gateway from another site or machine without a token. Call /admin on 127.0.0.1, or set server.admin.token.",
    );
  }
}

function checkToken(authorization: string | null, token: string): void {
  const given = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? "";
  // Digests are of equal length whatever was given, so that neither the time taken nor a thrown error tells anything about the token.
  if (!timingSafeEqual(digest(given), digest(token))) {
    throw new OmniError(
      "invalid_api_key",
      "Cannot administer the gateway: the admin token is missing or wrong. Send it as Authorization: Bearer.",
    );
  }
}

function digest(text: string): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(text).digest();
}

function isFromAnotherSite(headers: Headers, host: string): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return true;
  const origin = headers.get("origin");
  return origin !== null && origin !== `http://${host}` && origin !== `https://${host}`;
}
