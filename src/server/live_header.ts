/**
 * The header of a live stream, as a publishing point keeps it.
 *
 * @module
 */

import { markAsLive } from "../asf/header_fields.ts";
import { DATA_HEAD_BYTES } from "../asf/objects/data.ts";
import { MuxError } from "../errors.ts";
import { GUID } from "../inspect/asf/guid.ts";
import { type AsfHeader, PacketParser } from "../inspect/mod.ts";
import { MIN_PACKET_BYTES } from "../packets/packet_reader.ts";

/** What fits behind the head of a player's packet. */
export const MAX_PLAYER_PAYLOAD_BYTES = 65_527;

/** A header that was looked at. */
export interface LiveHeader {
  /** Header Object and head of the Data Object, marked as live. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly header: AsfHeader;
  /** Takes its packets apart. */
  readonly parser: PacketParser;
  /** Size of every packet. */
  readonly packetBytes: number;
  /** The stream whose key frames a player can begin at; `undefined`: there is no video, and any packet will do. */
  readonly keyStream: number | undefined;
}

/** Looks at a header. @throws {MuxError} `bad-media`, `too-large`. */
export async function readLiveHeader(given: Uint8Array): Promise<LiveHeader> {
  if (given.byteLength > MAX_PLAYER_PAYLOAD_BYTES) {
    throw new MuxError(
      "too-large",
      `Cannot publish: the header must not exceed ${MAX_PLAYER_PAYLOAD_BYTES} bytes, got ${given.byteLength}`,
    );
  }
  const bytes = given.slice();
  const parser = await PacketParser.fromHeader(bytes);
  const { header } = parser;
  const properties = header.fileProperties!;
  const packetBytes = properties.maxPacketBytes;
  const problem = given.byteLength !== header.size + DATA_HEAD_BYTES
    ? `the header of ${header.size} bytes must be followed by ${DATA_HEAD_BYTES} of the data, got ${
      given.byteLength - header.size
    }`
    : packetBytes !== properties.minPacketBytes || packetBytes < MIN_PACKET_BYTES ||
        packetBytes > MAX_PLAYER_PAYLOAD_BYTES
    ? `packets must be of one size up to ${MAX_PLAYER_PAYLOAD_BYTES} bytes, got ${properties.minPacketBytes} to ${packetBytes}`
    : header.streams.length === 0
    ? "it describes no stream"
    : undefined;
  if (problem !== undefined) throw new MuxError("bad-media", `Cannot publish: ${problem}`);
  const object = header.object.children.find(({ fields }) => fields === properties)!;
  markAsLive(new DataView(bytes.buffer), object.offset);
  const keyStream = header.streams.find(({ kind }) => kind === "video")?.streamNumber;
  return { bytes, header, parser, packetBytes, keyStream };
}

/** Whether decoders and demuxers of one can go on with the other: packets, streams, codec data and what stands beside. */
export function haveSameStreams(one: LiveHeader, other: LiveHeader): boolean {
  return one.packetBytes === other.packetBytes &&
    one.header.fileProperties!.prerollMs === other.header.fileProperties!.prerollMs &&
    streamsText(one) === streamsText(other);
}

function streamsText({ header, bytes }: LiveHeader): string {
  const streams = header.streams.map(({ streamNumber, extended }) => {
    const extensions = extended?.payloadExtensions ?? [];
    return `${streamNumber} ${extensions.map(({ system, dataBytes }) => `${system}:${dataBytes}`)}`;
  });
  const codecs = header.object.children.filter(({ guid }) => guid === GUID.streamProperties)
    .map(({ offset, size }) => bytes.subarray(offset, offset + size).join());
  return JSON.stringify([streams.toSorted(), codecs.toSorted()]);
}
