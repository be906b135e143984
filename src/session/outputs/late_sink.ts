import type { DataInfo, Sink } from "../../sinks/sink.ts";
import { checkNeeds, openSink, type SinkContainer } from "./byte_sink.ts";
import { sinkError } from "./sink_error.ts";

/**
 * A sink that is opened when it gets its header: it comes in while samples go on, and where its output begins is not to
 * depend on how long that takes. What it is given meanwhile waits.
 */
export class LateSink implements Sink {
  readonly keepsBytes?: boolean;
  readonly durable?: boolean;
  readonly whenSlow?: Sink["whenSlow"];
  readonly maxHeaderBytes?: number;
  readonly maxPacketBytes?: number;
  readonly reserve?: Sink["reserve"];
  readonly trailer?: Sink["trailer"];
  readonly patch?: Sink["patch"];
  readonly sync?: Sink["sync"];
  readonly truncate?: Sink["truncate"];
  readonly #sink: Sink;
  readonly #container: SinkContainer;
  /** It has got the first piece of its header. */
  #isBegun = false;
  /** It holds what `open` acquires, or is about to. */
  #isOpened = false;

  constructor(sink: Sink, container: SinkContainer) {
    this.#sink = sink;
    this.#container = container;
    this.keepsBytes = sink.keepsBytes;
    this.durable = sink.durable;
    this.whenSlow = sink.whenSlow;
    this.maxHeaderBytes = sink.maxHeaderBytes;
    this.maxPacketBytes = sink.maxPacketBytes;
    this.reserve = sink.reserve?.bind(sink);
    this.trailer = sink.trailer?.bind(sink);
    this.patch = sink.patch?.bind(sink);
    this.sync = sink.sync?.bind(sink);
    this.truncate = sink.truncate?.bind(sink);
  }

  async header(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!this.#isBegun) {
      this.#isBegun = this.#isOpened = true;
      try {
        await openSink(this.#sink, this.#container);
      } catch (error) {
        this.#isOpened = false;
        throw sinkError(error, "open");
      }
    }
    if (!this.#isOpened) return; // it was aborted meanwhile
    checkNeeds(this.#sink, this.#container);
    await this.#sink.header(bytes);
  }

  data(bytes: Uint8Array<ArrayBuffer>, info: DataInfo): void | Promise<void> {
    return this.#sink.data(bytes, info);
  }

  close(): void | Promise<void> {
    return this.#sink.close();
  }

  abort(reason: unknown): void | Promise<void> {
    if (!this.#isOpened) return;
    this.#isOpened = false;
    return this.#sink.abort(reason);
  }
}
