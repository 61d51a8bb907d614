import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import type { SeenRequest } from "../support/upstream-request.ts";
import { type Cell, type Expected, expectedOf, nameOf } from "./cells.ts";
import type { StreamRead } from "./client-formats.ts";
import { Places } from "./places.ts";
import { PROVIDER_FORMATS, type ProviderFormat, TEXT, WORDS } from "./provider-formats.ts";
import { good } from "./upstream-faults.ts";

/** Secrets that must not be seen anywhere but where they belong. */
export const CANARIES = {
  a: "sk-canary-of-a-5f1c",
  b: "sk-canary-of-b-9d27",
  good: "sk-canary-of-good-77aa",
  client: "client-canary-31b8",
} as const;

/** A cell that is not as the contract says, with all that is wrong in it. */
export interface Finding {
  readonly name: string;
  readonly faults: readonly string[];
}

/** How patient the gateway is told to be with providers that say nothing. Milliseconds. */
const PATIENCE_MS = 600;
/** How long the suite itself waits for what has to come at once. */
const GRACE_MS = 10_000;

/** Runs cells against one gateway, a process of its own, many at a time. */
export async function runCells(cells: readonly Cell[], concurrency: number, log: (line: string) => void = () => {}): Promise<Finding[]> {
  const rig = new Rig(cells);
  try {
    const gateway = await startGateway(rig.config(), {
      env: { CANARY_A: CANARIES.a, CANARY_B: CANARIES.b, CANARY_GOOD: CANARIES.good, REQUIRE_API_KEY: "false" },
    });
    try {
      const findings: Finding[] = [];
      const queue = cells.entries();
      const work = async (): Promise<void> => {
        for (const [id, cell] of queue) {
          const faults = await rig.faultsOf(gateway, id, cell).catch((error: unknown) => [`the suite failed: ${String(error)}`]);
          if (faults.length === 0) continue;
          findings.push({ name: nameOf(cell), faults });
          log(`✗ ${nameOf(cell)}\n    ${faults.join("\n    ")}`);
        }
      };
      await Promise.all(Array.from({ length: concurrency }, work));
      const left = await rig.faultsAfter(gateway);
      if (left.length > 0) {
        findings.push({ name: "after all cells", faults: left });
        log(`✗ after all cells\n    ${left.join("\n    ")}`);
      }
      return findings;
    } finally {
      await gateway.stop();
    }
  } finally {
    rig.stop();
  }
}

/** The providers of some cells, and what became of their requests. */
class Rig {
  private readonly cells: readonly Cell[];
  private readonly upstream = new Upstream();
  private readonly canary = new Upstream();
  private readonly places = new Places();
  private readonly seen = new Map<string, SeenRequest[]>();
  private readonly warmed = new Set<string>();

  constructor(cells: readonly Cell[]) {
    this.cells = cells;
    this.upstream.answering = (request) => this.answer(request);
  }

  stop(): void {
    this.upstream.stop();
    this.canary.stop();
    this.places.stop();
  }

  config(): string {
    const providers = PROVIDER_FORMATS.map((format) => this.provider(`good-${format.wire}`, format, "good"));
    const combos: string[] = [];
    for (const [id, cell] of this.cells.entries()) {
      providers.push(this.provider(`a${id}`, cell.format, "a", cell));
      if (cell.setting === "doomed") providers.push(this.provider(`b${id}`, cell.format, "b", cell));
      if (cell.setting === "single") continue;
      const second = cell.setting === "combo" ? `good-${cell.format.wire}` : `b${id}`;
      combos.push(`c${id}: { chat: ["a${id}/m", "${second}/m"] }`);
    }
    return `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: {
    ${providers.join(",\n    ")}
  },
  combos: {
    ${combos.join(",\n    ")}
  },
});
`;
  }

  private provider(name: string, format: ProviderFormat, key: keyof typeof CANARIES, cell?: Cell): string {
    const { place, slow } = cell?.fault ?? {};
    const root = place === undefined ? this.upstream.url : this.places.url(place);
    const settings = [
      `baseUrl: "${root}/${name}"`,
      `apiKey: secret.env("CANARY_${key.toUpperCase()}")`,
      'models: { chat: ["m"] }',
      ...(slow === "first" ? [`timeout: "${PATIENCE_MS}ms"`] : []),
      ...(slow === "silence" ? [`silenceTimeout: "${PATIENCE_MS}ms"`] : []),
    ];
    return `"${name}": provider.${format.kind}({ ${settings.join(", ")} })`;
  }

