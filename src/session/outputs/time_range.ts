import type { SinkOptions } from "../../sinks/sink.ts";
import type { Recording } from "./recording.ts";

/** The part of a session that one output gets. Times are the caller's, microseconds; sizes those of samples packetized. */
export class TimeRange {
  /** What it is a file of, and which. */
  readonly recording: Recording | undefined;
  readonly position: number;
  /** Where it ends at the latest. */
  readonly until: number;
  readonly #from: number;
  /** Where the file ends. */
  #dueTime = Infinity;
  #dueBytes = Infinity;
  #isOver = false;

  /** @throws {TypeError} @throws {RangeError} For times that are none, or in the wrong order. */
  constructor(options: SinkOptions = {}, recording?: Recording) {
    const { from = -Infinity, until = Infinity } = options;
    for (const [name, time] of [["from", from], ["until", until]] as const) {
      if (typeof time !== "number") {
        throw new TypeError(`Cannot add sink: ${name} must be a number, got ${typeof time}`);
      }
    }
    if (!(from < until)) throw new RangeError(`Cannot add sink: until must be after ${from} µs, got ${until} µs`);
    this.#from = from;
    this.until = until;
    this.recording = recording;
    this.position = recording?.count ?? 0;
  }

  /** Whether it may end before the session does. */
  get isBounded(): boolean {
    return this.until < Infinity || this.recording !== undefined;
  }

  /** Whether it begins at or before `time`. */
  hasBegunBy(time: number): boolean {
    return time >= this.#from;
  }

  /** Its first sample is here. @param before The file before it, which ends here. */
  begin(time: number, bytes: number, before?: TimeRange): void {
    const { everyMs, everyBytes = Infinity } = this.recording?.source ?? {};
    this.#dueBytes = bytes + everyBytes;
    if (everyMs === undefined) return;
    const every = everyMs * 1000;
    this.#dueTime = (before ? before.#dueTime : time) + every; // by multiples, so that files do not drift
    while (this.#dueTime <= time) this.#dueTime += every * Math.max(1, Math.floor((time - this.#dueTime) / every));
  }

  /** Whether it ends at a clean point here. */
  endsAt(time: number, bytes: number): boolean {
    return !this.#isOver && (time >= this.#dueTime || bytes >= this.#dueBytes || time >= this.until);
  }

  /** It has ended: it does not end again. */
  end(): void {
    this.#isOver = true;
  }
}
