/** The longest name of a tool that OpenAI's formats take. Anthropic takes twice as much, and agents that name tools after servers use it. */
export const TOOL_NAME_LENGTH_MAX = 64;

/**
 * A name as OpenAI's formats take it. A longer one keeps its beginning and gets a hash of all of it, so that no two collide and nothing has
 * to be remembered: the client's own list of tools says what a short name stands for (client-tools.ts).
 */
export function shortToolName(name: string): string {
  if (name.length <= TOOL_NAME_LENGTH_MAX) return name;
  const hash = Bun.hash.xxHash64(name).toString(36);
  return `${name.slice(0, TOOL_NAME_LENGTH_MAX - 1 - hash.length)}_${hash}`;
}
