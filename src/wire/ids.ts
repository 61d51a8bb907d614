const PREFIXES = ["chatcmpl-", "msg_", "resp_", "gen-"] as const;

/** The id of an answer under the prefix that a format's clients know; ids of no known family stay as they are. */
export function idAs(prefix: "chatcmpl-" | "msg_" | "resp_", id: string): string {
  if (id.startsWith(prefix)) return id;
  const known = PREFIXES.find((candidate) => id.startsWith(candidate));
  return known === undefined ? id : prefix + id.slice(known.length);
}

/** A part of an answer's id that is unique to it, to make ids of its parts from: no clock and no chance is needed, and ids stay the same when made again. */
export function stemOf(id: string): string {
  const known = PREFIXES.find((candidate) => id.startsWith(candidate));
  const stem = known === undefined ? id : id.slice(known.length);
  return stem.replace(/[^a-zA-Z0-9]/g, "").slice(-32) || "0";
}
