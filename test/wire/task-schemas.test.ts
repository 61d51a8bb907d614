import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { OmniError } from "../../src/ir/failure.ts";
import { WIRES } from "../../src/wire/index.ts";
import { type Schema, valuesOf } from "../support/arbitrary-schema.ts";

const described = WIRES.filter(({ operation, downstream }) => operation !== "chat" && downstream !== undefined);

describe.each(described.map((wire) => [wire.name, wire] as const))("%s", (_, { downstream }) => {
  const { schemas, takes, sample, task } = downstream!;

  test("says what its requests and answers are made of", () => {
    expect(schemas?.request["type"]).toBe("object");
    expect(schemas?.request["required"]).toContain("model");
    expect(Object.keys(schemas?.answers ?? {}).length).toBeGreaterThan(0);
    for (const name of Object.keys(sample ?? {})) expect(Object.keys(schemas?.request["properties"] ?? {})).toContain(name);
  });

  test("takes whatever it says that it takes", () => {
    if (takes === "form") return;
    fc.assert(
      fc.property(valuesOf(schemas!.request as Schema), (value) => {
        try {
          task!.decodeRequest(Buffer.from(JSON.stringify(value)), "application/json");
        } catch (error) {
          // What a file is, only its content tells.
          if (!(error instanceof OmniError) || error.kind !== "invalid_file_format") throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
