import type { ConfigData } from "./data.ts";

/** What runs where nothing is configured: a provider that needs no key and no network, behind the name `default`. */
export const defaultConfig: ConfigData = {
  providers: { simulator: { kind: "simulator" } },
  default: "simulator/writer",
};
