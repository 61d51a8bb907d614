import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { addressGroup } from "../../src/policies/address-group.ts";
import { ApiKeys, checkScope, extractKey, type KeyEntry, KeyRing } from "../../src/policies/api-keys.ts";
import { ANONYMOUS } from "../../src/policies/caller.ts";
import { makeKey, publicIdOf, sha256Hex } from "../../src/policies/key-format.ts";
import { Rights, type RightsData } from "../../src/policies/rights.ts";
import { caller, thrown } from "./exchange.ts";

const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));
const own = makeKey("live", random);
const FOREIGN = "sk-some-other-secret";
const entry = (more: Partial<KeyEntry> = {}): KeyEntry => ({
  id: own.id,
  name: "alice",
  secrets: [{ sha256: own.sha256 }],
  team: "search",
  ...more,
});
const foreign: KeyEntry = { id: "bob", name: "bob", secrets: [{ sha256: sha256Hex(FOREIGN) }] };
const bearer = (key: string) => new Headers({ authorization: `Bearer ${key}` });
const EPOCH = Date.UTC(2025, 0, 1, 12);
const ask = (keys: ApiKeys, headers: Headers, address = "192.0.2.7", nowMs = 0, epochMs = EPOCH) =>
  keys.authenticate(headers, address, nowMs, epochMs);

