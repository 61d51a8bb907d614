import { defineConfig } from "omni";
import { combos } from "./config/combos.ts";
import { providers } from "./config/providers.ts";

// `omni check` tells whether this holds, `npm start` serves it. More to copy from: config/examples.
export default defineConfig({
  providers,
  combos,
  default: "combo:smart",
});
