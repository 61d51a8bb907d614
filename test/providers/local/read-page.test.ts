import { describe, expect, test } from "bun:test";
import { linksOf } from "../../../src/providers/local/links.ts";
import type { PageFormat } from "../../../src/providers/local/page.ts";
import { parsePage } from "../../../src/providers/local/parse-page.ts";
import { readPage } from "../../../src/providers/local/read-page.ts";

const URL_OF_PAGE = "https://site.example/docs/page.html";

function read(text: string | Uint8Array, contentType = "text/html; charset=utf-8", format: PageFormat = "markdown") {
  return readPage({ url: URL_OF_PAGE, contentType, body: typeof text === "string" ? Buffer.from(text) : text, format });
}

const WORDS = "A gateway carries requests between programs and models, and counts what each of them costs. ".repeat(4);

const ARTICLE = `<!doctype html>
<html><head><title>How it works &amp; why</title><link rel="stylesheet" href="/style.css"><script>track("nothing")</script></head>
<body>
<header><nav><a href="/">Home</a> <a href="/about">About us</a></nav></header>
<main><article>
<h1>How it works &amp; why</h1>
<p>${WORDS}</p>
<h2>Routes</h2>
<p>See <a href="routes.html#names">the routes</a>, <b>bold</b> and <em>slanted</em>. ${WORDS}</p>
<ul><li>first</li><li>second <code>code</code></li></ul>
<ol><li>one</li><li>two</li></ol>
<pre><code class="language-ts">const a = 1;
if (a &lt; 2) go();</code></pre>
<table><thead><tr><th>Name</th><th>Cost</th></tr></thead><tbody><tr><td>small</td><td>1</td></tr><tr><td>large</td><td>9</td></tr></tbody></table>
<blockquote><p>Well said.</p></blockquote>
<figure><img src="../images/plan.png" alt="The plan" width="600" height="400"><figcaption>A drawing</figcaption></figure>
<p>${WORDS}</p>
</article></main>
<footer><p>All rights reserved. <a href="https://elsewhere.example/terms#a">Terms</a></p></footer>
</body></html>`;

