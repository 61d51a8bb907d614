import { describe, expect, test } from "bun:test";
import { anthropicMessages } from "../../src/wire/anthropic-messages/index.ts";
import { request, say } from "./raw.ts";
import { run, wire } from "./running.ts";

const VERSION = "anthropic-version: 2023-06-01";

async function get(port: number, path: string, headers: readonly string[] = [VERSION], method = "GET") {
  const answer = await say(port, request(method, path, ["Host: localhost", ...headers]));
  return { status: answer.status, headers: answer.headers, body: answer.body === "" ? undefined : JSON.parse(answer.body) };
}

describe("Anthropic's clients", () => {
  test("get the models in their own shape, the whole list at once", async () => {
    using running = run();
    const model = (id: string) => ({ type: "model", id, display_name: id, created_at: "2023-11-14T22:13:20Z" });
    for (const path of ["/v1/models", "/api/v1/models?limit=1"]) {
      const { body, headers } = await get(running.port, path);
      expect(body).toEqual({
        data: [model("smart"), model("acme/tiny"), model("acme/big/model")],
        has_more: false,
        first_id: "smart",
        last_id: "acme/big/model",
      });
      expect(headers["vary"]).toBe("anthropic-version, x-goog-api-key");
    }
    expect((await get(running.port, "/v1/models/acme/tiny")).body).toEqual(model("acme/tiny"));
    expect((await get(running.port, "/v1/providers/acme/models")).body.last_id).toBe("big/model");
  });

  test.each([
    { path: "/v1/models/none", status: 404, type: "not_found_error" },
    { path: "/v1/nowhere", status: 404, type: "not_found_error" },
    { path: "/v1/providers/nobody/models", status: 400, type: "invalid_request_error" },
  ])("are refused in their own words: $path", async ({ path, status, type }) => {
    using running = run({ wires: [wire, anthropicMessages] });
    expect(await get(running.port, path)).toMatchObject({ status, body: { type: "error", error: { type } } });
    // Others are not.
    expect((await get(running.port, path, [])).body).not.toContainKey("type");
  });

  test("find somebody at home before they begin", async () => {
    using running = run();
    expect((await get(running.port, "/", [], "HEAD")).status).toBe(200);
  });
});
