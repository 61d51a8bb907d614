import { type TSchema, Type } from "typebox";

/** A pause such as `20ms` or `1.5s`; `0ms` is none. */
export type Pause = `${number}${"ms" | "s"}`;

/** What an operator may say of a simulator. */
export interface SimulatorSettings {
  /** Between two events of a stream; an answer that is sent whole takes as long as its stream would. Default `20ms`. */
  readonly pace?: Pause;
  /** Before an answer begins. Default `100ms`. */
  readonly firstTokenDelay?: Pause;
  /** How long an answer of `writer` is. Default 64. */
  readonly tokens?: number;
}

const PAUSE = "^\\d+(\\.\\d+)?(ms|s)$";

/** The same as a schema, for the check at run time. */
export const SIMULATOR_SETTINGS: TSchema = Type.Object(
  {
    pace: Type.Optional(Type.String({ pattern: PAUSE })),
    firstTokenDelay: Type.Optional(Type.String({ pattern: PAUSE })),
    tokens: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  },
  { additionalProperties: false },
);

/** How a simulator speaks: its settings in numbers. */
export interface Manner {
  readonly paceMs: number;
  readonly firstTokenMs: number;
  readonly tokens: number;
}

/** Fills in the defaults. */
export function mannerOf({ pace = "20ms", firstTokenDelay = "100ms", tokens = 64 }: SimulatorSettings): Manner {
  return { paceMs: pauseMs(pace), firstTokenMs: pauseMs(firstTokenDelay), tokens };
}

function pauseMs(pause: Pause): number {
  return Number.parseFloat(pause) * (pause.endsWith("ms") ? 1 : 1000);
}
