import { Pieces } from "../bytes/pieces.ts";
import type { MuxSample } from "./container.ts";

/** The one sample for which a packetizer had no memory: it waits with a copy of its bytes until `resume`. */
export class KeptSample {
  readonly #pieces = new Pieces();
  #sample: MuxSample | undefined;

  /** The sample that waits. */
  get sample(): MuxSample | undefined {
    return this.#sample;
  }

  /** Copies a sample. Answers what `Packetizer.write` answers then. */
  keep(sample: MuxSample): false {
    const bytes = sample.pieces.toUint8Array();
    this.#pieces.clear();
    this.#pieces.add(bytes);
    this.#sample = { ...sample, pieces: this.#pieces };
    return false;
  }

  /** The sample has found its memory. */
  clear(): void {
    this.#sample = undefined;
    this.#pieces.clear();
  }
}
