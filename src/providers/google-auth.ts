import { sign } from "node:crypto";
import type { Auth } from "./provider.ts";

/** What Google writes into the file of a service account's key, as far as it is needed. */
interface ServiceAccount {
  readonly client_email: string;
  readonly private_key: string;
  readonly private_key_id: string;
}

/** How long a token is said to be good for: the most that Google takes. Seconds. */
const TOKEN_S = 3600;
/** Tokens are made anew when this much is left. Seconds. */
const MARGIN_S = 600;

/** The latest token of each key. There are as many as accounts were ever configured. */
const tokens = new Map<string, { readonly token: string; readonly untilS: number }>();

/**
 * An access token as it is, or the JSON of a service account's key, with which tokens are signed here: Google takes those without any exchange.
 * https://google.aip.dev/auth/4111
 */
export const google: Auth = {
  name: "google",
  headers: (credential) => (accountIn(credential) === undefined ? { authorization: `Bearer ${credential}` } : {}),
  sign: (_, credential, epochMs) => {
    const account = accountIn(credential);
    return account && { authorization: `Bearer ${tokenOf(account, Math.floor(epochMs / 1000))}` };
  },
};

function accountIn(credential: string): ServiceAccount | undefined {
  if (!credential.trimStart().startsWith("{")) return undefined;
  try {
    const { client_email, private_key, private_key_id } = JSON.parse(credential) as Partial<ServiceAccount>;
    if (client_email !== undefined && private_key !== undefined) return { client_email, private_key, private_key_id: private_key_id ?? "" };
  } catch {
    // Then it is no key, and what it is Google will say.
  }
  return undefined;
}

function tokenOf(account: ServiceAccount, nowS: number): string {
  const name = `${account.client_email} ${account.private_key_id}`;
  const known = tokens.get(name);
  if (known !== undefined && nowS < known.untilS - MARGIN_S && nowS > known.untilS - TOKEN_S - MARGIN_S) return known.token;
  const token = signedToken(account, nowS);
  tokens.set(name, { token, untilS: nowS + TOKEN_S });
  return token;
}

function signedToken({ client_email, private_key, private_key_id }: ServiceAccount, nowS: number): string {
  const header = { alg: "RS256", typ: "JWT", kid: private_key_id };
  const scope = "https://www.googleapis.com/auth/cloud-platform";
  const claims = { iss: client_email, sub: client_email, scope, iat: nowS, exp: nowS + TOKEN_S };
  const said = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${said}.${sign("RSA-SHA256", Buffer.from(said), private_key).toString("base64url")}`;
}
