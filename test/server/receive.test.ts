import { describe, expect, test } from "bun:test";
import { request, say } from "./raw.ts";
import { planOf, run } from "./running.ts";

const CHAT = "/v1/chat/completions";
const JSON_HEADERS = ["Host: localhost", "Content-Type: application/json"];

describe("the host", () => {
  test.each([
    { host: "a", status: 200 },
    { host: "a:1", status: 200 },
    { host: "ai", status: 200 },
    { host: "127.0.0.1:20128", status: 200 },
    { host: "[::1]:20128", status: 200 },
    { host: "my_container.internal.", status: 200 },
    { host: "", status: 400 },
    { host: "a b", status: 400 },
    { host: "a/admin/config?x=", status: 400 },
    { host: "a#b", status: 400 },
    { host: "user@a", status: 400 },
    { host: "a,b", status: 400 },
    { host: "[::1", status: 400 },
    { host: "a:port", status: 400 },
    { host: "%61", status: 400 },
    { host: "a:123456", status: 400 },
  ])("$host is answered with $status", async ({ host, status }) => {
    using running = run();
    const answer = await say(running.port, request("POST", CHAT, [`Host: ${host}`, "Content-Type: application/json"], "{}"));
    expect(answer.status).toBe(status);
    expect(running.received.length).toBe(status === 200 ? 1 : 0);
    if (status === 400) expect(JSON.parse(answer.body).error.code).toBe("invalid_host");
  });

  test("given twice is refused, even when both are the same", async () => {
    using running = run();
    const answer = await say(running.port, request("POST", CHAT, ["Host: localhost", ...JSON_HEADERS], "{}"));
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([400, "invalid_host"]);
    expect(running.received).toEqual([]);
  });

  test("missing is refused, in HTTP/1.0 too", async () => {
    using running = run();
    expect((await say(running.port, request("POST", CHAT, [], "{}"))).status).toBe(400);
    expect((await say(running.port, `POST ${CHAT} HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}`)).status).toBe(400);
    expect(running.received).toEqual([]);
  });

  test("a short one leads to exactly the route that the path names", async () => {
    using running = run();
    for (const [path, code] of [
      ["/xx/admin/config", "not_found"],
      ["/x/healthz", "not_found"],
      ["/admin/config", "forbidden"],
    ] as const) {
      const answer = await say(running.port, request("GET", path, ["Host: a"]));
      expect([path, JSON.parse(answer.body).error.code]).toEqual([path, code]);
    }
    expect((await say(running.port, request("GET", "/v1/models/acme/tiny", ["Host: a"]))).body).toContain('"id":"acme/tiny"');
    expect((await say(running.port, request("GET", "/swagger/json", ["Host: a:1"]))).status).toBe(200);
  });
});

describe("the target", () => {
  test.each([
    { target: "/v1/../admin/config", status: 400 },
    { target: "/v1/%2e%2e/admin/config", status: 400 },
    { target: "/v1/./models", status: 400 },
    { target: "//v1/models", status: 400 },
    { target: "/v1//models", status: 400 },
    { target: "/v1/chat%2fcompletions", status: 400 },
    { target: "/v1/models/../../admin/config", status: 400 },
    { target: "/v1/providers/../models", status: 400 },
    { target: "/x%00y", status: 400 },
    { target: "*", status: 400 },
    { target: "v1/models", status: 400 },
    { target: "/V1/models", status: 404 },
    { target: "/v1/models/", status: 404 },
    { target: "/v1/%6dodels", status: 404 },
    { target: "/v1/models?x=/../admin/config", status: 200 },
  ])("$target is answered with $status", async ({ target, status }) => {
    using running = run();
    expect((await say(running.port, request("GET", target))).status).toBe(status);
  });
});

describe("two requests in one", () => {
  const smuggled = "GET /admin/config HTTP/1.1\r\nHost: localhost\r\n\r\n";
  test.each([
    { claim: "length and chunks", headers: ["Content-Length: 4", "Transfer-Encoding: chunked"] },
    { claim: "two lengths", headers: ["Content-Length: 0", "Content-Length: 48"] },
    { claim: "a signed length", headers: ["Content-Length: +0"] },
    { claim: "an odd coding", headers: ["Transfer-Encoding: xchunked"] },
    { claim: "chunked twice", headers: ["Transfer-Encoding: chunked, chunked"] },
    { claim: "a space before the colon", headers: ["Content-Length : 0"] },
    { claim: "a folded line", headers: ["X-A: b", " Content-Length: 0"] },
  ])("$claim: the second is never run", async ({ headers }) => {
    using running = run();
    const answer = await say(
      running.port,
      `POST ${CHAT} HTTP/1.1\r\n${[...JSON_HEADERS, ...headers].join("\r\n")}\r\n\r\n0\r\n\r\n${smuggled}`,
      { limitMs: 300 },
    );
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('plan0001","sinceEpochMs');
    expect(running.received).toEqual([]);
  });
});

