import Type, { type Static, type TSchema } from "typebox";
import { Check } from "typebox/value";
import type { ConfigData, ProviderData } from "./data.ts";
import { DURATION_PATTERN } from "./duration.ts";
import { type Fault, fault } from "./fault.ts";
import { didYouMean } from "./nearest.ts";

/** What a file may say before an environment is picked: `ConfigData`, and the overlays. */
export interface ConfigFile extends ConfigData {
  /** For editors of JSON and YAML. */
  readonly $schema?: string;
  readonly environments?: Readonly<Record<string, OverlayData>>;
}

/** What differs in one environment; everything may be left out. */
export type OverlayData = Partial<Omit<ConfigData, "providers">> & {
  readonly providers?: Readonly<Record<string, Omit<ProviderData, "kind" | "models" | "settings">>>;
};

// `expected` completes the sentence "… is not …" in messages.
const strict = { additionalProperties: false };
const optional = Type.Optional;
const duration = Type.String({ pattern: DURATION_PATTERN, expected: 'a duration: write "500ms", "30s", "5m" or "2h"' });
const count = Type.Integer({ minimum: 1, expected: "a whole number from 1" });
const text = Type.String({ expected: "a text" });

const secret = Type.Object(
  {
    $secret: Type.Union([Type.Literal("env"), Type.Literal("file"), Type.Literal("exec")]),
    name: Type.Union([text, Type.Array(text)]),
  },
  { ...strict, expected: 'a secret reference: write secret.env("NAME"), secret.file("/path") or secret.exec(["command"])' },
);
const models = Type.Object({ chat: optional(Type.Array(text)) }, { ...strict, expected: 'a list of models: write { chat: ["name"] }' });
const providerOptions = {
  apiKey: optional(secret),
  baseUrl: optional(Type.String({ expected: "an address such as https://api.example.com/v1" })),
  timeout: optional(duration),
  headers: optional(Type.Record(Type.String(), Type.Union([text, secret]))),
};
const provider = Type.Object(
  {
    kind: text,
    ...providerOptions,
    models: optional(models),
    settings: optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { ...strict, expected: "a provider: write provider.openai() or another of provider's" },
);
const target = Type.Union(
  [text, Type.Object({ to: text, weight: optional(Type.Number({ exclusiveMinimum: 0, expected: "a weight above 0" })) }, strict)],
  { expected: 'a target: write "provider/model", "combo:name" or { to: "provider/model", weight: 2 }' },
);
const combo = Type.Object(
  {
    strategy: optional(Type.Union([Type.Literal("fallback"), Type.Literal("weighted")])),
    timeout: optional(duration),
    firstByteTimeout: optional(duration),
    attempts: optional(count),
    chat: optional(Type.Array(target, { expected: 'a list of targets: write ["provider/model"]' })),
  },
  { ...strict, expected: 'a combo: write { chat: ["provider/model"] }' },
);
const general = {
  combos: optional(Type.Record(Type.String(), combo)),
  default: optional(text),
  aliases: optional(Type.Record(Type.String(), text)),
  server: optional(
    Type.Object(
      {
        port: optional(Type.Integer({ minimum: 0, maximum: 65_535, expected: "a port from 0 to 65535" })),
        hostname: optional(text),
        drain: optional(duration),
        bodyBytesMax: optional(count),
        admin: optional(Type.Object({ token: optional(secret) }, strict)),
      },
      strict,
    ),
  ),
  telemetry: optional(Type.Object({ logs: optional(Type.Union([Type.Literal("json"), Type.Literal("pretty")])) }, strict)),
};
const overlay = Type.Object({ providers: optional(Type.Record(Type.String(), Type.Object(providerOptions, strict))), ...general }, strict);
const configSchema = Type.Object(
  {
    $schema: optional(text),
    providers: Type.Record(Type.String(), provider, { expected: "providers by name" }),
    ...general,
    environments: optional(Type.Record(Type.String(), overlay)),
  },
  { ...strict, expected: "a configuration: write export default defineConfig({ … })" },
);

// The build breaks here when the schema says something else than the types that the rest of the program goes by.
true satisfies Static<typeof configSchema> extends ConfigFile ? true : never;

/** Says whether a value has the shape of a configuration. The schema is strict: a key that means nothing is a fault, never ignored. */
export function isConfigFile(value: unknown): value is ConfigFile {
  return Check(configSchema, value);
}

/** All that keeps a value from having the shape of a configuration. Empty exactly when `isConfigFile` holds. */
export function shapeFaults(value: unknown): Fault[] {
  return faultsOf(configSchema, value, []);
}

/** The same for what a kind of provider lets be set. */
export function settingsFaults(settings: TSchema, value: unknown, path: readonly string[]): Fault[] {
  return faultsOf(settings, value, path);
}

/** The few words of JSON Schema that are used here. TypeBox's schemas are plain JSON Schema, so they can be read as this. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly expected?: string;
}

// TypeBox's own errors name keywords of JSON Schema, and for a union list the faults of every branch; so the walk is done here.
function faultsOf(typeboxSchema: TSchema, value: unknown, path: readonly string[]): Fault[] {
  const schema = typeboxSchema as Schema; // See the interface.
  if (schema.anyOf) {
    const fitting = schema.anyOf.filter((branch) => branch.const === undefined && branch.type === typeOf(value));
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) return faultsOf(only as TSchema, value, path);
    return Check(typeboxSchema, value) ? [] : [wrongValue(schema, value, path)];
  }
  if (isPlainObject(value) && (schema.properties || schema.patternProperties)) return objectFaults(schema, value, path);
  if (Array.isArray(value) && schema.items) {
    const { items } = schema;
    return value.flatMap((item, index) => faultsOf(items as TSchema, item, [...path, String(index)]));
  }
  return Check(typeboxSchema, value) ? [] : [wrongValue(schema, value, path)];
}

function objectFaults(schema: Schema, value: Readonly<Record<string, unknown>>, path: readonly string[]): Fault[] {
  const [forAny] = Object.values(schema.patternProperties ?? {});
  const known = schema.properties ?? {};
  const faults: Fault[] = [];
  for (const [key, item] of Object.entries(value)) {
    const part = Object.hasOwn(known, key) ? known[key] : forAny;
    faults.push(...(part ? faultsOf(part as TSchema, item, [...path, key]) : [unknownKey(key, Object.keys(known), path)]));
  }
  for (const key of schema.required ?? []) {
    if (value[key] !== undefined) continue;
    faults.push(
      fault("missing", path, `${where(path)} has no "${key}"`, `add ${key}${known[key]?.expected ? `: ${known[key].expected}` : ""}`),
    );
  }
  return faults;
}

function unknownKey(key: string, known: readonly string[], path: readonly string[]): Fault {
  const fix =
    didYouMean(key, known) ?? (known.length > 0 ? `what there is: ${known.join(", ")}` : "take it out: there is nothing to set here");
  return fault("unknownKey", [...path, key], `${where(path)} knows no "${key}"`, fix);
}

function wrongValue(schema: Schema, value: unknown, path: readonly string[]): Fault {
  const [noun, example] = expectation(schema).split(/: (?=write )/) as [string, string?]; // A split gives at least one part.
  return fault("wrongValue", path, `${quote(value)} is not ${noun}`, example ?? `write ${noun}`);
}

function expectation(schema: Schema): string {
  if (schema.expected !== undefined) return schema.expected;
  const literals = schema.anyOf?.flatMap((branch) => (branch.const === undefined ? [] : [JSON.stringify(branch.const)])) ?? [];
  if (literals.length > 0) return literals.join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.pattern !== undefined) return `a text of the form ${schema.pattern}`;
  const range = [
    schema.minimum === undefined ? "" : ` from ${schema.minimum}`,
    schema.maximum === undefined ? "" : ` to ${schema.maximum}`,
  ];
  const noun: Readonly<Record<string, string>> = {
    boolean: "true or false",
    integer: "a whole number",
    number: "a number",
    string: "a text",
  };
  return `${noun[schema.type ?? ""] ?? `of type ${schema.type ?? "that is asked for here"}`}${range.join("")}`;
}

/** A value in a message: short, and never what is inside of an object. */
function quote(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** `combo "smart"`, `server`: what a path speaks of. */
function where(path: readonly string[]): string {
  const [section, name] = path;
  if (section === undefined) return "the configuration";
  const singular: Readonly<Record<string, string>> = { providers: "provider", combos: "combo", environments: "environment" };
  if (path.length === 2 && singular[section] !== undefined) return `${singular[section]} "${name}"`;
  return path.join(".");
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeOf(value) === "object";
}
