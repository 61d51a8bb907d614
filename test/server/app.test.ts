import { describe, expect, test } from "bun:test";
import type { Diagnostic } from "../../src/config/diagnostic.ts";
import { OmniError } from "../../src/ir/failure.ts";
import { ANONYMOUS } from "../../src/policies/caller.ts";
import { request, say } from "./raw.ts";
import { planOf, run } from "./running.ts";

const fault: Diagnostic = { code: "OMNI-C020", severity: "error", what: "No.", fix: undefined };
const json = { "content-type": "application/json" };

describe("every endpoint", () => {
  test("says who may call it, and stands nowhere else", () => {
    using running = run();
    const rows = running.app.endpoints.map(({ method, path, access }) => `${access} ${method} ${path}`).sort();
    // A new endpoint has to be written down here, so that somebody looks at its access.
    expect(rows).toEqual(
      [
        "admin GET /admin/audit",
        "admin GET /admin/config",
        "admin GET /admin/decisions/:id",
        "admin GET /admin/explain",
        "admin GET /admin/health",
        "admin GET /admin/usage",
        "admin GET /metrics",
        "admin POST /admin/reload",
        "admin POST /admin/restart",
        "anyone GET /",
        "anyone GET /api/openapi/spec",
        "anyone GET /api/v1",
        "anyone GET /healthz",
        "anyone GET /readyz",
        "anyone GET /swagger",
        "anyone GET /swagger/json",
        "anyone GET /swagger/swagger-ui-bundle.js",
        "anyone GET /swagger/swagger-ui.css",
        "anyone GET /v1",
        ...["/v1", "/api/v1"].flatMap((prefix) => [
          `client GET ${prefix}/usage`,
          `client GET ${prefix}/models`,
          `client GET ${prefix}/models/*`,
          ...["chat", "embedding", "image", "tts", "stt", "moderation", "rerank", "web"].map(
            (kind) => `client GET ${prefix}/models/${kind}`,
          ),
          `client GET ${prefix}/providers/:provider/models`,
          `client GET ${prefix}/providers/:provider/models/*`,
          `client POST ${prefix}/chat/completions`,
          `client POST ${prefix}/providers/:provider/chat/completions`,
        ]),
      ].sort(),
    );
  });

  test("refuses a bad host before anything else", async () => {
    using running = run();
    for (const { method, path } of running.app.endpoints) {
      const answer = await say(
        running.port,
        request(method, path.replace("*", "x").replace(":provider", "acme"), ["Host: a, b"], method === "POST" ? "{}" : ""),
      );
      expect([path, answer.status, JSON.parse(answer.body).error.code]).toEqual([path, 400, "invalid_host"]);
    }
    expect([running.received.length, running.keeper.reloads.length]).toEqual([0, 0]);
  });

  test("for administrators lets nobody else in, whatever they show", async () => {
    using running = run();
    running.keeper.adminToken = "right";
    for (const { method, path, access } of running.app.endpoints) {
      if (access !== "admin") continue;
      const answer = await say(running.port, request(method, path, ["Host: localhost", "Authorization: Bearer right"]));
      expect([path, [401, 403, 429].includes(answer.status)]).toEqual([path, false]);
    }
    expect(running.keeper.reloads).toEqual(["admin"]);
    const guests = [
      [],
      ["Authorization: Bearer wrong"],
      ["Authorization: Bearer "],
      ["Authorization: right"],
      ["X-Api-Key: right"],
      ["Cookie: token=right"],
      ["Authorization: Bearer rightright"],
    ];
    for (const { method, path, access } of running.app.endpoints) {
      if (access !== "admin") continue;
      for (const headers of guests) {
        const answer = await say(running.port, request(method, path, ["Host: localhost", ...headers]));
        expect([path, headers, [401, 429].includes(answer.status)]).toEqual([path, headers, true]);
      }
    }
    expect(running.keeper.reloads).toEqual(["admin"]);
  });

  test.each([
    { claim: "a name that DNS may point here", headers: ["Host: evil.test"], status: 403 },
    { claim: "a name that only begins like ours", headers: ["Host: localhost.evil.test"], status: 403 },
    { claim: "another site's page", headers: ["Host: localhost", "Origin: https://evil.test"], status: 403 },
    { claim: "a page without an origin of its own", headers: ["Host: localhost", "Origin: null"], status: 403 },
    { claim: "another site's form", headers: ["Host: localhost", "Sec-Fetch-Site: cross-site"], status: 403 },
    { claim: "another port's page", headers: ["Host: localhost:1", "Origin: http://localhost:2"], status: 403 },
    { claim: "our own page", headers: ["Host: localhost:1", "Origin: http://localhost:1", "Sec-Fetch-Site: same-origin"], status: 200 },
    { claim: "a program on this machine", headers: ["Host: 127.0.0.1:20128"], status: 200 },
  ])("without a token, administration is answered with $status to $claim", async ({ headers, status }) => {
    using running = run();
    expect((await say(running.port, request("POST", "/admin/reload", headers))).status).toBe(status);
    expect(running.keeper.reloads.length).toBe(status === 200 ? 1 : 0);
  });

  test("without a token, administration is closed when the server listens beyond this machine", async () => {
    using running = run({ hostname: "0.0.0.0" });
    expect((await say(running.port, request("GET", "/admin/config"))).status).toBe(403);
  });

  test("puts an id and the configuration's hash on its answer, refusals included", async () => {
    using running = run();
    for (const { method, path } of running.app.endpoints) {
      const answer = await say(
        running.port,
        request(method, path.replace("*", "x").replace(":provider", "acme"), ["Host: localhost"], method === "POST" ? "{}" : ""),
      );
      expect([path, answer.headers["x-omni-config"], answer.headers["x-omni-request-id"] !== undefined]).toEqual([path, "plan0001", true]);
    }
  });
});

