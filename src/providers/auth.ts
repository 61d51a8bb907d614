import type { Auth } from "./provider.ts";

/** `authorization: Bearer …`, as OpenAI has it. */
export const bearer: Auth = {
  name: "bearer",
  headers: (credential) => ({ authorization: `Bearer ${credential}` }),
};

/**
 * The bare credential in a header of its own.
 * @param name In lower case, such as `x-api-key`.
 */
export function header(name: string): Auth {
  return { name, headers: (credential) => ({ [name]: credential }) };
}
