/**
 * Says whether an address is one of the open internet's: not of this machine, of a private network, of a link, of a cloud's insides, and not set apart for
 * anything else. What wraps an IPv4 address (`::ffff:0:0/96`, and `64:ff9b::/96` of NAT64) is as public as the one inside.
 *
 * @param address As URLs and name services write it, without brackets. Anything that is no address is not public.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function isPublicAddress(address: string): boolean {
  const bytes = address.includes(":") ? ipv6Bytes(address) : ipv4Bytes(address);
  if (bytes === undefined) return false;
  if (bytes.length === 4) return isPublicIpv4(bytes);
  if (isWithin(bytes, MAPPED) || isWithin(bytes, NAT64)) return isPublicIpv4(bytes.slice(12));
  return isWithin(bytes, GLOBAL_UNICAST) && !DENIED_IPV6.some((range) => isWithin(bytes, range));
}

/** Whether two texts are the same address, however each is written. */
export function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [one, other].map((address) => (address.includes(":") ? ipv6Bytes(address) : ipv4Bytes(address)));
  return a !== undefined && b !== undefined && unwrapped(a).join() === unwrapped(b).join();
}

function unwrapped(bytes: readonly number[]): readonly number[] {
  return bytes.length === 16 && isWithin(bytes, MAPPED) ? bytes.slice(12) : bytes;
}

interface Range {
  readonly bytes: readonly number[];
  readonly bits: number;
}

const DENIED_IPV4: readonly Range[] = [
  "0.0.0.0/8", // this network; Linux takes 0.0.0.0 for itself
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared with a carrier, and Alibaba's metadata at 100.100.100.200
  "127.0.0.0/8", // this machine
  "168.63.129.16/32", // Azure's own services, though it looks public
  "169.254.0.0/16", // this link, and metadata of almost every cloud at 169.254.169.254
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocols, and Oracle's metadata
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // relays of 6to4, gone
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
].map(rangeOf);

const MAPPED: Range = rangeOf("::ffff:0:0/96");
const NAT64: Range = rangeOf("64:ff9b::/96");
/** All that was ever given out to the internet; loopback, links (fe80), private networks (fc00), multicast and the rest lie outside. */
const GLOBAL_UNICAST: Range = rangeOf("2000::/3");
const DENIED_IPV6: readonly Range[] = [
  "2001::/23", // protocols: Teredo, which wraps any IPv4 address, benchmarks, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4, which wraps any IPv4 address
  "3fff::/20", // documentation
].map(rangeOf);

function isPublicIpv4(bytes: readonly number[]): boolean {
  return !DENIED_IPV4.some((range) => isWithin(bytes, range));
}

function isWithin(bytes: readonly number[], range: Range): boolean {
  for (let bit = 0; bit < range.bits; bit += 8) {
    const mask = 0xff & ~(0xff >> Math.min(8, range.bits - bit));
    // Both are of one family, and so of one length.
    if ((bytes[bit / 8]! & mask) !== (range.bytes[bit / 8]! & mask)) return false;
  }
  return true;
}

function rangeOf(text: string): Range {
  const [address = "", bits] = text.split("/");
  const bytes = address.includes(":") ? ipv6Bytes(address) : ipv4Bytes(address);
  if (bytes === undefined) throw new Error(`Cannot read the range ${text}.`);
  return { bytes, bits: Number(bits) };
}

/** Only the common form: four decimal numbers. Other spellings are the URL parser's business, which leaves none of them. */
function ipv4Bytes(text: string): number[] | undefined {
  if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** Without a zone: an address that needs one is of a link, and so not public. */
function ipv6Bytes(text: string): number[] | undefined {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const before = groupBytes(head);
  const after = tail === undefined ? [] : groupBytes(tail);
  if (before === undefined || after === undefined) return undefined;
  const missing = 16 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...before, ...Array<number>(missing).fill(0), ...after];
}

/** `1:2:3` or `1:2:3.4.5.6`, on one side of the `::`. */
function groupBytes(text: string): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [at, group] of groups.entries()) {
    const wrapped = group.includes(".") && at === groups.length - 1 ? ipv4Bytes(group) : undefined;
    if (wrapped !== undefined) bytes.push(...wrapped);
    else if (/^[0-9a-f]{1,4}$/i.test(group)) bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return undefined;
  }
  return bytes;
}