describe("a path that nobody serves", () => {
  test.each([
    { method: "GET", path: "/v1/chat/completion", status: 404, code: "not_found" },
    { method: "POST", path: "/v1/nope", status: 404, code: "not_found" },
    { method: "GET", path: "/v1/chat/completions", status: 405, code: "method_not_allowed", allow: "POST, OPTIONS" },
    { method: "DELETE", path: "/v1/models", status: 405, code: "method_not_allowed", allow: "GET, HEAD, OPTIONS" },
    { method: "PUT", path: "/api/v1/providers/acme/chat/completions", status: 405, code: "method_not_allowed", allow: "POST, OPTIONS" },
  ])("$method $path is answered with $status in an envelope", async ({ method, path, status, code, allow }) => {
    using running = run();
    const answer = await say(running.port, request(method, path));
    expect([answer.status, JSON.parse(answer.body).error.code, answer.headers["allow"]]).toEqual([status, code, allow as string]);
    expect([answer.headers["x-omni-config"], answer.headers["x-omni-request-id"]?.length]).toEqual(["plan0001", 36]);
  });

  test("is answered with the paths near to it", async () => {
    using running = run();
    const answer = await say(running.port, request("POST", "/v1/chat/completion", undefined, "{}"));
    expect(JSON.parse(answer.body).error.message).toContain("/v1/chat/completions");
  });

  test("may be asked with OPTIONS what it takes; no site is allowed to read along", async () => {
    using running = run();
    const answer = await say(
      running.port,
      request("OPTIONS", "/v1/chat/completions", ["Host: a", "Origin: https://evil.test", "Access-Control-Request-Method: POST"]),
    );
    expect([answer.status, answer.headers["allow"], answer.headers["access-control-allow-origin"]]).toEqual([
      204,
      "POST, OPTIONS",
      undefined as never,
    ]);
  });
});

