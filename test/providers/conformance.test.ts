import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { join } from "node:path";
import { PROVIDERS } from "../../src/providers/index.ts";
import type { ProviderDefinition } from "../../src/providers/provider.ts";
import { OPERATIONS } from "../../src/ir/operation.ts";

const ROOM = join(import.meta.dir, "../../src/providers");
const providers: readonly ProviderDefinition[] = PROVIDERS as never;

function isProvider(value: unknown): value is ProviderDefinition {
  return typeof value === "object" && value !== null && "services" in value && "reference" in value;
}

/** Every definition that any file of the room exports. */
async function declared(): Promise<ProviderDefinition[]> {
  const files = [...new Glob("**/*.ts").scanSync(ROOM)].filter((file) => file !== "index.ts");
  const modules = await Promise.all(files.map((file) => import(join(ROOM, file))));
  return modules.flatMap((module) => Object.values(module)).filter(isProvider);
}

describe("the list of providers", () => {
  test("has every one that is declared", async () => {
    const names = (list: readonly ProviderDefinition[]) => list.map(({ name }) => name).sort();
    expect(names(await declared())).toEqual(names(providers));
  });

  test("has each name once", () => {
    expect(new Set(providers.map(({ name }) => name)).size).toBe(providers.length);
  });

  test("keeps names as literal types", () => {
    type Name = (typeof PROVIDERS)[number]["name"];
    const known: Name = "simulator";
    // @ts-expect-error: a name that no provider has must not compile.
    const unknown: Name = "nobody";
    // @ts-expect-error: nor a model that is not in the catalog.
    const model: Extract<(typeof PROVIDERS)[number], { name: "openai" }>["models"]["chat"][number] = "gpt-0";
    // Where the list is open, any will do.
    const open: Extract<(typeof PROVIDERS)[number], { name: "openrouter" }>["models"]["chat"][number] = "somebody/something";
    expect([known, unknown, model, open]).toHaveLength(4);
  });
});

describe.each(providers.map((provider) => ({ name: provider.name, provider })))("$name", ({ provider }) => {
  test("has a name in kebab-case", () => {
    expect(provider.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  });

  test("says where its facts are from", () => {
    expect(new URL(provider.reference).protocol).toBe("https:");
  });

  test("lives at an https address (or on this machine) that paths can be put behind, or leaves it to the operator", () => {
    if (provider.baseUrl === undefined) return;
    // What stands in braces is a part of one name and nothing more.
    const url = new URL(provider.baseUrl.replace(/\{\w+\}/g, "x"));
    // A server on one's own machine has no certificate.
    expect(url.protocol).toBe(url.hostname === "127.0.0.1" ? "http:" : "https:");
    expect(provider.baseUrl.endsWith("/")).toBe(false);
    expect([url.search, url.hash, url.username, url.password]).toEqual(["", "", "", ""]);
  });

  test("puts the credential into headers alone, whole, and with names in lower case", () => {
    const headers = provider.auth.headers("s3cret");
    expect(Object.values(headers).some((value) => value.includes("s3cret"))).toBe(true);
    for (const name of Object.keys(headers)) expect(name).toMatch(/^[a-z0-9-]+$/);
    for (const { operation, upstream } of provider.services) {
      // Other work than chat names its paths as it goes.
      if (operation === "chat") for (const path of [upstream.path("m", false), upstream.path("m", true)]) expect(path).toStartWith("/");
      expect(upstream.requestHeaders).not.toContain("authorization");
      expect(upstream.requestHeaders).not.toContain("cookie");
      for (const name of Object.keys(headers)) expect(upstream.requestHeaders).not.toContain(name);
    }
  });

  test("names the variable of a key that it can not do without", () => {
    if (provider.keyRequired) expect(provider.keyEnv).toMatch(/^[A-Z][A-Z0-9_]*$/);
  });

  test("does at least one kind of work, each in a format made for it", () => {
    expect(provider.services.length).toBeGreaterThan(0);
    for (const { operation, wire, upstream } of provider.services) {
      expect(OPERATIONS).toContain(operation);
      expect(wire.operation).toBe(operation);
      expect(upstream.wire).toBe(wire.name);
      // Nothing that a class would have on its prototype may be lost on the way. What no client speaks has nothing to pass verbatim.
      if (operation !== "chat") expect(upstream.task?.perform).toBeFunction();
      else if (wire.downstream !== undefined) expect(upstream.openStream().committed).toBe(false);
      else expect(upstream.chat?.decodeStream().end()).toHaveLength(1);
      for (const list of [upstream.requestHeaders, upstream.responseHeaders])
        expect(list.map((name) => name.toLowerCase())).toEqual([...list]);
    }
  });

  test("is reached with what its address lacks, and asks for it", () => {
    const places = [...new Set([...(provider.baseUrl ?? "").matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))];
    const { required = [], properties = {} } = (provider.settings ?? {}) as {
      required?: string[];
      properties?: Record<string, { pattern?: string }>;
    };
    expect(required.toSorted()).toEqual(places.toSorted());
    // Nothing that is put into a host or path may lead out of its place.
    for (const place of places)
      for (const evil of ["x/y", "x@y", "x?y", "x#y", "x:y", "x\\y", ""]) expect(evil).not.toMatch(new RegExp(properties[place]!.pattern!));
  });

  test("lists each model once, and only for work that it does", () => {
    const done = new Set(provider.services.map(({ operation }) => operation));
    for (const [operation, models] of Object.entries(provider.models)) {
      expect(done.has(operation as never)).toBe(true);
      expect(new Set(models).size).toBe(models.length);
      for (const model of models) expect(model).toMatch(/^\S+$/);
    }
  });
});
