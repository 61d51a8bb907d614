import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { boundaryOf, FormFault, readForm, writeForm } from "../../src/bytes/multipart.ts";

const contents = (body: Uint8Array, boundary: string) =>
  readForm(body, boundary).map(({ name, filename, contentType, start, end }) => ({
    name,
    filename,
    contentType,
    content: Buffer.from(body.subarray(start, end)).toString("latin1"),
  }));

describe("a form", () => {
  test("is read as it was written, whatever is in it", () => {
    // Old clients write a quote as \\", others as %22, so a backslash can not be told from what it may stand for.
    const name = fc.string({ minLength: 1 }).map((text) => text.replaceAll("\\", "/"));
    const part = fc.record({
      name,
      content: fc.uint8Array({ maxLength: 300 }),
      filename: fc.option(name, { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const { body } = writeForm(
          parts.map(({ filename, ...rest }) => (filename === undefined ? rest : { ...rest, filename })),
          "a-boundary-that-nothing-has",
        );
        const seen = (text: string) => text.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll("%22", '"');
        expect(contents(body, "a-boundary-that-nothing-has")).toEqual(
          parts.map(({ name, content, filename }) => ({
            name: seen(name),
            filename: filename === undefined ? undefined : seen(filename),
            contentType: undefined,
            content: Buffer.from(content).toString("latin1"),
          })),
        );
      }),
    );
  });

  test("is read as the runtime's own clients write it", async () => {
    const form = new FormData();
    form.append("model", "m");
    form.append("file", new File(["a\r\n--b"], 'quoted "name".wav', { type: "audio/wav" }));
    form.append("empty", "");
    const request = new Request("http://x/", { method: "POST", body: form });
    const boundary = boundaryOf(request.headers.get("content-type"));
    expect(contents(await request.bytes(), boundary!)).toEqual([
      { name: "model", filename: undefined, contentType: undefined, content: "m" },
      { name: "file", filename: 'quoted "name".wav', contentType: "audio/wav", content: "a\r\n--b" },
      { name: "empty", filename: undefined, contentType: undefined, content: "" },
    ]);
  });

  test("is read by the runtime as we write it", async () => {
    const { body, contentType } = writeForm(
      [
        { name: "a", content: "1" },
        { name: "f", content: "xyz", filename: "f.bin", contentType: "x/y" },
      ],
      "bbbb",
    );
    const form = await new Response(body as Uint8Array<ArrayBuffer>, { headers: { "content-type": contentType } }).formData();
    expect(form.get("a")).toBe("1");
    expect(await (form.get("f") as File).text()).toBe("xyz");
  });

  test("that is cut anywhere before its end is none", () => {
    const { body } = writeForm(
      [
        { name: "a", content: "1" },
        { name: "b", content: "two" },
      ],
      "edge",
    );
    for (let cut = 0; cut < body.length - 4; cut++) expect(() => readForm(body.subarray(0, cut), "edge")).toThrow(FormFault);
  });

  test.each([
    ["multipart/form-data; boundary=abc", "abc"],
    ['multipart/form-data; charset=utf-8; boundary="a b"', "a b"],
    ["application/json", undefined],
    [null, undefined],
  ])("whose type is %p has the boundary %p", (type, boundary) => expect(boundaryOf(type)).toBe(boundary!));
});
