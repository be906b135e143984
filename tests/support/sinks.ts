/**
 * Sinks that are slow, fail, hang, fill up, and watch how they are called.
 *
 * @module
 */

import type { DataInfo, Sink } from "../../src/sinks/sink.ts";

/** What can be asked of a sink. */
export type SinkOperation =
  | "open"
  | "header"
  | "data"
  | "reserve"
  | "trailer"
  | "sync"
  | "patch"
  | "truncate"
  | "close"
  | "abort";

/** How an operation goes wrong; `hang` rejects once the sink is aborted, `hang forever` never settles. */
export type FaultKind = "throw" | "reject" | "hang" | "hang forever";

/** The n-th call, from 1, of an operation goes wrong. */
export interface Fault {
  operation: SinkOperation;
  nth: number;
  kind: FaultKind;
}

/** How long calls take: not at all, some turns of the microtask queue, or a turn of the event loop. */
export type Pace = "sync" | "microtask" | "macrotask";

/** What a {@linkcode TestSink} can do. */
export interface TestSinkOptions {
  pace?: Pace;
  faults?: readonly Fault[];
  /** It has `patch`, `trailer`, `reserve`, `sync` and `truncate`, as a file has. Default true. */
  isFile?: boolean;
  /** Default: as `isFile`. */
  canTruncate?: boolean;
  keepsBytes?: boolean;
  whenSlow?: "wait" | "drop" | "fail";
  containers?: readonly string[];
  maxHeaderBytes?: number;
  maxPacketBytes?: number;
  /** Bytes that fit; the write that goes beyond is cut short and fails, as on a full disk. */
  capacity?: number;
  /** Called inside each call, before it does anything. */
  onCall?(operation: SinkOperation, nth: number): void;
}

/** One call as it was made. */
export interface SinkCall {
  readonly operation: SinkOperation;
  readonly byteLength: number;
  readonly offset?: number;
  readonly info?: DataInfo;
  readonly reason?: unknown;
}

/** The error of a {@linkcode Fault}. */
export class SinkFault extends Error {
  override name = "SinkFault";
}

/** What holds calls up: a pace, a pause, and what is to go wrong. */
export class CallGate {
  readonly #paused: (() => void)[] = [];
  readonly #hanging: ((reason: unknown) => void)[] = [];

