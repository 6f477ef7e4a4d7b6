/** Runs a function at most once an animation frame when asked, and once a second on its own while the page is seen. */

/** The browser powers it needs; tests pass their own. */
export interface FrameClock {
  /** Milliseconds that never go back. */
  now(): number;
  requestFrame(callback: () => void): number;
  cancelFrame(handle: number): void;
  setRepeating(callback: () => void, intervalMs: number): number;
  clearRepeating(handle: number): void;
}

/** The page's own frames and timers. */
export const PAGE_CLOCK: FrameClock = {
  now: () => performance.now(),
  requestFrame: (callback) => requestAnimationFrame(callback),
  cancelFrame: (handle) => cancelAnimationFrame(handle),
  setRepeating: (callback, intervalMs) => window.setInterval(callback, intervalMs),
  clearRepeating: (handle) => window.clearInterval(handle),
};

const SLOW_MS = 1_000;

/** One pending frame at most, however often it is asked for. */
export class FrameLoop {
  #frame: number | undefined;
  #slow: number | undefined;
  #clock: FrameClock;
  #run: () => void;

  constructor(run: () => void, clock: FrameClock = PAGE_CLOCK) {
    this.#run = run;
    this.#clock = clock;
  }

  /** Begins the slow refresh that keeps ages and rates true. */
  start(): void {
    this.#slow ??= this.#clock.setRepeating(() => this.request(), SLOW_MS);
  }

  stop(): void {
    if (this.#slow !== undefined) this.#clock.clearRepeating(this.#slow);
    if (this.#frame !== undefined) this.#clock.cancelFrame(this.#frame);
    this.#slow = undefined;
    this.#frame = undefined;
  }

  /** Asks for one run in the next frame. Hidden pages have no frames: it then runs when the page is seen again. */
  request(): void {
    this.#frame ??= this.#clock.requestFrame(() => {
      this.#frame = undefined;
      this.#run();
    });
  }
}
