import { describe, expect, test } from "bun:test";
import { BlockList } from "node:net";
import fc from "fast-check";
import { isPublicAddress, isSameAddress } from "../../../src/world/guarded/address.ts";
import { checkUrl } from "../../../src/world/guarded/check-url.ts";
import { ipv4Spellings } from "./hostile-urls.ts";

/** The runtime's own idea of a range, as a second opinion. https://www.iana.org/assignments/iana-ipv4-special-registry */
const special = new BlockList();
for (const range of [
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24",
  "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3",
].flatMap((line) => line.split(" "))) {
  const [address = "", bits] = range.split("/");
  special.addSubnet(address, Number(bits), "ipv4");
}
const outside = new BlockList();
outside.addSubnet("2000::", 3, "ipv6");
const inside = new BlockList();
for (const [address, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  inside.addSubnet(address, bits, "ipv6");

/** Near the borders of ranges as often as anywhere. */
const byte = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom(0, 1, 10, 63, 64, 100, 127, 128, 168, 169, 172, 192, 198, 203, 223, 224, 254, 255),
);
const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join("."));
const group = fc.oneof(
  fc.integer({ min: 0, max: 0xffff }),
  fc.constantFrom(0, 1, 0x2001, 0x2002, 0xdb8, 0x3fff, 0xfff, 0xfe80, 0xfc00, 0x1fff, 0x4000),
);
const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.map((value) => value.toString(16)).join(":"));

describe("isPublicAddress", () => {
  test("agrees with the runtime's lists on every IPv4 address", () => {
    fc.assert(
      fc.property(ipv4, (address) => isPublicAddress(address) === !special.check(address, "ipv4")),
      { numRuns: 5_000 },
    );
  });

  test("agrees with the runtime's lists on IPv6 addresses that wrap nothing", () => {
    const wraps = /^0:0:0:0:0:ffff:|^64:ff9b:/;
    const property = fc.property(
      ipv6.filter((address) => !wraps.test(address)),
      (address) => isPublicAddress(address) === (outside.check(address, "ipv6") && !inside.check(address, "ipv6")),
    );
    fc.assert(property, { numRuns: 5_000 });
  });

  test("looks inside what wraps an IPv4 address", () => {
    fc.assert(
      fc.property(
        ipv4,
        fc.constantFrom("::ffff:", "0:0:0:0:0:ffff:", "64:ff9b::"),
        (address, prefix) => isPublicAddress(prefix + address) === isPublicAddress(address),
      ),
    );
  });

  test.each([
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "223.255.255.254",
    "2606:4700:4700::1111",
    "2620:fe::fe",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
  ])("lets %s through", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    "",
    "site.example",
    "1.1.1",
    "1.1.1.1.1",
    "01.1.1.1",
    "1.1.1.256",
    "1.1.1.1 ",
    ":::1",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "2606:4700::1%eth0",
    "g::1",
  ])("takes %j for no address at all", (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });
});

test("no spelling of an IPv4 address changes what is thought of it", () => {
  const taken = (host: string): string => {
    try {
      return checkUrl(`http://${host}/`).hostname;
    } catch {
      return "refused";
    }
  };
  fc.assert(
    fc.property(ipv4, (address) => {
      const verdicts = ipv4Spellings(address).map(taken);
      expect(new Set(verdicts)).toEqual(new Set([isPublicAddress(address) ? address : "refused"]));
    }),
  );
});

test("addresses are the same however they are written", () => {
  expect(isSameAddress("::1", "0:0:0:0:0:0:0:1")).toBe(true);
  expect(isSameAddress("::ffff:10.0.0.1", "10.0.0.1")).toBe(true);
  expect(isSameAddress("2606:4700::1", "2606:4700:0::1")).toBe(true);
  expect(isSameAddress("10.0.0.1", "10.0.0.2")).toBe(false);
  expect(isSameAddress("nothing", "nothing")).toBe(false);
});
