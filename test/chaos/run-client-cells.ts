import { startGateway } from "../support/gateway-process.ts";
import { NEVER, type Script, Upstream } from "../support/upstream.ts";
import type { SeenRequest } from "../support/upstream-request.ts";
import { BODY_BYTES_MAX, CLIENT_FAULTS, type ClientFault, type ClientScript } from "./client-faults.ts";
import { CLIENT_FORMATS, type ClientFormat } from "./client-formats.ts";
import { PROVIDER_FORMATS, TEXT } from "./provider-formats.ts";
import { CANARIES, type Finding, isReleased, leaksOf } from "./run-cells.ts";
import { good } from "./upstream-faults.ts";

/** One bad request. */
export interface ClientCell {
  readonly client: ClientFormat;
  readonly fault: ClientFault;
  readonly stream: boolean;
  readonly setting: "single" | "combo";
}

/** All of them. */
export function allClientCells(): readonly ClientCell[] {
  return CLIENT_FORMATS.flatMap((client) =>
    CLIENT_FAULTS.flatMap((fault) =>
      [true, false]
        .filter((stream) => fault.applies?.(client, stream) ?? true)
        .flatMap((stream) => (["single", "combo"] as const).map((setting): ClientCell => ({ client, fault, stream, setting }))),
    ),
  );
}

/** What it is called. */
export function clientCellName({ client, fault, stream, setting }: ClientCell): string {
  return `${client.wire}, ${stream ? "stream" : "whole"}, ${setting}, a client with ${fault.name}`;
}

const FORMAT = PROVIDER_FORMATS[0]!; // What the client asks for does not depend on who is asked.

