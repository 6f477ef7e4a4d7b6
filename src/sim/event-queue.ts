/**
 * The queue of what will happen, ordered by (time, sequence). Virtual time runs in quarter milliseconds, and what falls
 * on the same tick is kept in one list in the order it was pushed: the heap holds each pending tick once, so that a
 * million frames in flight cost an array push each and no comparison.
 */

import TinyQueue from 'tinyqueue';
import { assert } from '../core/util/assert.ts';

/** Virtual time has this many ticks a millisecond; every event falls on one. */
export const TICKS_PER_MS = 4;

/** The first tick at or after a time, as a time in ms. */
export function toTickMs(timeMs: number): number {
  return Math.ceil(timeMs * TICKS_PER_MS) / TICKS_PER_MS;
}

export class EventQueue<T> {
  readonly #times = new TinyQueue<number>();
  readonly #slots = new Map<number, T[]>();
  #first: T[] | undefined;
  #firstAt = Infinity;
  #taken = 0;
  #length = 0;

  /** Events waiting. */
  get length(): number {
    return this.#length;
  }

  /** Adds an event at a time in ms, rounded up to a tick. It must not lie before the last one taken. */
  push(timeMs: number, item: T): void {
    const at = toTickMs(timeMs);
    this.#length++;
    const slot = this.#slots.get(at);
    if (slot !== undefined) {
      slot.push(item);
      return;
    }
    this.#slots.set(at, [item]);
    this.#times.push(at);
    if (at < this.#firstAt) this.#loadFirst();
  }

  /** When the next event happens; `Infinity` when there is none. */
  peekTime(): number {
    return this.#firstAt;
  }

  /** Takes the next event out, or returns `undefined` when there is none. */
  pop(): T | undefined {
    const slot = this.#first;
    if (slot === undefined) return undefined;
    const item = slot[this.#taken++];
    this.#length--;
    if (this.#taken === slot.length) {
      this.#slots.delete(this.#firstAt);
      this.#times.pop();
      this.#taken = 0;
      this.#loadFirst();
    }
    return item;
  }

  #loadFirst(): void {
    assert(this.#taken === 0, 'no event is pushed before the time of the last one taken');
    this.#firstAt = this.#times.peek() ?? Infinity;
    this.#first = this.#slots.get(this.#firstAt);
  }
}
