/** The part of a session that one output has. */
export interface Slice {
  /** First packet of the output: becomes packet 0. */
  readonly firstPacket: number;
  /** Packets of the output: what begins beyond is left out. */
  readonly packetCount: number;
  /** Subtracted from stored presentation times, ms. */
  readonly timeBaseMs: number;
}
