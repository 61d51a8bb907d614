/**
 * Reads a password: typed by a person without being shown, twice, or from a pipe.
 * @throws {Error} If what is typed differs, or the person gives up.
 */
export async function readPassword(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) return (await Bun.stdin.text()).replace(/\r?\n$/, "");
  const first = await typed(prompt);
  if ((await typed("The same again: ")) === first) return first;
  throw new Error("The two are not the same. Nothing was changed.");
}

function typed(prompt: string): Promise<string> {
  const { stdin } = process;
  process.stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.resume();
  return new Promise((resolve, reject) => {
    let text = "";
    const end = (settle: () => void): void => {
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
      process.stderr.write("\n");
      settle();
    };
    const take = (bytes: Buffer): void => {
      for (const character of bytes.toString("utf8")) {
        if (character === "\r" || character === "\n") {
          end(() => resolve(text));
          return;
        }
        if (character === "\u0003" || character === "\u0004") {
          end(() => reject(new Error("Nothing was changed.")));
          return;
        }
        text = character === "\u007f" || character === "\b" ? [...text].slice(0, -1).join("") : text + character;
      }
    };
    stdin.on("data", take);
  });
}
