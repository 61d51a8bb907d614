import { SqliteAdminStore } from "../ledger/admin-store.ts";
import { systemWorld } from "../world/system.ts";
import type { Command, CommandInput } from "./command.ts";
import { LEDGER_FLAGS, ledgerFolder } from "./ledger-folder.ts";
import { UsageError } from "./parse.ts";
import { readPassword } from "./read-password.ts";

const PASSWORD_CHARS_MIN = 12;
const PASSWORD_CHARS_MAX = 1_024;

/** `omni admin`. */
export const command: Command = {
  name: "admin",
  summary: "Set the password that administrators log in with; running gateways notice within a second, and all sessions end.",
  args: "<set-password>",
  flags: {
    account: { type: "string", value: "NAME", summary: "Whose password it is. Default admin." },
    ...LEDGER_FLAGS,
  },
  examples: ["omni admin set-password", "omni admin set-password --account ann"],
  run: admin,
};

async function admin(input: CommandInput): Promise<number> {
  const [verb] = input.args;
  if (verb !== "set-password") throw new UsageError(`admin can not "${verb}"`, "Try: omni admin set-password");
  const { account = "admin" } = input.flags;
  if (typeof account !== "string" || !/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(account))
    throw new UsageError(`"${account}" can be no account`, "Use letters, digits, dots and hyphens");
  const password = await readPassword(`New password of ${account}: `);
  if (password.length < PASSWORD_CHARS_MIN || password.length > PASSWORD_CHARS_MAX)
    throw new UsageError(
      `the password has ${password.length} characters`,
      `Take ${PASSWORD_CHARS_MIN} or more; a sentence is easy to remember`,
    );
  const { clock } = systemWorld();
  const hash = await Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 65_536, timeCost: 2 });
  const store = new SqliteAdminStore(await ledgerFolder(input), clock.epochMs());
  try {
    const atEpochMs = clock.epochMs();
    store.setPassword(account, hash, atEpochMs);
    store.note({ atEpochMs, actor: "command", address: "", action: "password.set", subject: account, detail: "{}" });
  } finally {
    store.close();
  }
  console.error(`The password of ${account} is set. Log in: POST /api/auth/login`);
  return 0;
}