  /** Resolves when the call may go on; rejects as its fault says. */
  async pass(pace: Pace, waits: boolean, fault: FaultKind | undefined, text: string): Promise<void> {
    if (waits) await new Promise<void>((resolve) => this.#paused.push(resolve));
    if (pace === "microtask") { for (let i = 0; i < 3; i++) await undefined; }
    if (pace === "macrotask") await new Promise((resolve) => setTimeout(resolve));
    if (fault === "reject") throw new SinkFault(text);
    if (fault === "hang") await new Promise((_, reject) => this.#hanging.push(reject));
    if (fault === "hang forever") await new Promise(() => {});
  }

  /** Lets the calls go on that wait for it. */
  go(): void {
    for (const wake of this.#paused.splice(0)) wake();
  }

  /** Lets them go on, and those that hang reject. */
  giveUp(reason: unknown): void {
    for (const reject of this.#hanging.splice(0)) reject(reason);
    this.go();
  }
}

/** A sink that records what happens to it. What its caller does wrong is in `violations`. */
export class TestSink implements Sink {
  readonly containers?: readonly string[];
  readonly keepsBytes?: boolean;
  readonly whenSlow?: "wait" | "drop" | "fail";
  readonly maxHeaderBytes?: number;
  readonly maxPacketBytes?: number;
  readonly reserve?: (length: number) => void | Promise<void>;
  readonly trailer?: (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;
  readonly sync?: () => void | Promise<void>;
  readonly patch?: (offset: number, bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;
  readonly truncate?: (length: number) => void | Promise<void>;
  readonly calls: SinkCall[] = [];
  readonly violations: string[] = [];
  /** Slows every call down while it is set: each waits for `go`. */
  isPaused = false;
  readonly #options: TestSinkOptions;
  readonly #counts: Record<string, number> = {};
  #file = new Uint8Array(1 << 16);
  #size = 0;
  #pending: string | undefined;
  #isReleased = false;
  readonly #gate = new CallGate();

  constructor(options: TestSinkOptions = {}) {
    const { isFile = true, canTruncate = isFile } = options;
    this.#options = options;
    this.containers = options.containers;
    this.keepsBytes = options.keepsBytes;
    this.whenSlow = options.whenSlow;
    this.maxHeaderBytes = options.maxHeaderBytes;
    this.maxPacketBytes = options.maxPacketBytes;
    if (isFile) {
      this.reserve = (length) => this.#call({ operation: "reserve", byteLength: length }, new Uint8Array(length));
      this.trailer = (bytes) => this.#call({ operation: "trailer", byteLength: bytes.byteLength }, bytes);
      this.sync = () => this.#call({ operation: "sync", byteLength: 0 });
      this.patch = (offset, bytes) => this.#call({ operation: "patch", byteLength: bytes.byteLength, offset }, bytes);
    }
    if (canTruncate) {
      this.truncate = (length) => this.#call({ operation: "truncate", byteLength: length });
    }
  }

  open(): void | Promise<void> {
    return this.#call({ operation: "open", byteLength: 0 });
  }

  header(bytes: Uint8Array<ArrayBuffer>): void | Promise<void> {
    return this.#call({ operation: "header", byteLength: bytes.byteLength }, bytes);
  }

  data(bytes: Uint8Array<ArrayBuffer>, info: DataInfo): void | Promise<void> {
    return this.#call({ operation: "data", byteLength: bytes.byteLength, info }, bytes);
  }

  close(): void | Promise<void> {
    return this.#call({ operation: "close", byteLength: 0 });
  }

  abort(reason: unknown): void | Promise<void> {
    return this.#call({ operation: "abort", byteLength: 0, reason });
  }

  /** What it holds. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#file.slice(0, this.#size);
  }

  /** How often an operation was called. */
  count(operation: SinkOperation): number {
    return this.#counts[operation] ?? 0;
  }

  /** Whether a call waits for its end. */
  get isBusy(): boolean {
    return this.#pending !== undefined;
  }

  /** Lets the calls that wait for it go on; further ones wait again if `isPaused` stays. */
  go(): void {
    this.#gate.go();
  }

  #call(call: SinkCall, bytes?: Uint8Array<ArrayBuffer>): void | Promise<void> {
    const { operation } = call;
    const nth = this.#counts[operation] = this.count(operation) + 1;
    this.calls.push(call);
    this.#watch(operation, nth);
    if (operation === "close" || operation === "abort") this.#isReleased = true;
    if (operation === "abort") this.#gate.giveUp(call.reason);
    else this.#pending = operation;
    this.#options.onCall?.(operation, nth);
    const fault = this.#options.faults?.find((fault) => fault.operation === operation && fault.nth === nth);
    const text = `${operation} ${nth} fails`;
    const settle = () => {
      if (operation !== "abort") this.#pending = undefined;
    };
    if (fault?.kind === "throw") {
      settle();
      throw new SinkFault(text);
    }
    const { pace = "sync" } = this.#options;
    const snapshot = bytes?.slice();
    if (pace === "sync" && fault === undefined && !this.isPaused) {
      try {
        this.#store(call, bytes);
      } finally {
        settle();
      }
      return;
    }
    return (async () => {
      try {
        await this.#gate.pass(pace, this.isPaused && operation !== "abort", fault?.kind, text);
        if (this.count("abort") > 0 && operation !== "abort") return; // given up meanwhile: the memory may be gone
        if (snapshot !== undefined && !equal(snapshot, bytes!)) {
          this.violations.push(`${operation} ${nth}: its bytes changed before it had settled`);
        }
        this.#store(call, bytes);
      } finally {
        settle();
      }
    })();
  }

  #watch(operation: SinkOperation, nth: number): void {
    const name = `${operation} ${nth}`;
    if (this.#isReleased) this.violations.push(`${name} after the last call`);
    if (this.#pending !== undefined && operation !== "abort") this.violations.push(`${name} during ${this.#pending}`);
    if (operation === "open" ? this.calls.length !== 1 : this.count("open") !== 1) {
      this.violations.push(`${name}: open must come first, and once`);
    }
    const isBehindHole = this.calls.at(-2)?.operation === "reserve";
    if (operation === "header" && nth > 1 && !isBehindHole) this.violations.push(`${name}: header must come once`);
    if (["data", "trailer", "patch", "sync", "truncate"].includes(operation) && this.count("header") === 0) {
      this.violations.push(`${name} without a header`);
    }
    if (operation === "data" && this.count("trailer") + this.count("patch") > 0) {
      this.violations.push(`${name} behind trailer or patch`);
    }
    if (operation === "trailer" && this.count("patch") > 0) this.violations.push(`${name} behind patch`);
  }

  #store({ operation, byteLength, offset = this.#size }: SinkCall, bytes?: Uint8Array): void {
    if (operation === "truncate") this.#size = byteLength;
    if (bytes === undefined) return;
    const { capacity = Infinity } = this.#options;
    const end = Math.min(offset + byteLength, capacity);
    if (end > this.#file.byteLength) {
      const larger = new Uint8Array(end * 2);
      larger.set(this.#file.subarray(0, this.#size));
      this.#file = larger;
    }
    this.#file.set(bytes.subarray(0, end - offset), offset);
    this.#size = Math.max(this.#size, end);
    if (end < offset + byteLength) throw new SinkFault("No space left on device");
  }
}

/** A file of limited size. */
export function fullDisk(capacity: number, options: TestSinkOptions = {}): TestSink {
  return new TestSink({ ...options, capacity });
}

/** What happened to a {@linkcode TestStream}. */
export interface TestStreamOptions {
  /** Chunks that may wait. Default 1. */
  highWaterMark?: number;
  pace?: Pace;
  /** The n-th chunk, from 1, fails. */
  failAt?: number;
  /** Closing it fails. */
  failClose?: boolean;
  /** Aborting it fails. */
  failAbort?: boolean;
}

/** A `WritableStream` with a file behind it; `canSeek` gives it the shape of a File System Access stream. */
export class TestStream {
  readonly stream: WritableStream<Uint8Array<ArrayBuffer>>;
  readonly log: string[] = [];
  #sink = new TestSink();
  #chunks = 0;

  constructor(canSeek: boolean, options: TestStreamOptions = {}) {
    const pause = async () => {
      if (options.pace === "microtask") await undefined;
      if (options.pace === "macrotask") await new Promise((resolve) => setTimeout(resolve));
    };
    this.#sink.open();
    this.#sink.header(new Uint8Array(0));
    const stream = new WritableStream<unknown>({
      write: async (chunk) => {
        await pause();
        if (++this.#chunks === options.failAt) throw new SinkFault(`chunk ${this.#chunks} fails`);
        this.#write(chunk);
      },
      close: async () => {
        await pause();
        this.log.push("close");
        if (options.failClose) throw new SinkFault("close fails");
      },
      abort: async (reason) => {
        await pause();
        this.log.push(`abort ${reason instanceof Error ? reason.message : reason}`);
        if (options.failAbort) throw new SinkFault("abort fails");
      },
    }, { highWaterMark: options.highWaterMark ?? 1 });
    if (canSeek) Object.assign(stream, { seek: () => Promise.resolve(), truncate: () => Promise.resolve() });
    this.stream = stream as WritableStream<Uint8Array<ArrayBuffer>>;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#sink.bytes;
  }

  #write(chunk: unknown): void {
    if (chunk instanceof Uint8Array) {
      this.#sink.data(chunk as Uint8Array<ArrayBuffer>, { unitCount: 0, firstUnit: 0, timestamp: 0, cleanPoints: [] });
      return;
    }
    const command = chunk as { type: string; position: number; data: Uint8Array<ArrayBuffer>; size: number };
    if (command.type === "write") this.#sink.patch!(command.position, command.data);
    else if (command.type === "truncate") this.#sink.truncate!(command.size);
    else throw new TypeError(`unknown command ${command.type}`);
    this.log.push(command.type);
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);
}
