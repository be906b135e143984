/**
 * Stand-in for `jsr:@std/testing/time`: same names and signatures, over fake-timers.
 *
 * @module
 */

import { type Clock, type FakeMethod, withGlobal } from "@sinonjs/fake-timers";

const REAL_SET_TIMEOUT = globalThis.setTimeout;
const REAL_CLEAR_TIMEOUT = globalThis.clearTimeout;
const REAL_SIGNAL_TIMEOUT = AbortSignal.timeout;
const FAKED: FakeMethod[] = ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"];

/** Thrown when time is faked twice or restored twice. */
export class TimeError extends Error {
  override name = "TimeError";
}

/** How long to wait really. */
export interface DelayOptions {
  /** Ends the wait early, with a rejection. */
  signal?: AbortSignal;
}

let current: FakeTime | undefined;

/** Replaces `Date`, the timers and `AbortSignal.timeout` until it is restored or disposed of. */
export class FakeTime {
  readonly #start: number;
  readonly #clock: Clock;

  constructor(start?: number | string | Date | null) {
    if (current) throw new TimeError("Cannot construct FakeTime: time is already faked");
    this.#start = start === undefined || start === null ? Date.now() : new Date(start).valueOf();
    if (Number.isNaN(this.#start)) throw new TypeError("Cannot construct FakeTime: invalid start time");
    this.#clock = withGlobal(globalThis).install({ now: this.#start, toFake: FAKED });
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new DOMException("Signal timed out.", "TimeoutError")), ms);
      return controller.signal;
    };
    current = this;
  }

  static restore(): void {
    if (!current) throw new TimeError("Cannot restore time: time is already restored");
    current.restore();
  }

  get start(): number {
    return this.#start;
  }

  get now(): number {
    return this.#clock.now;
  }

  set now(value: number) {
    if (value < this.now) throw new RangeError(`Cannot set current time in the past, time must be >= ${this.now}`);
    this.#clock.tick(value - this.now);
  }

  /** Waits in real time. */
  delay(ms: number, { signal }: DelayOptions = {}): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      REAL_CLEAR_TIMEOUT(timer);
      reject(new DOMException("Delay was aborted.", "AbortError"));
    };
    const timer = REAL_SET_TIMEOUT(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
    return promise;
  }

  async runMicrotasks(): Promise<void> {
    await this.delay(0);
  }

  tick(ms = 0): void {
    this.now += ms;
  }

  async tickAsync(ms = 0): Promise<void> {
    await this.runMicrotasks();
    this.tick(ms);
  }

  next(): boolean {
    if (this.#clock.countTimers() === 0) return false;
    this.#clock.next();
    return true;
  }

  async nextAsync(): Promise<boolean> {
    await this.runMicrotasks();
    return this.next();
  }

  runAll(): void {
    while (this.next());
  }

  async runAllAsync(): Promise<void> {
    while (this.#clock.countTimers() > 0) await this.nextAsync();
  }

  restore(): void {
    if (current !== this) throw new TimeError("Cannot restore time: time is already restored");
    current = undefined;
    this.#clock.uninstall();
    AbortSignal.timeout = REAL_SIGNAL_TIMEOUT;
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}
