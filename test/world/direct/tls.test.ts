import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDirectNetwork, directNetwork } from "../../../src/world/direct/network-direct.ts";
import { NetworkError, type Session } from "../../../src/world/network.ts";

let folder: string;
let ca: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "omni-tls-"));
  openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority");
  ca = readFileSync(join(folder, "ca.pem"), "utf8");
  certify("good", "DNS:localhost,IP:127.0.0.1", 2);
  certify("named", "DNS:localhost", 2);
  certify("wrong", "DNS:example.com", 2);
  certify("expired", "DNS:localhost,IP:127.0.0.1", -1);
  openssl(
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout self.key -out self.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1",
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

function openssl(line: string): void {
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...line.split(" ")], { cwd: folder });
  if (exitCode !== 0) throw new Error(stderr.toString());
}

function certify(name: string, names: string, days: number): void {
  openssl(
    `req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=localhost -addext subjectAltName=${names}`,
  );
  openssl(`x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out ${name}.pem -days ${days} -copy_extensions copy`);
}

/** A server with that certificate, which remembers all that it was sent. */
function serve(name: string) {
  const seen: string[] = [];
  const tls = { cert: readFileSync(join(folder, `${name}.pem`), "utf8"), key: readFileSync(join(folder, `${name}.key`), "utf8") };
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    tls,
    socket: {
      data: (socket, bytes) => {
        const text = bytes.toString();
        seen.push(text);
        if (text.includes("/until-close")) socket.end("HTTP/1.1 200 OK\r\n\r\nhello");
        else if (text.includes("/cut")) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello");
        else if (text.includes("/reset")) {
          socket.write("HTTP/1.1 200 OK\r\n\r\nhello");
          setTimeout(() => socket.terminate(), 10);
        } else if (text.includes("/chunks")) {
          socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
          setTimeout(() => socket.write("6\r\n there\r\n0\r\n\r\n"), 5);
        } else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
      },
      error: () => {},
    },
  });
  return { seen, port: server.port, [Symbol.dispose]: () => server.stop(true) };
}

async function read(session: Session, url: string, signal = new AbortController().signal): Promise<string> {
  const response = await session.send({
    method: "POST",
    url,
    headers: { authorization: "Bearer secret" },
    body: Buffer.from("{}"),
    signal,
  });
  return Buffer.from(await response.bytes()).toString();
}

const trusting = () => createDirectNetwork({ ca }).open();

describe("a connection with TLS", () => {
  test.each(["localhost", "127.0.0.1"])(
    "to a server with a good certificate for %s carries requests, one after the other",
    async (host) => {
      using server = serve("good");
      const session = trusting();
      for (let turn = 0; turn < 3; turn++) expect(await read(session, `https://${host}:${server.port}/x`)).toBe("hello");
      expect(await read(session, `https://${host}:${server.port}/chunks`)).toBe("hello there");
      expect(server.seen).toHaveLength(4);
      session.close();
    },
  );

  test("ends a body that has no other end, if it ends politely", async () => {
    using server = serve("good");
    expect(await read(trusting(), `https://localhost:${server.port}/until-close`)).toBe("hello");
    await expect(read(trusting(), `https://localhost:${server.port}/cut`)).rejects.toMatchObject({ fault: "reset", sent: true });
    await expect(read(trusting(), `https://localhost:${server.port}/reset`)).rejects.toMatchObject({ fault: "reset", sent: true });
  });

  test.each([
    { claim: "of another name", certificate: "wrong", host: "localhost" },
    { claim: "of a name, for an address", certificate: "named", host: "127.0.0.1" },
    { claim: "that has expired", certificate: "expired", host: "localhost" },
    { claim: "that vouches for itself", certificate: "self", host: "localhost" },
  ])("to a server with a certificate $claim is not made, and nothing is sent", async ({ certificate, host }) => {
    using server = serve(certificate);
    const error = await read(trusting(), `https://${host}:${server.port}/x`).catch((error) => error);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ fault: "tls", sent: false });
    expect(server.seen).toEqual([]);
  });

  test("that was sent to an address asks there for the certificate of the name in the URL", async () => {
    using wrong = serve("wrong");
    using named = serve("named");
    const session = createDirectNetwork({ ca }).open({ address: "127.0.0.1" });
    expect(await read(session, `https://example.com:${wrong.port}/x`)).toBe("hello");
    expect(wrong.seen.join()).toContain(`host: example.com:${wrong.port}\r\n`);
    await expect(read(session, `https://example.com:${named.port}/x`)).rejects.toMatchObject({ fault: "tls", sent: false });
    expect(named.seen).toEqual([]);
  });

  test("trusts no authority that it was not told of", async () => {
    using server = serve("good");
    await expect(read(directNetwork.open(), `https://localhost:${server.port}/x`)).rejects.toMatchObject({ fault: "tls", sent: false });
    expect(server.seen).toEqual([]);
  });

  test("trusts those of NODE_EXTRA_CA_CERTS, and does not stop asking for a certificate when the environment would have it so", async () => {
    using good = serve("good");
    using self = serve("self");
    const code = (port: number) => `
      const { directNetwork } = await import(${JSON.stringify(require.resolve("../../../src/world/direct/network-direct.ts"))});
      directNetwork.open().send({ method: "GET", url: "https://localhost:${port}/x", headers: {}, signal: new AbortController().signal })
        .then((response) => response.bytes()).then((bytes) => console.log(Buffer.from(bytes).toString()), (error) => console.log(error.fault));`;
    const run = (port: number, env: Record<string, string>) =>
      new Response(
        Bun.spawn([process.execPath, "-e", code(port)], { env: { ...process.env, ...env }, stdout: "pipe", stderr: "ignore" }).stdout,
      ).text();
    expect(await run(good.port, { NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") })).toBe("hello\n");
    expect(await run(self.port, { NODE_TLS_REJECT_UNAUTHORIZED: "0" })).toBe("tls\n");
  });

  test("that is aborted in the handshake sends nothing", async () => {
    using server = serve("good");
    const controller = new AbortController();
    const sent = read(trusting(), `https://localhost:${server.port}/x`, controller.signal);
    controller.abort("enough");
    await expect(sent).rejects.toBe("enough");
    await Bun.sleep(30);
    expect(server.seen).toEqual([]);
  });

  test("carries long bodies both ways", async () => {
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { cert: readFileSync(join(folder, "good.pem"), "utf8"), key: readFileSync(join(folder, "good.key"), "utf8") },
      maxRequestBodySize: 100_000_000,
      fetch: async (request) => new Response(await request.bytes()),
    });
    const body = Buffer.alloc(10_000_000, "0123456789abcdef-");
    const session = trusting();
    for (let turn = 0; turn < 2; turn++) {
      const response = await session.send({
        method: "POST",
        url: server.url.href.replace("127.0.0.1", "localhost"),
        headers: {},
        body,
        signal: new AbortController().signal,
      });
      await Bun.sleep(20);
      expect(Bun.SHA1.hash(await response.bytes(), "hex")).toBe(Bun.SHA1.hash(body, "hex"));
    }
    session.close();
  });
});
