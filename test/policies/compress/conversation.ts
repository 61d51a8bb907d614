import { readSamples } from "./samples.ts";

/** One call of a tool and what it gave. */
export interface Turn {
  readonly command: string;
  readonly output: string;
}

/** As many turns as asked for: what an agent would run, over and over, and what those commands really print. */
export function turnsOf(count: number): Turn[] {
  const samples = readSamples().filter(({ command }) => command !== undefined);
  return Array.from({ length: count }, (_, index) => {
    const { command = "", output } = samples[(index * 7) % samples.length]!;
    return { command, output: output.slice(0, 12_000) };
  });
}

/** Writes a conversation as one format's request; every prefix of turns gives a prefix of messages. */
export type Writer = (turns: readonly Turn[]) => object;

const openaiChat: Writer = (turns) => ({
  model: "m",
  messages: [
    { role: "user", content: "Mend the tests." },
    ...turns.flatMap(({ command, output }, index) => [
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: `call_${index}`, type: "function", function: { name: "bash", arguments: JSON.stringify({ command }) } }],
      },
      { role: "tool", tool_call_id: `call_${index}`, content: index % 2 === 0 ? output : [{ type: "text", text: output }] },
    ]),
  ],
});

const anthropicMessages: Writer = (turns) => ({
  model: "m",
  max_tokens: 100,
  messages: [
    { role: "user", content: "Mend the tests." },
    ...turns.flatMap(({ command, output }, index) => [
      { role: "assistant", content: [{ type: "tool_use", id: `toolu_${index}`, name: "Bash", input: { command } }] },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: `toolu_${index}`, content: index % 2 === 0 ? output : [{ type: "text", text: output }] },
        ],
      },
    ]),
  ],
});

const openaiResponses: Writer = (turns) => ({
  model: "m",
  input: [
    { role: "user", content: "Mend the tests." },
    ...turns.flatMap(({ command, output }, index) => [
      { type: "function_call", call_id: `call_${index}`, name: "shell", arguments: JSON.stringify({ command: ["bash", "-lc", command] }) },
      {
        type: "function_call_output",
        call_id: `call_${index}`,
        output: index % 2 === 0 ? output : JSON.stringify({ output, metadata: { exit_code: 0, duration_seconds: 1.5 } }),
      },
    ]),
  ],
});

const geminiGenerate: Writer = (turns) => ({
  contents: [
    { role: "user", parts: [{ text: "Mend the tests." }] },
    ...turns.flatMap(({ command, output }) => [
      { role: "model", parts: [{ functionCall: { name: "run_shell_command", args: { command } } }] },
      { role: "user", parts: [{ functionResponse: { name: "run_shell_command", response: { output } } }] },
    ]),
  ],
});

const ollamaChat: Writer = (turns) => ({
  model: "m",
  messages: [
    { role: "user", content: "Mend the tests." },
    ...turns.flatMap(({ command, output }) => [
      { role: "assistant", content: "", tool_calls: [{ function: { name: "bash", arguments: { command } } }] },
      { role: "tool", tool_name: "bash", content: output },
    ]),
  ],
});

/** All formats that carry tool results, by the name of their wire. */
export const WRITERS: Readonly<Record<string, Writer>> = {
  "openai-chat": openaiChat,
  "anthropic-messages": anthropicMessages,
  "openai-responses": openaiResponses,
  "gemini-generate": geminiGenerate,
  "ollama-chat": ollamaChat,
};
