/** What keeps the page from working at all, in words, with what to do. What the browser lacks is in powerless.ts. */

/** A reason not to start, for the full-page message. */
export interface Trouble {
  readonly code: 'insecure' | 'no-webrtc' | 'failed';
  readonly title: string;
  /** What it means. */
  readonly text: string;
  /** What to do, one step each. */
  readonly steps: readonly string[];
}

/** The powers of a browser that the overlay cannot do without. */
export interface BrowserPowers {
  readonly secure: boolean;
  readonly webrtc: boolean;
  readonly host: string;
}

/** What this browser can do. */
export function readPowers(): BrowserPowers {
  return { secure: window.isSecureContext, webrtc: 'RTCPeerConnection' in window, host: location.host };
}

/** The trouble of an overlay that could not be opened; `problem` is the sentence it gave. */
export function openingTrouble(problem: string): Trouble {
  return {
    code: 'failed',
    title: 'The overlay could not be opened',
    text: problem,
    steps: [
      'Try again; if it stays so, reload the page.',
      'Check the settings in the address, after the # sign.',
    ],
  };
}
