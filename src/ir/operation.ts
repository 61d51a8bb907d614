/** Every kind of work the gateway carries; one more is one more line here and one file beside it. */
export const OPERATIONS = ["chat"] as const;

/** One kind of work. */
export type Operation = (typeof OPERATIONS)[number];
