/**
 * Stand-in for `jsr:@std/testing/time`: what the tests use of it, with the names, the signatures and the verdicts of the
 * real one.
 *
 * @module
 */

const REAL_DATE = globalThis.Date;
const REAL_TIMERS = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
};
const REAL_SIGNAL_TIMEOUT = AbortSignal.timeout;

/** Thrown when time is faked twice or restored twice, and for a timer that cannot be faked. */
export class TimeError extends Error {
  override name = "TimeError";
}

interface Timer {
  due: number;
  /** Of an interval. */
  periodMs: number | undefined;
  fire(): void;
}

let current: FakeTime | undefined;

/** Replaces `Date`, the timers and `AbortSignal.timeout` until it is restored or disposed of. */
export class FakeTime {
  readonly #start: number;
  #now: number;
  /** In the order in which those that are due at once fire. */
  readonly #timers = new Map<number, Timer>();
  #lastId = 0;

  constructor(start?: number | string | Date | null) {
    if (current) throw new TimeError("Cannot construct FakeTime: time is already faked");
    this.#start = Math.floor(start === undefined || start === null ? REAL_DATE.now() : new REAL_DATE(start).valueOf());
    if (Number.isNaN(this.#start)) throw new TypeError("Cannot construct FakeTime: invalid start time");
    this.#now = this.#start;
    const setTimeout = (callback: unknown, ms = 0, ...args: unknown[]) => this.#add(callback, args, ms, undefined);
    const setInterval = (callback: unknown, ms = 0, ...args: unknown[]) =>
      this.#add(callback, args, ms, Math.max(1, Math.floor(ms) || 0));
    const clear = (id: unknown) => void this.#timers.delete(id as number);
    Object.assign(globalThis, {
      Date: dateAt(() => this.#now),
      setTimeout,
      setInterval,
      clearTimeout: clear,
      clearInterval: clear,
    });
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new DOMException("Signal timed out.", "TimeoutError")), ms);
      return controller.signal;
    };
    current = this;
  }

  get start(): number {
    return this.#start;
  }

  get now(): number {
    return this.#now;
  }

  /** Fires what is due until then; what a timer throws comes out here, and leaves the time at that timer's. */
  set now(value: number) {
    if (value < this.#now) throw new RangeError(`Cannot set time: must not go back from ${this.#now}, got ${value}`);
    for (;;) {
      let first: [id: number, timer: Timer] | undefined;
      for (const entry of this.#timers) if (!first || entry[1].due < first[1].due) first = entry;
      if (!first || first[1].due > value) break;
      const [id, { due, periodMs, fire }] = first;
      this.#timers.delete(id);
      this.#now = due;
      if (periodMs !== undefined) this.#timers.set(id, { due: due + periodMs, periodMs, fire });
      fire();
    }
    this.#now = value;
  }

  tick(ms = 0): void {
    this.now += ms;
  }

  /** Lets what waits for promises go on, in real time. */
  async runMicrotasks(): Promise<void> {
    await new Promise<void>((resolve) => REAL_TIMERS.setTimeout(resolve, 0));
  }

  async tickAsync(ms = 0): Promise<void> {
    await this.runMicrotasks();
    this.tick(ms);
  }

  restore(): void {
    if (current !== this) throw new TimeError("Cannot restore time: time is already restored");
    current = undefined;
    Object.assign(globalThis, { Date: REAL_DATE, ...REAL_TIMERS });
    AbortSignal.timeout = REAL_SIGNAL_TIMEOUT;
  }

  [Symbol.dispose](): void {
    this.restore();
  }

  #add(callback: unknown, args: unknown[], ms: number, periodMs: number | undefined): number {
    if (current !== this) throw new TimeError("Cannot set a timer: time is no longer faked");
    if (typeof callback !== "function") throw new TimeError("Cannot set a timer: must be given a function");
    const due = this.#now + (periodMs ?? Math.max(0, Math.floor(ms) || 0));
    this.#timers.set(++this.#lastId, { due, periodMs, fire: () => void callback(...args) });
    return this.#lastId;
  }
}

/** `Date` with another present. */
function dateAt(now: () => number): DateConstructor {
  return new Proxy(REAL_DATE, {
    construct: (_, args) => Reflect.construct(REAL_DATE, args.length === 0 ? [now()] : args),
    apply: () => new REAL_DATE(now()).toString(),
    get: (target, key) => key === "now" ? now : Reflect.get(target, key),
  });
}
