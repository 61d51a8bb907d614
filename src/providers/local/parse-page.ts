import { parseHTML } from "linkedom";

/** Elements that a page may have. The longest pages that people read have some twenty thousand. */
const ELEMENTS_MAX = 50_000;
/** How deep they may lie in each other. Pages that people read stay below fifty. */
const DEPTH_MAX = 512;

/** What there is to read in no page. */
const UNREAD = "script, style, template, iframe, object, embed, canvas, svg, link[rel=stylesheet]";
const OF_THE_HEAD: ReadonlySet<string> = new Set(["TITLE", "META", "LINK", "BASE", "SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE"]);

/** A page that would take too long to read. */
export class PageTooComplex extends Error {
  override readonly name = "PageTooComplex";
}

/**
 * Makes a document of HTML, however much of it was left out: nothing of it runs, and nothing is loaded.
 * @throws {PageTooComplex} Before the work is done.
 */
export function parsePage(html: string): Document {
  let elements = 0;
  for (let at = html.indexOf("<"); at >= 0; at = html.indexOf("<", at + 1)) {
    if (++elements > ELEMENTS_MAX * 2) throw new PageTooComplex(`It has more than ${ELEMENTS_MAX} elements.`);
  }
  const { document } = parseHTML(/<html[\s>]/i.test(html) ? html : `<!doctype html><html>${html}</html>`);
  addBody(document);
  checkDepth(document.documentElement);
  for (const element of document.querySelectorAll(UNREAD)) element.remove();
  return document;
}

/** The tags of head and body may be left out; what stands where they would is put into them. */
function addBody(document: Document): void {
  const root = document.documentElement;
  if ([...root.children].some(({ tagName }) => tagName === "BODY")) return;
  const nodes = [...root.childNodes];
  const head = document.head;
  const body = document.createElement("body");
  let isInHead = true;
  for (const node of nodes) {
    if (node === head) continue;
    const { nodeName } = node;
    isInHead &&= OF_THE_HEAD.has(nodeName) || (nodeName === "#text" && (node.textContent ?? "").trim() === "") || nodeName === "#comment";
    (isInHead ? head : body).append(node);
  }
  root.append(body);
}

function checkDepth(root: Element): void {
  let depth = 0;
  let element: Element | null = root;
  while (element !== null) {
    if (element.firstElementChild !== null) {
      element = element.firstElementChild;
      if (++depth > DEPTH_MAX) throw new PageTooComplex(`Its elements lie more than ${DEPTH_MAX} deep in each other.`);
      continue;
    }
    while (element !== null && element !== root && element.nextElementSibling === null) {
      element = element.parentElement;
      depth--;
    }
    if (element === null || element === root) return;
    element = element.nextElementSibling;
  }
}
