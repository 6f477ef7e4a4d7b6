/**
 * Copies on their way that have shown no sign of progress yet, and when each is to be looked at. Rules FW24, FW25, FW32.
 */

import type { NodeContext } from '../context.ts';
import type { Trail, Try } from './trails.ts';

/** A deadline that was passed by less is looked at together with it. */
const GRID_MS = 25;

export class CopyWatch {
  #at = Infinity;
  #watched: Trail[] = [];
  readonly #ctx: NodeContext;
  readonly #onOverdue: (trail: Trail, copy: Try) => void;

  /** `onOverdue`: the time of a copy is over; it takes care of `dueAt`. */
  constructor(ctx: NodeContext, onOverdue: (trail: Trail, copy: Try) => void) {
    this.#ctx = ctx;
    this.#onOverdue = onOverdue;
  }

  nextAt(): number {
    return this.#at;
  }

  /** A copy of this message is to be looked at by then. */
  add(trail: Trail, dueAt: number): void {
    if (this.#watched.at(-1) !== trail) this.#watched.push(trail);
    this.#at = Math.min(this.#at, dueAt);
  }

  onTime(): void {
    const { now } = this.#ctx;
    if (now < this.#at) return;
    const watched = this.#watched;
    this.#watched = [];
    this.#at = Infinity;
    const seen = new Set<Trail>();
    for (const trail of watched) {
      if (trail.settled || now >= trail.expiresAt || seen.has(trail)) continue;
      seen.add(trail);
      const overdue = trail.tries.filter(({ dueAt }) => dueAt <= now + GRID_MS);
      for (const copy of overdue) this.#onOverdue(trail, copy);
      const dueAt = trail.settled ? Infinity : Math.min(...trail.tries.map((copy) => copy.dueAt));
      if (dueAt !== Infinity) this.add(trail, dueAt);
    }
  }
}
