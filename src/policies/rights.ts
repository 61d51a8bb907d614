import { BlockList, isIP } from "node:net";

/** What a key may do, as it is declared or stored. Absent means: no limit of that kind. */
export interface RightsData {
  /** Names that it may ask for, as the plan spells them: `smart`, `openai/gpt-5.1`; `*` at the end stands for any rest. */
  readonly models?: readonly string[];
  /** Names that it may not ask for, whatever `models` says. */
  readonly deny?: readonly string[];
  /** Kinds of work. */
  readonly operations?: readonly string[];
  /** Providers that may serve it, by the operator's names. */
  readonly providers?: readonly string[];
  /** From when on it opens nothing. Milliseconds since 1970. */
  readonly expiresEpochMs?: number;
  /** When it opens, in UTC; one of them is enough. */
  readonly hours?: readonly Hours[];
  /** Addresses that it may come from: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. */
  readonly addresses?: readonly string[];
}

/** Some hours of some days of the week, in UTC. */
export interface Hours {
  /** Default: every day. */
  readonly days?: readonly Weekday[];
  /** `08:00`. */
  readonly from: string;
  /** `18:00`, not included; `24:00` for the end of the day. Below `from`, it is that of the next day. */
  readonly to: string;
}

/** A day of the week. */
export type Weekday = (typeof WEEKDAYS)[number];

/** In the order in which days are counted from Sunday on. */
export const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;
/** 1 January 1970 was a Thursday. */
const EPOCH_WEEKDAY = 4;

/** What a key may do, compiled. Questions cost some nanoseconds and allocate nothing. */
export class Rights {
  private readonly models: Names | undefined;
  private readonly deny: Names | undefined;
  private readonly operations: ReadonlySet<string> | undefined;
  private readonly providers: ReadonlySet<string> | undefined;
  private readonly expiresEpochMs: number;
  /** Minutes of the week, begin and end by turns; undefined for always. */
  private readonly spans: readonly number[] | undefined;
  private readonly addresses: BlockList | undefined;

  /** @throws {RangeError} If an hour or an address is none. */
  constructor(data: RightsData) {
    this.models = data.models && new Names(data.models);
    this.deny = data.deny && new Names(data.deny);
    this.operations = data.operations && new Set(data.operations);
    this.providers = data.providers && new Set(data.providers);
    this.expiresEpochMs = data.expiresEpochMs ?? Number.POSITIVE_INFINITY;
    this.spans = data.hours?.flatMap(spansOf);
    this.addresses = data.addresses && addressList(data.addresses);
  }

  /** Whether the key opens at all, now and from there. */
  open(address: string, epochMs: number): "yes" | "expired" | "not-now" | "not-from-there" {
    if (epochMs >= this.expiresEpochMs) return "expired";
    if (this.spans !== undefined && !isWithin(this.spans, epochMs)) return "not-now";
    if (this.addresses !== undefined && !this.isListed(address)) return "not-from-there";
    return "yes";
  }

  permitsModel(name: string): boolean {
    return this.deny?.has(name) !== true && this.models?.has(name) !== false;
  }

  permitsOperation(name: string): boolean {
    return this.operations?.has(name) !== false;
  }

  permitsProvider(name: string): boolean {
    return this.providers?.has(name) !== false;
  }

  private isListed(address: string): boolean {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && this.addresses?.check(plain, version === 4 ? "ipv4" : "ipv6") === true;
  }
}

/** An IPv4 address that came by way of an IPv6 socket is what it was. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/** Names, and beginnings of names. A combo may be written with its prefix or without. */
class Names {
  private readonly whole: ReadonlySet<string>;
  private readonly beginnings: readonly string[];

  constructor(patterns: readonly string[]) {
    const names = patterns.map((pattern) => pattern.replace(/^combo:/, ""));
    this.whole = new Set(names.filter((name) => !name.endsWith("*")));
    this.beginnings = names.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1));
  }

  has(name: string): boolean {
    if (this.whole.has(name)) return true;
    for (const beginning of this.beginnings) if (name.startsWith(beginning)) return true;
    return false;
  }
}

function spansOf({ days = WEEKDAYS, from, to }: Hours): number[] {
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const length = end > start ? end - start : end + DAY_MINUTES - start;
  return days.flatMap((day) => {
    const begin = WEEKDAYS.indexOf(day) * DAY_MINUTES + start;
    return [begin, begin + length];
  });
}

function minutesOf(time: string): number {
  const [, hours, minutes] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(time) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  if (!(total <= DAY_MINUTES)) throw new RangeError(`Cannot read "${time}": it is no time of day. Write "08:00".`);
  return total;
}

function isWithin(spans: readonly number[], epochMs: number): boolean {
  const minute = (Math.floor(epochMs / 60_000) + EPOCH_WEEKDAY * DAY_MINUTES) % WEEK_MINUTES;
  for (let at = 0; at < spans.length; at += 2) {
    const [begin = 0, end = 0] = [spans[at], spans[at + 1]];
    // A span that goes on beyond Saturday's midnight goes on at the week's beginning.
    if ((minute >= begin && minute < end) || minute + WEEK_MINUTES < end) return true;
  }
  return false;
}

/** Reads ranges of addresses. @throws {RangeError} If one is none. */
function addressList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const prefix = bits === undefined ? most : Number(bits);
    if (version === 0 || bits === "" || !Number.isInteger(prefix) || prefix < 0 || prefix > most)
      throw new RangeError(`Cannot read "${range}": it is neither an address nor a range of addresses. Write "10.0.0.0/8".`);
    list.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
  }
  return list;
}
