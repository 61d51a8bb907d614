import { expect, test } from "bun:test";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

test.each([
  { limit: "65535", lifts: "true" },
  { limit: "257", lifts: "true" },
  { limit: "256", lifts: "false" },
])(
  "a process that may send $limit requests at a time is told from one that may send 256: $lifts",
  async ({ limit, lifts }) => {
    const program = `
    import { liftsFetchLimit } from ${JSON.stringify(join(ROOT, "src/cli/fetch-limit.ts"))};
    import { systemWorld } from ${JSON.stringify(join(ROOT, "src/world/system.ts"))};
    const { network, clock } = systemWorld();
    console.log(await liftsFetchLimit(network, clock));`;
    const child = Bun.spawn([process.execPath, "-e", program], {
      env: { PATH: process.env["PATH"] ?? "", BUN_CONFIG_MAX_HTTP_REQUESTS: limit, OMNI_TRANSPORT: "fetch" },
      stdout: "pipe",
      stderr: "inherit",
    });
    expect((await new Response(child.stdout).text()).trim()).toBe(lifts);
    expect(await child.exited).toBe(0);
  },
  20_000,
);
