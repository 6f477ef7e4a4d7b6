/**
 * Runs inside each page before its own scripts: keeps what the overlay tells, so that a test can look at it later.
 * Installed with `addInitScript`, which no content security policy concerns.
 */

import type { Message, OverlayEvent } from '../../src/session/api.ts';

/** What happened in a page since it was loaded. Times are on `Date.now()`. */
export interface Recorder {
  /** When the page began to load. */
  readonly openedAt: number;
  /** When `overlay.ready` resolved. */
  readyAt: number | undefined;
  /** The node's state at that moment: `ready`, or `alone`. */
  readyState: string | undefined;
  readonly events: OverlayEvent[];
  readonly messages: { readonly at: number; readonly message: Message }[];
}

declare global {
  interface Window {
    recorder: Recorder;
  }
}

/** Self-contained: it is sent to the page as text. */
export function installRecorder(): void {
  const recorder: Recorder = {
    openedAt: performance.timeOrigin,
    readyAt: undefined,
    readyState: undefined,
    events: [],
    messages: [],
  };
  window.recorder = recorder;
  const looking = setInterval(() => {
    const overlay = (window.hopline as Window['hopline'] | undefined)?.overlay;
    if (overlay === undefined) return;
    clearInterval(looking);
    overlay.onEvent((event) => {
      recorder.events.push(event);
    });
    overlay.onMessage((message) => {
      recorder.messages.push({ at: Date.now(), message });
    });
    void overlay.ready.then(() => {
      recorder.readyAt = Date.now();
      recorder.readyState = overlay.snapshot().state;
    });
  }, 5);
}
