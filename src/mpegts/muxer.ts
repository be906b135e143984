/**
 * The MPEG-TS muxer.
 *
 * @module
 */

import { checkUnitBytes } from "../container/checks.ts";
import type { Muxer, NumberedStream, Opening, Packetizer, Plan, StreamFacts } from "../container/container.ts";
import { UnitBuffer } from "../container/unit_buffer.ts";
import { sampleError } from "../errors.ts";
import { equalBytes } from "../bytes/bytes.ts";
import { Pieces } from "../bytes/pieces.ts";
import { cannotDescribe } from "../media/codecs/common.ts";
import { describeIn, missingIn } from "../media/mappings/codec_table.ts";
import { type MpegtsDescription, mpegtsTable, PRIVATE_ID } from "../media/mappings/mpegts.ts";
import { likelyFramerate } from "../media/framerate.ts";
import { threeLetters } from "../media/language.ts";
import { type ChunkMetadata, toUint8Array } from "../media/sample.ts";
import type { CodedStream } from "../media/stream_config.ts";
import { toTicks, TransportLayout, type TransportStream } from "./layout.ts";
import { maxPacketizedBytes } from "./packet.ts";
import { programAssociation, programMap, serviceDescription } from "./tables.ts";

/** {@linkcode MpegtsOptions} with every value settled. */
export interface MpegtsSettings {
  readonly muxDelayMs: number;
  readonly serviceName?: string;
}

const FIRST_PID = 0x100;
/** `PES_packet_length` of sound has sixteen bits. */
const MAX_SOUND_BYTES = 65_000;
/** Largest access unit: memory has to hold its packets. */
const MAX_PICTURE_BYTES = 0x4000_0000;

/** A stream on its way to be described. */
interface Track {
  readonly config: NumberedStream & CodedStream;
  description?: MpegtsDescription;
  /** The codec private data that it was made of; absent: the stream itself. */
  privateData?: Uint8Array;
}

/** One session's transport stream. */
export class MpegtsMuxer implements Muxer {
  readonly #settings: MpegtsSettings;
  readonly #tracks: readonly Track[];
  readonly #pieces = new Pieces();
  #maxUnitBytes = Infinity;

  /** @param streams Of video and audio: `check` lets no others pass. */
  constructor(settings: MpegtsSettings, streams: readonly NumberedStream[]) {
    this.#settings = settings;
    this.#tracks = streams.map((config) => ({ config: config as NumberedStream & CodedStream }));
  }

  describe(stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    const track = this.#tracks[stream]!;
    if (track.description === undefined) {
      track.description = describeIn(mpegtsTable(track.config.kind), track.config, metadata, data) as MpegtsDescription;
      const given = track.config.description ?? metadata?.decoderConfig?.description;
      if (given !== undefined) track.privateData = toUint8Array(given).slice();
    }
    return track.description && factsOf(track.description);
  }

  /** Parameter sets and headers come with the samples, so another configuration is another framing. */
  redescribe(stream: number, metadata: ChunkMetadata, data: Uint8Array): StreamFacts | undefined {
    const track = this.#tracks[stream]!;
    const description = metadata.decoderConfig?.description;
    if (description === undefined) return undefined;
    const privateData = toUint8Array(description);
    if (track.privateData !== undefined && equalBytes(track.privateData, privateData)) return undefined;
    const config = { ...track.config, description };
    const changed = describeIn(mpegtsTable(config.kind), config, metadata, data) as MpegtsDescription | undefined;
    if (changed === undefined) return undefined;
    if (changed.id !== track.description!.id) {
      const reason = `${
        track.description!.codecName
      } cannot become ${changed.codecName}: the program map has been sent`;
      throw cannotDescribe(config, "unsupported", reason);
    }
    track.description = changed;
    track.privateData = privateData.slice();
    return factsOf(changed);
  }

  missing(stream: number): string {
    const { config } = this.#tracks[stream]!;
    return missingIn(mpegtsTable(config.kind), config);
  }

  begin({ present, metadata, maxUnitBytes = Infinity }: Opening): Packetizer {
    this.#maxUnitBytes = maxUnitBytes;
    const nextIds = new Map<number, number>();
    const streams = this.#tracks.map(({ description }, i): TransportStream | undefined => {
      if (!present[i] || description === undefined) return undefined;
      const { streamId } = description;
      const number = streamId === PRIVATE_ID ? 0 : nextIds.get(streamId) ?? 0;
      nextIds.set(streamId, number + 1);
      return {
        pid: FIRST_PID + i,
        streamId: streamId + number,
        isVideo: description.kind === "video",
        counter: 15,
        lead: leadOf(description),
        reorderDepth: description.kind === "video" ? description.reorderDepth : 0,
        count: 0,
        isClimbing: false,
        firstDecodeTimestamp: NaN,
        lastDecodeTime: -1,
      };
    });
    const held = streams.filter((stream) => stream !== undefined);
    const clockStream = held.find(({ isVideo }) => isVideo) ?? held[0]!;
    const entries = this.#tracks.flatMap(({ config, description }, i) => {
      const stream = streams[i];
      if (stream === undefined || description === undefined) return [];
      const { id: streamType, descriptors = [] } = description;
      const language = threeLetters(config.language);
      return [{ pid: stream.pid, streamType, descriptors, language, isAudio: !stream.isVideo }];
    });
    const name = this.#settings.serviceName ?? metadata.title ?? "";
    const layout = new TransportLayout({
      streams,
      clockStream,
      tables: [programAssociation(), programMap(clockStream.pid, entries)],
      service: name === "" ? undefined : serviceDescription(name, clockStream.isVideo),
      delay: toTicks(this.#settings.muxDelayMs * 1000) + Math.max(...held.map(({ lead }) => lead)),
    });
    return new UnitBuffer({ layout });
  }

  frame(stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const { config, description } = this.#tracks[stream]!;
    const pieces = this.#pieces;
    pieces.clear();
    if (description!.framing === undefined) pieces.add(data);
    else description!.framing(data, isKey, pieces);
    checkUnitBytes(
      config.streamNumber,
      pieces.byteLength,
      config.kind === "video" ? MAX_PICTURE_BYTES : MAX_SOUND_BYTES,
    );
    const unitBytes = maxPacketizedBytes(pieces.byteLength);
    if (unitBytes > this.#maxUnitBytes) {
      const reason = `its packets take ${unitBytes} bytes, at most ${this.#maxUnitBytes} are taken`;
      throw sampleError("too-large", config.streamNumber, reason);
    }
    return pieces;
  }

  /** Nothing is completed at the end. */
  plan(): Plan {
    return { form: "live", trailer: "none" };
  }

  header(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(0);
  }
}

function factsOf(description: MpegtsDescription): StreamFacts {
  const reorderDepth = description.kind === "video" ? description.reorderDepth : 0;
  return { reorderDepth, bitrate: description.bitrate ?? 0, sparse: false };
}

/** How long pictures may be held back until they are shown, ticks. */
function leadOf(description: MpegtsDescription): number {
  if (description.kind !== "video") return 0;
  return toTicks(description.reorderDepth * 1e6 / likelyFramerate(description.framerate));
}
