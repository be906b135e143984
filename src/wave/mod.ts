/**
 * WAVE: .wav files, RF64 past 4 GiB, and their live form.
 *
 * @module
 */

import { WaveMuxer } from "./muxer.ts";
import { checkReserve, checkSingleAudio } from "../container/checks.ts";
import { lostMetadata } from "../container/losses.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { checkIn } from "../media/mappings/codec_table.ts";
import type { AudioStream, StreamConfig } from "../media/stream_config.ts";
import { WAVE_AUDIO } from "./format.ts";
import { hasChunk } from "./info.ts";

export type { Container } from "../container/container.ts";

const CREATE_WAVE = "Cannot create WAVE container";

/** What can be chosen about a WAVE file. */
export interface WaveOptions {
  /**
   * Bytes kept free in the header of a file that is completed at the end, for metadata that is only known then; default
   * 1024, at most 16 MiB.
   */
  headerReserveBytes?: number;
}

/**
 * The WAVE container: one audio stream, PCM or any codec with a format tag.
 *
 * WAVE has no times: samples lie back to back from the first one on. Of uncompressed samples, one whose time lies more
 * than 40 ms behind the end of the one before it is preceded by silence, so that it keeps its time (more than a day is
 * refused); one that begins before that end follows it all the same, since nothing is cut. Frames of other codecs are
 * written as they come: gaps close.
 *
 * A sink that can be patched gets the sizes at the end, in 64 bits (RF64) where they need them; another gets the largest
 * sizes, which readers take for "to the end". Title and friends become a LIST INFO chunk; pictures and attributes have no
 * place.
 *
 * @example
 * ```ts
 * import { bufferSink, wave, Writer } from "@muxwell/muxwell";
 *
 * const sink = bufferSink();
 * await using writer = new Writer({
 *   container: wave(),
 *   sinks: [sink],
 *   streams: [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }],
 * });
 * await writer.beginWriting();
 * await writer.writeSample(1, { data: new Uint8Array(1600), timestamp: 0 });
 * await writer.endWriting();
 * console.log(new TextDecoder().decode(sink.bytes.subarray(0, 4))); // RIFF
 * ```
 *
 * @param options See {@linkcode WaveOptions}; every option has a default.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function wave(options: WaveOptions = {}): Container {
  const { headerReserveBytes = 1024 } = options;
  checkReserve(CREATE_WAVE, headerReserveBytes);
  return {
    name: "wave",
    extensions: [".wav"],
    mimeType: () => "audio/wav",
    check: (streams: readonly StreamConfig[]) => checkSingleAudio("WAVE", streams, checkWaveStream),
    losses: (_streams, metadata) => lostMetadata("WAVE", metadata, hasChunk),
    createMuxer: (streams: readonly NumberedStream[]): Muxer => new WaveMuxer(streams[0]!, headerReserveBytes),
  };
}

/** Packets of these codecs do not say where they end. */
const UNBOUNDED_CODECS: readonly (string | number)[] = ["opus", 0x704F, "vorbis", 0x566F];

function checkWaveStream(stream: AudioStream): string[] {
  const isRawAac = typeof stream.codec === "string" ? stream.codec.startsWith("mp4a.40") : stream.codec === 0x00FF;
  if (!isRawAac && !UNBOUNDED_CODECS.includes(stream.codec)) return checkIn(WAVE_AUDIO, stream);
  return [`WAVE cannot hold ${stream.codec}: nothing in it tells one packet from the next`];
}
