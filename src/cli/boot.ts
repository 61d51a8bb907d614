// The first import of the program, for what Bun reads once, when a process starts, and never again.

const NODE_ENV = "NODE_ENV";
const FETCHES_MAX = "BUN_CONFIG_MAX_HTTP_REQUESTS";

// The names stand in variables, since a build writes the value of a plainly written `process.env.NODE_ENV` into the program.
process.env[NODE_ENV] ??= "production";

/**
 * Bun runs 256 requests to providers at a time and queues the rest in silence: 256 slow streams would stop the gateway. Only the environment that a process
 * was started with lifts that, so a server starts itself once more, in the same process; the other verbs send few requests, and stay quick.
 */
if (process.env[FETCHES_MAX] === undefined && startsServer(process.argv[2]) && process.execve !== undefined) {
  // The binary's own path stands where a script's would, and must not be handed on as an argument.
  const script = Bun.isStandaloneExecutable ? [] : [...process.execArgv, process.argv[1] ?? ""];
  const environment = { ...process.env, [FETCHES_MAX]: "65535" };
  process.execve(process.execPath, [process.execPath, ...script, ...process.argv.slice(2)], environment);
}

/** Without a verb, `serve` is what is meant wherever there is something to serve. */
function startsServer(verb: string | undefined): boolean {
  return verb === undefined || verb === "serve";
}
