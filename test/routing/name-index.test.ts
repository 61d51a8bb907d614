import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HashedNames, PROBES_MAX } from "../../src/routing/name-index.ts";
import type { ProviderId, RouteId } from "../../src/routing/plan.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const routesOf = (names: Iterable<string>): Map<string, RouteId> => new Map([...new Set(names)].map((name, id) => [name, id as RouteId]));
const indexOf = (names: Iterable<string>, seed = 1): HashedNames => new HashedNames(routesOf(names), [], seed);

/** Looks up a name where a request would have it: amid other bytes. */
function find(index: HashedNames, name: string, provider?: number): number {
  const bytes = bytesOf(`{"model":"${name}","x":1}`);
  const [start, end] = [10, 10 + bytesOf(name).length];
  return provider === undefined ? index.find(bytes, start, end) : index.findAt(provider as ProviderId, bytes, start, end);
}

describe("HashedNames", () => {
  test("finds what a map finds, and nothing else", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom("a", "aa", "aaa", "aaaa", "aaaaa", "a/b", "a/b:c", ""),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 60 }), fc.array(name, { maxLength: 20 }), fc.integer(), (names, others, seed) => {
        const routes = routesOf(names);
        const index = new HashedNames(routes, [], seed);
        const all = [...names, ...others];
        expect(all.map((each) => find(index, each))).toEqual(all.map((each) => routes.get(each) ?? -1));
      }),
    );
  }, 30_000);

  test.each([
    { claim: "by the model's name", name: "big", provider: 0, route: 0 },
    { claim: "by the whole name", name: "a/big", provider: 0, route: 0 },
    { claim: "another's model of the same name", name: "big", provider: 1, route: 1 },
    { claim: "a model that begins with the provider's own name, as it is", name: "b/auto", provider: 1, route: 2 },
    { claim: "the same by its whole name", name: "b/b/auto", provider: 1, route: 2 },
    { claim: "what it would be without that", name: "auto", provider: 1, route: 3 },
    { claim: "no other provider's whole name", name: "a/big", provider: 1, route: -1 },
    { claim: "no name from everywhere", name: "combo:smart", provider: 0, route: -1 },
    { claim: "not the prefix alone", name: "a/", provider: 0, route: -1 },
    { claim: "not the prefix twice", name: "a/a/big", provider: 0, route: -1 },
    { claim: "nothing for a provider that is none", name: "big", provider: 2, route: -1 },
  ])("below a provider's path finds $claim: $name", ({ name, provider, route }) => {
    const models = (...all: [string, number][]): Map<string, RouteId> => new Map(all.map(([model, id]) => [model, id as RouteId]));
    const providers = [
      { name: "a", models: models(["big", 0]) },
      { name: "b", models: models(["big", 1], ["b/auto", 2], ["auto", 3]) },
    ];
    expect(find(new HashedNames(routesOf(["combo:smart", "a/big"]), providers, 5), name, provider)).toBe(route);
  });

  test("does not find a name by a part of it, wherever that is cut", () => {
    const name = "vendor/模型-5.1";
    const index = indexOf([name]);
    const bytes = bytesOf(name);
    for (let start = 0; start < bytes.length; start++) {
      for (let end = start; end <= bytes.length; end++) {
        expect(index.find(bytes, start, end)).toBe(end - start === bytes.length ? (0 as RouteId) : -1);
      }
    }
  });

  test("is not led astray by zeros, which short names are filled up with inside", () => {
    const names = ["a", "a\0", "a\0\0", "a\0\0\0", "a\0\0\0\0", "\0a", "\0", ""];
    const index = indexOf(names);
    expect(names.map((name) => find(index, name))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("tells names apart whose hashes are equal", () => {
    const many = Array.from({ length: 200_000 }, (_, at) => Bun.hash(`${at}`).toString(16).padStart(16, "0"));
    const counts = new Map<number, number>();
    const hashes = hashesIn(indexOf(many));
    for (const hash of hashes.values()) counts.set(hash, (counts.get(hash) ?? 0) + 1);
    const names = many.filter((_, at) => counts.get(hashes.get(at)!)! > 1);
    expect(names.length).toBeGreaterThan(1);
    const index = indexOf(names);
    expect(new Set(hashesIn(index).values()).size).toBeLessThan(names.length);
    expect(names.map((name) => find(index, name))).toEqual(names.map((_, at) => at));
    for (const left of names) expect(names.filter((name) => name !== left && find(indexOf([left]), name) !== -1)).toEqual([]);
  }, 30_000);

  test("with no names at all finds nothing", () => {
    expect([find(indexOf([]), ""), find(indexOf([]), "a")]).toEqual([-1, -1]);
  });
});

describe("a look-up is bounded, whatever is looked up", () => {
  const SETS: readonly { readonly claim: string; readonly names: readonly string[] }[] = [
    { claim: "numbered names", names: Array.from({ length: 20_000 }, (_, at) => `provider/model-${at}`) },
    { claim: "names that differ in their first letters", names: Array.from({ length: 20_000 }, (_, at) => `${at}/model`) },
    { claim: "names of one repeated letter", names: Array.from({ length: 2_000 }, (_, at) => "a".repeat(at)) },
    { claim: "names of bits", names: Array.from({ length: 16_384 }, (_, at) => at.toString(2)) },
  ];

  test.each(SETS)("$claim lie at most PROBES_MAX places off, with every seed", ({ names }) => {
    for (const seed of [0, 1, -1, 0x7fff_ffff, 0xffff_ffff, 0x9e37_79b1]) {
      const index = indexOf(names, seed);
      expect(index.probes).toBeLessThanOrEqual(PROBES_MAX);
      expect(find(index, names[names.length - 1]!)).toBe(names.length - 1);
    }
  });

  test("names that were chosen to meet under one seed do not under the next", () => {
    // All of them begin their search at one place of 256, so a table that could be filled in one way alone would need 40 probes.
    const names: string[] = [];
    for (let at = 0; names.length < 40; at++) if ((hashesIn(indexOf([`n${at}`], 7)).get(0)! & 255) === 3) names.push(`n${at}`);
    const index = indexOf(names, 7);
    expect(index.probes).toBeLessThanOrEqual(PROBES_MAX);
    expect(names.map((name) => find(index, name))).toEqual(names.map((_, at) => at));
  });

  test("a name of many megabytes costs no more than a short one", () => {
    const index = indexOf(["short"]);
    // The bytes can not be read: had they been, this would throw.
    const unreadable = new Proxy(new Uint8Array(8), {
      get: () => {
        throw new Error("was read");
      },
    });
    expect(index.find(unreadable, 0, 30_000_000)).toBe(-1);
  });
});

/** The hash of each name by its route, read from the table itself. */
function hashesIn(index: HashedNames): Map<number, number> {
  const { slots } = index as unknown as { readonly slots: Int32Array };
  const hashes = new Map<number, number>();
  for (let slot = 0; slot < slots.length; slot += 4) if (slots[slot + 2] !== -1) hashes.set(slots[slot + 3]!, slots[slot]!);
  return hashes;
}
