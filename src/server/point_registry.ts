/**
 * The publishing points of a server, by name.
 *
 * @module
 */

import { isPlain } from "../wire/url.ts";
import type { OnServerEvent } from "./events.ts";
import { PublishingPoint, type Recorder } from "./publishing_point.ts";

const MAX_NAME_LENGTH = 128;
/** Where the server's own pages are. */
const RESERVED_NAMES = ["", "status.json", "metrics"];

/** Whether a publishing point may be called so: nothing that a page or a terminal must not get, and no page's name. */
export function isName(name: string): boolean {
  return isPlain(name) && !RESERVED_NAMES.includes(name);
}

/** See the module's text. */
export class PointRegistry {
  readonly #points = new Map<string, PublishingPoint>();
  readonly #recorder: Recorder;
  readonly #onEvent: OnServerEvent | undefined;
  readonly #fixedNames: ReadonlySet<string> | undefined;
  readonly #maxPoints: number;
  /** Those who wait for a broadcast, by the name of its point, which need not be there yet. */
  readonly #waiting = new Map<string, Set<(point?: PublishingPoint) => void>>();

  /** @param fixedNames The only points that exist beside those made after one of them; default: whatever is pushed. */
  constructor(
    recorder: Recorder,
    fixedNames: readonly string[] | undefined,
    maxPoints: number,
    onEvent?: OnServerEvent,
  ) {
    this.#onEvent = onEvent;
    this.#recorder = recorder;
    this.#fixedNames = fixedNames && new Set(fixedNames);
    this.#maxPoints = maxPoints;
    for (const name of fixedNames ?? []) this.#add(name);
  }

  get all(): Iterable<PublishingPoint> {
    return this.#points.values();
  }

  /** The point that a request's target means; `undefined` when it cannot mean one. */
  nameOf(target: string): string | undefined {
    const [path = ""] = target.replace(/^http:\/\/[^/]*/i, "").split(/[?;]/);
    try {
      const name = decodeURIComponent(path).replace(/^\/+/, "");
      return name.length <= MAX_NAME_LENGTH && isName(name) ? name : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether a point of this name may be there some time. */
  mayExist(name: string): boolean {
    return this.#points.has(name) || this.#fixedNames === undefined;
  }

  /**
   * Calls `onLive` when the point plays something: at once, or before its first packet. Resolves then, or when the time is
   * over.
   */
  async whenLive(name: string, ms: number, onLive: (point: PublishingPoint) => void): Promise<void> {
    const point = this.#points.get(name);
    if (point?.framedHeader) return onLive(point);
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting);
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      const wake = (point?: PublishingPoint) => {
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(name);
        if (point) onLive(point);
        resolve();
      };
      waiting.add(wake);
      timer = setTimeout(wake, ms, undefined);
    });
    clearTimeout(timer);
  }

  /** Nobody need wait any more. */
  wakeAll(): void {
    for (const waiting of [...this.#waiting.values()]) for (const wake of [...waiting]) wake();
  }

  /** The point to push to, made if need be and allowed; or the refusal. */
  open(name: string, template?: string): PublishingPoint | string {
    const point = this.#points.get(name);
    if (point) return point;
    if (!isName(name)) return "404 No Such Publishing Point";
    const templateName = template === undefined ? undefined : this.nameOf(template);
    const hasTemplate = templateName !== undefined && this.#points.has(templateName);
    if (!hasTemplate && (this.#fixedNames || template !== undefined)) return "404 No Such Publishing Point";
    if (this.#points.size >= this.#maxPoints && !this.#makeRoom()) return "503 Too Many Publishing Points";
    return this.#add(name);
  }

  remove(point: PublishingPoint): void {
    if (!this.#fixedNames?.has(point.name) && this.#points.get(point.name) === point) this.#points.delete(point.name);
  }

  #add(name: string): PublishingPoint {
    const point = new PublishingPoint(name, this.#recorder, (point) => {
      for (const wake of [...this.#waiting.get(point.name) ?? []]) wake(point);
    }, this.#onEvent);
    this.#points.set(name, point);
    return point;
  }

  /** Forgets a point that nobody uses. */
  #makeRoom(): boolean {
    for (const point of this.#points.values()) {
      if (point.encoder || point.playerCount > 0 || this.#fixedNames?.has(point.name)) continue;
      return this.#points.delete(point.name);
    }
    return false;
  }
}
