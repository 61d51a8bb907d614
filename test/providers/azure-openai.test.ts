import { describe, expect, test } from "bun:test";
import { exchangesOf, isStream, recordings, responseBytes } from "../support/recordings.ts";
import { reach } from "./reach.ts";

const AZURE = { kind: "azure-openai", models: { chat: ["my-deployment"] } };

/** Streams that Azure began, as it does, with what its filter thinks of the prompt and no choice at all. */
const streams = recordings({ provider: "azure", api: "chat", stream: true })
  .flatMap(exchangesOf)
  .filter(({ response }) => response.status === 200 && isStream(response))
  .map(({ response }) => Buffer.from(responseBytes(response)).toString())
  .filter((text) => text.includes("prompt_filter_results"));

describe("azure-openai", () => {
  test.each([
    { claim: "its resource", where: { settings: { resource: "acme" } }, url: "https://acme.openai.azure.com/openai/v1/chat/completions" },
    {
      claim: "an address that the operator gives",
      where: { baseUrl: "https://acme.services.ai.azure.com/openai/v1/" },
      url: "https://acme.services.ai.azure.com/openai/v1/chat/completions",
    },
  ] as const)("is asked at $claim, with the key in a header of its own and the deployment as the model", async ({ where, url }) => {
    const text = streams[0]!;
    const {
      request,
      status,
      text: got,
      notes,
    } = await reach(
      { ...AZURE, ...where },
      "my-deployment",
      "azure-key",
      new Response(text, { headers: { "content-type": "text/event-stream" } }),
      true,
    );
    expect(request.url).toBe(url);
    expect(request.headers).toMatchObject({ "api-key": "azure-key" });
    expect(request.headers).not.toHaveProperty("authorization");
    expect(JSON.parse(Buffer.from(request.body!).toString())).toMatchObject({ model: "my-deployment" });
    expect(status).toBe(200);
    // The client has not asked for usage.
    const events = text.trim().split("\n\n");
    expect(got.trim().split("\n\n")).toEqual(events.filter((event) => !event.includes('"prompt_tokens"')));
    expect(events.some((event) => event.includes('"prompt_tokens"'))).toBeTrue();
    expect(notes).toEqual([]);
  });
});
