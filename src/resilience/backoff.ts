/** How long to wait before the same target is asked again. */
export interface BackoffOptions {
  /** The longest first wait; each further one may be twice as long. Default 100. */
  readonly waitMsFirst?: number;
  /** No wait is longer. Default 5,000. */
  readonly waitMsMax?: number;
}

/**
 * Full jitter: anything from nothing to the whole wait, so that clients that failed together do not come back together.
 * @param failures How often the target has failed in this exchange; at least 1.
 * @param unit Chance, from 0 to 1.
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function backoffMs(failures: number, unit: number, options: BackoffOptions = {}): number {
  const { waitMsFirst = 100, waitMsMax = 5_000 } = options;
  return unit * Math.min(waitMsFirst * 2 ** (failures - 1), waitMsMax);
}
