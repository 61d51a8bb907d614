import fc from "fast-check";

/** The words of JSON Schema that the gateway's own document uses. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: "uri";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

/** Values that a schema allows. */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valuesOf));
  const { minimum = 0, maximum = 1000 } = schema;
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "string":
      // Under a name that belongs to nobody, so that no machine is ever asked.
      if (schema.format === "uri") return fc.webPath().map((path) => `https://site.invalid${path}`);
      if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern), { maxLength: 60 });
      return fc.string({ minLength: schema.minLength ?? 0, maxLength: 30 });
    case "integer":
      return fc.integer({ min: minimum, max: maximum });
    case "number":
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(valuesOf(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 4 });
    case "object": {
      const { properties = {}, required = [] } = schema;
      return fc.record(Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, valuesOf(part)])), {
        requiredKeys: [...required] as never[],
      });
    }
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** Values of which one field is something else than the schema allows, or too much. */
export function brokenValuesOf(schema: Schema): fc.Arbitrary<unknown> {
  const names = Object.keys(schema.properties ?? {});
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constant("x".repeat(5000)),
    fc.constant(-1),
    fc.constant(1e308),
    fc.constant("\u0000"),
  );
  if (names.length === 0) return anything;
  return fc
    .tuple(valuesOf(schema), fc.constantFrom(...names), anything)
    .map(([value, name, wrong]) => ({ ...(value as object), [name]: wrong }));
}