describe("status", () => {
  test("HEAD / is answered with 200 and no body, as some clients begin with it", async () => {
    using running = run();
    const answer = await say(running.port, request("HEAD", "/"));
    expect([answer.status, answer.body]).toEqual([200, ""]);
  });

  test("GET /v1 says what is served", async () => {
    using running = run();
    const index = JSON.parse((await say(running.port, request("GET", "/v1"))).body);
    expect(index).toMatchObject({ name: "omni", version: "0.0.0", status: "ready", config: "plan0001", models: 3 });
    expect(index.endpoints).toContain("/v1/providers/{provider}/chat/completions");
  });

  test("/readyz says no before there is a plan and while draining; /healthz says yes all the time", async () => {
    let draining = false;
    using starting = run({ plan: undefined });
    using running = run({ isDraining: () => draining });
    const status = async (port: number, path: string): Promise<number> => (await say(port, request("GET", path))).status;
    expect([await status(starting.port, "/readyz"), await status(running.port, "/readyz")]).toEqual([503, 200]);
    draining = true;
    expect(await status(running.port, "/readyz")).toBe(503);
    expect([await status(starting.port, "/healthz"), await status(running.port, "/healthz")]).toEqual([200, 200]);
  });

  test("a request before the first plan is refused, not lost", async () => {
    using running = run({ plan: undefined });
    const answer = await say(running.port, request("POST", "/v1/chat/completions", undefined, "{}"));
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "1"]);
  });
});

describe("models", () => {
  const get = async (port: number, path: string): Promise<{ status: number; body: { data?: unknown[] } }> => {
    const answer = await say(port, request("GET", path));
    return { status: answer.status, body: JSON.parse(answer.body) };
  };

  test("are all the names that can be sent", async () => {
    using running = run();
    const { body } = await get(running.port, "/api/v1/models");
    expect(body as unknown).toEqual({
      object: "list",
      data: [
        { id: "smart", object: "model", created: 1_700_000_000, owned_by: "omni" },
        { id: "acme/tiny", object: "model", created: 1_700_000_000, owned_by: "acme" },
        { id: "acme/big/model", object: "model", created: 1_700_000_000, owned_by: "acme" },
      ],
    });
  });

  test.each([
    { path: "/v1/models/smart", id: "smart" },
    { path: "/v1/models/acme/big/model", id: "acme/big/model" },
    { path: "/v1/models/acme%2Fbig%2fmodel", id: "acme/big/model" },
    { path: "/api/v1/models/acme/tiny?x=1", id: "acme/tiny" },
    { path: "/v1/providers/acme/models/big/model", id: "big/model" },
  ])("$path is one of them", async ({ path, id }) => {
    using running = run();
    expect(await get(running.port, path)).toMatchObject({ status: 200, body: { id, object: "model" } });
  });

  test("of one provider come without its name", async () => {
    using running = run();
    const { body } = await get(running.port, "/v1/providers/acme/models");
    expect(body.data?.map((model) => (model as { id: string }).id)).toEqual(["tiny", "big/model"]);
  });

  test.each([
    { path: "/v1/models/none", status: 404, code: "not_found" },
    { path: "/v1/models/%zz", status: 400, code: "invalid_request" },
    { path: "/v1/providers/nobody/models", status: 400, code: "invalid_provider" },
    { path: "/v1/providers/acme/models/acme/tiny", status: 404, code: "not_found" },
  ])("$path is refused with $code", async ({ path, status, code }) => {
    using running = run();
    expect(await get(running.port, path)).toMatchObject({ status, body: { error: { code } } });
  });
});

describe("the administration", () => {
  test("shows what runs and what was refused, and nothing secret", async () => {
    using running = run();
    running.keeper.refused = {
      atEpochMs: 2,
      trigger: "watch",
      diagnostics: [{ ...fault, file: "omni.config.ts", line: 3, column: 4 }],
    };
    const { body } = await say(running.port, request("GET", "/admin/config"));
    expect(JSON.parse(body)).toMatchObject({
      running: { hash: "plan0001" },
      refused: { diagnostics: [{ line: 3 }] },
      plan: { providers: [{ name: "acme", baseUrl: "https://acme.test/v1" }] },
    });
    expect(body).not.toMatch(/s3cret|user:pass/);
  });

  test("answers a refused reload with 422 and its faults", async () => {
    using running = run();
    running.keeper.outcome = { type: "refused", refused: { atEpochMs: 2, trigger: "admin", diagnostics: [fault] } };
    const answer = await say(running.port, request("POST", "/admin/reload"));
    expect([answer.status, JSON.parse(answer.body).refused.diagnostics]).toEqual([
      422,
      [{ code: "OMNI-C020", severity: "error", what: "No." }],
    ]);
  });
});