  private answer(request: SeenRequest): Script {
    const [, name = ""] = request.path.split("/");
    const list = this.seen.get(name) ?? [];
    this.seen.set(name, list);
    list.push(request);
    if (name.startsWith("good-")) {
      const format = PROVIDER_FORMATS.find(({ isPath }) => isPath.test(request.path));
      const body = request.json as { stream?: boolean };
      if (format === undefined) return { status: 404, body: "There is no such path." };
      return good(format, /:stream/.test(request.path) || body.stream === true);
    }
    const cell = this.cells[Number(name.slice(1))]!; // Names are made of rows.
    if (!cell.format.isPath.test(request.path)) return { status: 404, body: "There is no such path." };
    if (cell.fault.warm !== undefined && !this.warmed.has(name)) {
      this.warmed.add(name);
      return cell.fault.warm(cell.format, cell.stream);
    }
    const secret = name.startsWith("a") ? CANARIES.a : CANARIES.b;
    return cell.fault.script?.(cell.format, cell.stream, { canaryUrl: `${this.canary.url}/`, secret }) ?? {};
  }

  /** Asks, and says what is not as it should be. */
  async faultsOf(gateway: GatewayProcess, id: number, cell: Cell): Promise<string[]> {
    const expected = expectedOf(cell);
    if (cell.fault.warm !== undefined) {
      for (const name of cell.setting === "doomed" ? [`a${id}/m`, `b${id}/m`] : [`a${id}/m`]) await this.ask(gateway, cell, name);
      for (const name of [`a${id}`, `b${id}`]) this.seen.delete(name);
    }
    const got = await this.ask(gateway, cell, cell.setting === "single" ? `a${id}/m` : `combo:c${id}`);
    return [...judge(cell, expected, got, id), ...(await this.faultsUpstream(cell, expected, id))];
  }

  private async ask(gateway: GatewayProcess, { client, stream }: Cell, model: string): Promise<Got> {
    const response = await fetch(`${gateway.url}${client.path(model, stream)}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${CANARIES.client}` },
      body: JSON.stringify(client.request(model, stream)),
      signal: AbortSignal.timeout(60_000),
    });
    const chunks: Uint8Array[] = [];
    let isBroken = false;
    try {
      for await (const chunk of response.body ?? []) chunks.push(chunk);
    } catch {
      isBroken = true;
    }
    return { status: response.status, headers: response.headers, text: Buffer.concat(chunks).toString(), isBroken };
  }

  /** What providers saw: as many attempts as were told, with nobody else's key, and no connection that somebody still waits on. */
  private async faultsUpstream({ fault, setting }: Cell, { outcome }: Expected, id: number): Promise<string[]> {
    if (fault.place !== undefined) return [];
    const faults: string[] = [];
    const own = [...(this.seen.get(`a${id}`) ?? []), ...(this.seen.get(`b${id}`) ?? [])];
    const attempts = outcome.attempts - (setting === "combo" && outcome.type === "answer" && outcome.attempts > 1 ? 1 : 0);
    if (own.length !== attempts) faults.push(`the provider saw ${own.length} requests, not ${attempts}`);
    for (const request of own) {
      const key = request.path.startsWith("/a") ? "a" : "b";
      const sent = request.rawHeaders.map(([, value]) => value).join("\n") + request.text;
      if (!sent.includes(CANARIES[key])) faults.push("the provider did not get its key");
      for (const [other, secret] of Object.entries(CANARIES))
        if (other !== key && sent.includes(secret)) faults.push(`the provider got the key of ${other}`);
      if (!(await isReleased(request))) faults.push("a connection to the provider is left open, with nobody waiting for an answer");
    }
    return faults;
  }

  /** What is left when all is over. */
  async faultsAfter(gateway: GatewayProcess): Promise<string[]> {
    const faults = leaksOf(gateway.log, "the log");
    if (this.canary.requests.length > 0 || this.canary.connections > 0) faults.push("a redirect was followed");
    const health = await (await fetch(`${gateway.url}/admin/health`)).text();
    const busy = (JSON.parse(health) as { targets: { name: string; inFlight: number }[] }).targets.filter(({ inFlight }) => inFlight !== 0);
    for (const { name, inFlight } of busy) faults.push(`${inFlight} attempts are still under way at ${name}`);
    if (gateway.log.includes('"mistake"') || gateway.log.includes(" mistake "))
      faults.push(`the log tells of a mistake: ${mistakeIn(gateway.log)}`);
    return [...faults, ...leaksOf(health, "/admin/health")];
  }
}

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whether the connection ended before the answer did. */
  readonly isBroken: boolean;
}

