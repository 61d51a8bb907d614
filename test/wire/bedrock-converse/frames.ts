/** One message of an AWS event stream: lengths, their checksum, headers, payload, the checksum of all. */
export function awsMessage(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const bytes = Buffer.from(value);
      const start = Buffer.from([name.length, ...Buffer.from(name), 7, 0, 0]); // 7: a string, with a length of two bytes.
      start.writeUInt16BE(bytes.length, start.length - 2);
      return Buffer.concat([start, bytes]);
    }),
  );
  const body = Buffer.from(payload);
  const message = Buffer.alloc(12 + head.length + body.length + 4);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(Bun.hash.crc32(message.subarray(0, 8)), 8);
  head.copy(message, 12);
  body.copy(message, 12 + head.length);
  message.writeUInt32BE(Bun.hash.crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}

/** An event of Converse. */
export function converseEvent(type: string, json: unknown): Buffer {
  return awsMessage({ ":event-type": type, ":content-type": "application/json", ":message-type": "event" }, JSON.stringify(json));
}

/** Cuts a stream into its messages. */
export function awsMessages(bytes: Uint8Array): Buffer[] {
  const buffer = Buffer.from(bytes);
  const messages: Buffer[] = [];
  for (let at = 0; at < buffer.length; at += buffer.readUInt32BE(at)) messages.push(buffer.subarray(at, at + buffer.readUInt32BE(at)));
  return messages;
}
