/** What a request says of answers that were given before, and of its own. */
export interface CacheWish {
  /** Whether one that was given before will do. */
  readonly read: boolean;
  /** Whether its own may be kept. */
  readonly write: boolean;
  /** No older one will do. Milliseconds. */
  readonly ageMsMax: number;
}

const ANYTHING: CacheWish = { read: true, write: true, ageMsMax: Number.POSITIVE_INFINITY };

/** Reads `cache-control` of a request: `no-store`, `no-cache` and `max-age`; everything else in it is for others. */
export function cacheWishOf(header: string | null): CacheWish {
  if (header === null) return ANYTHING;
  let { read, write, ageMsMax } = ANYTHING;
  for (const part of header.split(",")) {
    const [name = "", value = ""] = part.split("=", 2).map((word) => word.trim().toLowerCase());
    if (name === "no-store") {
      read = false;
      write = false;
    } else if (name === "no-cache") read = false;
    else if (name === "max-age" && /^"?\d{1,10}"?$/.test(value)) ageMsMax = Math.min(ageMsMax, Number(value.replaceAll('"', "")) * 1000);
  }
  return { read, write, ageMsMax };
}
