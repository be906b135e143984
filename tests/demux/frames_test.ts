/** Bare frames of sound: MP3, ADTS, and what stands before, between and behind them. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { concatBytes } from "../../src/bytes/bytes.ts";
import { readerTest } from "../support/readers.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { inChunks, makeMedia, readAll } from "./support.ts";

const tone = (seconds: number, rate = 44_100) => ["-f", "lavfi", "-i", `sine=duration=${seconds}:sample_rate=${rate}`];
const make = (path: string, ...args: string[]) => makeMedia(path, ...args).then((made) => Deno.readFile(made));

/** An ID3v2 tag of a version around frames. */
function id3(version: number, flags: number, frames: Uint8Array): Uint8Array {
  const size = [21, 14, 7, 0].map((shift) => frames.byteLength >> shift & 0x7F);
  return Uint8Array.of(0x49, 0x44, 0x33, version, 0, flags, ...size, ...frames);
}

const latin = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const textFrame = (id: string, text: string) =>
  concatBytes(latin(id), Uint8Array.of(0, 0, 0, text.length + 1, 0, 0, 3), new TextEncoder().encode(text));

/** Starts of ADTS frames. */
function adtsStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (
    let at = 0;
    at < bytes.byteLength;
    at += (bytes[at + 3]! & 3) << 11 | bytes[at + 4]! << 3 | bytes[at + 5]! >> 5
  ) {
    starts.push(at);
  }
  return starts;
}

readerTest("openMedia() takes what an MP3's encoder put in front and behind off its times", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    for (const rate of [44_100, 24_000]) {
      const bytes = await make(`${folder}/a.mp3`, ...tone(3, rate), "-c:a", "libmp3lame", "-b:a", "64k");
      for (const source of [bytes, inChunks(bytes, 777)]) {
        const { media, samples, error } = await readAll(source);
        assertEquals(error, undefined);
        assertEquals(media.duration, 3_000_000);
        const first = samples[0]!;
        const last = samples.at(-1)!;
        // LAME's delay, 529 samples of the decoder's, and no more behind the end than the rest of a tick.
        assert(Math.abs(first.timestamp + 1105e6 / rate) <= 1, `begins at ${first.timestamp}`);
        const end = last.timestamp + last.duration! - (last.trimEnd ?? 0);
        assert(Math.abs(end - 3_000_000) <= 1, `ends at ${end}`);
      }
    }
  });
});

readerTest(
  "openMedia() reads on behind a tag between ADTS segments, and behind bytes that are none",
  ["ffmpeg"],
  () => {
    return withTempDir(async (folder) => {
      const bytes = await make(`${folder}/a.aac`, ...tone(2), "-c:a", "aac");
      const starts = adtsStarts(bytes);
      const middle = starts[starts.length >> 1]!;
      const parts = [bytes.subarray(0, middle), bytes.subarray(middle)] as const;
      const tag = id3(4, 0, latin("PRIV\0\0\0\x0d\0\0com.apple.s\0x"));
      const plain = await readAll(bytes);
      const tagged = await readAll(concatBytes(tag, parts[0], tag, parts[1]));
      assertEquals([tagged.error, tagged.samples], [undefined, plain.samples]);
      // Junk in front, as a cut leaves it: said, and nothing of the frames is lost.
      const junk = Uint8Array.from({ length: 50_000 }, (_, i) => i * 31 % 251);
      const found = await readAll(concatBytes(junk, bytes));
      assertEquals(found.samples.length, plain.samples.length);
      assertStringIncludes(found.media.warnings[0]!, "50000 bytes in front of its first frame");
      const damaged = await readAll(concatBytes(parts[0], junk.subarray(0, 300), parts[1]));
      assertEquals(damaged.samples.length, plain.samples.length);
      assert(damaged.error instanceof MuxError);
      assertStringIncludes(damaged.error.reason, `300 bytes at 1 place are no frames, the first at byte ${middle}`);
    });
  },
);

readerTest("openMedia() goes on where sound changes its rate, and says when", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    for (const [ext, codec] of [["aac", "aac"], ["mp3", "libmp3lame"]] as const) {
      const plain = ["-write_xing", "0", "-id3v2_version", "0"];
      const options = ["-c:a", codec, ...ext === "mp3" ? plain : []];
      const first = await make(`${folder}/1.${ext}`, ...tone(2, 48_000), ...options);
      const second = await make(`${folder}/2.${ext}`, ...tone(2, 24_000), ...options);
      const counts = (await Promise.all([first, second].map(readAll))).map(({ samples }) => samples.length);
      const { media, samples, error } = await readAll(concatBytes(first, second));
      assertEquals([error, samples.length], [undefined, counts[0]! + counts[1]!]);
      const change = samples[counts[0]!]!;
      assertStringIncludes(
        media.warnings.join(),
        `Stream 1 goes on with 24000 Hz and 1 channel at ${(change.timestamp / 1e6).toFixed(3)} s`,
      );
      assertEquals(samples.at(-1)!.timestamp + samples.at(-1)!.duration! > 4_000_000, true);
    }
  });
});

