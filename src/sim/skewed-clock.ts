/**
 * The clock of a tab that is wrong: it started at another moment, runs a little fast or slow, and may jump ahead, as when
 * a laptop wakes up. It never goes back.
 */

import { pairFraction } from './random.ts';

export class SkewedClock {
  #offsetMs: number;
  readonly #rate: number;

  /** Shows `offsetMs` at virtual time 0, and goes on `rate` times as fast as virtual time (above 0). */
  constructor(offsetMs: number, rate: number) {
    this.#offsetMs = offsetMs;
    this.#rate = rate;
  }

  /** The clock of node `index` where clocks start within an hour of each other and differ in speed by up to `skew`. */
  static of(seed: number, index: number, skew: number): SkewedClock {
    const offset = pairFraction(seed, OFFSET_SALT, index, index);
    const speed = pairFraction(seed, SPEED_SALT, index, index);
    return new SkewedClock(offset * HOUR_MS, 1 + skew * (2 * speed - 1));
  }

  /** What it shows at a virtual time, ms. */
  read(virtualMs: number): number {
    return this.#offsetMs + this.#rate * virtualMs;
  }

  /** The virtual time at which it shows at least `shownMs`; `Infinity` stays that. */
  toVirtual(shownMs: number): number {
    return (shownMs - this.#offsetMs) / this.#rate;
  }

  /** From now on it shows so much more. */
  jump(ms: number): void {
    this.#offsetMs += ms;
  }
}

const HOUR_MS = 3_600_000;
const OFFSET_SALT = 3;
const SPEED_SALT = 4;
