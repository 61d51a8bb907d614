import type { Bags } from "./chat-parts.ts";

/** Something that a request or an answer said and that the other format has no place for. */
export interface Loss {
  /** Where it stood, in the words of the IR, such as `messages[3].parts[0].cache`. */
  readonly path: string;
  /** A short name that fits into a header, such as `top_k`. */
  readonly what: string;
  /** Why it could not be carried, as a sentence. */
  readonly why: string;
  /** `content`: something that was said is missing, so the answer may be to another question. `setting`: only how it is answered changes. */
  readonly weight: "content" | "setting";
}

/** The end of the name of a bag that holds what an answer repeats of its request. */
export const ECHO = ".echo";

/** Collects what one translation loses. */
export class Losses {
  readonly #list: Loss[] = [];

  /** Everything lost so far, in order. */
  get list(): readonly Loss[] {
    return this.#list;
  }

  /** Notes a loss. Called only where something is really left out, so that no news is good news. */
  add(path: string, what: string, why: string, weight: Loss["weight"] = "setting"): void {
    this.#list.push({ path, what, why, weight });
  }

  /** Notes everything in bags that `wire` does not read, but for echoes: what an answer repeats of its request is lost to nobody. */
  addBags(bags: Bags | undefined, wire: string, path: string): void {
    if (bags === undefined) return;
    for (const [owner, json] of Object.entries(bags)) {
      if (owner === wire || owner.endsWith(ECHO)) continue;
      for (const key of Object.keys(json)) this.add(path === "" ? key : `${path}.${key}`, key, `Only ${owner} knows it.`);
    }
  }
}
