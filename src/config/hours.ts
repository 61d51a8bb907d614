/** Two times of the day, such as `22:00-06:00`. */
export const HOURS_PATTERN = "^([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d$";

/** A part of each day. Minutes since midnight. */
export interface Hours {
  readonly start: number;
  /** Exclusive. Before `start` when midnight lies between. */
  readonly end: number;
}

/** @returns undefined if the text is no span of the day. */
export function hoursOf(text: string): Hours | undefined {
  if (!new RegExp(HOURS_PATTERN).test(text)) return undefined;
  const [start = 0, end = 0] = text.split("-").map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
  return { start, end };
}
