import { describe, expect, test } from "bun:test";
import { AWS_MESSAGE_BYTES_MAX, AwsEventStreamReader } from "../../src/bytes/aws-event-stream.ts";
import { awsMessage } from "../wire/bedrock-converse/frames.ts";

const event = (type: string, payload: string): Buffer => awsMessage({ ":message-type": "event", ":event-type": type }, payload);
const STREAM = Buffer.concat([
  event("messageStart", '{"role":"assistant"}'),
  event("contentBlockDelta", `{"text":"${"ü".repeat(600)}"}`),
  event("empty", ""),
  awsMessage({ ":message-type": "exception", ":exception-type": "throttlingException" }, '{"message":"slow"}'),
  awsMessage({ ":message-type": "error", ":error-code": "InternalFailure", ":error-message": "It broke." }, ""),
]);
const SAID = [
  ["messageStart", '{"role":"assistant"}'],
  ["contentBlockDelta", `{"text":"${"ü".repeat(600)}"}`],
  ["empty", ""],
  ["exception:throttlingException", '{"message":"slow"}'],
  ["error:InternalFailure", "It broke."],
];

function read(pieces: readonly Uint8Array[]): { readonly said: string[][]; readonly reader: AwsEventStreamReader } {
  const reader = new AwsEventStreamReader();
  const said: string[][] = [];
  for (const piece of pieces) {
    reader.push(piece);
    while (reader.next()) said.push([reader.type, Buffer.from(reader.data.subarray(reader.dataStart, reader.dataEnd)).toString()]);
    reader.take();
  }
  return { said, reader };
}

/** A prelude whose checksum is right, whatever its lengths. */
function prelude(length: number, headersLength: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(headersLength, 4);
  bytes.writeUInt32BE(Bun.hash.crc32(bytes.subarray(0, 8)), 8);
  return bytes;
}

describe("AwsEventStreamReader", () => {
  test("finds messages, and says of what is no event what it is", () => {
    const { said, reader } = read([STREAM]);
    expect(said).toEqual(SAID);
    expect([reader.broken, reader.tooLong, reader.finish()]).toEqual([undefined, false, "nothing"]);
  });

  test("finds the same wherever the stream is cut", () => {
    for (let cut = 0; cut <= STREAM.length; cut++) expect(read([STREAM.subarray(0, cut), STREAM.subarray(cut)]).said).toEqual(SAID);
    expect(read(Array.from(STREAM, (byte) => Uint8Array.of(byte))).said).toEqual(SAID);
  });

  test("calls what broke off within a message scrap", () => {
    for (const cut of [1, 11, 12, 40]) expect(read([STREAM.subarray(0, cut)]).reader.finish()).toBe("scrap");
  });

  test("notices any byte that is not as it was sent, and finds nothing from there on", () => {
    for (let at = 0; at < 120; at++) {
      const spoilt = Buffer.from(STREAM);
      spoilt[at]! ^= 0x10;
      const { said, reader } = read([spoilt]);
      expect(reader.broken).toContain("checksum");
      expect(said.length).toBeLessThan(2);
    }
  });

  test.each([
    { claim: "a web page", bytes: Buffer.from("<html><body>Bad gateway</body></html>"), broken: "checksum" },
    { claim: "an error in JSON", bytes: Buffer.from('{"message":"The security token is invalid."}'), broken: "checksum" },
    { claim: "headers longer than their message", bytes: prelude(16, 1), broken: "make no sense" },
    { claim: "a message shorter than its own lengths", bytes: prelude(3, 0), broken: "make no sense" },
    { claim: "a header of no known type", bytes: withHeaders([1, 0x61, 42]), broken: "headers make no sense" },
    { claim: "a header longer than all of them", bytes: withHeaders([1, 0x61, 7, 0xff, 0xff]), broken: "headers make no sense" },
    { claim: "a message that does not say what it is", bytes: withHeaders([]), broken: "does not say" },
  ])("refuses $claim", ({ bytes, broken }) => {
    const { said, reader } = read([bytes]);
    expect(said).toEqual([]);
    expect(reader.broken).toContain(broken);
  });

  test("waits for no message longer than allowed", () => {
    const { reader } = read([prelude(AWS_MESSAGE_BYTES_MAX + 1, 0)]);
    expect([reader.tooLong, reader.next()]).toEqual([true, false]);
  });

  test("steps over headers of every type", () => {
    const string = (name: string, value: string) => [name.length, ...Buffer.from(name), 7, 0, value.length, ...Buffer.from(value)];
    const headers = [
      ...[1, 0x61, 0, 1, 0x62, 1, 1, 0x63, 2, 9, 1, 0x64, 3, 9, 9, 1, 0x65, 4, 9, 9, 9, 9],
      ...[1, 0x66, 5, 9, 9, 9, 9, 9, 9, 9, 9, 1, 0x67, 6, 0, 1, 9, 1, 0x68, 8, 9, 9, 9, 9, 9, 9, 9, 9],
      ...[1, 0x69, 9, ...Array.from({ length: 16 }, () => 9)],
      ...string(":message-type", "event"),
      ...string(":event-type", "x"),
    ];
    expect(read([withHeaders(headers)]).said).toEqual([["x", ""]]);
  });
});

function withHeaders(headers: readonly number[]): Buffer {
  const message = Buffer.concat([prelude(16 + headers.length, headers.length).subarray(0, 12), Buffer.from(headers), Buffer.alloc(4)]);
  message.writeUInt32BE(Bun.hash.crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}