describe("the gateway's reply", () => {
  test("is sent as it is: status, headers, bytes", async () => {
    using running = run({
      serve: () => ({
        status: 418,
        headers: { "content-type": "text/x", "x-omni-target": "acme/tiny" },
        body: new Uint8Array([1, 255, 0]),
      }),
    });
    const response = await fetch(`${running.url}/v1/chat/completions`, { method: "POST", body: "{}", headers: json });
    expect([response.status, response.headers.get("x-omni-target"), [...(await response.bytes())]]).toEqual([
      418,
      "acme/tiny",
      [1, 255, 0],
    ]);
  });

  test("streams with its bytes untouched, also where a character is cut in two", async () => {
    const bytes = new TextEncoder().encode("data: é…\n\n");
    const body = () =>
      new ReadableStream<Uint8Array>(
        {
          start: (controller) => {
            for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
          },
          pull: (controller) => controller.close(),
        },
        { highWaterMark: 0 },
      );
    using running = run({ serve: () => ({ status: 200, headers: { "content-type": "text/event-stream" }, body: body() }) });
    const response = await fetch(`${running.url}/v1/chat/completions`, { method: "POST", body: "{}", headers: json });
    expect(await response.text()).toBe("data: é…\n\n");
  });

  test("may take its time: the connection's idle timeout is off until it comes, and on from then", async () => {
    const timeouts: (number | string)[] = [];
    using running = run({
      serve: () => {
        timeouts.push("answered");
        return { status: 200, headers: {}, body: new Uint8Array(0) };
      },
    });
    const endpoint = running.app.endpoints.find(({ path }) => path === "/v1/chat/completions");
    const server = { timeout: (_: Request, seconds: number) => timeouts.push(seconds) } as unknown as Bun.Server<unknown>;
    await endpoint?.answer(
      new Request("http://localhost/v1/chat/completions", { method: "POST", body: "{}", headers: json }),
      server,
      {},
      ANONYMOUS,
    );
    expect(timeouts).toEqual([0, "answered", 120]);
  });

  test("that breaks off is seen to break off", async () => {
    let pulls = 0;
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull: async (controller) => {
          await Bun.sleep(5);
          if (pulls++ === 0) controller.enqueue(new Uint8Array([97]));
          else controller.error(new Error("gone"));
        },
      });
    using running = run({ serve: () => ({ status: 200, headers: {}, body: body() }) });
    const answer = await say(running.port, request("POST", "/v1/chat/completions", undefined, "{}"));
    expect(answer.text.endsWith("0\r\n\r\n")).toBe(false);
  });

  test("is cancelled when the client leaves", async () => {
    const cancelled = Promise.withResolvers<void>();
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull: async (controller) => {
          await Bun.sleep(5);
          controller.enqueue(new Uint8Array([97]));
        },
        cancel: () => cancelled.resolve(),
      });
    using running = run({ serve: () => ({ status: 200, headers: {}, body: body() }) });
    await say(running.port, request("POST", "/v1/chat/completions", undefined, "{}"), { limitMs: 50 });
    await cancelled.promise;
  });

  test("that never comes because of a bug is a 500 that tells its id, and the log tells the rest", async () => {
    using running = run({
      serve: () => {
        throw new TypeError("secret inside");
      },
    });
    const answer = await say(running.port, request("POST", "/v1/chat/completions", undefined, "{}"));
    expect([answer.status, JSON.parse(answer.body).error.code, answer.body.includes("secret inside")]).toEqual([
      500,
      "internal_error",
      false,
    ]);
    expect(running.log.join("")).toContain("secret inside");
    expect(running.log.join("")).toContain(answer.headers["x-omni-request-id"]!);
  });
});

