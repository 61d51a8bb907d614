import { boundaryOf, FormFault, type FormPart, readForm } from "../bytes/multipart.ts";
import { OmniError } from "../ir/failure.ts";

/** A client's form, read field by field. Each reader throws an OmniError that names the field. Names of lists may have brackets behind them. */
export class Form {
  private readonly bytes: Uint8Array;
  private readonly parts: readonly FormPart[];

  private constructor(bytes: Uint8Array, parts: readonly FormPart[]) {
    this.bytes = bytes;
    this.parts = parts;
  }

  /** @throws {OmniError} `invalid_request`, if it is no form. */
  static of(bytes: Uint8Array, contentType: string | null): Form {
    const boundary = boundaryOf(contentType);
    if (boundary === undefined) throw new OmniError("invalid_request", "Cannot read the form: its content-type names no boundary.");
    try {
      return new Form(bytes, readForm(bytes, boundary));
    } catch (cause) {
      if (!(cause instanceof FormFault)) throw cause;
      throw new OmniError("invalid_request", `Cannot read the form: ${cause.message}.`, { cause });
    }
  }

  /** Where the model's name stands. @throws {OmniError} `invalid_model`. */
  model(): { readonly start: number; readonly end: number } {
    const named = this.named("model");
    const [part] = named;
    const why =
      part === undefined ? "the form has none" : named.length > 1 ? "the form has several" : part.start === part.end ? "it is empty" : "";
    if (part !== undefined && why === "") return part;
    throw new OmniError("invalid_model", `Cannot read the name of the model: ${why}. Put it into the field \`model\`.`, { param: "model" });
  }

  /** A file, of which there has to be one. */
  file(name: string): { readonly bytes: Uint8Array; readonly filename: string; readonly contentType: string | undefined } {
    const files = this.files(name);
    const [file] = files;
    if (file !== undefined && files.length === 1) return file;
    throw this.wrong(name, files.length === 0 ? "a file, sent with its name" : "one file alone");
  }

  /** All files of a name, `name` or `name[]`. */
  files(name: string): readonly { readonly bytes: Uint8Array; readonly filename: string; readonly contentType: string | undefined }[] {
    return this.named(name).flatMap(({ start, end, filename, contentType }) =>
      filename === undefined ? [] : [{ bytes: this.bytes.subarray(start, end), filename, contentType }],
    );
  }

  textMaybe(name: string): string | undefined {
    const [text, second] = this.list(name);
    if (second !== undefined) throw this.wrong(name, "there once");
    return text === "" ? undefined : text;
  }

  numberMaybe(name: string): number | undefined {
    const text = this.textMaybe(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isFinite(value)) throw this.wrong(name, "a number");
    return value;
  }

  booleanMaybe(name: string): boolean | undefined {
    const text = this.textMaybe(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text === "true" || text === "1") return true;
    if (text === "false" || text === "0") return false;
    throw this.wrong(name, "true or false");
  }

  /** All texts of a name. */
  list(name: string): string[] {
    return this.named(name).map(({ start, end, filename }) => {
      if (filename !== undefined) throw this.wrong(name, "a plain field and no file");
      return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString();
    });
  }

  /** Every plain field but those that the caller has read, under its own name. */
  rest(known: ReadonlySet<string>): (readonly [name: string, value: string])[] {
    return this.parts
      .filter(({ name, filename }) => filename === undefined && !known.has(bare(name)))
      .map(({ name, start, end }) => [name, Buffer.from(this.bytes.subarray(start, end)).toString()] as const);
  }

  wrong(name: string, wanted: string): OmniError {
    return new OmniError("invalid_request", `Cannot read the form: \`${name}\` must be ${wanted}.`, { param: name });
  }

  private named(name: string): readonly FormPart[] {
    return this.parts.filter((part) => bare(part.name) === name);
  }
}

function bare(name: string): string {
  return name.endsWith("[]") ? name.slice(0, -2) : name;
}
