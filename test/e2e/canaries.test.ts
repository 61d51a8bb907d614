import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { type Script, Upstream } from "../support/upstream.ts";

/** One secret for each place that has one; none is part of another. */
const CANARIES = {
  ONE_KEY: "sk-one-canary-7f3a91/+b~c",
  TWO_KEY: "sk-two-canary-0d52e8&x=y",
  TWO_HEADER: "hdr-two-canary-55aa10",
  CLIENT_KEY: "client-canary-9c81d2-42",
  ADMIN_TOKEN: "admin-canary-e0b7f4-17",
  HOOK: "hook-canary-3d9a02-88",
} as const;
type Canary = keyof typeof CANARIES;

const config = (one: Upstream, two: Upstream, hook: Upstream): string => `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: {
    one: provider.openaiCompatible({ baseUrl: ${JSON.stringify(one.baseUrl)}, apiKey: secret.env("ONE_KEY"), models: { chat: ["m"] } }),
    two: provider.openaiCompatible({
      baseUrl: ${JSON.stringify(two.baseUrl)}, apiKey: secret.env("TWO_KEY"), models: { chat: ["m"] },
      headers: { "x-team": secret.env("TWO_HEADER") },
    }),
  },
  combos: { both: { chat: ["one/m", "two/m"] } },
  server: { admin: { token: secret.env("ADMIN_TOKEN") } },
  policies: {
    keys: { alice: { secret: secret.env("CLIENT_KEY") } },
    budgets: { all: { per: "all", usd: 1000, each: "day", soft: true } },
    webhooks: { ops: { url: ${JSON.stringify(`${hook.baseUrl}/hook`)}, secret: secret.env("HOOK") } },
  },
});
`;

/** A secret in the letters that it may come back in. */
function writings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replaceAll("=", "")
      .slice(before + 1, -2),
  );
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...base64,
  ];
}

/** What somebody saw of secrets that were not for him. */
function leaks(who: string, text: string, except: readonly Canary[] = []): string[] {
  return (Object.keys(CANARIES) as Canary[])
    .filter((name) => !except.includes(name))
    .filter((name) => writings(CANARIES[name]).some((each) => text.includes(each)))
    .map((name) => `${who} saw ${name}`);
}