describe("a key", () => {
  test("has the form that is promised, and its own checksum", () => {
    for (let count = 0; count < 200; count++) {
      const { key, id } = makeKey("test", random);
      expect(key).toMatch(/^omni_test_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
      expect(publicIdOf(key)).toBe(id);
    }
  });

  test("with any one letter changed is no key", () => {
    fc.assert(
      fc.property(fc.nat(own.key.length - 1), fc.constantFrom(..."0aZ_-"), (at, letter) => {
        fc.pre(own.key[at] !== letter);
        expect(publicIdOf(own.key.slice(0, at) + letter + own.key.slice(at + 1))).toBeUndefined();
      }),
    );
  });

  test("uses all of its 256 bits", () => {
    expect(publicIdOf(makeKey("live", (count) => new Uint8Array(count).fill(255)).key)).toBeDefined();
    expect(makeKey("live", (count) => new Uint8Array(count).fill(255)).key).not.toBe(
      makeKey("live", (count) => new Uint8Array(count).fill(255).fill(254, 0, 1)).key,
    );
  });
});

describe("the door", () => {
  test.each([
    { claim: "a key of our own as a bearer", headers: bearer(own.key), name: "alice" },
    { claim: "x-api-key", headers: new Headers({ "x-api-key": own.key }), name: "alice" },
    { claim: "x-goog-api-key", headers: new Headers({ "x-goog-api-key": own.key }), name: "alice" },
    { claim: "a secret from elsewhere", headers: bearer(FOREIGN), name: "bob" },
    { claim: "the same key twice", headers: new Headers({ authorization: `bearer ${own.key} `, "x-api-key": own.key }), name: "alice" },
  ])("opens to $claim", ({ headers, name }) => {
    expect(ask(new ApiKeys(new KeyRing([entry(), foreign])), headers).keyName).toBe(name);
  });

  test.each([
    { claim: "nothing", headers: new Headers(), kind: "invalid_api_key" },
    { claim: "an empty bearer", headers: new Headers({ authorization: "Bearer " }), kind: "invalid_api_key" },
    { claim: "a beginning of a key", headers: bearer(own.key.slice(0, -1)), kind: "invalid_api_key" },
    { claim: "a key of the right id and another secret", headers: bearer(makeKey("live", random, own.id).key), kind: "invalid_api_key" },
    { claim: "the name of a key", headers: bearer("bob"), kind: "invalid_api_key" },
    { claim: "the digest of a key", headers: bearer(own.sha256), kind: "invalid_api_key" },
    { claim: "another scheme", headers: new Headers({ authorization: `Basic ${own.key}` }), kind: "invalid_api_key" },
    {
      claim: "two different keys",
      headers: new Headers({ authorization: `Bearer ${own.key}`, "x-api-key": FOREIGN }),
      kind: "invalid_request",
    },
  ])("stays shut to $claim", ({ headers, kind }) => {
    expect(thrown(() => ask(new ApiKeys(new KeyRing([entry(), foreign])), headers))).toMatchObject({ kind });
  });

  test("never shows the key in what it says", () => {
    for (const key of ["some-wrong-secret", own.key.slice(0, -1)]) {
      const error = thrown(() => ask(new ApiKeys(new KeyRing([foreign])), bearer(key))) as Error;
      expect(error.message).not.toContain(key);
    }
  });

  test.each([
    { claim: "no keys: everybody may come in", ring: [], required: undefined, key: undefined, name: "anonymous" },
    { claim: "no keys: what an SDK sends because it must is no matter", ring: [], required: undefined, key: "unused", name: "anonymous" },
    { claim: "no keys, and one that means to be ours", ring: [], required: undefined, key: own.key, name: undefined },
    { claim: "no keys, but they are required", ring: [], required: true, key: undefined, name: undefined },
    { claim: "keys that are not required: without one", ring: [foreign], required: false, key: undefined, name: "anonymous" },
    { claim: "keys that are not required: with a right one", ring: [foreign], required: false, key: FOREIGN, name: "bob" },
    { claim: "keys that are not required: with a wrong one", ring: [foreign], required: false, key: "wrong", name: undefined },
  ])("$claim → $name", ({ ring, required, key, name }) => {
    const keys = new ApiKeys(new KeyRing(ring), { required });
    const headers = key === undefined ? new Headers() : bearer(key);
    if (name === undefined) expect(thrown(() => ask(keys, headers))).toMatchObject({ kind: "invalid_api_key", status: 401 });
    else expect(ask(keys, headers).keyName).toBe(name);
  });

  test("takes a secret that was replaced for as long as it was said, and one that was taken away no more", () => {
    const next = makeKey("live", random, own.id);
    const keys = new ApiKeys(new KeyRing([entry({ secrets: [{ sha256: next.sha256 }, { sha256: own.sha256, untilEpochMs: EPOCH }] })]));
    expect(ask(keys, bearer(own.key), "", 0, EPOCH - 1).keyName).toBe("alice");
    expect(thrown(() => ask(keys, bearer(own.key)))).toMatchObject({ kind: "invalid_api_key" });
    expect(ask(keys, bearer(next.key)).keyName).toBe("alice");
    keys.ring = new KeyRing([foreign]);
    expect(thrown(() => ask(keys, bearer(next.key)))).toMatchObject({ kind: "invalid_api_key" });
  });

  test("makes an address wait that has tried ten wrong keys, others not, and a key of our own goes through all the same", () => {
    const keys = new ApiKeys(new KeyRing([entry(), foreign]));
    const tries = (address: string) => thrown(() => ask(keys, bearer("guess"), address));
    for (let count = 0; count < 10; count++) expect(tries("192.0.2.7")).toMatchObject({ kind: "invalid_api_key" });
    expect(tries("192.0.2.7")).toMatchObject({ kind: "rate_limited", retryAfterMs: 6_000 });
    expect(thrown(() => ask(keys, bearer(FOREIGN)))).toMatchObject({ kind: "rate_limited" });
    expect(ask(keys, bearer(own.key)).keyName).toBe("alice");
    expect(tries("192.0.2.8")).toMatchObject({ kind: "invalid_api_key" });
    expect(ask(keys, bearer(FOREIGN), "192.0.2.7", 6_000).keyName).toBe("bob");
  });
});

describe("rights", () => {
  test.each([
    { claim: "everything without limits", rights: {}, route: "smart", allowed: true },
    { claim: "a listed name", rights: { models: ["combo:smart"] }, route: "smart", allowed: true },
    { claim: "no other name", rights: { models: ["smart"] }, route: "smarter", allowed: false },
    { claim: "a listed beginning", rights: { models: ["openai/*"] }, route: "openai/gpt-5.1", allowed: true },
    { claim: "no other beginning", rights: { models: ["openai/*"] }, route: "openai-eu/gpt-5.1", allowed: false },
    {
      claim: "not what is denied, though it is listed",
      rights: { models: ["*"], deny: ["openai/gpt-5*"] },
      route: "openai/gpt-5.1",
      allowed: false,
    },
    { claim: "nothing where the list is empty", rights: { models: [] }, route: "smart", allowed: false },
    { claim: "no other kind of work", rights: { operations: ["embeddings"] }, route: "smart", allowed: false },
  ])("allow $claim", ({ rights, route, allowed }) => {
    const error = thrown(() => checkScope(caller("alice", { rights: new Rights(rights) }), route, "chat"));
    expect(error === undefined).toBe(allowed);
    if (!allowed) expect(error).toMatchObject({ kind: "forbidden", status: 403 });
  });

  test("allow a provider by its name", () => {
    const rights = new Rights({ providers: ["openai-eu"] });
    expect([rights.permitsProvider("openai-eu"), rights.permitsProvider("openai")]).toEqual([true, false]);
  });

  const monday = (time: string) => Date.parse(`2025-01-06T${time}:00Z`);
  test.each([
    { claim: "before its end", rights: { expiresEpochMs: EPOCH + 1 }, is: "yes" },
    { claim: "at its end", rights: { expiresEpochMs: EPOCH }, is: "expired" },
    { claim: "from an address in range", rights: { addresses: ["192.0.2.0/24"] }, is: "yes" },
    {
      claim: "from an address in range that came by way of IPv6",
      rights: { addresses: ["192.0.2.0/24"] },
      address: "::ffff:192.0.2.7",
      is: "yes",
    },
    { claim: "from elsewhere", rights: { addresses: ["192.0.2.0/24", "2001:db8::/32"] }, address: "198.51.100.1", is: "not-from-there" },
    { claim: "from nobody knows where", rights: { addresses: ["0.0.0.0/0"] }, address: "", is: "not-from-there" },
    { claim: "from an IPv6 range", rights: { addresses: ["2001:db8::/32"] }, address: "2001:db8:1::1", is: "yes" },
    { claim: "within hours", rights: { hours: [{ days: ["mon"], from: "08:00", to: "18:00" }] }, epochMs: monday("08:00"), is: "yes" },
    {
      claim: "at the end of the hours",
      rights: { hours: [{ days: ["mon"], from: "08:00", to: "18:00" }] },
      epochMs: monday("18:00"),
      is: "not-now",
    },
    {
      claim: "on another day",
      rights: { hours: [{ days: ["tue"], from: "00:00", to: "24:00" }] },
      epochMs: monday("12:00"),
      is: "not-now",
    },
    {
      claim: "in a night that began the day before",
      rights: { hours: [{ days: ["sun"], from: "22:00", to: "06:00" }] },
      epochMs: monday("05:59"),
      is: "yes",
    },
    {
      claim: "in a night from Saturday to Sunday",
      rights: { hours: [{ days: ["sat"], from: "22:00", to: "06:00" }] },
      epochMs: Date.parse("2025-01-05T01:00:00Z"),
      is: "yes",
    },
  ] as const)("say of a key $claim: $is", ({ rights, is, ...from }) => {
    const { address = "192.0.2.7", epochMs = EPOCH } = from as { address?: string; epochMs?: number };
    expect(new Rights(rights as RightsData).open(address, epochMs)).toBe(is);
  });

  test.each([
    { addresses: ["192.0.2.0/33"] },
    { addresses: ["example.com"] },
    { addresses: ["192.0.2.0/"] },
    { hours: [{ from: "8:00", to: "18:00" }] },
    { hours: [{ from: "08:00", to: "24:01" }] },
  ])("are refused when they make no sense: %j", (rights) => {
    expect(() => new Rights(rights as RightsData)).toThrow(RangeError);
  });

  test("an expired key is told so only to whoever has it", () => {
    const keys = new ApiKeys(new KeyRing([entry({ rights: { expiresEpochMs: EPOCH } })]));
    expect(thrown(() => ask(keys, bearer(own.key)))).toMatchObject({ kind: "invalid_api_key", status: 401 });
  });
});

test("a caller without a key may do what it likes", () => {
  expect(thrown(() => checkScope(ANONYMOUS, "smart", "chat"))).toBeUndefined();
});

test.each([
  { address: "192.0.2.7", group: "192.0.2.7" },
  { address: "::ffff:192.0.2.7", group: "192.0.2.7" },
  { address: "2001:db8:1:2:3:4:5:6", group: "2001:db8:1:2" },
  { address: "2001:db8::1", group: "2001:db8:0:0" },
  { address: "::1", group: "0:0:0:0" },
  { address: "", group: "" },
])("$address counts as $group", ({ address, group }) => {
  expect(addressGroup(address)).toBe(group);
});

test("a header that is not there is no key", () => {
  expect(extractKey(new Headers())).toBeUndefined();
});
