import type { Socket } from "bun";
import { BULK_EVENTS, contentChunk, lastChunks, PACE_MS, PACED_EVENTS, STREAM_HEAD, wholeAnswer } from "./traffic.ts";

interface Connection {
  /** Bytes of the request's body that are still to come; 0 between requests. */
  missing: number;
  behaviour: string;
  /** What the socket would not take yet. */
  unsent: Uint8Array | undefined;
  pace: Timer | undefined;
}

/** A provider that costs next to nothing: raw sockets, answers made beforehand, no timers but those of paced streams. */
export interface UpstreamServer {
  readonly port: number;
  stop(): void;
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;
const MODEL = /"model":"(?:[^"/]*\/)?(whole|bulk|paced)"/;

const LENGTH_REQUIRED = encode("HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\n\r\n");
const UNKNOWN_MODEL = encode("HTTP/1.1 400 Bad Request\r\ncontent-length: 13\r\n\r\nunknown model");
const WHOLE = wholeAnswer();
const LAST = lastChunks();
const BULK = new TextEncoder().encode(STREAM_HEAD + contentChunk("routed ").repeat(BULK_EVENTS) + LAST);

/**
 * Starts it. Whatever the path, a POST is answered as the model in its body says; anything else gets an empty list of models.
 *
 * @param port 0 for any that is free.
 */
export function startUpstream(port: number): UpstreamServer {
  const listener = Bun.listen<Connection>({
    hostname: "127.0.0.1",
    port,
    socket: {
      open(socket) {
        socket.data = { missing: 0, behaviour: "", unsent: undefined, pace: undefined };
        socket.setNoDelay(true);
      },
      data: take,
      drain: sendRest,
      close(socket) {
        clearInterval(socket.data.pace);
      },
      error() {},
    },
  });
  return { port: listener.port, stop: () => listener.stop(true) };
}

/** Reads just enough of HTTP for clients that do not pipeline: heads come whole, bodies have a length. */
function take(socket: Socket<Connection>, bytes: Buffer): void {
  const connection = socket.data;
  const text = bytes.toString("latin1", 0, Math.min(bytes.length, 2048));
  if (connection.missing === 0) {
    const end = text.indexOf("\r\n\r\n");
    const head = end < 0 ? "" : text.slice(0, end);
    const length = LENGTH.exec(head)?.[1];
    if (!head.startsWith("POST ") || length === undefined) {
      send(socket, head.startsWith("POST ") ? LENGTH_REQUIRED : modelList(head));
      return;
    }
    connection.behaviour = MODEL.exec(text)?.[1] ?? "";
    connection.missing = Number(length) - (bytes.length - end - 4);
  } else {
    if (connection.behaviour === "") connection.behaviour = MODEL.exec(text)?.[1] ?? "";
    connection.missing -= bytes.length;
  }
  if (connection.missing <= 0) {
    connection.missing = 0;
    answer(socket);
  }
}

function answer(socket: Socket<Connection>): void {
  const { behaviour } = socket.data;
  if (behaviour === "paced") pace(socket);
  else send(socket, behaviour === "whole" ? WHOLE : behaviour === "bulk" ? BULK : UNKNOWN_MODEL);
}

/** Each event is its own write and says when it left, so that whoever gets it can tell how long it was under way. */
function pace(socket: Socket<Connection>): void {
  let left = PACED_EVENTS;
  send(socket, encode(STREAM_HEAD));
  const timer = setInterval(() => {
    if (left-- > 0) {
      send(socket, encode(contentChunk(`@${(performance.timeOrigin + performance.now()).toFixed(3)} `)));
      return;
    }
    clearInterval(timer);
    send(socket, encode(LAST));
  }, PACE_MS);
  socket.data.pace = timer;
}

function send(socket: Socket<Connection>, bytes: Uint8Array): void {
  if (socket.data.unsent !== undefined) {
    socket.data.unsent = Buffer.concat([socket.data.unsent, bytes]);
    return;
  }
  const sent = Math.max(socket.write(bytes), 0);
  if (sent < bytes.length) socket.data.unsent = bytes.subarray(sent);
}

function sendRest(socket: Socket<Connection>): void {
  const { unsent } = socket.data;
  socket.data.unsent = undefined;
  if (unsent !== undefined) send(socket, unsent);
}

function modelList(head: string): Uint8Array {
  const status = head === "" ? "431 Request Header Fields Too Large" : "200 OK";
  const body = '{"object":"list","data":[]}';
  return encode(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
}

function encode(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
