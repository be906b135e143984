/**
 * A queue whose head moves, so that taking one costs the same however many there are.
 *
 * @module
 */

/** First in, first out. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes out all that `matches`, in order. */
  take(matches: (item: T) => boolean): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.#items = items.filter((item) => !matches(item));
    this.#head = 0;
    return items.filter(matches);
  }
}
