/**
 * How often the screen may follow a stream of events: at once after a rest, then a few times a second, and less where
 * drawing takes long, so that it never takes more than a small share of the tab from the network it shows. Pure.
 */

/** Faster than this a stream cannot be read, ms. */
const GAP_MS_MIN = 200;
/** The most a screen may lag behind where the machine is drowning, ms: what a person does is shown at once all the same. */
const GAP_MS_MAX = 4_000;
/** Drawing rests this many times as long as it took. */
const REST = 12;

/** A frame comes this long after it was asked for on a machine with nothing else to do, ms. */
const FRAME_MS = 17;

/** One clock of drawings. Times are ms that never go back. */
export class DrawingPace {
  #beganAt = -Infinity;
  #askedAt = 0;
  /** What the last three drawings took, newest first. */
  #costsMs: readonly number[] = [0, 0, 0];

  /** When the next drawing may begin. */
  get dueAt(): number {
    return this.#beganAt + this.gapMs;
  }

  /** The time between the beginnings of two drawings, ms. */
  get gapMs(): number {
    return Math.min(GAP_MS_MAX, Math.max(GAP_MS_MIN, REST * this.#costMs));
  }

  /** The middle one of three: a single drawing may have met a cold page, or a moment of rest. */
  get #costMs(): number {
    return this.#costsMs.toSorted((a, b) => a - b)[1] ?? 0;
  }

  /** A drawing begins. `askedAt` is when the browser was asked for the frame: a busy machine grants it late. */
  begin(now: number, askedAt: number): void {
    this.#beganAt = now;
    this.#askedAt = askedAt;
  }

  /** The drawing that began last is on the screen. */
  end(now: number): void {
    const costMs = Math.max(0, now - this.#askedAt - FRAME_MS);
    this.#costsMs = [costMs, ...this.#costsMs.slice(0, 2)];
  }
}
