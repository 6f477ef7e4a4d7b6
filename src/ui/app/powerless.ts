/** What a browser lacks that the overlay cannot do without, in words. Pure. Loaded where something is lacking. */

import type { BrowserPowers, Trouble } from './trouble.ts';

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
