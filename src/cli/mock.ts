import { listen } from "../providers/simulator/listen.ts";
import type { Pause } from "../providers/simulator/settings.ts";
import { systemWorld } from "../world/system.ts";
import type { Command } from "./command.ts";

/** Like a pause in a configuration. */
const PAUSE = /^\d+(\.\d+)?(ms|s)$/;

/** `omni mock`. */
export const command: Command = {
  name: "mock",
  summary: "Serve the simulator over HTTP, as if it were OpenAI.",
  flags: {
    port: { type: "string", value: "PORT", summary: "Where to listen. Default: any free port." },
    pace: { type: "string", value: "PAUSE", summary: "Between two events of a stream, such as 20ms." },
    json: { type: "boolean", summary: "Print the address as JSON." },
  },
  examples: ["omni mock --port 20190", "omni mock --pace 0ms --json"],
  run: async ({ flags }) => {
    const port = Number(flags["port"] ?? 0);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      return refuse(`"${flags["port"]}" is no port: one is a number from 0 to 65535`);
    const pace = flags["pace"];
    if (pace !== undefined && !isPause(pace)) return refuse(`"${pace}" is no pause: one is written like 20ms or 1.5s`);
    try {
      const { baseUrl } = listen(systemWorld(), { port, settings: pace === undefined ? {} : { pace } });
      console.log(flags["json"] ? JSON.stringify({ format: 1, baseUrl, pid: process.pid }) : invitation(baseUrl));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
        return refuse(`port ${port} is taken; choose another with --port`);
      throw error;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, resolve);
    await promise;
    return 0;
  },
};

function isPause(text: string | boolean): text is Pause {
  return typeof text === "string" && PAUSE.test(text);
}

function refuse(why: string): number {
  console.error(`Cannot serve the simulator: ${why}.`);
  return 1;
}

function invitation(baseUrl: string): string {
  const body = '{"model":"writer","stream":true,"messages":[{"role":"user","content":"Hello"}]}';
  return `The simulator answers at ${baseUrl}. Try:\n  curl -N ${baseUrl}/chat/completions -H 'content-type: application/json' -d '${body}'`;
}
