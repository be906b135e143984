/**
 * What a player gets of a broadcast's packets, made when they are sent: what waits is shared by all players, whatever they
 * have chosen.
 *
 * @module
 */

import { filterPayloads } from "../packets/filter_payloads.ts";
import { PLAYER_HEAD_BYTES, SEQUENCE_AT, SEQUENCE_COUNT } from "../wire/player_frames.ts";
import type { Published } from "./gop_cache.ts";
import { StreamSelection, type StreamSwitch } from "./stream_selection.ts";

/** See the module's text. */
export class Thinning {
  readonly #selection: StreamSelection;
  /** Of the next packet, once less than everything has been sent. */
  #sequence: number | undefined;
  /** One packet's room, used again. */
  #room: Uint8Array<ArrayBuffer> | undefined;

  /** @param streams Of the broadcast. @param switches What the player has asked for. */
  constructor(streams: readonly number[], switches: readonly StreamSwitch[] | undefined) {
    this.#selection = new StreamSelection(streams, switches);
  }

  /** Other streams from here on. False: there are none such. */
  select(switches: readonly StreamSwitch[]): boolean {
    return this.#selection.change(switches);
  }

  /** The packet as it came, or without the streams that are not wanted, numbered as the player's own, dead at the next
   * call; `undefined`: nothing is left. */
  packet({ framed, plain }: Published): Uint8Array | undefined {
    const selection = this.#selection;
    if (selection.isEverything && this.#sequence === undefined) return framed;
    const wanted = filterPayloads(
      plain,
      ({ streamNumber, isKey, offset }) => selection.wants(streamNumber, isKey, offset),
    );
    if (!wanted) return undefined;
    this.#room ??= new Uint8Array(framed.byteLength);
    this.#room.set(framed.subarray(0, PLAYER_HEAD_BYTES));
    this.#room.set(wanted, PLAYER_HEAD_BYTES);
    this.#sequence ??= framed[SEQUENCE_AT]!;
    this.#room[SEQUENCE_AT] = this.#sequence;
    this.#sequence = (this.#sequence + 1) % SEQUENCE_COUNT;
    return this.#room;
  }
}
