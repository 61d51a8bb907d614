import { expect, test } from "bun:test";
import { join } from "node:path";

const MAIN = `
  const { command } = await import(${JSON.stringify(join(import.meta.dir, "../../src/cli/mock.ts"))});
  process.exit(await command.run({ flags: JSON.parse(process.argv[1]), args: [] }));
`;

function run(flags: Record<string, string | boolean>) {
  return Bun.spawn([process.execPath, "-e", MAIN, JSON.stringify(flags)], { stdout: "pipe", stderr: "pipe" });
}

/** The first line of its output, which it prints once it listens. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0]!;
}

test("says where it listens, answers there, and ends when told to", async () => {
  const process = run({ json: true, pace: "0ms" });
  const { baseUrl } = JSON.parse(await firstLine(process.stdout));
  const body = JSON.stringify({ model: "echo", messages: [{ role: "user", content: "Are you there?" }] });
  const answer = (await (await fetch(`${baseUrl}/chat/completions`, { method: "POST", body })).json()) as {
    choices: { message: object }[];
  };
  expect(answer.choices[0]?.message).toMatchObject({ content: "Are you there?" });

  const second = run({ port: new URL(baseUrl).port });
  expect(await second.exited).toBe(1);
  expect(await new Response(second.stderr).text()).toContain("is taken");

  process.kill("SIGTERM");
  expect(await process.exited).toBe(0);
});

test.each([
  { flags: { port: "eighty" }, says: "no port" },
  { flags: { port: "70000" }, says: "no port" },
  { flags: { pace: "fast" }, says: "no pause" },
])("$flags is refused", async ({ flags, says }) => {
  const process = run(flags as Record<string, string>);
  expect(await process.exited).toBe(1);
  expect(await new Response(process.stderr).text()).toContain(says);
});
