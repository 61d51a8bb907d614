export { checkFilter } from "./check-filter.ts";
export { type Compression, compress, type Examination, examine, type ResultContext } from "./compress.ts";
export {
  type CompressedBody,
  type CompressOptions,
  compressBody,
  DEFAULT_FILTERS,
  type MarkedResults,
  type Saving,
} from "./compress-body.ts";
export { defineFilter, type Filter } from "./filter.ts";
export { FilterSet } from "./filter-set.ts";
export { FILTERS } from "./filters/index.ts";
export { formatBytesSaved, formatSavings, isSwitchedOff, RTK_HEADER, RTK_OFF_HEADERS } from "./rtk-headers.ts";
export { findToolResults, type ToolResultSpan } from "./tool-results.ts";
