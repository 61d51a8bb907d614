/** One part of a form: where its content stands, and what its head says of it. */
export interface FormPart {
  readonly name: string;
  /** undefined for plain fields. */
  readonly filename: string | undefined;
  /** As the head says it; undefined if it does not. */
  readonly contentType: string | undefined;
  /** The content, from `start` to `end` (exclusive) of the form's bytes. */
  readonly start: number;
  readonly end: number;
}

/** Why bytes are no form. */
export class FormFault extends Error {
  override readonly name = "FormFault";
}

/** More parts than any client sends. */
const PARTS_MAX = 1000;
/** A part's head. */
const HEAD_BYTES_MAX = 16 * 1024;
const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;

/** The boundary that a `multipart/form-data` content type names; undefined if it names none. */
export function boundaryOf(contentType: string | null): string | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;",]{1,70}))/i.exec(contentType ?? "") ?? [];
  return quoted ?? plain;
}

/**
 * Finds the parts of a form (RFC 7578). Copies nothing.
 * @throws {FormFault} If the bytes are no whole form: a part without a name, a missing end.
 */
export function readForm(bytes: Uint8Array, boundary: string): FormPart[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  const first = delimiter.subarray(2);
  const parts: FormPart[] = [];
  // What stands before the first delimiter means nothing.
  let at = buffer.indexOf(first);
  if (at === -1 || (at > 0 && buffer[at - 1] !== LF)) throw new FormFault("its boundary does not occur in it");
  at += first.length;
  for (;;) {
    if (buffer[at] === DASH && buffer[at + 1] === DASH) return parts;
    // Blanks may stand behind a delimiter.
    while (buffer[at] === 0x20 || buffer[at] === 0x09) at++;
    if (buffer[at] !== CR || buffer[at + 1] !== LF) throw new FormFault("a delimiter is not at the end of its line");
    if (parts.length === PARTS_MAX) throw new FormFault(`it has more than ${PARTS_MAX} parts`);
    const headEnd = buffer.indexOf("\r\n\r\n", at, "latin1");
    if (headEnd === -1 || headEnd - at > HEAD_BYTES_MAX) throw new FormFault("the head of a part has no end");
    const start = headEnd + 4;
    // A part without content ends where its head does.
    const end = buffer.indexOf(delimiter, headEnd + 2);
    if (end === -1) throw new FormFault("its last boundary is missing");
    parts.push({ ...readHead(buffer.toString("utf8", at + 2, headEnd + 2)), start: Math.min(start, end), end });
    at = end + delimiter.length;
  }
}

function readHead(head: string): Pick<FormPart, "name" | "filename" | "contentType"> {
  const disposition = /^content-disposition:[ \t]*form-data([^\r\n]*)/im.exec(head)?.[1] ?? "";
  const name = parameter(disposition, "name");
  if (name === undefined) throw new FormFault("a part has no name");
  const contentType = /^content-type:[ \t]*([^\r\n]*)/im.exec(head)?.[1]?.trim();
  return { name, filename: parameter(disposition, "filename"), contentType };
}

/** Browsers write quotes in names as `%22`; others with a backslash. */
function parameter(disposition: string, name: string): string | undefined {
  const [, quoted, plain] = new RegExp(`;[ \\t]*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, "i").exec(disposition) ?? [];
  return quoted?.replaceAll(/\\(.)/g, "$1").replaceAll("%22", '"') ?? plain;
}

/** A part of a form that is to be written: a field, or a file with its name. */
export interface NewFormPart {
  readonly name: string;
  readonly content: Uint8Array | string;
  readonly filename?: string;
  readonly contentType?: string;
}

/**
 * Writes a form.
 * @param boundary Must not occur in any part: made by chance, 16 letters or more.
 */
export function writeForm(parts: readonly NewFormPart[], boundary: string): { readonly contentType: string; readonly body: Uint8Array } {
  const pieces = parts.flatMap(({ name, content, filename, contentType }) => {
    const file = filename === undefined ? "" : `; filename="${escaped(filename)}"`;
    const type = contentType === undefined ? "" : `Content-Type: ${contentType.replaceAll(/[\r\n]/g, " ")}\r\n`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"${file}\r\n${type}\r\n`;
    return [Buffer.from(head), typeof content === "string" ? Buffer.from(content) : content, Buffer.from("\r\n")];
  });
  const body = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

/** As browsers do. */
function escaped(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
