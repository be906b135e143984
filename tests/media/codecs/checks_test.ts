import { assertEquals } from "@std/assert";
import { checkRiff } from "../../../src/media/mappings/riff/mod.ts";
import type { StreamConfig } from "../../../src/media/stream_config.ts";

const VIDEO = { kind: "video", codec: "WMV1", codedWidth: 320, codedHeight: 240 };
const AUDIO = { kind: "audio", codec: 0x2000, sampleRate: 48_000, numberOfChannels: 2 };
const VIDEO_CODECS = "known are avc1.PPCCLL, avc3.PPCCLL, hvc1.…, hev1.…, vp8, vp09.PP.LL.DD, av01.P.LLT.DD, " +
  "mp4v.20.N, mp4v.61, mp4v.6A, mjpeg, vc1, WVC1, a FourCC such as WMV3";
const AUDIO_CODECS = "known are mp4a.40.2, mp4a.40.5, mp4a.40.29, 0x00FF, mp3, 0x0055, ac-3, ec-3, 0x2000, flac, " +
  "0xF1AC, opus, 0x704F, vorbis, 0x566F, pcm-u8, pcm-s16, pcm-s24, pcm-s32, pcm-f32, pcm-f64, alaw, ulaw, 0x0160, 0x0161, 0x0162, 0x0163, a WAVE format tag such as 0x2000";

const PROBLEMS: [Record<string, unknown>, string][] = [
  [{ kind: "text" }, 'kind must be one of "video", "audio", "script", "image", "file", "binary", got text'],
  [{ ...VIDEO, codec: "vp7" }, `video codec "vp7" is not known; ${VIDEO_CODECS}`],
  [{ ...VIDEO, codec: "avc1.64" }, `video codec "avc1.64" is not known; ${VIDEO_CODECS}`],
  [{ ...VIDEO, codec: "WM\u0000V" }, `video codec "WM\\u0000V" is not known; ${VIDEO_CODECS}`],
  [{ ...VIDEO, codec: 7 }, `video codec 7 is not known; ${VIDEO_CODECS}`],
  [{ ...VIDEO, codec: undefined }, `video codec undefined is not known; ${VIDEO_CODECS}`],
  [{ ...AUDIO, codec: "speex" }, `audio codec "speex" is not known; ${AUDIO_CODECS}`],
  [{ ...AUDIO, codec: "toString" }, `audio codec "toString" is not known; ${AUDIO_CODECS}`],
  [{ ...AUDIO, codec: 0 }, `audio codec 0 is not known; ${AUDIO_CODECS}`],
  [{ ...AUDIO, codec: 65_536 }, `audio codec 65536 is not known; ${AUDIO_CODECS}`],
  [{ ...AUDIO, codec: NaN }, `audio codec NaN is not known; ${AUDIO_CODECS}`],
  [{ ...VIDEO, streamNumber: 128 }, "streamNumber must be an integer from 1 to 127, got 128"],
  [{ ...VIDEO, codedWidth: 0 }, "codedWidth must be an integer from 1 to 65535, got 0"],
  [{ ...VIDEO, codedHeight: 240.5 }, "codedHeight must be an integer from 1 to 65535, got 240.5"],
  [{ ...VIDEO, codedHeight: 65_536 }, "codedHeight must be an integer from 1 to 65535, got 65536"],
  [{ ...VIDEO, displayAspectWidth: 16 }, "displayAspectHeight must be an integer from 1 to 65535, got undefined"],
  [{ ...VIDEO, framerate: Infinity }, "framerate must be a positive number, got Infinity"],
  [{ ...VIDEO, bitrate: 0 }, "bitrate must be a positive number, got 0"],
  [{ ...VIDEO, bitrate: "1000" }, 'bitrate must be a positive number, got "1000"'],
  [{ ...VIDEO, description: "avcC" }, "description must be an ArrayBuffer or a view of one, got string"],
  [{ ...VIDEO, description: null }, "description must be an ArrayBuffer or a view of one, got object"],
  [{ ...VIDEO, description: new Uint8Array(65_496) }, "description must not exceed 65495 bytes, got 65496"],
  [{ ...AUDIO, description: new ArrayBuffer(65_518) }, "description must not exceed 65517 bytes, got 65518"],
  [{ ...AUDIO, sampleRate: 0 }, "sampleRate must be an integer from 1 to 4294967295, got 0"],
  [{ ...AUDIO, sampleRate: undefined }, "sampleRate must be an integer from 1 to 4294967295, got undefined"],
  [{ ...AUDIO, sampleRate: 2 ** 32 }, "sampleRate must be an integer from 1 to 4294967295, got 4294967296"],
  [{ ...AUDIO, numberOfChannels: 1.5 }, "numberOfChannels must be an integer from 1 to 65535, got 1.5"],
  [{ ...AUDIO, blockBytes: 65_536 }, "blockBytes must be an integer from 1 to 65535, got 65536"],
  [{ ...AUDIO, bitsPerSample: -1 }, "bitsPerSample must be an integer from 1 to 65535, got -1"],
];

for (const [config, problem] of PROBLEMS) {
  Deno.test(`checkRiff() says: ${problem.slice(0, 90)}`, () => {
    assertEquals(checkRiff(config as unknown as StreamConfig), [problem]);
  });
}

Deno.test("checkRiff() says all that is wrong at once", () => {
  const config = { ...AUDIO, codec: "speex", sampleRate: -1, numberOfChannels: 0 } as StreamConfig;
  assertEquals(checkRiff(config).length, 3);
});

Deno.test("checkRiff() accepts the largest there is", () => {
  const largest = { sampleRate: 4_294_967_295, numberOfChannels: 65_535, blockBytes: 65_535, bitsPerSample: 0 };
  assertEquals(checkRiff({ ...AUDIO, ...largest, description: new Uint8Array(65_517) } as StreamConfig), []);
  const size = { codedWidth: 65_535, codedHeight: 65_535, description: new SharedArrayBuffer(65_495) };
  assertEquals(checkRiff({ ...VIDEO, ...size } as StreamConfig), []);
});
