import { webFetch as webFetchWire } from "../../wire/web-fetch/index.ts";
import { bearer } from "../auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "../provider.ts";
import { LocalSession } from "./session.ts";
import { LOCAL_SETTINGS, type LocalSettings } from "./settings.ts";

const webFetch = ["reader"] as const;

/** What the gateway does itself: it reads pages of the web. Built in, and there without being declared. */
export const local: ProviderDefinition<"local", { readonly webFetch: typeof webFetch }, LocalSettings> = defineProvider({
  name: "local",
  reference: "https://html.spec.whatwg.org/multipage/",
  auth: bearer,
  keyRequired: false,
  services: [speaks(webFetchWire)],
  models: { webFetch },
  builtIn: true,
  settings: LOCAL_SETTINGS,
  open: (world, settings: LocalSettings) => new LocalSession(world, settings),
});
