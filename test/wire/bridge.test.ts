import { describe, expect, test } from "bun:test";
import { bridgeOf, verbatim } from "../../src/wire/bridge.ts";
import { ClientRequest } from "../../src/wire/client-request.ts";
import { openaiChat } from "../../src/wire/openai-chat/index.ts";

describe("verbatim", () => {
  const downstream = openaiChat.downstream!;
  const bridge = verbatim(downstream, openaiChat.upstream({}));
  const sent = (body: Uint8Array, model: string) =>
    bridge.cross(
      new ClientRequest(body, downstream.readHead(body, "", "")),
      { model, modelJson: Buffer.from(JSON.stringify(model)) },
      { requestId: "r", nowS: 0 },
    ).body;

  test("changes the model's name and no other byte", () => {
    const body = Buffer.from('{ "seed": 12345678901234567890, "model" : "smart", "n": 1.0 }');
    expect(Buffer.from(sent(body, "gpt-5")).toString()).toBe('{ "seed": 12345678901234567890, "model" : "gpt-5", "n": 1.0 }');
  });

  test("gives back the body itself when the name is the same", () => {
    const body = Buffer.from('{"model":"gpt-5"}');
    expect(sent(body, "gpt-5")).toBe(body);
  });

  test("is chosen where both ends are the same format", () => {
    expect(bridgeOf(openaiChat, openaiChat, openaiChat.upstream({}))?.type).toBe("verbatim");
  });
});
