import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ENTRY = join(import.meta.dir, "../../scripts/omni.ts");

/** A gateway as people run it: a process of its own, with a configuration file, reached over loopback. */
export class GatewayProcess implements AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`, without a trailing slash. */
  readonly url: string;
  /** The configuration's file; write to it to have it reloaded. */
  readonly configFile: string;
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  private readonly folder: string;
  private readonly output: { text: string };

  constructor(
    url: string,
    configFile: string,
    process: Bun.Subprocess<"ignore", "pipe", "pipe">,
    folder: string,
    output: { text: string },
  ) {
    this.url = url;
    this.configFile = configFile;
    this.process = process;
    this.folder = folder;
    this.output = output;
  }

  /** What it has written so far, both outputs together. */
  get log(): string {
    return this.output.text;
  }

  /** Memory that it occupies. Bytes. */
  get rssBytes(): number {
    const pages = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.process.pid}/status`, "utf8"))?.[1];
    return Number(pages) * 1024;
  }

  post(path: string, body: unknown, init: { headers?: Record<string, string>; signal?: AbortSignal } = {}): Promise<Response> {
    const text = typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body);
    return fetch(`${this.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...init.headers },
      body: text,
      ...(init.signal === undefined ? {} : { signal: init.signal }),
    });
  }

  /** The hash of the configuration in force. */
  async configHash(): Promise<string> {
    return (await fetch(`${this.url}/v1/models`)).headers.get("x-omni-config") ?? "";
  }

  async stop(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

export interface GatewayOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** The command to start instead of the sources: a binary. */
  readonly command?: readonly string[];
}

/**
 * Starts a gateway with this configuration and waits until it is ready.
 * @param config The text of `omni.config.ts`; undefined starts it without one, in an empty folder.
 */
export async function startGateway(config: string | undefined, options: GatewayOptions = {}): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), "omni-e2e-"));
  const configFile = join(folder, "omni.config.ts");
  if (config !== undefined) writeFileSync(configFile, config);
  const port = freePort();
  const command = options.command ?? [process.execPath, ENTRY];
  const child = Bun.spawn([...command, "serve", "--port", String(port), ...(options.args ?? [])], {
    cwd: folder,
    // It ends with the test's process, whatever ends that.
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], BUN_OPTIONS: "--no-orphans", ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) void collect(stream, output);
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The gateway ended with ${child.exitCode}:\n${output.text}`);
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    if (ready?.status === 200) break;
    await Bun.sleep(20);
  }
  return new GatewayProcess(url, configFile, child, folder, output);
}

/** One provider named `up` that speaks OpenAI's format at that address, with the key `sk-upstream-canary` and these models. */
export function configFor(baseUrl: string, models: readonly string[] = ["gpt-4o"], more = ""): string {
  return `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: {
    up: provider.openaiCompatible({ baseUrl: ${JSON.stringify(baseUrl)}, models: { chat: ${JSON.stringify(models)} } }),
  },
  ${more}
});
`;
}

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

async function collect(stream: ReadableStream<Uint8Array>, output: { text: string }): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) output.text += decoder.decode(chunk, { stream: true });
}
