import { expect, test } from "bun:test";
import { exchangesOf, recordings, responseBytes } from "../support/recordings.ts";
import { reach } from "./reach.ts";

const answers = recordings({ provider: "cohere", api: "v2-chat" })
  .flatMap(exchangesOf)
  .filter(({ response }) => response.status === 200 && JSON.stringify(response.body ?? {}).includes('"thinking"'));

test("cohere is asked in its own format, with a Bearer key, and answers a client of OpenAI's chat", async () => {
  const { request, status, text } = await reach(
    { kind: "cohere" },
    "command-a-03-2025",
    "co-key",
    new Response(responseBytes(answers[0]!.response) as BodyInit, { headers: { "content-type": "application/json" } }),
  );
  expect(request.url).toBe("https://api.cohere.com/v2/chat");
  expect(request.headers).toMatchObject({ authorization: "Bearer co-key" });
  expect(JSON.parse(Buffer.from(request.body!).toString())).toEqual({
    model: "command-a-03-2025",
    messages: [{ role: "user", content: "hi" }],
    stream: false,
  });
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    object: "chat.completion",
    model: "command-a-03-2025",
    choices: [{ message: { role: "assistant", reasoning_content: expect.any(String) } }],
  });
});
