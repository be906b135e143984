/**
 * A publishing point: one stream in, any number of players out.
 *
 * Invariants
 * - `#broadcast` is the one that runs; its packets are numbered from 0 and are all of one size.
 * - A broadcast ends by `end`, or by a header that is another: its players get end-of-stream then, but for those that can
 *   go on with the other.
 * - Nothing a player, a recording or a packet does wrong reaches the others.
 *
 * @module
 */

import { equalBytes } from "../bytes/bytes.ts";
import { padPacket } from "../packets/pad_packet.ts";
import { GopCache, type Published } from "./gop_cache.ts";
import { BitRate } from "./bit_rate.ts";
import type { OnServerEvent } from "./events.ts";
import { haveSameStreams, type LiveHeader } from "./live_header.ts";
import type { Player } from "./player.ts";
import { PLAYER_HEAD_BYTES, playerHeader, playerPacket } from "../wire/player_frames.ts";
import type { Recording } from "./recording.ts";

/** What packets may become by their padding: so much, and so many times what was sent. */
const FREE_PADDING_BYTES = 16 << 20;
const MAX_PADDING_FACTOR = 64;

/** Whoever feeds a point; one at a time. */
export interface Encoder {
  /** Where it comes from. */
  readonly kind: "push" | "feed";
  /** Its address, if it has one. */
  readonly address?: string;
  /** Whether it is there, and not awaited after a break. */
  readonly isStreaming: boolean;
  /** The point is to be emptied: lets go of it. */
  stop(): Promise<void>;
}

interface Broadcast {
  readonly header: LiveHeader;
  readonly framedHeader: Uint8Array<ArrayBuffer>;
  readonly cache: GopCache;
  readonly recording: Recording | undefined;
  readonly since: number;
  packetCount: number;
}

/** Starts a recording of a broadcast, if there is to be one. */
export type Recorder = (pointName: string, header: LiveHeader) => Recording | undefined;

/** See the module's text. */
export class PublishingPoint {
  readonly name: string;
  readonly bitRate = new BitRate();
  readonly #recorder: Recorder;
  readonly #onEvent: OnServerEvent;
  readonly #players = new Map<Player, { mustWait: boolean }>();
  readonly #onLive: (point: PublishingPoint) => void;
  encoder: Encoder | undefined;
  #broadcast: Broadcast | undefined;
  #byteCount = 0;
  /** Of packets, as they came. */
  #takenBytes = 0;
  /** Of packets, with their padding. */
  #restoredBytes = 0;
  #refusedPacketCount = 0;
  #droppedPlayerCount = 0;

  /** @param onLive Told when a broadcast has begun. */
  constructor(
    name: string,
    recorder: Recorder,
    onLive: (point: PublishingPoint) => void,
    onEvent: OnServerEvent = () => {},
  ) {
    this.#onEvent = onEvent;
    this.name = name;
    this.#recorder = recorder;
    this.#onLive = onLive;
  }

  /** The header players get; `undefined` while there is nothing to play. */
  get framedHeader(): Uint8Array<ArrayBuffer> | undefined {
    return this.#broadcast?.framedHeader;
  }

  get players(): Iterable<Player> {
    return this.#players.keys();
  }

  get playerCount(): number {
    return this.#players.size;
  }

  /** What there is to tell of the present broadcast. */
  get facts() {
    const broadcast = this.#broadcast;
    return {
      isLive: broadcast !== undefined,
      since: broadcast?.since,
      packetCount: broadcast?.packetCount ?? 0,
      packetBytes: broadcast?.header.packetBytes ?? 0,
      backlogBytes: broadcast?.cache.byteCount ?? 0,
      backlogHeldBytes: broadcast?.cache.heldBytes ?? 0,
      recording: broadcast?.recording?.hasFailed ? undefined : broadcast?.recording?.path,
      byteCount: this.#byteCount,
      refusedPacketCount: this.#refusedPacketCount,
      droppedPlayerCount: this.#droppedPlayerCount,
    };
  }

