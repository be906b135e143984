/** AC-3, FLAC, Opus, Vorbis and WAVEFORMATEXTENSIBLE: fields of the description against what the bytes say. */

import { assertEquals, assertThrows } from "@std/assert";
import { waveFormat } from "../../../src/media/mappings/riff/wave_format.ts";
import { MuxError } from "../../../src/errors.ts";
import type { RiffAudio } from "../../../src/media/mappings/riff/description.ts";
import { checkRiff, describeRiff } from "../../../src/media/mappings/riff/mod.ts";
import { Pieces } from "../../../src/bytes/pieces.ts";
import type { AudioStream } from "../../../src/media/stream_config.ts";
import { concat, fromHex, toHex } from "../bytes.ts";

const STREAM = { kind: "audio", sampleRate: 22_050, numberOfChannels: 2 } as const;

function describe(config: Partial<AudioStream> & Pick<AudioStream, "codec">, data?: Uint8Array) {
  return describeRiff({ ...STREAM, ...config }, undefined, data) as RiffAudio | undefined;
}

Deno.test("describeRiff() knows every bit rate and rate of AC-3", () => {
  // [ETSI TS 102 366] Table 5.18
  const rates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
  for (const [fscod, sampleRate] of [48_000, 44_100, 32_000].entries()) {
    for (const [i, kilobits] of rates.entries()) {
      for (const odd of [0, 1]) {
        const data = Uint8Array.of(
          0x0b,
          0x77,
          0,
          0,
          fscod << 6 | i << 1 | odd,
          8 << 3,
          2 << 5,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
        );
        const found = describe({ codec: "ac-3", sampleRate }, data)!;
        assertEquals([found.sampleRate, found.numberOfChannels, found.bytesPerSecond], [sampleRate, 2, kilobits * 125]);
      }
    }
  }
});

function bytesOf(bits: string): Uint8Array {
  return Uint8Array.from(bits.padEnd(128, "0").match(/.{8}/g)!, (byte) => parseInt(byte, 2));
}

Deno.test("describeRiff() counts the channels of every mode of AC-3 and E-AC-3, and E-AC-3's rates", () => {
  const code = (value: number, width: number) => value.toString(2).padStart(width, "0");
  const sync = code(0x0b77, 16);
  for (const [mode, channels] of [2, 1, 2, 3, 3, 4, 4, 5].entries()) { // [ETSI TS 102 366] Table 5.8
    const hasCentre = (mode & 1) === 1 && mode !== 1;
    const levels = [hasCentre, (mode & 4) !== 0, mode === 2].filter(Boolean).map(() => "00").join("");
    for (const low of [0, 1]) {
      const plain = bytesOf(
        sync + code(0, 16) + "00" + code(30, 6) + code(8, 5) + "000" + code(mode, 3) + levels + low,
      );
      assertEquals(describe({ codec: "ac-3" }, plain)!.numberOfChannels, channels + low);
      for (const [rate, sampleRate] of [48_000, 44_100, 32_000].entries()) {
        for (const [blocks, samples] of [256, 512, 768, 1536].entries()) {
          const fields = code(rate, 2) + code(blocks, 2) + code(mode, 3) + low + code(16, 5);
          const found = describe(
            { codec: "ec-3", numberOfChannels: 1 },
            bytesOf(sync + "00000" + code(191, 11) + fields),
          )!; // 192 words
          assertEquals([found.sampleRate, found.numberOfChannels], [sampleRate, channels + low]);
          assertEquals(found.bytesPerSecond, Math.round(384 * sampleRate / samples));
        }
      }
    }
  }
});

Deno.test("describeRiff() reads rate, channels and bit rate of AC-3 and E-AC-3 from their frames", () => {
  // fscod 0 (48 kHz), frmsizecod 30 (448 kbit/s), bsid 8, acmod 7 (3/2), mix levels, low frequencies.
  const ac3 = fromHex("0b77 0000 1e40 e1 00 0000 0000".replaceAll(" ", ""));
  const found = describe({ codec: "ac-3" }, ac3)!;
  assertEquals([found.codecName, found.id, found.sampleRate, found.numberOfChannels], [
    "AC-3",
    0x2000,
    48_000,
    6,
  ]);
  assertEquals([found.bytesPerSecond, found.bitrate, found.privateData.byteLength], [56_000, 448_000, 0]);
  // FFmpeg's encoder: 44.1 kHz, stereo, 64 kbit/s.
  const eac3 = describe({ codec: 0x2000 }, fromHex("0b77008a7487c00020fc210826c00006"))!;
  assertEquals([eac3.codecName, eac3.sampleRate, eac3.numberOfChannels], ["E-AC-3", 44_100, 2]);
  assertEquals(describe({ codec: "ec-3" }), undefined);
  assertThrows(() => describe({ codec: "ac-3" }, fromHex("0b78000000000000")), MuxError, "is no AC-3 or E-AC-3 frame");
  assertThrows(() => found.framing!(fromHex("0000"), true, new Pieces()), MuxError, "no AC-3 sync word");
});

