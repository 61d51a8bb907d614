/** What is signed of a request. All of these headers are, besides those that signing adds; others may change on the way. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** Keys of an AWS account. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Comes with keys that are only lent for some hours. */
  readonly sessionToken?: string;
}

/** What the signature holds for, besides the day. */
export interface SigningScope {
  readonly region: string;
  /** Such as `bedrock`. */
  readonly service: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * Signs a request with Signature Version 4.
 *
 * @returns The headers to add. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signV4(request: SignedRequest, keys: AwsKeys, scope: SigningScope, epochMs: number): Readonly<Record<string, string>> {
  const moment = momentOf(epochMs);
  const day = moment.slice(0, 8);
  const added = { "x-amz-date": moment, ...(keys.sessionToken !== undefined && { "x-amz-security-token": keys.sessionToken }) };
  const url = new URL(request.url);
  const headers = Object.entries({ ...request.headers, ...added, host: url.host }).sort(byName);
  const names = headers.map(([name]) => name).join(";");
  const canonical = [
    request.method,
    canonicalPath(url.pathname),
    canonicalQuery(url.searchParams),
    ...headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}`),
    "",
    names,
    sha256(request.body ?? ""),
  ].join("\n");
  const credentialScope = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = [ALGORITHM, moment, credentialScope, sha256(canonical)].join("\n");
  const signature = hmac(signingKey(keys.secretAccessKey, day, scope), toSign).toString("hex");
  return {
    ...added,
    authorization: `${ALGORITHM} Credential=${keys.accessKeyId}/${credentialScope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** The key for one day, region and service. @param day Such as `20150830`. */
export function signingKey(secretAccessKey: string, day: string, { region, service }: SigningScope): Buffer {
  return [day, region, service, "aws4_request"].reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));
}

/** Such as `20150830T123600Z`. */
function momentOf(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** Each step of the path is encoded once more than it is sent, as all services but S3 want it. */
function canonicalPath(pathname: string): string {
  const steps = pathname.split("/").filter((step) => step !== "");
  return steps.length === 0 ? "/" : `/${steps.map(encode).join("/")}${pathname.endsWith("/") ? "/" : ""}`;
}

function canonicalQuery(query: URLSearchParams): string {
  const pairs = [...query].map(([name, value]) => [encode(name), encode(value)] as const);
  return pairs
    .sort((a, b) => byName(a, b) || (a[1] < b[1] ? -1 : 1))
    .map((pair) => pair.join("="))
    .join("&");
}

/** Everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** By code points, not as people sort. */
function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sha256(bytes: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return new Bun.CryptoHasher("sha256", key).update(text).digest();
}
