/** One kind of work that the gateway carries; one more is one more name here and one file beside it. */
export type Operation = "chat";

/** Every kind of work. */
export const OPERATIONS: readonly Operation[] = ["chat"];
