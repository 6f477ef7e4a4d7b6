/** Runs a function at most once an animation frame when asked, and once a second on its own while the page is seen. */

/** The browser powers it needs; tests pass their own. */
export interface FrameClock {
  /** Milliseconds that never go back. */
  now(): number;
  requestFrame(callback: () => void): number;
  cancelFrame(handle: number): void;
  setTimer(callback: () => void, delayMs: number): number;
  clearTimer(handle: number): void;
  setRepeating(callback: () => void, intervalMs: number): number;
  clearRepeating(handle: number): void;
}

/** The page's own frames and timers. */
export const PAGE_CLOCK: FrameClock = {
  now: () => performance.now(),
  requestFrame: (callback) => requestAnimationFrame(callback),
  cancelFrame: (handle) => cancelAnimationFrame(handle),
  setTimer: (callback, delayMs) => window.setTimeout(callback, delayMs),
  clearTimer: (handle) => window.clearTimeout(handle),
  setRepeating: (callback, intervalMs) => window.setInterval(callback, intervalMs),
  clearRepeating: (handle) => window.clearInterval(handle),
};

const SLOW_MS = 1_000;

/** One pending frame and one pending delay at most, however often they are asked for. */
export class FrameLoop {
  /** When the frame that runs or comes next was asked for. */
  askedAt = 0;
  #frame: number | undefined;
  #delay: number | undefined;
  #slow: number | undefined;
  #clock: FrameClock;
  #run: () => void;
  #onSlow: () => void;

  /** `run` draws; `onSlow` is called once a second between `start` and `stop`. */
  constructor(run: () => void, onSlow: () => void, clock: FrameClock = PAGE_CLOCK) {
    this.#run = run;
    this.#onSlow = onSlow;
    this.#clock = clock;
  }

  /** Begins the slow refresh that keeps ages and rates true. */
  start(): void {
    this.#slow ??= this.#clock.setRepeating(this.#onSlow, SLOW_MS);
  }

  stop(): void {
    if (this.#slow !== undefined) this.#clock.clearRepeating(this.#slow);
    if (this.#delay !== undefined) this.#clock.clearTimer(this.#delay);
    if (this.#frame !== undefined) this.#clock.cancelFrame(this.#frame);
    this.#slow = undefined;
    this.#delay = undefined;
    this.#frame = undefined;
  }

  /** Asks for one run in the next frame. Hidden pages have no frames: it then runs when the page is seen again. */
  request(): void {
    if (this.#frame !== undefined) return;
    this.askedAt = this.#clock.now();
    this.#frame = this.#clock.requestFrame(() => {
      this.#frame = undefined;
      this.#run();
    });
  }

  /** Asks for one run in the first frame after a delay; a delay under way is not changed. */
  requestIn(delayMs: number): void {
    if (delayMs <= 0) return this.request();
    this.#delay ??= this.#clock.setTimer(() => {
      this.#delay = undefined;
      this.request();
    }, delayMs);
  }

  /** Calls back when the frame that is being made now has been handed to the screen. */
  afterFrame(callback: () => void): void {
    this.#clock.setTimer(callback, 0);
  }
}
