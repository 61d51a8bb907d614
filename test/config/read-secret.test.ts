import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { readSecret } from "../../src/config/read-secret.ts";
import type { SecretReference } from "../../src/config/secret.ts";
import { OmniError } from "../../src/ir/failure.ts";
import { makeFolder } from "./folders.ts";

const folder = makeFolder({ key: "  from-file\n", empty: "\n", two: "one\ntwo\n", "run.sh": '#!/bin/sh\nprintf "%s" "$1"\n' });
chmodSync(join(folder, "run.sh"), 0o755);
const environment = { KEY: "from-env", EMPTY: "" };

test.each<{ reference: SecretReference; value: string }>([
  { reference: { $secret: "env", name: "KEY" }, value: "from-env" },
  { reference: { $secret: "file", name: "key" }, value: "from-file" },
  { reference: { $secret: "file", name: join(folder, "key") }, value: "from-file" },
  { reference: { $secret: "exec", name: ["./run.sh", "from-exec"] }, value: "from-exec" },
  { reference: { $secret: "exec", name: ["cat", "key"] }, value: "from-file" },
])("%j is read", async ({ reference, value }) => expect(await readSecret(reference, { folder, environment })).toBe(value));

test("no shell sees a command", async () => {
  const reference: SecretReference = { $secret: "exec", name: ["./run.sh", "$(touch made); `touch made`"] };
  expect(await readSecret(reference, { folder })).toBe("$(touch made); `touch made`");
  expect(existsSync(join(folder, "made"))).toBe(false);
});

describe("what can not be read says where it was looked for", () => {
  test.each<{ reference: SecretReference; message: string }>([
    { reference: { $secret: "env", name: "OTHER" }, message: "environment variable OTHER is not set" },
    { reference: { $secret: "env", name: "EMPTY" }, message: "environment variable EMPTY is empty" },
    { reference: { $secret: "file", name: "nowhere" }, message: "file nowhere does not exist" },
    { reference: { $secret: "file", name: "empty" }, message: "file empty is empty" },
    { reference: { $secret: "file", name: "two" }, message: "file two has more than one line" },
    { reference: { $secret: "exec", name: ["no-such-command-here"] }, message: "command no-such-command-here can not be started" },
    {
      reference: { $secret: "exec", name: ["sh", "-c", "echo from-exec; exit 3"] },
      message: "command sh -c echo from-exec; exit 3 ended with exit code 3",
    },
    { reference: { $secret: "exec", name: ["sleep", "60"] }, message: "command sleep 60 was ended by SIGKILL; it has 0.2 s" },
  ])("$message", async ({ reference, message }) => {
    const failure = await readSecret(reference, { folder, environment, limitMs: 200 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OmniError);
    expect((failure as OmniError).message).toStartWith(`Cannot read a secret: ${message}.`);
  });

  test("and nothing of what was found", async () => {
    const failure = await readSecret({ $secret: "file", name: "two" }, { folder }).catch((error: unknown) => error);
    expect(Bun.inspect(failure)).not.toMatch(/one\s+two|"one/);
  });
});

test("what was rotated is found at the next reading", async () => {
  const reference: SecretReference = { $secret: "file", name: "rotated" };
  await Bun.write(join(folder, "rotated"), "old");
  expect(await readSecret(reference, { folder })).toBe("old");
  await Bun.write(join(folder, "rotated"), "new");
  expect(await readSecret(reference, { folder })).toBe("new");
});