function judge(cell: Cell, expected: Expected, got: Got, id: number): string[] {
  const { outcome, status, retryAfterS } = expected;
  const faults: string[] = [];
  const check = (what: string, is: unknown, should: unknown): void => {
    if (is !== should) faults.push(`${what} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
  };
  check("the status", got.status, status);
  check("x-omni-attempts", Number(got.headers.get("x-omni-attempts")), outcome.attempts);
  check("x-should-retry", got.headers.get("x-should-retry"), outcome.type === "refusal" ? outcome.shouldRetry : null);
  const waitS = got.headers.get("retry-after");
  if (retryAfterS === undefined) check("retry-after", waitS, null);
  else if (waitS === null || Number(waitS) > retryAfterS || Number(waitS) < retryAfterS - 2)
    faults.push(`retry-after is ${waitS}, not ${retryAfterS}`);
  if (got.headers.get("x-omni-request-id") === null) faults.push("there is no x-omni-request-id");
  const target = got.headers.get("x-omni-target");
  if (target !== null && !target.startsWith(`a${id}/`) && !target.startsWith(`b${id}/`) && !target.startsWith("good-"))
    faults.push(`x-omni-target is ${target}`);
  if (outcome.type === "answer" && cell.setting === "combo" && outcome.attempts === 2)
    check("x-omni-target", target, `good-${cell.format.wire}/m`);
  for (const name of ["set-cookie", "clear-site-data", "x-canary", "x-debug", "x-long", "server"])
    if (got.headers.get(name) !== null) faults.push(`the header ${name} of the provider came through`);
  const headers = [...got.headers].map((pair) => pair.join(": ")).join("\n");
  faults.push(...leaksOf(headers, "the answer's headers"), ...leaksOf(got.text, "the answer"));
  if (outcome.type === "refusal") faults.push(...judgeRefusal(cell, expected, got));
  else if (cell.stream) faults.push(...judgeStream(cell, expected, got));
  else faults.push(...judgeWhole(cell, got));
  return faults;
}

function judgeRefusal({ client }: Cell, { kinds, ownWords }: Expected, got: Got): string[] {
  if (got.isBroken) return ["the refusal broke off"];
  let body: unknown;
  try {
    body = JSON.parse(got.text);
  } catch {
    return [`the refusal is no JSON: ${got.text.slice(0, 200)}`];
  }
  const fault = client.envelopeFault(body, got.status);
  return [...(fault === undefined ? [] : [`${fault}: ${got.text.slice(0, 300)}`]), ...judgeCode(client, body, kinds, ownWords)];
}

function judgeCode(client: Cell["client"], body: unknown, kinds: readonly string[] | undefined, ownWords: boolean): string[] {
  if (ownWords || kinds === undefined) return [];
  const allowed = kinds.map((kind) => client.codeFor(kind));
  const code = client.codeOf(body);
  return allowed.includes(code) ? [] : [`the code is ${code}, not ${allowed.join(" or ")}`];
}

function judgeStream({ client }: Cell, { outcome, kinds, words, ownWords }: Expected, got: Got): string[] {
  let said: StreamRead;
  try {
    said = client.readStream(got.text);
  } catch (error) {
    return [`the stream can not be read: ${String(error)}: ${got.text.slice(0, 200)}`];
  }
  const faults: string[] = [];
  if (said.odd !== undefined) faults.push(said.odd);
  if (outcome.type === "answer") {
    if (got.isBroken) faults.push("the stream broke off");
    if (said.text !== TEXT) faults.push(`the stream said ${JSON.stringify(said.text)}`);
    if (!said.ended) faults.push("the stream has no end of its own");
    if (said.error !== undefined) faults.push(`the stream told of an error: ${JSON.stringify(said.error)}`);
    return faults;
  }
  if (said.ended) faults.push("the stream looks finished");
  if (!got.isBroken) faults.push("the connection ended as if all were well");
  const sent = WORDS.slice(0, words).join("");
  if (said.text !== sent) faults.push(`the stream said ${JSON.stringify(said.text)}, not ${JSON.stringify(sent)}`);
  if (said.error === undefined) return [...faults, "the stream told of no error"];
  return [...faults, ...judgeCode(client, said.error, kinds, ownWords)];
}

function judgeWhole({ client }: Cell, got: Got): string[] {
  if (got.isBroken) return ["the answer broke off"];
  try {
    const text = client.textOf(JSON.parse(got.text));
    return text === TEXT ? [] : [`the answer said ${JSON.stringify(text)}`];
  } catch (error) {
    return [`the answer can not be read: ${String(error)}: ${got.text.slice(0, 200)}`];
  }
}

/** Says which secrets stand in a text that everybody may read. */
export function leaksOf(text: string, where: string): string[] {
  return Object.entries(CANARIES).flatMap(([name, secret]) => (text.includes(secret) ? [`the secret of ${name} stands in ${where}`] : []));
}

function mistakeIn(log: string): string {
  return (
    log
      .split("\n")
      .find((line) => line.includes("mistake"))
      ?.slice(0, 500) ?? ""
  );
}

/** Whether a request was answered to its end, or its connection was closed, in good time. */
export async function isReleased(request: SeenRequest): Promise<boolean> {
  const untilMs = performance.now() + GRACE_MS;
  while (performance.now() < untilMs) {
    if (request.closedBy !== undefined || (request.isAnswered && !request.isStalled)) return true;
    await Bun.sleep(10);
  }
  return false;
}
