import { describe, expect, test } from "bun:test";
import { soundTypeOf } from "../../src/bytes/sound-type.ts";
import { wavOf, wavSeconds } from "../../src/bytes/wav.ts";
import { silentMp3, spokenIn, spokenWav } from "../../src/providers/simulator/sound.ts";

describe("a recording is known by its content", () => {
  test.each([
    ["RIFF\x00\x00\x00\x00WAVEfmt ", "wav"],
    ["ID3\x04\x00", "mp3"],
    ["\xff\xfb\x90\x64", "mp3"],
    ["\xff\xf3\x44\xc4", "mp3"],
    ["\xff\xf1\x50\x80", "aac"],
    ["\x00\x00\x00\x20ftypM4A ", "mp4"],
    ["\x1a\x45\xdf\xa3", "webm"],
    ["OggS\x00", "ogg"],
    ["fLaC\x00", "flac"],
    ["RIFF\x00\x00\x00\x00AVI ", undefined],
    ["<!doctype html>", undefined],
    ["\xff\xd8\xff\xe0", undefined],
    ["", undefined],
  ])("%p is %p", (bytes, name) => expect(soundTypeOf(Buffer.from(bytes, "latin1"))?.name).toBe(name!));
});

test("samples become a WAV file that says how long it is", () => {
  expect(wavSeconds(wavOf(new Uint8Array(48_000), 24_000))).toBe(1);
  expect(wavSeconds(Buffer.from("RIFF"))).toBeUndefined();
});

test("what the simulator says can be written down again", () => {
  for (const text of ["a", "ab", "Grüße", "LIST of things"]) expect(spokenIn(spokenWav(text))).toBe(text);
  expect(soundTypeOf(silentMp3("x"))?.name).toBe("mp3");
});