readerTest("openMedia() hands out what there is of frames cut short, and says how much", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    const bytes = await make(`${folder}/a.mp3`, ...tone(3), "-c:a", "libmp3lame");
    const whole = await readAll(bytes);
    const part = bytes.subarray(0, bytes.byteLength * 2 / 3 | 0);
    const { samples, error } = await readAll(part);
    assert(error instanceof MuxError);
    assertEquals(samples, whole.samples.slice(0, samples.length));
    assert(samples.length > 0.6 * whole.samples.length);
    assert(
      /^\d\.\d{3} s of 3\.000 s are there: it ends inside a frame at byte \d+, \d+ bytes short$/.test(error.reason),
      error.reason,
    );
  });
});

Deno.test("openMedia() reads ID3 of every version, unsynchronised or not, and ID3v1, and names what it leaves out", async () => {
  const sound = await Deno.readFile(fixture("tone.mp3"));
  const utf16 = (id: string, text: string) => {
    const body = [
      1,
      0xFF,
      0xFE,
      ...[...text].flatMap((letter) => [letter.charCodeAt(0) & 0xFF, letter.charCodeAt(0) >> 8]),
    ];
    return concatBytes(latin(id), Uint8Array.of(0, 0, 0, body.length, 0, 0), Uint8Array.from(body));
  };
  const stuffed = (bytes: Uint8Array) =>
    Uint8Array.from(
      [...bytes].flatMap((byte, i, all) => byte === 0xFF && (all[i + 1]! >= 0xE0 || !all[i + 1]) ? [byte, 0] : [byte]),
    );
  const old = concatBytes(latin("TT2\0\0\x07\0Märch"), latin("n"));
  const bare = sound.subarray(0); // its own tag stands behind: the first that says something counts
  const cases: [Uint8Array, Record<string, unknown>][] = [
    [id3(3, 0x80, stuffed(utf16("TIT2", "Straße"))), { title: "Straße" }],
    [id3(3, 0, utf16("TIT2", "Ω")), { title: "Ω" }],
    [id3(2, 0, old), { title: "Märchn" }],
    [id3(4, 0, textFrame("TRCK", "3/9")), { trackNumber: 3 }],
    [id3(4, 0, textFrame("TCON", "(17)")), { genre: "Rock" }],
    [id3(4, 0, textFrame("TXXX", "REPLAYGAIN_TRACK_GAIN\0-5.97 dB")), {
      attributes: { REPLAYGAIN_TRACK_GAIN: "-5.97 dB" },
    }],
  ];
  for (const [tag, expected] of cases) {
    await using media = await openMedia(concatBytes(tag, bare));
    for (const [name, value] of Object.entries(expected)) {
      const actual = media.metadata[name as "title"] as unknown;
      if (name === "attributes") assertEquals({ ...actual as object, ...value as object }, actual);
      else assertEquals(actual, value);
    }
  }
  await using named = await openMedia(concatBytes(id3(4, 0, textFrame("GEOB", "x")), bare));
  assertEquals(named.warnings, ["Tags are not carried over: GEOB"]);
});

readerTest("openMedia() finds chapters of ID3, and AAC's channels where its frames alone say them", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    const chapters = `${folder}/c.txt`;
    const chapter = (start: number, title: string) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${start + 1000}\ntitle=${title}\n`;
    await Deno.writeTextFile(chapters, `;FFMETADATA1\n${chapter(0, "One")}${chapter(1000, "Zwei")}`);
    const mp3 = await make(`${folder}/a.mp3`, ...tone(2), "-i", chapters, "-map_chapters", "1", "-c:a", "libmp3lame");
    await using media = await openMedia(mp3);
    assertEquals(media.metadata.markers, [{ timestamp: 0, name: "One" }, { timestamp: 1_000_000, name: "Zwei" }]);
    const three = [
      "-f",
      "lavfi",
      "-i",
      "aevalsrc=0.1*sin(440*2*PI*t)|0.2*sin(550*2*PI*t)|0.1*sin(90*t):c=2.1:d=1:s=48000",
    ];
    for (const ext of ["aac", "m4a"]) {
      await using surround = await openMedia(await make(`${folder}/a.${ext}`, ...three, "-c:a", "aac"));
      const [stream] = surround.streams;
      assert(stream?.kind === "audio");
      assertEquals(stream.numberOfChannels, 3, ext);
    }
  });
});
