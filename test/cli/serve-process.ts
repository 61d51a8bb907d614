import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ENTRY = join(import.meta.dir, "../../scripts/omni.ts");

/** A run of `omni serve`, in a folder of its own. */
export class ServeProcess implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "omni-serve-"));
  readonly file: string = join(this.folder, "omni.config.ts");
  private child: Bun.Subprocess<"ignore", "pipe", "pipe"> | undefined;
  /** What it wrote so far. */
  stdout = "";
  stderr = "";
  url = "";

  write(config: string, name = "omni.config.ts"): void {
    writeFileSync(join(this.folder, name), config);
  }

  /** Starts it and waits until it has said where it is, or has ended. */
  async start(args: readonly string[] = ["--port", "0"], env: Readonly<Record<string, string>> = {}): Promise<this> {
    const child = Bun.spawn([process.execPath, "--no-install", ENTRY, "serve", ...args], {
      cwd: this.folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: this.folder, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    const said = Promise.withResolvers<void>();
    void collect(child.stdout, (text) => {
      this.stdout += text;
      const url = /serves on (http:\S+)\n(?:.*\n)*.*try .*\n/.exec(this.stdout)?.[1];
      if (url === undefined) return;
      this.url = url;
      said.resolve();
    });
    void collect(child.stderr, (text) => {
      this.stderr += text;
    });
    await Promise.race([said.promise, child.exited]);
    return this;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** The exit code; and all that it wrote has been read. */
  async exited(): Promise<number> {
    const code = (await this.child?.exited) ?? -1;
    await Bun.sleep(20);
    return code;
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`);
  }

  chat(body: object, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      ...init,
    });
  }

  /** The hash of the configuration in force. */
  async hash(): Promise<string> {
    return (await this.get("/healthz")).headers.get("x-omni-config") ?? "";
  }

  /** Waits until something holds; the test's own limit of time is the limit. */
  async until(holds: () => Promise<boolean> | boolean): Promise<void> {
    while (!(await holds())) await Bun.sleep(10);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child?.kill("SIGKILL");
    await this.child?.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A configuration with a simulator; `word` makes it differ from others. */
export function configOf(word: string, more = ""): string {
  return `import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: {
    sim: provider.simulator({ settings: { pace: "1ms", firstTokenDelay: "1ms", tokens: 8 } }),
    crawl: provider.simulator({ settings: { pace: "50ms", firstTokenDelay: "1ms", tokens: 20 } }),
  },
  aliases: { ${JSON.stringify(word)}: "sim/writer" },
  ${more}
});
`;
}

async function collect(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }));
}
