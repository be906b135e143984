/**
 * Audio codecs by their WAVE format tags ([MS-RFC2361]). A new one is an entry here.
 *
 * @module
 */

import { ByteWriter } from "../../../bytes/byte_writer.ts";
import { aac, AAC_TAG, type AacFacts } from "../../codecs/aac.ts";
import { ac3, AC3_TAG, type Ac3Facts } from "../../codecs/ac3.ts";
import { MAX_AUDIO_EXTRA_BYTES } from "../../codecs/checks.ts";
import { type AudioFacts, completeAudio } from "../../codecs/codec.ts";
import { flac, FLAC_TAG, type FlacFacts } from "../../codecs/flac.ts";
import { mp3, MP3_TAG, type Mp3Facts } from "../../codecs/mp3.ts";
import { opus, OPUS_TAG, type OpusFacts } from "../../codecs/opus.ts";
import { passedAudio } from "../../codecs/passed.ts";
import { pcm, PCM_NAMES, PCM_TAGS, type PcmFacts } from "../../codecs/pcm.ts";
import { vorbis, VORBIS_TAG } from "../../codecs/vorbis.ts";
import { windowsMediaAudio, type WindowsMediaFacts } from "../../codecs/windows_media.ts";
import type { AudioStream } from "../../stream_config.ts";
import { CodecTable, type Mapped, type Mapping } from "../codec_table.ts";
import type { RiffAudio } from "./description.ts";

/** What an entry says beside the format tag; a block has 1 byte, and a sample as many bits as the codec keeps. */
type Own = Mapped<number> & Partial<Pick<RiffAudio, "blockBytes" | "bitsPerSample" | "channelMask" | "validBits">>;

/** No frame of AAC is larger: 6144 bits a channel ([ISO 14496-3] 4.5.3.2). */
const AAC_BYTES_PER_CHANNEL = 768;
/** The largest frame of either kind. */
const AC3_BLOCK_BYTES = 3840;
const EAC3_BLOCK_BYTES = 4096;
/** No packet of Opus is larger: three frames of 1275 bytes for each stream, about one a channel. */
const OPUS_BYTES_PER_CHANNEL = 3 * 1275 + 7;
/** What is usual for music, bit/s a channel. */
const USUAL_BITRATE_PER_CHANNEL = 64_000;

const ENTRIES: readonly Mapping<AudioStream, string | number, AudioFacts, Own>[] = [
  {
    codec: aac,
    names: ["mp4a.40.2", "mp4a.40.5", "mp4a.40.29", "0x00FF"],
    map: ({ numberOfChannels }: AacFacts) => ({
      id: AAC_TAG,
      bitsPerSample: 16,
      blockBytes: AAC_BYTES_PER_CHANNEL * numberOfChannels,
    }),
  },
  {
    codec: mp3,
    names: ["mp3", "0x0055"],
    map: (facts: Mp3Facts, config) => ({ id: MP3_TAG, privateData: mp3PrivateData(facts, config) }),
  },
  {
    codec: ac3,
    names: ["ac-3", "ec-3", "0x2000"],
    map: ({ codes }: Ac3Facts) => ({ id: AC3_TAG, blockBytes: codes ? AC3_BLOCK_BYTES : EAC3_BLOCK_BYTES }),
  },
  {
    codec: flac,
    names: ["flac", "0xF1AC"],
    map: ({ maxFrameBytes }: FlacFacts) => ({ id: FLAC_TAG, blockBytes: maxFrameBytes }),
  },
  {
    codec: opus,
    names: ["opus", "0x704F"],
    map: ({ numberOfChannels }: OpusFacts) => ({ id: OPUS_TAG, blockBytes: OPUS_BYTES_PER_CHANNEL * numberOfChannels }),
  },
  { codec: vorbis, names: ["vorbis", "0x566F"], map: () => ({ id: VORBIS_TAG }) },
  {
    codec: pcm,
    names: PCM_NAMES,
    map: ({ encoding, blockBytes, channelMask, validBits }: PcmFacts) => ({
      id: PCM_TAGS[encoding],
      blockBytes,
      channelMask,
      validBits,
    }),
  },
  {
    codec: windowsMediaAudio,
    names: ["0x0160", "0x0161", "0x0162", "0x0163"],
    map: ({ blockBytes }: WindowsMediaFacts, { codec }) => ({ id: codec as number, blockBytes }),
  },
  {
    codec: passedAudio,
    names: ["a WAVE format tag such as 0x2000"],
    map: (_facts, { codec, blockBytes }) => ({ id: codec as number, blockBytes }),
  },
];

/**
 * MPEGLAYER3WAVEFORMAT behind `cbSize`: WORD id 1, DWORD flags 2 (no padding is assumed), WORD bytes of a frame, WORD
 * frames a block 1, WORD codec delay 1393.
 */
function mp3PrivateData({ bitrate, sampleRate, samplesPerFrame }: Mp3Facts, config: AudioStream): Uint8Array {
  const frameBytes = samplesPerFrame / 8 * (bitrate || config.bitrate!) / sampleRate;
  const w = ByteWriter.exact("little", 12);
  w.u16(1);
  w.u32(2);
  w.u16(Math.min(0xFFFF, Math.floor(frameBytes)));
  w.u16(1);
  w.u16(1393);
  return w.finish();
}

function complete(config: AudioStream, facts: AudioFacts, { blockBytes = 1, bitsPerSample }: Own) {
  const audio = completeAudio(config, facts);
  const bitrate = audio.bitrate ?? facts.usualBitrate ?? USUAL_BITRATE_PER_CHANNEL * audio.numberOfChannels;
  return {
    ...audio,
    blockBytes: Math.min(0xFFFF, Math.max(1, blockBytes)),
    bitsPerSample: bitsPerSample ?? audio.bitsPerSample ?? 0,
    // Never 0, which readers divide by, and never above its DWORD.
    bytesPerSecond: Math.min(0xFFFF_FFFF, Math.max(1, Math.round(bitrate / 8))),
  };
}

/** By itself for containers without video: they do not carry its codecs. */
export const RIFF_AUDIO: CodecTable<AudioStream, string | number, AudioFacts, Own, ReturnType<typeof complete>> =
  /* @__PURE__ */ new CodecTable(ENTRIES, complete, MAX_AUDIO_EXTRA_BYTES);
