import { resolve } from "node:path";
import { findConfig, folderOf } from "../config/load.ts";
import { readSecret } from "../config/read-secret.ts";
import { systemWorld } from "../world/system.ts";
import type { Command, CommandInput } from "./command.ts";
import { loadPlan } from "./load-plan.ts";
import { ConfigRefusal } from "./reload.ts";
import { printDiagnostics } from "./serve-report.ts";

/** How long a gateway may take to answer. Milliseconds. */
const ANSWER_MS_MAX = 30_000;

/** `omni reload`. */
export const command: Command = {
  name: "reload",
  summary: "Tell the gateway that runs to read its configuration anew, or to replace its processes one by one.",
  flags: {
    restart: { type: "boolean", summary: "Replace the processes of `omni serve --workers`, while requests go on." },
    url: { type: "string", value: "URL", summary: "Where it is. Default: on this machine, where the configuration says." },
    config: {
      type: "string",
      value: "FILE",
      summary: "The configuration that says so, and where the admin token is. Default: the one in this folder.",
    },
    env: { type: "string", value: "NAME", summary: "Which of the configuration's environments to merge in." },
  },
  examples: ["omni reload", "omni reload --restart", "omni reload --url http://127.0.0.1:8080"],
  run: reload,
};

async function reload({ flags }: CommandInput): Promise<number> {
  const text = (name: string): string | undefined => (typeof flags[name] === "string" ? flags[name] : undefined);
  const asked = text("config");
  const file = asked === undefined ? findConfig() : resolve(asked);
  let door: Door;
  try {
    door = await doorOf(file, text("env") ?? process.env["OMNI_ENV"], text("url"));
  } catch (error) {
    if (!(error instanceof ConfigRefusal)) throw error;
    printDiagnostics(error.diagnostics);
    console.error("omni: cannot reload: the configuration has faults, see above. The gateway goes on with the one that it has.");
    return 1;
  }
  return post(`${door.url}/admin/${flags["restart"] === true ? "restart" : "reload"}`, door.token);
}

interface Door {
  readonly url: string;
  readonly token: string | undefined;
}

async function doorOf(file: string | undefined, environment: string | undefined, url: string | undefined): Promise<Door> {
  const { plan } = await loadPlan({ file, environment, logs: "json" }, new AbortController().signal);
  const { adminToken, admin, port } = plan.server;
  const folder = file === undefined ? process.cwd() : folderOf(file);
  const token = adminToken && (await readSecret(adminToken, { folder }));
  return { url: (url ?? `http://127.0.0.1:${admin?.port ?? process.env["PORT"] ?? port}`).replace(/\/$/, ""), token };
}

async function post(url: string, token: string | undefined): Promise<number> {
  const { network, clock } = systemWorld();
  const session = network.open();
  const leaving = new AbortController();
  const timer = clock.startTimer(ANSWER_MS_MAX, () => leaving.abort(new Error(`no answer within ${ANSWER_MS_MAX / 1_000} s`)));
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const response = await session.send({ method: "POST", url, headers, signal: leaving.signal });
    const answer = new TextDecoder().decode(await response.bytes());
    console.log(answer);
    return response.status < 300 ? 0 : 1;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.error(`omni: cannot reach a gateway at ${url}: ${why}. Say where it is: omni reload --url http://127.0.0.1:20128`);
    return 1;
  } finally {
    clock.cancelTimer(timer);
    session.close();
  }
}