const said = (body: unknown, headers: object = {}): Script => ({
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

/** Ways in which a provider repeats what it was called with while it fails. */
const FAULTS: readonly ((key: string) => Script)[] = [
  (key) => ({ status: 401, ...said({ error: { message: `Incorrect API key provided: ${key}.`, code: key } }) }),
  (key) => ({ status: 400, ...said({ error: { message: `bad request from ${encodeURIComponent(key)}` } }) }),
  (key) => ({ status: 404, ...said({ error: { message: `no model for ${Buffer.from(`user:${key}`).toString("base64")}` } }) }),
  (key) => ({ status: 500, ...said(`<html>Authorization: Bearer ${key}</html>`, { "content-type": "text/html" }) }),
  (key) => ({
    status: 429,
    ...said({ error: { message: Buffer.from(key).toString("hex") } }, { "x-request-id": key, "retry-after": "1" }),
  }),
  (key) => ({ status: 503, ...said("", { [`x-${Buffer.from(key).toString("hex").slice(0, 8)}`]: key, "set-cookie": key }) }),
  (key) => ({ status: 302, ...said("", { location: `https://example.com/?key=${encodeURIComponent(key)}` }) }),
  (key) => said({ error: { message: `in a good status: ${key}` } }),
  (key) => said(`no JSON ${key}`),
  (key) => ({ headers: { "content-type": "text/event-stream" }, body: [`data: ${JSON.stringify({ error: { message: key } })}\n\n`] }),
  (key) => ({ headers: { "content-type": "text/event-stream" }, body: [`data: {"no JSON ${key}\n\n`], after: "fin" }),
  (key) => ({ ...said(`{"cut":"${key}`), cut: { after: 20, by: "rst" } }),
];

async function bytesOf(response: Response): Promise<string> {
  const head = [...response.headers].map((pair) => pair.join(": ")).join("\n");
  return `${head}\n${await response.text().catch((error) => String(error))}`;
}

describe("secrets", () => {
  test("reach their own provider and nobody else, whatever goes wrong in whatever format", async () => {
    using one = new Upstream();
    using two = new Upstream();
    using hook = new Upstream({ status: 204 });
    await using gateway = await startGateway(config(one, two, hook), { env: CANARIES, args: ["--log-requests"] });
    const seen: string[] = [];
    for (const fault of FAULTS) {
      one.answering = fault(CANARIES.ONE_KEY);
      two.answering = fault(`${CANARIES.TWO_KEY} ${CANARIES.TWO_HEADER}`);
      for (const stream of [false, true]) for (const ask of asking(gateway, stream)) seen.push(await bytesOf(await ask()));
    }
    expect(seen.length).toBe(FAULTS.length * 8);
    const found = seen.flatMap((text) => leaks("a client", text));
    for (const path of ["/metrics", "/admin/config", "/admin/usage", "/admin/audit", "/admin/keys", "/readyz", "/v1", "/swagger/json"]) {
      const response = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${CANARIES.ADMIN_TOKEN}` } });
      found.push(...leaks(path, await bytesOf(response)));
    }
    const sentTo = ({ requests }: Upstream): string =>
      requests.map(({ rawHeaders, body, path }) => `${path}\n${rawHeaders.join("\n")}\n${Buffer.from(body).toString()}`).join("\n");
    expect(sentTo(one)).toContain(CANARIES.ONE_KEY);
    expect(sentTo(two)).toContain(CANARIES.TWO_HEADER);
    found.push(
      ...leaks("one", sentTo(one), ["ONE_KEY"]),
      ...leaks("two", sentTo(two), ["TWO_KEY", "TWO_HEADER"]),
      ...leaks("the webhook", sentTo(hook)),
    );
    gateway.process.kill("SIGTERM");
    await gateway.process.exited;
    found.push(...leaks("the log", gateway.log));
    // What is kept on disk is looked at as bytes: tables, journal, keys, the audit log.
    const folder = join(gateway.configFile, "..", ".omni");
    for await (const file of new Bun.Glob("**").scan({ cwd: folder, dot: true }))
      found.push(...leaks(file, await Bun.file(join(folder, file)).text()));
    expect(found).toEqual([]);
  }, 120_000);
});

/** The same question by each of the formats that clients speak. */
function asking(gateway: GatewayProcess, stream: boolean): (() => Promise<Response>)[] {
  const headers = { authorization: `Bearer ${CANARIES.CLIENT_KEY}` };
  const messages = [{ role: "user", content: "hi" }];
  return [
    () => gateway.post("/v1/chat/completions", { model: "both", messages, stream }, { headers }),
    () => gateway.post("/v1/messages", { model: "both", messages, stream, max_tokens: 5 }, { headers }),
    () => gateway.post("/v1/responses", { model: "both", input: "hi", stream }, { headers }),
    () => gateway.post("/api/chat", { model: "one/m", messages, stream }, { headers }),
  ];
}

describe("headers", () => {
  const ANSWER = said(
    {
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
    },
    {
      "set-cookie": "session=1",
      server: "nginx",
      via: "1.1 x",
      "x-powered-by": "y",
      "access-control-allow-origin": "*",
      "strict-transport-security": "max-age=1",
      "www-authenticate": "Basic",
      "x-internal-host": "10.0.0.1",
      "openai-organization": "org-1",
      "clear-site-data": '"*"',
      link: "<x>",
    },
  );

  test("of clients go on to providers only if they are meant for them, and of providers to clients likewise", async () => {
    using one = new Upstream(ANSWER);
    using two = new Upstream(ANSWER);
    using hook = new Upstream({ status: 204 });
    await using gateway = await startGateway(config(one, two, hook), { env: CANARIES });
    const strange = {
      cookie: "a=b",
      "x-forwarded-for": "192.0.2.1",
      "x-forwarded-host": "evil.test",
      "x-real-ip": "192.0.2.1",
      forwarded: "for=192.0.2.1",
      "proxy-authorization": "Basic eDp5",
      te: "trailers",
      origin: gateway.url,
      referer: `${gateway.url}/x`,
      "x-http-method-override": "DELETE",
      "openai-organization": "org-of-a-client",
      "x-team": "eve",
      "x-amz-security-token": "t",
      "x-internal": "1",
    };
    const headers = { authorization: `Bearer ${CANARIES.CLIENT_KEY}`, ...strange };
    const response = await gateway.post(
      "/v1/chat/completions",
      { model: "two/m", messages: [{ role: "user", content: "hi" }] },
      { headers },
    );
    expect(response.status).toBe(200);
    const names = (two.requests[0]?.rawHeaders ?? []).map(([name]) => name.toLowerCase()).sort();
    // Of all that the client sent, the format itself has `openai-organization`: it says which of the key's organisations pays.
    const meant = [
      "accept",
      "accept-encoding",
      "authorization",
      "content-length",
      "content-type",
      "host",
      "openai-organization",
      "user-agent",
      "x-team",
    ];
    expect(names.filter((name) => name !== "connection")).toEqual(meant);
    expect(two.requests[0]?.headers.get("x-team")).toBe(CANARIES.TWO_HEADER);
    const shown = [...response.headers.keys()].filter((name) => !name.startsWith("x-omni-") && !name.startsWith("x-ratelimit-"));
    expect(shown.filter((name) => !["content-type", "content-length", "date", "x-request-id"].includes(name))).toEqual([]);
  }, 20_000);
});
