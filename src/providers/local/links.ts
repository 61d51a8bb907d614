/** More than this nobody follows; a page of nothing but links must not become an answer of megabytes. */
const LINKS_MAX = 1_000;
const IMAGES_MAX = 200;
const URL_LENGTH_MAX = 2_048;

/** What a page leads to and shows. Whole http URLs, each once, in the page's order. */
export interface PageLinks {
  /** Up to 1,000, without their fragments. */
  readonly links: readonly string[];
  /** Up to 200. */
  readonly images: readonly string[];
}

/**
 * Collects what a page leads to.
 * @param url Where the page was found; a `base` of its own goes before it.
 */
export function linksOf(document: Document, url: string): PageLinks {
  const base = baseOf(document, url);
  const links = new Set<string>();
  for (const element of document.querySelectorAll("a[href], area[href]")) {
    if (links.size >= LINKS_MAX) break;
    const link = resolve(element.getAttribute("href"), base);
    if (link === undefined) continue;
    link.hash = "";
    // A link to a place in the page itself leads nowhere else.
    if (link.href !== url.replace(/#.*$/s, "")) links.add(link.href);
  }
  const images = new Set<string>();
  for (const element of document.querySelectorAll("img")) {
    if (images.size >= IMAGES_MAX) break;
    const image = resolve(element.getAttribute("data-src"), base) ?? resolve(element.getAttribute("src"), base);
    if (image !== undefined) images.add(image.href);
  }
  return { links: [...links], images: [...images] };
}

/** What relative URLs of the page are relative to. */
export function baseOf(document: Document, url: string): string {
  return resolve(document.querySelector("base[href]")?.getAttribute("href") ?? null, url)?.href ?? url;
}

function resolve(href: string | null, base: string): URL | undefined {
  if (href === null || href.trim() === "" || href.length > URL_LENGTH_MAX) return undefined;
  const url = URL.parse(href.trim(), base);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.href.length > URL_LENGTH_MAX) return undefined;
  return url;
}
