/**
 * Calls to a media sink, one after the other.
 *
 * @module
 */

import type { Sample } from "../../media/sample.ts";
import { Backpressure } from "../backpressure.ts";
import { Fifo } from "../fifo.ts";
import { withResolvers } from "../promises.ts";

/** Stands for a rejection without a reason. */
function unsaid(): Error {
  return new Error("it does not say why");
}

/** One call to come. */
export interface SinkCall {
  readonly stream: number;
  /** The sample that it hands over, if it does. */
  readonly sample?: Sample;
  run(): void | Promise<void>;
  /** Told how it went; with the reason of the end, if it was never made. */
  settle(error?: unknown): void;
}

/** Makes each call when the one before it has settled. */
export class CallQueue {
  /** Promises for those who wait. */
  readonly backpressure: Backpressure;
  readonly #waiting = new Fifo<SinkCall>();
  readonly #hasRoom: () => boolean;
  #isBusy = false;
  #end: { reason: unknown } | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(hasRoom: () => boolean) {
    this.#hasRoom = hasRoom;
    this.backpressure = new Backpressure(() => this.#hasRoom());
  }

  put(call: SinkCall): void {
    if (this.#end) return call.settle(this.#end.reason);
    this.#waiting.push(call);
    this.#pump();
  }

  /** Makes a call and answers how it went. Rejects too when everything is given up meanwhile. */
  async ask(stream: number, run: SinkCall["run"]): Promise<void> {
    let failure: unknown;
    await this.backpressure.race((resolve) => {
      const settle = (error?: unknown) => {
        failure = error;
        resolve();
      };
      this.put({ stream, run, settle });
    });
    if (failure !== undefined) throw this.#end ? this.#end.reason : failure; // the end may be why it failed
  }

  /** Takes out the samples of a stream that still wait. */
  discard(stream: number): Sample[] {
    const discarded: Sample[] = [];
    for (let left = this.#waiting.length; left > 0; left--) {
      const call = this.#waiting.shift()!;
      if (call.sample && call.stream === stream) discarded.push(call.sample);
      else this.#waiting.push(call);
    }
    return discarded;
  }

  /** No call is made any more. */
  close(reason: unknown): void {
    this.#end ??= { reason };
    for (let call; (call = this.#waiting.shift());) call.settle(reason);
    this.#wake();
  }

  /** Resolves when there is nothing to do. */
  idle(): Promise<void> {
    if (this.#end || (!this.#isBusy && this.#waiting.length === 0)) return Promise.resolve();
    this.#idle ??= withResolvers();
    return this.#idle.promise;
  }

  #pump(): void {
    while (!this.#isBusy) {
      const call = this.#waiting.shift();
      if (call === undefined) break;
      this.#isBusy = true;
      let result: void | Promise<void>;
      try {
        result = call.run();
      } catch (error) {
        this.#settle(call, error ?? unsaid());
        continue;
      }
      if (typeof result?.then !== "function") this.#settle(call);
      else {
        const settled = result.then(() => this.#settle(call), (error) => this.#settle(call, error ?? unsaid()));
        void settled.then(() => this.#pump());
      }
    }
    this.backpressure.update();
    if (!this.#isBusy && this.#waiting.length === 0) this.#wake();
  }

  #settle(call: SinkCall, error?: unknown): void {
    this.#isBusy = false;
    call.settle(error);
  }

  #wake(): void {
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
