import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { adopt, type Cores, pinned, RoleProcess, scratchFolder, selfCommand } from "./children.ts";
import { BenchFailure } from "./failure.ts";
import { BULK_EVENTS, PROVIDER, requestBody } from "./traffic.ts";

/** Somebody in the race: a process that requests are sent to. */
export interface Contestant {
  readonly name: ContestantName;
  /** What it is, for people. */
  readonly about: string;
  /** What it was told to do, where there is a file that says so. */
  readonly config?: string;
  readonly port: number;
  /** Whose CPU counts. */
  readonly pid: number;
  stop(): Promise<void>;
}

export type ContestantName = "direct" | "pass-through" | "nginx" | "omni";

/** The path that all are asked at. */
export const PATH = "/v1/chat/completions";

/** Everyone who can be started on this machine, and why others can not. */
export interface Field {
  readonly contestants: readonly Contestant[];
  readonly absent: readonly string[];
  stop(): Promise<void>;
}

/** Starts the upstream and all who stand before it, and looks whether each does its work before any is measured. */
export async function startField(cores: Cores | undefined): Promise<Field> {
  const contestants: Contestant[] = [];
  const absent: string[] = [];
  const field = { contestants, absent, stop: async () => void (await Promise.all(contestants.map((contestant) => contestant.stop()))) };
  try {
    const direct = await startDirect(cores);
    contestants.push(direct, await startPassThrough(direct.port, cores));
    const nginx = Bun.which("nginx", { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` });
    if (nginx === null) absent.push("nginx: not installed");
    else contestants.push(await startNginx(nginx, direct.port, cores));
    contestants.push(await startOmni(direct.port, cores));
    for (const contestant of contestants) await checkWork(contestant);
    return field;
  } catch (error) {
    await field.stop();
    throw error;
  }
}

async function startDirect(cores: Cores | undefined): Promise<Contestant> {
  const role = new RoleProcess("__upstream", [], cores?.load);
  const port = Number(await role.hear());
  return { name: "direct", about: "the upstream itself, nobody between", port, pid: role.pid, stop: () => role.stop() };
}

async function startPassThrough(upstreamPort: number, cores: Cores | undefined): Promise<Contestant> {
  // The gateway lifts this limit for itself; its yardstick shall not queue either.
  const env = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", NODE_ENV: "production" };
  const role = new RoleProcess("__pass-through", [`http://127.0.0.1:${upstreamPort}`], cores?.gateway, env);
  const port = Number(await role.hear());
  const about = `Bun.serve and fetch ${Bun.version}: body read and sent again, answer's body handed on`;
  return { name: "pass-through", about, port, pid: role.pid, stop: () => role.stop() };
}

async function startOmni(upstreamPort: number, cores: Cores | undefined): Promise<Contestant> {
  const config = [
    'import { defineConfig, provider } from "omni";',
    "",
    "export default defineConfig({",
    "  providers: {",
    `    ${PROVIDER}: provider.openaiCompatible({`,
    `      baseUrl: "http://127.0.0.1:${upstreamPort}/v1",`,
    '      models: { chat: ["whole", "bulk", "paced"] },',
    "    }),",
    "  },",
    "});",
    "",
  ].join("\n");
  return startProgram({
    name: "omni",
    about: "the gateway as `omni serve` starts it, default settings",
    files: { "omni.config.ts": config },
    command: (folder, port) => [...selfCommand(), "serve", "--config", join(folder, "omni.config.ts"), "--port", String(port)],
    config,
    ready: "/readyz",
    core: cores?.gateway,
  });
}

async function startNginx(program: string, upstreamPort: number, cores: Cores | undefined): Promise<Contestant> {
  const port = freePort();
  const config = nginxConfig(port, upstreamPort);
  const version = /nginx\/(\S+)/.exec(Bun.spawnSync([program, "-v"]).stderr.toString())?.[1] ?? "";
  return startProgram({
    name: "nginx",
    about: `nginx ${version}: proxy_pass, one worker, keep-alive on both sides, no access log, proxy_buffering off`,
    files: { "nginx.conf": config },
    command: (folder) => [program, "-c", join(folder, "nginx.conf"), "-p", folder],
    config,
    ready: "/",
    core: cores?.gateway,
    port,
  });
}

function nginxConfig(port: number, upstreamPort: number): string {
  return `daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log stderr crit;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  keepalive_requests 100000000;
  client_max_body_size 32m;
  client_body_buffer_size 512k;
  tcp_nodelay on;
  upstream bench { server 127.0.0.1:${upstreamPort}; keepalive 1024; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;
}

interface Program {
  readonly name: ContestantName;
  readonly about: string;
  readonly files: Readonly<Record<string, string>>;
  command(folder: string, port: number): readonly string[];
  readonly config: string;
  /** A path that answers 200 when it is ready. */
  readonly ready: string;
  readonly core: number | undefined;
  readonly port?: number;
}

const READY_MS_MAX = 15_000;

async function startProgram({ name, about, files, command, config, ready, core, port = freePort() }: Program): Promise<Contestant> {
  const folder = scratchFolder(name);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const child = adopt(Bun.spawn(pinned(command(folder, port), core), { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }));
  const output = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const stop = async () => {
    child.kill("SIGKILL");
    await child.exited;
  };
  const limitMs = performance.now() + READY_MS_MAX;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}${ready}`).catch(() => undefined);
    if (answer?.status === 200) return { name, about, config, port, pid: child.pid, stop };
    if (child.exitCode !== null || performance.now() > limitMs) {
      await stop();
      throw new BenchFailure(`Cannot measure ${name}: it did not start. It said:\n${(await output).join("")}`);
    }
    await Bun.sleep(25);
  }
}

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** Whoever loses a word of an answer would be fast for the wrong reason. */
async function checkWork({ name, port }: Contestant): Promise<void> {
  const ask = async (behaviour: "whole" | "bulk") => {
    const body = requestBody(behaviour, 1024) as Uint8Array<ArrayBuffer>; // Made by an encoder, so not in shared memory.
    const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return { status: answer.status, text: await answer.text() };
  };
  const whole = await ask("whole");
  if (whole.status !== 200 || !whole.text.includes('"total_tokens":253')) {
    throw new BenchFailure(`Cannot measure ${name}: it answered ${whole.status} ${whole.text.slice(0, 200)}`);
  }
  const bulk = await ask("bulk");
  const events = bulk.text.split('"content":"routed "').length - 1;
  if (bulk.status !== 200 || events !== BULK_EVENTS || !bulk.text.includes("data: [DONE]")) {
    throw new BenchFailure(`Cannot measure ${name}: its stream came with ${bulk.status} and ${events} of ${BULK_EVENTS} events.`);
  }
}
