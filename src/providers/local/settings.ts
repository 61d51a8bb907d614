import { type TSchema, Type } from "typebox";

/** Where the reader may go besides the public internet. */
export interface LocalSettings {
  /** Ports that pages may be fetched from. Default: 80 and 443. */
  readonly ports?: readonly number[];
  /** Hosts that may be fetched though they are not of the public internet, by their names: `wiki.example.internal`. Default: none. */
  readonly privateHosts?: readonly string[];
}

/** The same as a schema, for the check at run time. */
export const LOCAL_SETTINGS: TSchema = Type.Object(
  {
    ports: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }))),
    // A name or an address, without port and path.
    privateHosts: Type.Optional(
      Type.Array(Type.String({ pattern: "^[^\\s/@?#\\[\\]]+$", expected: 'a host: write "wiki.example.internal"' })),
    ),
  },
  { additionalProperties: false },
);
