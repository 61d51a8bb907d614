import { resolve } from "node:path";
import { OmniError } from "../ir/failure.ts";
import type { SecretReference } from "./secret.ts";

/** How to read secrets. */
export interface ReadSecretOptions {
  /** What relative paths start at, and where commands run. Default: the current folder. */
  readonly folder?: string;
  /** Default: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How long a command may take. Default 5000. Milliseconds. */
  readonly limitMs?: number;
}

/**
 * Reads a secret from where the configuration says it is. Read anew every time, so that what was rotated is found at the next reload.
 * @returns Never empty.
 * @throws {OmniError} If there is none; the message says where it was looked for, and nothing of what was found.
 */
export async function readSecret(reference: SecretReference, options: ReadSecretOptions = {}): Promise<string> {
  const value = (await read(reference, options)).trim();
  if (value === "") throw unreadable(reference, "is empty");
  // A line break in a header would be refused by the network, and the refusal would quote the header.
  if (/[\r\n\0]/.test(value)) throw unreadable(reference, "has more than one line");
  return value;
}

/** `environment variable OPENAI_API_KEY`: where a secret is, in words. */
export function describeSecret({ $secret, name }: SecretReference): string {
  const nouns = { env: "environment variable", file: "file", exec: "command" } as const;
  return `${nouns[$secret]} ${typeof name === "string" ? name : name.join(" ")}`;
}

function read(reference: SecretReference, options: ReadSecretOptions): Promise<string> {
  switch (reference.$secret) {
    case "env":
      return readVariable(reference, options);
    case "file":
      return readFile(reference, options);
    case "exec":
      return runCommand(reference, options);
    default:
      return reference.$secret satisfies never;
  }
}

async function readVariable(reference: SecretReference, { environment = process.env }: ReadSecretOptions): Promise<string> {
  const value = environment[String(reference.name)];
  if (value === undefined) throw unreadable(reference, "is not set");
  return value;
}

async function readFile(reference: SecretReference, { folder = process.cwd() }: ReadSecretOptions): Promise<string> {
  const file = Bun.file(resolve(folder, String(reference.name)));
  try {
    return await file.text();
  } catch (cause) {
    throw unreadable(reference, (await file.exists()) ? "can not be read" : "does not exist", cause);
  }
}

async function runCommand(reference: SecretReference, { folder = process.cwd(), limitMs = 5000 }: ReadSecretOptions): Promise<string> {
  const command = typeof reference.name === "string" ? [reference.name] : [...reference.name];
  let child: Bun.Subprocess<"ignore", "pipe", "ignore">;
  try {
    child = Bun.spawn(command, { cwd: folder, stdio: ["ignore", "pipe", "ignore"], timeout: limitMs, killSignal: "SIGKILL" });
  } catch (cause) {
    throw unreadable(reference, "can not be started", cause);
  }
  const [output, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (child.signalCode !== null) throw unreadable(reference, `was ended by ${child.signalCode}; it has ${limitMs / 1000} s`);
  if (code !== 0) throw unreadable(reference, `ended with exit code ${code}`);
  return output;
}

function unreadable(reference: SecretReference, state: string, cause?: unknown): OmniError {
  const hints = {
    env: "Set it where the gateway is started.",
    file: "Put the secret there, alone on one line.",
    exec: "Run it by hand to see why.",
  } as const;
  return new OmniError("internal_error", `Cannot read a secret: ${describeSecret(reference)} ${state}. ${hints[reference.$secret]}`, {
    cause,
  });
}
