import { assertEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../../src/errors.ts";
import type { RiffAudio } from "../../../src/media/mappings/riff/description.ts";
import { checkRiff, describeRiff } from "../../../src/media/mappings/riff/mod.ts";
import { Pieces } from "../../../src/bytes/pieces.ts";
import type { AudioStream } from "../../../src/media/stream_config.ts";

const STREAM: AudioStream = { kind: "audio", codec: "pcm-s16", sampleRate: 48_000, numberOfChannels: 2 };

function describe(config: Partial<AudioStream>): RiffAudio {
  return describeRiff({ ...STREAM, ...config }) as RiffAudio;
}

// nBlockAlign = channels · bits / 8, nAvgBytesPerSec = rate · nBlockAlign ([ASF] 9.1).
const FORMS: { config: Partial<AudioStream>; said: [number, number, number, number] }[] = [
  { config: { codec: "pcm-u8" }, said: [1, 8, 2, 96_000] },
  { config: { codec: "pcm-s16" }, said: [1, 16, 4, 192_000] },
  { config: { codec: "pcm-s24" }, said: [1, 24, 6, 288_000] },
  { config: { codec: "pcm-s32", numberOfChannels: 1 }, said: [1, 32, 4, 192_000] },
  { config: { codec: "pcm-f32", numberOfChannels: 6 }, said: [3, 32, 24, 1_152_000] },
  { config: { codec: "pcm-f64" }, said: [3, 64, 16, 768_000] },
  { config: { codec: "alaw", sampleRate: 8000 }, said: [6, 8, 2, 16_000] },
  { config: { codec: "ulaw", sampleRate: 8000 }, said: [7, 8, 2, 16_000] },
  { config: { codec: 1, bitsPerSample: 24 }, said: [1, 24, 6, 288_000] },
  { config: { codec: 3, bitsPerSample: 32, blockBytes: 8 }, said: [3, 32, 8, 384_000] },
];

for (const { config, said } of FORMS) {
  Deno.test(`describeRiff() fills WAVEFORMATEX for PCM: ${JSON.stringify(config)}`, () => {
    assertEquals(checkRiff({ ...STREAM, ...config }), []);
    const found = describe(config);
    assertEquals([found.id, found.bitsPerSample, found.blockBytes, found.bytesPerSecond], said);
    assertEquals([found.bitrate, found.privateData.byteLength], [8 * said[3]!, 0]);
  });
}

Deno.test("PCM framing passes whole blocks and refuses anything else", () => {
  const { framing } = describe({ streamNumber: 5 });
  const out = new Pieces();
  framing!(new Uint8Array(400), true, out);
  assertEquals([out.count, out.byteLength], [1, 400]);
  for (const size of [0, 1, 3, 401]) {
    const error = assertThrows(
      () => framing!(new Uint8Array(size), true, out),
      MuxError,
      `Cannot write sample to stream 5: want a multiple of 4 bytes of PCM, got ${size}`,
    );
    assertEquals(error.code, "bad-media");
  }
});

const PROBLEMS: [Partial<AudioStream>, string][] = [
  [{ codec: 1 }, "bitsPerSample must be 8, 16, 24 or 32 for format tag 1, got undefined"],
  [{ codec: 1, bitsPerSample: 12 }, "bitsPerSample must be 8, 16, 24 or 32 for format tag 1, got 12"],
  [{ codec: 3, bitsPerSample: 16 }, "bitsPerSample must be 32 or 64 for format tag 3, got 16"],
  [{ codec: 0xFFFE }, "description must say a form of PCM, in 22 bytes, for format tag 65534"],
  [{ bitsPerSample: 24 }, "bitsPerSample must be 16 for pcm-s16, got 24"],
  [{ blockBytes: 2 }, "blockBytes must be 4 for pcm-s16, got 2"],
  [{ numberOfChannels: 40_000 }, "numberOfChannels makes blocks of 80000 bytes, at most 65535 can be said"],
  [{ sampleRate: 4_000_000_000 }, "sampleRate makes more than 4294967295 bytes a second"],
];

for (const [config, problem] of PROBLEMS) {
  Deno.test(`checkRiff() says of PCM: ${problem}`, () => {
    assertEquals(checkRiff({ ...STREAM, ...config }), [problem]);
  });
}
