/** Something that is wrong with a configuration's data, by where in the data it is. `locate.ts` finds the place in the files. */
export interface Fault {
  readonly code: FaultCode;
  readonly severity: "error" | "warning";
  /** From the root: `["combos", "smart", "chat", "0"]`. */
  readonly path: readonly string[];
  readonly what: string;
  readonly fix: string;
}

/** What can be wrong, by the code that is shown. A code keeps its meaning for good. */
export const FAULTS = {
  notFound: "OMNI-C001",
  syntax: "OMNI-C002",
  threw: "OMNI-C003",
  importMissing: "OMNI-C004",
  timedOut: "OMNI-C005",
  gaveNothing: "OMNI-C006",
  notData: "OMNI-C007",
  unknownKey: "OMNI-C010",
  wrongValue: "OMNI-C011",
  missing: "OMNI-C012",
  inlinedSecret: "OMNI-C013",
  badName: "OMNI-C014",
  unknownProvider: "OMNI-C020",
  unknownModel: "OMNI-C021",
  unknownCombo: "OMNI-C022",
  notATarget: "OMNI-C023",
  cycle: "OMNI-C024",
  emptyList: "OMNI-C025",
  unreachable: "OMNI-C026",
  weightIgnored: "OMNI-C027",
  noSuchList: "OMNI-C028",
  neverHolds: "OMNI-C029",
  badBaseUrl: "OMNI-C030",
  notLoopback: "OMNI-C031",
  unknownEnvironment: "OMNI-C032",
  unknownKind: "OMNI-C033",
  aliasTaken: "OMNI-C034",
  badHeader: "OMNI-C035",
  badKey: "OMNI-C036",
  badLimit: "OMNI-C037",
  unknownPrice: "OMNI-C038",
  badFilter: "OMNI-C041",
  badGuardrail: "OMNI-C039",
  wrongWork: "OMNI-C039",
  secretUnresolved: "OMNI-C040",
  hedgeIgnored: "OMNI-C041",
  typeCheckFailed: "OMNI-C050",
} as const;

/** A code of the table. */
export type FaultCode = (typeof FAULTS)[keyof typeof FAULTS];

/** Makes an error. */
export function fault(kind: keyof typeof FAULTS, path: readonly string[], what: string, fix: string): Fault {
  return { code: FAULTS[kind], severity: "error", path, what, fix };
}