describe("the kind of body", () => {
  test.each([
    { type: "application/json", status: 200 },
    { type: "application/json; charset=utf-8", status: 200 },
    { type: "APPLICATION/JSON", status: 200 },
    { type: "application/vnd.api+json", status: 200 },
    { type: undefined, status: 200 },
    { type: "text/plain", status: 415 },
    { type: "application/jsonp", status: 415 },
    { type: "application/x-www-form-urlencoded", status: 415 },
    { type: "multipart/form-data; boundary=application/json", status: 415 },
  ])("$type is answered with $status", async ({ type, status }) => {
    using running = run();
    const answer = await say(
      running.port,
      request("POST", CHAT, ["Host: localhost", ...(type === undefined ? [] : [`Content-Type: ${type}`])], "{}"),
    );
    expect(answer.status).toBe(status);
    if (status === 415) expect(JSON.parse(answer.body).error.code).toBe("unsupported_media_type");
  });

  test("not told, by a page of another site, is refused: browsers send that without asking first", async () => {
    using running = run();
    const answer = await say(running.port, request("POST", CHAT, ["Host: localhost", "Origin: https://evil.test"], "{}"));
    expect([answer.status, running.received.length]).toEqual([415, 0]);
  });

  test.each([{ coding: "gzip" }, { coding: "br" }, { coding: "zstd, identity" }])("packed with $coding is refused", async ({ coding }) => {
    using running = run();
    const answer = await say(running.port, request("POST", CHAT, [...JSON_HEADERS, `Content-Encoding: ${coding}`], "{}"));
    expect([answer.status, running.received.length]).toEqual([415, 0]);
  });
});

describe("the size of a body", () => {
  const chunks = (count: number): string => `${"64\r\n".concat("x".repeat(100), "\r\n").repeat(count)}0\r\n\r\n`;

  test("up to the limit is taken, whole and in chunks", async () => {
    using running = run({ plan: planOf("plan0001", 1_000) });
    expect((await say(running.port, request("POST", CHAT, JSON_HEADERS, "x".repeat(1_000)))).status).toBe(200);
    const chunked = await say(running.port, `${request("POST", CHAT, [...JSON_HEADERS, "Transfer-Encoding: chunked"])}${chunks(10)}`);
    expect([chunked.status, chunked.body]).toEqual([200, "x".repeat(1_000)]);
  });

  test("above the limit is refused before it is sent", async () => {
    using running = run({ plan: planOf("plan0001", 1_000) });
    const answer = await say(running.port, `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n`);
    expect([answer.status, JSON.parse(answer.body).error.code, answer.headers["connection"]]).toEqual([413, "request_too_large", "close"]);
    expect(running.received).toEqual([]);
  });

  test("above Bun's own default it is still our words that refuse it", async () => {
    using running = run();
    const answer = await say(running.port, `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000000\r\n\r\n`);
    expect(JSON.parse(answer.body).error.code).toBe("request_too_large");
  });

  test("chunks are counted as they come, and no more of them are read", async () => {
    using running = run({ plan: planOf("plan0001", 1_000) });
    const answer = await say(running.port, `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`, {
      drip: `64\r\n${"x".repeat(100)}\r\n`,
    });
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([413, "request_too_large"]);
    expect(running.received).toEqual([]);
  });
});

describe("the time of a body", () => {
  test.each([
    { claim: "of known length", header: "Content-Length: 500", drip: "x" },
    { claim: "in chunks", header: "Transfer-Encoding: chunked", drip: "1\r\nx\r\n" },
  ])("a body $claim that drips for ever is cut off at its deadline", async ({ header, drip }) => {
    using running = run();
    const answering = say(running.port, `POST ${CHAT} HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n`, { drip });
    while (running.clock.waiting === 0) await Bun.sleep(1);
    running.clock.fire(30_000);
    const answer = await answering;
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([408, "request_timeout"]);
    expect(running.received).toEqual([]);
  });

  test("no timer is left behind, whatever became of the request", async () => {
    using running = run();
    await say(running.port, request("POST", CHAT, JSON_HEADERS, "{}"));
    await say(running.port, `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nx`, { limitMs: 50 });
    while (running.clock.waiting > 0) await Bun.sleep(1);
    expect(running.received.length).toBe(1);
  });

  test("a client that leaves in the middle of its body reaches nobody, and the server goes on", async () => {
    using running = run();
    for (let round = 0; round < 20; round++)
      await say(running.port, `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nx`, { limitMs: 5 });
    expect(
      (await fetch(`${running.url}${CHAT}`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } })).status,
    ).toBe(200);
    expect([running.received.length, running.log]).toEqual([1, []]);
  });
});

describe("what the gateway is given", () => {
  test("the bytes as they came, the wire of the path, the provider's name and the headers", async () => {
    using running = run();
    await say(
      running.port,
      request("POST", "/api/v1/providers/acme/chat/completions?beta=true", [...JSON_HEADERS, "X-Mine: yes"], '{"a":"\\u00e9"}'),
    );
    const [received] = running.received;
    expect([new TextDecoder().decode(received?.body), received?.wire.name, received?.provider, received?.headers.get("x-mine")]).toEqual([
      '{"a":"\\u00e9"}',
      "openai-chat",
      "acme",
      "yes",
    ]);
  });

  test("a signal that says when the client has left", async () => {
    const gone = Promise.withResolvers<void>();
    using running = run({
      serve: (received) => {
        received.signal.addEventListener("abort", () => gone.resolve());
        return new Promise(() => {});
      },
    });
    await say(running.port, request("POST", CHAT, JSON_HEADERS, "{}"), { limitMs: 50 });
    // Who takes long is looked after from the second turn on.
    running.clock.fire(50);
    running.clock.fire(50);
    await gone.promise;
  });
});