const STREAMINFO = fromHex(
  "1200 1200 000baf 0013ec 0ac442f0 0000ac44 dffc28266f0e0ed946484f855f8cbdbb".replaceAll(" ", ""),
);

Deno.test("describeRiff() finds STREAMINFO bare, behind its block header, and behind fLaC", () => {
  const block = concat([0x80, 0, 0, 34], STREAMINFO);
  for (const description of [STREAMINFO, block, concat(fromHex("664c6143"), block)]) {
    const found = describe({ codec: "flac", description })!;
    assertEquals(toHex(found.privateData), toHex(STREAMINFO));
    // [RFC 9639] 8.2: 20 bits rate, 3 bits channels less one, 5 bits depth less one.
    assertEquals([found.id, found.sampleRate, found.numberOfChannels, found.bitsPerSample], [
      0xF1AC,
      44_100,
      2,
      16,
    ]);
    assertEquals(found.blockBytes, 0x13EC);
  }
  assertEquals(describe({ codec: "flac" }), undefined);
  assertThrows(() => describe({ codec: "flac", description: STREAMINFO.subarray(1) }), MuxError, "no STREAMINFO");
});

Deno.test("describeRiff() keeps the identification header of Opus, and makes the one of mono and stereo", () => {
  // [RFC 7845] 5.1: name, version 1, two channels, pre-skip 312, rate of the source, gain, mapping family 0.
  const head = fromHex("4f70757348656164 01 02 3801 44ac0000 0000 00".replaceAll(" ", ""));
  const found = describe({ codec: "opus", description: head })!;
  assertEquals(toHex(found.privateData), toHex(head));
  assertEquals([found.id, found.sampleRate, found.numberOfChannels], [0x704F, 48_000, 2]);
  assertEquals(
    toHex(describe({ codec: "opus" })!.privateData),
    "4f70757348656164010200002256000000 0000".replaceAll(" ", ""),
  );
  assertEquals(describe({ codec: "opus", numberOfChannels: 6 }), undefined);
  assertThrows(() => describe({ codec: "opus", description: head.subarray(1) }), MuxError, "no identification header");
});

Deno.test("describeRiff() reads Vorbis from its headers as Matroska has them", () => {
  // [Vorbis I] 4.2.2: version, channels, rate, maximum, nominal and minimum bit rate, block sizes, end mark.
  const identification = fromHex(
    "01766f72626973 00000000 02 44ac0000 00000000 00ee0200 00000000 b8 01".replaceAll(" ", ""),
  );
  const description = concat([2, identification.length, 3], identification, [3, 0, 0, 5, 0]);
  const found = describe({ codec: "vorbis", description })!;
  assertEquals([found.id, found.sampleRate, found.numberOfChannels], [0x566F, 44_100, 2]);
  assertEquals([found.bytesPerSecond, toHex(found.privateData)], [24_000, toHex(description)]);
  assertThrows(() => describe({ codec: "vorbis", description: identification }), MuxError, "the three headers");
});

// [MS-RFC2361]: bits that count, speakers, then the sub-format's GUID with the tag in its first two bytes.
const SURROUND = "1800 3f000000 0100000000001000800000aa00389b71".replaceAll(" ", "");

Deno.test("waveFormat() says more than two channels of PCM in WAVEFORMATEXTENSIBLE", () => {
  const format = waveFormat(describe({ codec: "pcm-s24", numberOfChannels: 6, sampleRate: 48_000 })!);
  // Tag, channels, rate, bytes a second, block, bits, 22 bytes more.
  assertEquals(toHex(format), "feff 0600 80bb0000 002f0d00 1200 1800 1600".replaceAll(" ", "") + SURROUND);
  assertEquals(toHex(waveFormat(describe({ codec: "pcm-s24" })!).subarray(0, 2)), "0100");
  assertEquals(toHex(waveFormat(describe({ codec: "pcm-f32", numberOfChannels: 8 })!).subarray(24, 26)), "0300");
});

Deno.test("waveFormat() gives back what format tag 0xFFFE came with", () => {
  // Back left and right alone, 20 of 24 bits.
  const description = fromHex("1400 30000000 0100000000001000800000aa00389b71".replaceAll(" ", ""));
  const config: AudioStream = { ...STREAM, codec: 0xFFFE, bitsPerSample: 24, description };
  assertEquals(checkRiff(config), []);
  const found = describe(config)!;
  assertEquals([found.id, found.blockBytes, found.channelMask, found.validBits], [1, 6, 0x30, 20]);
  assertEquals(toHex(waveFormat(found).subarray(18)), toHex(description));
});
