const HEAD_BYTES = 44;

/** Puts a head before bare samples: 16 bits each, lowest byte first. */
export function wavOf(samples: Uint8Array, samplesPerSecond: number, channels = 1): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES);
  const blockBytes = channels * 2;
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(HEAD_BYTES - 8 + samples.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(samplesPerSecond, 24);
  head.writeUInt32LE(samplesPerSecond * blockBytes, 28);
  head.writeUInt16LE(blockBytes, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** How long a WAV file is, in seconds; undefined if it does not say so in a way that makes sense. */
export function wavSeconds(bytes: Uint8Array): number | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.toString("latin1", 0, 4) !== "RIFF" || view.toString("latin1", 8, 12) !== "WAVE") return undefined;
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= view.length; ) {
    const name = view.toString("latin1", at, at + 4);
    const length = view.readUInt32LE(at + 4);
    if (name === "fmt " && at + 20 <= view.length) bytesPerSecond = view.readUInt32LE(at + 16);
    // What is written as it is made does not know its own length.
    if (name === "data") return bytesPerSecond === 0 ? undefined : Math.min(length, view.length - at - 8) / bytesPerSecond;
    at += 8 + length + (length % 2);
  }
  return undefined;
}
