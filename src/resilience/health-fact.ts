/** Something that one process has found out about a target, and that is as true for others which ask the same. */
export interface HealthFact {
  /** `rest`: it asked to be left alone. `open`: it failed, and is left alone. `closed`: it works again. */
  readonly type: "rest" | "open" | "closed";
  /** What it is about: as in `TargetIdentity`. */
  readonly scope: "target" | "account" | "service" | "provider";
  readonly name: string;
  /** How long it holds from now on; 0 for `closed`. Milliseconds: a span, since others have other clocks. */
  readonly forMs: number;
}