describe("what is thrown by an endpoint", () => {
  test.each([
    {
      claim: "a known failure",
      thrown: new OmniError("overloaded", "Too much.", { retryAfterMs: 1_500 }),
      status: 503,
      code: "overloaded",
      retryAfter: "2",
    },
    { claim: "a bug", thrown: new Error("inner workings"), status: 500, code: "internal_error", retryAfter: undefined },
  ])("late: $claim becomes an envelope", async ({ thrown, status, code, retryAfter }) => {
    using running = run();
    Object.defineProperty(running.keeper, "reload", { value: () => Promise.reject(thrown) });
    const answer = await say(running.port, request("POST", "/admin/reload"));
    expect([answer.status, JSON.parse(answer.body).error.code, answer.headers["retry-after"]]).toEqual([
      status,
      code,
      retryAfter as string,
    ]);
    expect(answer.body).not.toContain("inner workings");
  });
});

describe("the documentation", () => {
  test("describes every endpoint, and the body that Elysia must not read", async () => {
    using running = run();
    const document = JSON.parse((await say(running.port, request("GET", "/api/openapi/spec"))).body);
    expect(document.openapi).toBe("3.1.2");
    expect(Object.keys(document.paths).sort()).toEqual(
      [
        ...new Set(
          running.app.endpoints
            .filter(({ detail }) => detail)
            .map(({ path, detail }) => detail?.path ?? path.replace(":provider", "{provider}")),
        ),
      ].sort(),
    );
    expect(document.paths["/v1/chat/completions"].post.requestBody.content["application/json"].schema.required).toEqual([
      "model",
      "messages",
    ]);
    expect(document).toEqual(JSON.parse((await say(running.port, request("GET", "/swagger/json"))).body));
  });

  test("asks nothing of other machines, and its policy forbids it to", async () => {
    using running = run();
    const page = await say(running.port, request("GET", "/swagger"));
    expect(page.body.match(/https?:\/\/[^"' )]+/g)).toBeNull();
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source!);
    expect(sources.length).toBe(2);
    for (const source of sources) expect((await say(running.port, request("GET", source))).status).toBe(200);
    const policy = page.headers["content-security-policy"]!;
    expect(policy).toContain("default-src 'none'");
    const [, script = ""] = /<script>([\s\S]*?)<\/script>/.exec(page.body)!;
    expect(policy).toContain(`'sha256-${new Bun.CryptoHasher("sha256").update(script).digest("base64")}'`);
  });

  test("is the same interface to Elysia: app.handle answers as the socket does", async () => {
    using running = run();
    const response = await running.app.elysia.handle(new Request("http://localhost/api/v1/models/acme/tiny"));
    expect(await response.json()).toMatchObject({ id: "acme/tiny" });
  });
});

describe("listening", () => {
  test("on a port that is taken fails at once, and does not share it", () => {
    using running = run();
    using other = run();
    expect(() => other.app.listen(running.port, "127.0.0.1")).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
  });

  test("logs a line for each request when told to, without the query", async () => {
    using running = run({ logsRequests: true, plan: planOf("plan0001") });
    await say(running.port, request("POST", "/v1/chat/completions?key=s3cret", undefined, "{}"));
    running.clock.fire(0);
    expect(JSON.parse(running.log.join(""))).toMatchObject({
      event: "request",
      method: "POST",
      path: "/v1/chat/completions",
      status: 200,
      requestId: "gateway",
    });
    expect(running.log.join("")).not.toContain("s3cret");
  });

  test("logs what was refused as well: an unknown path, a host that is none", async () => {
    using running = run({ logsRequests: true });
    await say(running.port, request("GET", "/v1/nope"));
    await say(running.port, request("GET", "/v1/models", ["Host: a b"]));
    running.clock.fire(0);
    const lines = running.log.join("").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line)).map(({ path, status }) => [path, status])).toEqual([
      ["/v1/nope", 404],
      ["?", 400],
    ]);
  });
});
