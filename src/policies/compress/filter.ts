import type { Filter } from "./filter-grammar.ts";

export type * from "./filter-grammar.ts";

/** Types a filter where it is written. It is checked when it is loaded, by `checkFilter`. */
export function defineFilter(filter: Filter): Filter {
  return filter;
}
