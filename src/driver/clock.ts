/**
 * The driver's time: milliseconds that never decrease. Some systems stop `performance.now()` while a laptop sleeps, so
 * a wall clock that ran ahead of it by more than a few seconds moves this one forward too.
 */

export interface Clock {
  /** Milliseconds since some fixed moment; never decreases. */
  now(): number;
  /** The same moment as milliseconds since the epoch. */
  toEpoch(time: number): number;
}

/** The two clocks of the platform. */
export interface ClockSources {
  readonly monotonic: () => number;
  readonly wall: () => number;
}

/** A wall clock may be adjusted by this much without counting as a sleep. */
const ADJUSTMENT_MS = 5_000;

const PLATFORM: ClockSources = { monotonic: () => performance.now(), wall: () => Date.now() };

/** The clock of a page. */
export class SleepAwareClock implements Clock {
  readonly #sources: ClockSources;
  #slept = 0;
  #lastMonotonic: number;
  #lastWall: number;

  constructor(sources: ClockSources = PLATFORM) {
    this.#sources = sources;
    this.#lastMonotonic = sources.monotonic();
    this.#lastWall = sources.wall();
  }

  now(): number {
    const monotonic = this.#sources.monotonic();
    const wall = this.#sources.wall();
    const missed = wall - this.#lastWall - (monotonic - this.#lastMonotonic);
    if (missed > ADJUSTMENT_MS) this.#slept += missed;
    this.#lastMonotonic = monotonic;
    this.#lastWall = wall;
    return monotonic + this.#slept;
  }

  toEpoch(time: number): number {
    return this.#sources.wall() - (this.now() - time);
  }
}
