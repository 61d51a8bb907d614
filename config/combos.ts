import { defineCombos } from "omni";
import { providers } from "./providers.ts";

/** Several targets behind one name. Clients ask for the model "smart", or in full "combo:smart". */
export const combos = defineCombos(providers, {
  // With OpenAI declared: chat: ["openai/gpt-5.1", "simulator/writer"].
  smart: { chat: ["simulator/writer"] },

  // The first target always fails: ask for it, and see the second one answer.
  steady: { strategy: "fallback", firstByteTimeout: "5s", chat: ["simulator/fail-503", "simulator/writer"] },

  // Three of four answers are prose; the others say what they were asked.
  mixed: {
    strategy: "weighted",
    chat: [
      { to: "simulator/writer", weight: 3 },
      { to: "simulator/echo", weight: 1 },
    ],
  },
});