/** Runs bad requests against one gateway, many at a time. */
export async function runClientCells(
  cells: readonly ClientCell[],
  concurrency: number,
  log: (line: string) => void = () => {},
): Promise<Finding[]> {
  const seen = new Map<string, SeenRequest[]>();
  const waiting = new Map<string, () => void>();
  using upstream = new Upstream((request) => {
    const [, name = ""] = request.path.split("/");
    seen.set(name, [...(seen.get(name) ?? []), request]);
    waiting.get(name)?.();
    return answerOf(cells[Number(name.slice(1))]!, request); // Names are made of rows.
  });
  const providers = cells.map(
    (_, id) =>
      `p${id}: provider.openaiCompatible({ baseUrl: "${upstream.url}/p${id}", apiKey: secret.env("CANARY_A"), models: { chat: ["m"] } })`,
  );
  const combos = cells.map((_, id) => `c${id}: { chat: ["p${id}/m"] }`);
  await using gateway = await startGateway(
    `import { defineConfig, provider, secret } from "omni";
export default defineConfig({ server: { bodyBytesMax: ${BODY_BYTES_MAX} }, providers: { ${providers.join(", ")} }, combos: { ${combos.join(", ")} } });
`,
    { env: { CANARY_A: CANARIES.a } },
  );
  const findings: Finding[] = [];
  const queue = cells.entries();
  const work = async (): Promise<void> => {
    for (const [id, cell] of queue) {
      const asked = new Promise<void>((resolve) => waiting.set(`p${id}`, resolve));
      const faults = await faultsOf(gateway.url, cell, id, asked, () => seen.get(`p${id}`) ?? []).catch((error) => [
        `the suite failed: ${String(error)}`,
      ]);
      if (faults.length === 0) continue;
      findings.push({ name: clientCellName(cell), faults });
      log(`✗ ${clientCellName(cell)}\n    ${faults.join("\n    ")}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const leaks = leaksOf(gateway.log, "the log");
  if (leaks.length > 0) findings.push({ name: "after all clients", faults: leaks });
  return findings;
}

function answerOf({ fault, stream }: ClientCell, request: SeenRequest): Script {
  if (!FORMAT.isPath.test(request.path)) return { status: 404, body: "There is no such path." };
  switch (fault.provider ?? "good") {
    case "good":
      return good(FORMAT, stream);
    case "silent":
      return NEVER;
    case "first-word":
      return { headers: { "content-type": FORMAT.streamType }, body: FORMAT.events.slice(0, FORMAT.first + 1), after: "stall" };
    default:
      throw new Error("There is no such provider.");
  }
}

async function faultsOf(
  url: string,
  cell: ClientCell,
  id: number,
  asked: Promise<void>,
  seen: () => readonly SeenRequest[],
): Promise<string[]> {
  const { client, fault, stream, setting } = cell;
  const model = setting === "single" ? `p${id}/m` : `combo:c${id}`;
  const request = { path: client.path(model, stream), json: JSON.stringify(client.request(model, stream)), client };
  const answer = await visit(url, fault.script(request), asked);
  const faults = [...judge(cell, answer), ...leaksOf(answer.text, "the answer")];
  const isAsked = fault.asked ?? fault.expects === "answer";
  if (seen().length !== (isAsked ? 1 : 0)) faults.push(`the provider saw ${seen().length} requests`);
  for (const each of seen()) {
    if (!(await isReleased(each))) faults.push("a connection to the provider is left open, with nobody waiting for an answer");
    if (each.rawHeaders.some(([, value]) => value.includes(CANARIES.client)))
      faults.push("the provider got what the client's headers hold");
  }
  return faults;
}

function judge({ client, fault, stream }: ClientCell, { status, text }: Visit): string[] {
  const { expects } = fault;
  if (expects === "nothing") return [];
  if (expects === "answer") {
    if (status !== 200) return [`the status is ${status}: ${text.slice(0, 300)}`];
    const said = stream ? client.readStream(text) : { text: client.textOf(JSON.parse(text)), ended: true };
    return said.text === TEXT && said.ended ? [] : [`the answer said ${JSON.stringify(said.text)}`];
  }
  if (status !== expects.status) return [`the status is ${status}, not ${expects.status}: ${text.slice(0, 300)}`];
  if (fault.bare) return [];
  try {
    const body: unknown = JSON.parse(text);
    const broken = client.envelopeFault(body, status);
    const codes = expects.kinds.map((kind) => client.codeFor(kind));
    return [
      ...(broken === undefined ? [] : [`${broken}: ${text.slice(0, 300)}`]),
      ...(codes.includes(client.codeOf(body)) ? [] : [`the code is ${client.codeOf(body)}, not ${codes.join(" or ")}`]),
    ];
  } catch (error) {
    return [`the refusal can not be read: ${String(error)}: ${text.slice(0, 300)}`];
  }
}

interface Visit {
  readonly status: number;
  readonly text: string;
}

/** Does what the script says over a connection of its own, and reads until it is closed or left. */
async function visit(url: string, { pieces, leaves }: ClientScript, asked: Promise<void>): Promise<Visit> {
  const chunks: Uint8Array[] = [];
  const over = Promise.withResolvers<void>();
  const answering = Promise.withResolvers<void>();
  let wake = Promise.withResolvers<void>();
  const { hostname, port } = new URL(url);
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, bytes) => {
        chunks.push(Uint8Array.from(bytes));
        if (bytes.includes(0x7b)) answering.resolve();
      },
      drain: () => wake.resolve(),
      close: () => over.resolve(),
      error: () => over.resolve(),
    },
  });
  const closed = over.promise.then(() => true);
  for (const piece of pieces) {
    if (typeof piece === "object" && "pauseMs" in piece) {
      await Bun.sleep(piece.pauseMs);
      continue;
    }
    let bytes: Uint8Array = Buffer.from(piece as string); // The other kind of object was a pause; bytes are copied alike.
    while (bytes.length > 0) {
      wake = Promise.withResolvers();
      bytes = bytes.subarray(Math.max(socket.write(bytes), 0));
      if (bytes.length > 0 && (await Promise.race([wake.promise.then(() => false), closed]))) break;
    }
  }
  if (leaves !== undefined) {
    if (leaves.when === "asked") await asked;
    if (leaves.when === "answering") await answering.promise;
    if (leaves.by === "reset") socket.terminate();
    else socket.shutdown();
  }
  const timer = setTimeout(() => socket.terminate(), 20_000);
  await over.promise;
  clearTimeout(timer);
  return parse(Buffer.concat(chunks));
}

function parse(bytes: Buffer): Visit {
  let start = 0;
  // What comes before the head that counts: 100 Continue.
  while (/^HTTP\/1\.1 1\d\d/.test(bytes.toString("latin1", start, start + 12))) start = bytes.indexOf("\r\n\r\n", start) + 4;
  const headEnd = bytes.indexOf("\r\n\r\n", start);
  const head = bytes.toString("latin1", start, headEnd);
  const body = bytes.subarray(headEnd + 4);
  return { status: Number(head.slice(9, 12)), text: /^transfer-encoding: chunked/im.test(head) ? unchunk(body) : body.toString() };
}

function unchunk(bytes: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) break;
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(pieces).toString();
}
