import type { KeyData } from "../config/data.ts";
import { durationMs } from "../config/duration.ts";
import { rightsOf } from "../config/rights-of.ts";
import { KEY_FIELDS, keyFieldFaults } from "../config/schema.ts";
import { OmniError } from "../ir/failure.ts";
import type { KeyStore } from "../ledger/key-store.ts";
import type { KeyRow } from "../ledger/schema.ts";
import { issueKey, shownKey } from "../policies/issued-key.ts";
import { makeKey } from "../policies/key-format.ts";
import { Rights } from "../policies/rights.ts";
import type { ServerContext } from "./context.ts";
import type { Answer, Endpoint, EndpointDetail } from "./endpoint.ts";
import { readJson } from "./read-json.ts";
import { respondJson } from "./reply.ts";

/** The keys that are made at run time. What is done to them is in force with the next request. */
export interface KeyBook {
  /** @throws If they can not be read. */
  list(): readonly KeyRow[];
  /** Does something to the store, and takes over what came of it. @throws If it can not be written to. */
  change<T>(run: (store: KeyStore) => T): T;
}

const BODY_BYTES_MAX = 65_536;
const OVERLAP_USUAL = "24h";
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,99}$/u;

const NEW_BODY = {
  type: "object",
  required: ["name"],
  properties: {
    name: { type: "string", description: "Whose key it is." },
    test: { type: "boolean", description: "Begin it with omni_test_ instead of omni_live_." },
    ...KEY_FIELDS,
  },
  examples: [{ name: "alice", team: "search", models: ["openai/*"], expires: "2030-01-31" }],
};
const ROTATE_BODY = {
  type: "object",
  properties: { overlap: { type: "string", description: "How long the old secret goes on working: `30m`, `24h` or `0`. Default 24h." } },
  examples: [{ overlap: "1h" }],
};

/** What an administrator does with keys. */
export function keyEndpoints(context: ServerContext): readonly Endpoint[] {
  const { keys } = context;
  if (keys === undefined) return [];
  const endpoint = (method: Endpoint["method"], path: string, detail: Omit<EndpointDetail, "tag">, answer: Answer): Endpoint => ({
    method,
    path: `/admin/keys${path}`,
    access: "admin",
    detail: { tag: "Administration", ...detail },
    answer,
  });
  const nowEpochMs = (): number => context.world.clock.epochMs();
  const note = (actor: string, address: string, action: string, id: string, detail: Record<string, unknown> = {}): void =>
    context.audit({ actor, address, action, subject: id, detail });
  return [
    endpoint("GET", "", { summary: "All keys that were made at run time, and what they may do" }, () =>
      respondJson({ object: "list", data: keys.list().map((row) => shownKey(row, nowEpochMs())) }, context.stamp()),
    ),
    endpoint(
      "POST",
      "",
      { summary: "Make a key; it is shown this once", body: NEW_BODY },
      async (request, server, _, { keyName: actor }) => {
        const { name, test, ...rest } = await readJson(context, request, BODY_BYTES_MAX);
        if (typeof name !== "string" || !NAME.test(name)) throw invalid("name", "it has to say whose key it is");
        if (test !== undefined && typeof test !== "boolean") throw invalid("test", "it is true or false");
        const { team, organisation, tags, ...fields } = fieldsOf(rest);
        const rights = { ...rightsOf(fields), ...(tags && { tags }) };
        const { key, row } = issueKey(
          { name, team, organisation, rights, mode: test === true ? "test" : "live" },
          nowEpochMs(),
          randomBytes,
        );
        keys.change((store) => store.add(row));
        note(actor, addressOf(request, server), "keys.new", row.id, { name });
        return respondJson({ ...shownKey(row, nowEpochMs()), key }, context.stamp(), 201);
      },
    ),
    endpoint(
      "POST",
      "/:id/rotate",
      { summary: "Give a key another secret, shown this once; the old one works on for a while", body: ROTATE_BODY },
      async (request, server, { id = "" }, { keyName: actor }) => {
        const { overlap = OVERLAP_USUAL } = await readJson(context, request, BODY_BYTES_MAX);
        const overlapMs = overlap === "0" || overlap === 0 ? 0 : durationMs(String(overlap));
        if (overlapMs === undefined) throw invalid("overlap", "it is a duration such as 30m or 24h, or 0");
        const made = makeKey("live", randomBytes, id);
        if (!keys.change((store) => store.rotate(id, made.sha256, nowEpochMs() + overlapMs))) throw unknown(id);
        note(actor, addressOf(request, server), "keys.rotate", id, { overlapMs });
        return respondJson({ id, key: made.key, overlap_ms: overlapMs }, context.stamp());
      },
    ),
    endpoint(
      "POST",
      "/:id/revoke",
      { summary: "Make a key useless, for good and at once" },
      async (request, server, { id = "" }, { keyName: actor }) => {
        if (!keys.change((store) => store.revoke(id, nowEpochMs()))) throw unknown(id);
        note(actor, addressOf(request, server), "keys.revoke", id);
        return respondJson({ id, revoked: true }, context.stamp());
      },
    ),
  ];
}

/** What a key is to be allowed, looked at by the same rules as in a configuration. */
function fieldsOf(rest: Readonly<Record<string, unknown>>): KeyData {
  const [fault] = keyFieldFaults(rest);
  if (fault !== undefined) throw invalid(fault.path.join("."), `${fault.what}; ${fault.fix}`);
  const fields = rest as KeyData; // That is what has just been looked at.
  try {
    new Rights(rightsOf(fields));
  } catch (error) {
    throw invalid(fields.addresses === undefined ? "hours" : "addresses", error instanceof Error ? error.message : String(error));
  }
  return fields;
}

function addressOf(request: Request, server: Bun.Server<unknown> | null): string {
  return server?.requestIP(request)?.address ?? "";
}

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

function invalid(param: string, why: string): OmniError {
  return new OmniError("invalid_request", `Cannot make this of the key: \`${param}\` can not be taken, ${why}.`, { param });
}

function unknown(id: string): OmniError {
  return new OmniError("not_found", `There is no key ${JSON.stringify(id.slice(0, 40))} that is not revoked. GET /admin/keys lists them.`);
}
