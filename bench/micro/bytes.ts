import { JsonScanner } from "../../src/bytes/json-scan.ts";
import { splice } from "../../src/bytes/splice.ts";
import { requestBody } from "../traffic.ts";
import type { MicroCase } from "./timing.ts";

const SIZES = [
  { label: "1 KiB", bytes: 1024 },
  { label: "32 KiB", bytes: 32 * 1024 },
];

/** What the verbatim path does to a body, beside what it saves. */
export function bytesCases(): readonly MicroCase[] {
  return SIZES.flatMap(({ label, bytes }) => {
    const body = requestBody("whole", bytes);
    return [scan(label, body), parse(label, body), spliceModel(label, body)];
  });
}

function scan(label: string, body: Uint8Array): MicroCase {
  const scanner = new JsonScanner("model", "stream");
  return {
    name: `scan ${label}`,
    about: "find model and stream in a body, reading all of it",
    run(times) {
      let sum = 0;
      for (let count = 0; count < times; count++) sum += scanner.scan(body);
      return sum;
    },
  };
}

function parse(label: string, body: Uint8Array): MicroCase {
  const decoder = new TextDecoder();
  return {
    name: `parse ${label}`,
    about: "for comparison: decode the same body and JSON.parse it",
    run(times) {
      let sum = 0;
      for (let count = 0; count < times; count++) sum += Object.keys(JSON.parse(decoder.decode(body)) as object).length;
      return sum;
    },
  };
}

function spliceModel(label: string, body: Uint8Array): MicroCase {
  const scanner = new JsonScanner("model");
  scanner.scan(body);
  const [, start = 0, end = 0] = scanner.found;
  const model = new TextEncoder().encode('"gpt-5.1"');
  return {
    name: `splice ${label}`,
    about: "put another model's name into a body",
    run(times) {
      let sum = 0;
      for (let count = 0; count < times; count++) sum += splice(body, start, end, model).length;
      return sum;
    },
  };
}
