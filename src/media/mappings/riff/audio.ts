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
import { pcm, type PcmFacts } from "../../codecs/pcm.ts";
import { vorbis, VORBIS_TAG } from "../../codecs/vorbis.ts";
import { windowsMediaAudio, type WindowsMediaFacts } from "../../codecs/windows_media.ts";
import type { AudioStream } from "../../stream_config.ts";
import type { CodecTable, Mapped, Mapping } from "../codec_table.ts";
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

type Entry<Facts> = Mapping<AudioStream, string | number, Facts, Own>;

/** AAC. */
export const RIFF_AAC: Entry<AacFacts> = {
  codec: aac,
  names: "mp4a.40.2, mp4a.40.5, mp4a.40.29, 0x00FF",
  map: ({ numberOfChannels }) => ({
    id: AAC_TAG,
    bitsPerSample: 16,
    blockBytes: AAC_BYTES_PER_CHANNEL * numberOfChannels,
  }),
};

/** MP3. */
export const RIFF_MP3: Entry<Mp3Facts> = {
  codec: mp3,
  names: "mp3, 0x0055",
  map: (facts, config) => ({ id: MP3_TAG, privateData: mp3PrivateData(facts, config) }),
};

/**
 * MPEGLAYER3WAVEFORMAT behind `cbSize`: WORD id 1, DWORD flags 2 (no padding is assumed), WORD bytes of a frame, WORD
 * frames a block 1, WORD codec delay 1393.
 */
function mp3PrivateData({ bitrate, sampleRate, samplesPerFrame }: Mp3Facts, config: AudioStream): Uint8Array {
  const frameBytes = samplesPerFrame / 8 * (bitrate || config.bitrate!) / sampleRate;
  const w = new ByteWriter("little");
  w.u16(1);
  w.u32(2);
  w.u16(Math.min(0xFFFF, Math.floor(frameBytes)));
  w.u16(1);
  w.u16(1393);
  return w.toUint8Array();
}

/** AC-3 and E-AC-3. */
export const RIFF_AC3: Entry<Ac3Facts> = {
  codec: ac3,
  names: "ac-3, ec-3, 0x2000",
  map: ({ record }) => ({ id: AC3_TAG, blockBytes: record ? AC3_BLOCK_BYTES : EAC3_BLOCK_BYTES }),
};

/** FLAC. */
export const RIFF_FLAC: Entry<FlacFacts> = {
  codec: flac,
  names: "flac, 0xF1AC",
  map: ({ maxFrameBytes }) => ({ id: FLAC_TAG, blockBytes: maxFrameBytes }),
};

/** Opus. */
export const RIFF_OPUS: Entry<OpusFacts> = {
  codec: opus,
  names: "opus, 0x704F",
  map: ({ numberOfChannels }) => ({ id: OPUS_TAG, blockBytes: OPUS_BYTES_PER_CHANNEL * numberOfChannels }),
};

/** Vorbis. */
export const RIFF_VORBIS: Entry<AudioFacts> = {
  codec: vorbis,
  names: "vorbis, 0x566F",
  map: () => ({ id: VORBIS_TAG }),
};

/** PCM. */
export const RIFF_PCM: Entry<PcmFacts> = {
  codec: pcm,
  names: "pcm-u8, pcm-s16, pcm-s24, pcm-s32, pcm-f32, pcm-f64, alaw, ulaw",
  map: ({ formatTag, blockBytes, channelMask, validBits }) => ({ id: formatTag, blockBytes, channelMask, validBits }),
};

/** Windows Media Audio. */
export const RIFF_WMA: Entry<WindowsMediaFacts> = {
  codec: windowsMediaAudio,
  names: "0x0160, 0x0161, 0x0162, 0x0163",
  map: ({ blockBytes }, { codec }) => ({ id: codec as number, blockBytes }),
};

/** What this library has no words for: the last entry, since it matches nearly everything. */
export const RIFF_PASSED: Entry<AudioFacts> = {
  codec: passedAudio,
  names: "a WAVE format tag such as 0x2000",
  map: (_facts, { codec, blockBytes }) => ({ id: codec as number, blockBytes }),
};

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

/** What makes descriptions of these entries. */
export type RiffAudioTable = CodecTable<AudioStream, string | number, AudioFacts, Own, ReturnType<typeof complete>>;

/** A table of the entries that a container lists. */
export function riffAudio(entries: RiffAudioTable["entries"]): RiffAudioTable {
  return { entries, complete, maxPrivateBytes: MAX_AUDIO_EXTRA_BYTES };
}
