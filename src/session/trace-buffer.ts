/** The last events of a session, for the traffic log and for export. Old ones make room for new ones and are counted. */

import type { OverlayEvent } from './api.ts';

/** Events kept unless told otherwise: some minutes of a busy tab, about 10 MB. */
export const TRACE_EVENTS_MAX = 20_000;

/** A ring of events; adding costs the same whatever is in it. */
export class TraceBuffer {
  readonly #events: OverlayEvent[] = [];
  readonly #limit: number;
  /** Where the next event goes once the ring is full. */
  #next = 0;
  #dropped = 0;

  /** `limit` is 1 or more. */
  constructor(limit: number = TRACE_EVENTS_MAX) {
    this.#limit = Math.max(1, limit);
  }

  /** Events kept now. */
  get size(): number {
    return this.#events.length;
  }

  /** Events that made room for newer ones since the last `clear`. */
  get dropped(): number {
    return this.#dropped;
  }

  add(event: OverlayEvent): void {
    if (this.#events.length < this.#limit) {
      this.#events.push(event);
      return;
    }
    this.#events[this.#next] = event;
    this.#next = (this.#next + 1) % this.#limit;
    this.#dropped++;
  }

  /** A copy, oldest first. */
  toArray(): OverlayEvent[] {
    return [...this.#events.slice(this.#next), ...this.#events.slice(0, this.#next)];
  }

  clear(): void {
    this.#events.length = 0;
    this.#next = 0;
    this.#dropped = 0;
  }
}