  /** A broadcast begins; the same header again goes on with the one that runs. */
  begin(header: LiveHeader): void {
    const before = this.#broadcast;
    if (before && equalBytes(before.header.bytes, header.bytes)) return;
    const isSame = before !== undefined && haveSameStreams(before.header, header);
    for (const player of this.#players.keys()) if (!player.takesChange(isSame)) player.end();
    void this.#finish(before?.recording);
    this.#byteCount += header.bytes.byteLength;
    this.#broadcast = {
      header,
      framedHeader: playerHeader(header.bytes),
      cache: new GopCache(header.keyStream !== undefined),
      recording: this.#recorder(this.name, header),
      since: Date.now(),
      packetCount: 0,
    };
    for (const [player, state] of this.#players) {
      if (player.takesChange(isSame)) this.#begin(player, state);
      if (player.isDropped) this.#forget(player);
    }
    this.#onEvent({ kind: "live", point: this.name, address: this.encoder?.address });
    const { recording } = this.#broadcast;
    if (recording) this.#onEvent({ kind: "recording", point: this.name, path: recording.path });
    this.#onLive(this);
  }

  /** One packet of the broadcast, with or without its padding. */
  packet(bytes: Uint8Array): void {
    const broadcast = this.#broadcast;
    if (!broadcast) return;
    const { header, cache, recording } = broadcast;
    // Padding may be left out by who sends: it must not become more than a stream of small packets has.
    this.#takenBytes += bytes.byteLength;
    if (this.#restoredBytes > FREE_PADDING_BYTES + MAX_PADDING_FACTOR * this.#takenBytes) {
      this.#refusedPacketCount++;
      return;
    }
    const framed = playerPacket(header.packetBytes, broadcast.packetCount);
    if (!padPacket(bytes, header.packetBytes, framed, PLAYER_HEAD_BYTES)) {
      this.#refusedPacketCount++;
      return;
    }
    const plain = framed.subarray(PLAYER_HEAD_BYTES);
    const packet = header.parser.packet(plain);
    const isClean = packet.payloads.some(({ streamNumber, offset, isKey }) =>
      offset === 0 && (header.keyStream === undefined || (streamNumber === header.keyStream && isKey))
    );
    const published: Published = {
      framed,
      plain,
      sendTimeMs: packet.sendTimeMs,
      isClean,
      isIndependent: packet.payloads.every(({ streamNumber }) => streamNumber !== header.keyStream),
    };
    broadcast.packetCount++;
    this.#byteCount += header.packetBytes;
    this.#restoredBytes += header.packetBytes;
    this.bitRate.add(header.packetBytes);
    const canBegin = cache.canBegin(published);
    cache.add(published);
    recording?.packet(plain, packet);
    for (const [player, state] of this.#players) {
      if (state.mustWait && !canBegin) continue;
      if (isClean) state.mustWait = false;
      player.offer(published);
      if (player.isDropped) this.#forget(player);
    }
  }

  /** The broadcast is over. */
  end(): void {
    const broadcast = this.#broadcast;
    this.#broadcast = undefined;
    for (const player of this.#players.keys()) player.end();
    if (broadcast) this.#onEvent({ kind: "ended", point: this.name, packetCount: broadcast.packetCount });
    void this.#finish(broadcast?.recording);
  }

  /** The encoder's connection is lost, and it is awaited. */
  lose(): void {
    if (this.#broadcast) this.#onEvent({ kind: "encoder-lost", point: this.name, address: this.encoder?.address });
  }

  async #finish(recording: Recording | undefined): Promise<void> {
    await recording?.finish();
    if (recording && !recording.hasFailed) this.#onEvent({ kind: "recorded", point: this.name, path: recording.path });
  }

  /** A player takes part from here on: it gets what there is, and what comes. Allowed while there is a broadcast. */
  admit(player: Player): void {
    const state = { mustWait: false };
    this.#begin(player, state);
    for (const published of this.#broadcast!.cache.packets) player.offer(published);
    this.#players.set(player, state);
    this.#onEvent({ kind: "player", point: this.name, address: player.address, protocol: player.kind });
  }

  #begin(player: Player, state: { mustWait: boolean }): void {
    const { cache, framedHeader, header } = this.#broadcast!;
    player.beginBroadcast(framedHeader, header.header.streams.map(({ streamNumber }) => streamNumber));
    state.mustWait = cache.isEmpty && header.keyStream !== undefined;
  }

  /** Serves an admitted player to its end. Never rejects. */
  async serve(player: Player): Promise<void> {
    await player.run();
    this.#forget(player);
  }

  #forget(player: Player): void {
    if (!this.#players.delete(player)) return;
    const { address, kind: protocol, sentBytes, isDropped } = player;
    if (isDropped) this.#droppedPlayerCount++;
    const kind = isDropped ? "player-dropped" : "player-gone";
    this.#onEvent({ kind, point: this.name, address, protocol, sentBytes });
  }
}
