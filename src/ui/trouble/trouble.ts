/** What keeps the page from working at all, in words, with what to do. Pure but for the browser powers handed in. */

import type { GeometryName } from '../../session/api.ts';
import { GEOMETRY_NAMES } from '../format/geometry.ts';

/** A reason not to start, for the full-page message. */
export interface Trouble {
  readonly code: 'insecure' | 'no-webrtc' | 'failed' | 'geometry';
  readonly title: string;
  /** What it means. */
  readonly text: string;
  /** What to do, one step each. */
  readonly steps: readonly string[];
  /** A link that leads on. */
  readonly way?: { readonly text: string; readonly href: string };
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

/** The trouble that shows before anything is opened, or `undefined`. */
export function troubleOf(powers: BrowserPowers): Trouble | undefined {
  if (!powers.secure) {
    return {
      code: 'insecure',
      title: 'This page needs a secure address',
      text:
        `It was opened over plain HTTP from ${powers.host}. Browsers lend their cryptography, which gives every tab ` +
        'its id, only to pages from HTTPS or from this very machine.',
      steps: [
        'On the machine that runs the server, open http://localhost with the same port.',
        'For other devices, start the server with --tls-cert and --tls-key and open the https:// address.',
      ],
    };
  }
  if (!powers.webrtc) {
    return {
      code: 'no-webrtc',
      title: 'This browser has no WebRTC',
      text: 'Tabs talk over WebRTC data channels. They are missing or switched off here.',
      steps: [
        'Use a current Chromium, Chrome, Edge, Firefox or Safari.',
        'Check extensions and settings that switch WebRTC off to hide addresses.',
      ],
    };
  }
  return undefined;
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

/** The trouble of a tab that came to a room with another geometry; `href` is the address with the room's own. */
export function geometryTrouble(
  room: string,
  own: GeometryName,
  { network, href }: { readonly network: GeometryName; readonly href: string },
): Trouble {
  const [ours, theirs] = [GEOMETRY_NAMES[own], GEOMETRY_NAMES[network]];
  return {
    code: 'geometry',
    title: `This network runs on ${theirs}`,
    text:
      `The tabs in the room “${room}” run on ${theirs}, and this one was opened for ${ours}. ` +
      'Tabs of one room have to agree on it, so the server did not let this one in.',
    steps: [
      `Join with ${theirs}, as the others do.`,
      `Or take another room for ${ours}: change room= in the address.`,
    ],
    way: { text: `Join with ${theirs}`, href },
  };
}