describe("an article", () => {
  test("is read as Markdown: what it says, without what stands around it", async () => {
    const { title, content } = await read(ARTICLE);
    expect(title).toBe("How it works & why");
    for (const part of [
      "## Routes",
      "[the routes](https://site.example/docs/routes.html#names)",
      "**bold**",
      "*slanted*",
      "- first\n- second `code`",
      "1. one\n2. two",
      "```ts\nconst a = 1;\nif (a < 2) go();\n```",
      "| Name | Cost |\n| --- | --- |\n| small | 1 |\n| large | 9 |",
      "> Well said.",
      "![The plan](https://site.example/images/plan.png)",
    ]) {
      expect(content).toContain(part);
    }
    for (const clutter of ["About us", "All rights reserved", "track(", "style.css"]) expect(content).not.toContain(clutter);
  });

  test("is read as HTML", async () => {
    const { content } = await read(ARTICLE, undefined, "html");
    expect(content).toContain("<h2>Routes</h2>");
    expect(content).toContain('<a href="https://site.example/docs/routes.html#names">the routes</a>');
    expect(content).not.toMatch(/<body|<script|About us/);
  });

  test("is read as text", async () => {
    const { content } = await read(ARTICLE, undefined, "text");
    expect(content).toContain("\n\nRoutes\n\nSee the routes, bold and slanted. A gateway");
    expect(content).toContain("first\nsecond code");
    expect(content).toContain("const a = 1;\nif (a < 2) go();");
    expect(content).toContain("Name\tCost\nsmall\t1\nlarge\t9");
    expect(content).not.toMatch(/[<>*`#]{2}|About us/);
  });

  test("has its links and images, all of the page, whole and each once", async () => {
    const { links, images } = await read(ARTICLE);
    expect(links).toEqual([
      "https://site.example/",
      "https://site.example/about",
      "https://site.example/docs/routes.html",
      "https://elsewhere.example/terms",
    ]);
    expect(images).toEqual(["https://site.example/images/plan.png"]);
  });
});

describe("links and images", () => {
  test("are relative to the page's own base", async () => {
    const { links, images, content } = await read(
      `<html><head><base href="/other/"></head><body><p>${WORDS}<a href="a">a</a><img src="b.png" alt="b"></p></body></html>`,
    );
    expect(links).toEqual(["https://site.example/other/a"]);
    expect(images).toEqual(["https://site.example/other/b.png"]);
    expect(content).toContain("[a](https://site.example/other/a)");
  });

  test("are http alone, and none of a base that is not", async () => {
    const hrefs = [
      "javascript:alert(1)",
      "mailto:a@site.example",
      "data:text/html,x",
      "file:///etc/passwd",
      "http://[",
      "",
      "#part",
      " /kept ",
    ];
    const page = `<base href="javascript:alert(1)//"><p>${WORDS}${hrefs.map((href) => `<a href="${href}">x</a>`).join("")}<img src="data:image/png;base64,AAAA"><img data-src="/lazy.png" src="data:,">`;
    const { links, images, content } = await read(page);
    expect(links).toEqual(["https://site.example/kept"]);
    expect(images).toEqual(["https://site.example/lazy.png"]);
    expect(content).not.toContain("javascript:");
  });

  test("are bounded in number and length", () => {
    const many = Array.from({ length: 3_000 }, (_, at) => `<a href="/${at}">x</a><img src="/${at}.png">`).join("");
    const { links, images } = linksOf(parsePage(`<p>${many}<a href="/${"a".repeat(3_000)}">long</a></p>`), URL_OF_PAGE);
    expect([links.length, images.length]).toEqual([1_000, 200]);
  });
});

describe("HTML with parts left out", () => {
  test.each([
    { html: "<p>hello <b>there</b></p>", title: "", content: "hello **there**" },
    { html: "just words", title: "", content: "just words" },
    { html: "<title>T</title><p>words", title: "T", content: "words" },
    {
      html: "<!doctype html><title>T</title><meta charset=utf-8><h1>Head</h1><p>one<p>two<ul><li>a<li>b</ul>",
      title: "T",
      content: "## Head\n\none\n\ntwo\n\n- a\n- b",
    },
    { html: "<html><title>T</title><p>words", title: "T", content: "words" },
    { html: "<html><head><title>T</title></head><p>words</html>", title: "T", content: "words" },
    { html: "<h1>Head</h1><p>words", title: "Head", content: "words" },
    { html: "", title: "", content: "" },
    { html: "<html><head></head><frameset></frameset></html>", title: "", content: "" },
    { html: "<p>a</b></i></p></div>", title: "", content: "a" },
  ])("$html is read", async ({ html, ...expected }) => {
    expect(await read(html)).toMatchObject(expected);
  });
});

test("nothing that could run is left in HTML", async () => {
  const page = `<body><article><p onclick="go()">${WORDS}</p><a href="javascript:go()" onclick="go()">l</a><img src="x.png" onerror="go()"><iframe src="//evil.example"></iframe>
    <object data="x"></object><svg onload="go()"><script>go()</script></svg><form action="/x"><input name="a"></form><style>p{}</style><script>go()</script><math><mtext><img src=x onerror=go()></mtext></math></article></body>`;
  const { content } = await read(page, undefined, "html");
  expect(content).not.toMatch(/\bon\w+=|javascript:|<script|<iframe|<object|<svg|<style|evil/i);
  expect((await read(page)).content).not.toMatch(/go\(\)|<iframe|evil/);
});

describe("what is not HTML", () => {
  test.each([
    { contentType: "text/plain", body: "a < b\n\n*c*", content: "a < b\n\n*c*" },
    { contentType: "text/markdown; charset=utf-8", body: "# Head", content: "# Head" },
    { contentType: "application/json", body: '{"a": 1}', content: '{"a": 1}' },
    { contentType: "application/problem+json", body: "{}", content: "{}" },
    { contentType: "text/csv", body: "a,b", content: "a,b" },
    { contentType: "application/rss+xml", body: "<rss></rss>", content: "<rss></rss>" },
    { contentType: "", body: "no type at all", content: "no type at all" },
    { contentType: "application/octet-stream", body: "text after all", content: "text after all" },
  ])("is handed on as it is: $contentType", async ({ contentType, body, content }) => {
    expect(await read(body, contentType)).toEqual({ title: "", content, links: [], images: [] });
    expect((await read(body, contentType, "text")).content).toBe(content);
    expect((await read(body, contentType, "html")).content).toBe(`<pre>${Bun.escapeHTML(content)}</pre>`);
  });

  test("but was not said to be anything, is looked at", async () => {
    expect((await read("<!DOCTYPE html><title>T</title><p>words", "")).title).toBe("T");
  });

  test.each(["application/pdf", "image/png", "application/zip", "video/mp4", "application/msword"])(
    "and no text is refused with a way out: %s",
    async (contentType) => {
      const error = await read("%PDF-1.7", contentType).catch((error) => error);
      expect(error).toMatchObject({ name: "UnreadablePage" });
      expect(error.message).toContain(contentType);
      expect(error.message).toContain("/v1/models/web");
    },
  );

  test("and has zero bytes in it is no text", async () => {
    expect(await read(new Uint8Array([80, 75, 3, 4, 0, 0]), "").catch((error) => error)).toMatchObject({ name: "UnreadablePage" });
  });
});

describe("a page in another encoding", () => {
  const page = (meta: string, words: string): string => `<html><head>${meta}<title>${words}</title></head><body><p>x</p></body></html>`;
  const latin = (text: string): Uint8Array => Buffer.from(text, "latin1");

  test.each([
    { claim: "by the header", contentType: "text/html; charset=ISO-8859-1", body: latin(page("", "caf\u00e9")), title: "café" },
    {
      claim: "by a meta",
      contentType: "text/html",
      body: latin(page('<meta charset="windows-1252">', "\u0093caf\u00e9\u0094")),
      title: "“café”",
    },
    {
      claim: "by the older meta",
      contentType: "text/html",
      body: latin(page('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', "\u00d0\u00d2")),
      title: "пр",
    },
    {
      claim: "by a mark, whatever the header says",
      contentType: "text/html; charset=latin1",
      body: Buffer.from(`\ufeff${page("", "café")}`),
      title: "café",
    },
    { claim: "in UTF-16", contentType: "text/html", body: Buffer.from(`\ufeff${page("", "café")}`, "utf16le"), title: "café" },
    {
      claim: "in Japanese",
      contentType: "text/html; charset=shift_jis",
      body: Buffer.concat([latin("<title>"), new Uint8Array([0x93, 0xfa, 0x96, 0x7b]), latin("</title><p>x")]),
      title: "日本",
    },
    { claim: "of no name, being UTF-8", contentType: "text/html; charset=none-such", body: Buffer.from(page("", "café")), title: "café" },
    { claim: "unsaid, not being UTF-8", contentType: "text/html", body: latin(page("", "caf\u00e9")), title: "café" },
    {
      claim: "that says UTF-16 and can not be",
      contentType: "text/html",
      body: Buffer.from(page('<meta charset="utf-16">', "café")),
      title: "café",
    },
  ])("is understood: $claim", async ({ contentType, body, title }) => {
    expect((await read(body, contentType)).title).toBe(title);
  });
});

describe("a hostile page", () => {
  test.each([
    { claim: "5 MiB of open tags", html: "<b>".repeat(1_700_000) },
    { claim: "5 MiB of signs that may be tags", html: "<".repeat(5_000_000) },
    { claim: "elements a thousand deep", html: `${"<div>".repeat(1_000)}x` },
    { claim: "lists five thousand deep", html: `${"<ul><li>".repeat(5_000)}x` },
  ])("of $claim is refused before it is read", async ({ html }) => {
    expect(await read(html).catch((error) => error)).toMatchObject({ name: "UnreadablePage" });
  });

  test.each([
    { claim: "5 MiB of one attribute", html: `<p title="${"a".repeat(5_000_000)}">words</p>` },
    { claim: "a megabyte of entities", html: `<p>${"&amp;".repeat(200_000)}</p>` },
    { claim: "a comment that does not end", html: `<p>words</p><!--${"a".repeat(1_000_000)}` },
    { claim: "zero bytes and halves of letters", html: "<p>a\u0000b\ud800c</p>" },
  ])(
    "of $claim is read",
    async ({ html }) => {
      expect((await read(html, undefined, "text")).content.length).toBeGreaterThan(0);
    },
    20_000,
  );
});
