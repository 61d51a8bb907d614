/** Elements that begin on a line of their own. */
const BLOCKS: ReadonlySet<string> = new Set(
  (
    "ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY BR CAPTION DD DETAILS DIV DL DT FIGCAPTION FIGURE FOOTER FORM H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE " +
    "SECTION SUMMARY TABLE TBODY TFOOT THEAD TR UL"
  ).split(" "),
);
/** Those after which a line is left empty. */
const PARAGRAPHS: ReadonlySet<string> = new Set("ARTICLE BLOCKQUOTE DL FIGURE H1 H2 H3 H4 H5 H6 OL P PRE SECTION TABLE UL".split(" "));
const CELLS: ReadonlySet<string> = new Set(["TD", "TH"]);

const TEXT = 3;

/** What may stand between two words, the weakest first. */
const GAPS = ["", " ", "\t", "\n", "\n\n"] as const;
type Gap = (typeof GAPS)[number];

/** The words of a part of a page, as one would read them out: a line for a block, an empty line between paragraphs, cells apart by tabs. */
export function plainTextOf(root: Node): string {
  const writer = new TextWriter();
  write(root, writer, false);
  return writer.text;
}

/** Puts words together. Of the gaps that are asked for between two of them the strongest counts; before the first and after the last there is none. */
class TextWriter {
  text = "";
  private gap: Gap = "";

  ask(gap: Gap): void {
    if (GAPS.indexOf(gap) > GAPS.indexOf(this.gap)) this.gap = gap;
  }

  add(words: string): void {
    if (/^\s/.test(words)) this.ask(" ");
    const trimmed = words.trim();
    if (trimmed === "") return;
    this.addPreformatted(trimmed.replace(/\s+/g, " "));
    if (/\s$/.test(words)) this.ask(" ");
  }

  addPreformatted(words: string): void {
    this.text += this.text === "" ? words : this.gap + words;
    this.gap = "";
  }
}

/** As deep as the page, which has a bound. */
function write(node: Node, writer: TextWriter, isPreformatted: boolean): void {
  if (node.nodeType === TEXT) {
    const text = node.textContent ?? "";
    if (isPreformatted) writer.addPreformatted(text);
    else writer.add(text);
    return;
  }
  const name = node.nodeName;
  const gap = PARAGRAPHS.has(name) ? "\n\n" : BLOCKS.has(name) ? "\n" : CELLS.has(name) ? "\t" : "";
  writer.ask(gap);
  for (const child of node.childNodes) write(child, writer, isPreformatted || name === "PRE");
  writer.ask(gap);
}
