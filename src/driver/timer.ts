/** One alarm that can be moved. In a page it runs in a worker, because hidden tabs slow their own timers down. */

export interface Timer {
  /** Calls `onAlarm` once after `delayMs`, instead of at the time set before. */
  set(delayMs: number): void;
  /** No alarm comes any more. */
  stop(): void;
}

/** Makes a timer that calls `onAlarm`. */
export type TimerFactory = (onAlarm: () => void) => Timer;

/** Longer delays overflow the platform's timers; an early alarm does no harm. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** `setTimeout`, for Node and for pages without workers. */
export const createTimeoutTimer: TimerFactory = (onAlarm) => {
  let handle: ReturnType<typeof setTimeout> | undefined;
  return {
    set: (delayMs) => {
      clearTimeout(handle);
      handle = setTimeout(onAlarm, Math.min(Math.max(0, delayMs), DELAY_MS_MAX));
    },
    stop: () => clearTimeout(handle),
  };
};

/** A worker with one `setTimeout`; falls back to the page's own where workers are missing or forbidden. */
export const createWorkerTimer: TimerFactory = (onAlarm) => {
  const fallback = createTimeoutTimer(onAlarm);
  let worker: Worker | undefined;
  let dueAt = Infinity;
  try {
    worker = new Worker(new URL('./timer-worker.ts', import.meta.url), {
      type: 'module',
      name: 'hopline-timer',
    });
  } catch {
    return fallback;
  }
  worker.addEventListener('message', () => {
    dueAt = Infinity;
    onAlarm();
  });
  worker.addEventListener('error', () => {
    worker?.terminate();
    worker = undefined;
    if (dueAt !== Infinity) fallback.set(dueAt - performance.now());
  });
  return {
    set: (delayMs) => {
      const delay = Math.min(Math.max(0, delayMs), DELAY_MS_MAX);
      dueAt = performance.now() + delay;
      if (worker === undefined) fallback.set(delay);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
      else worker.postMessage(delay);
    },
    stop: () => {
      worker?.terminate();
      worker = undefined;
      fallback.stop();
    },
  };
};
