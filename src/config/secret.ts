/** Where a secret is to be found: what the configuration holds instead of the secret itself. */
export interface SecretReference {
  readonly $secret: "env" | "file" | "exec";
  /** The variable's name, the file's path, or the command with its arguments. */
  readonly name: string | readonly string[];
}
