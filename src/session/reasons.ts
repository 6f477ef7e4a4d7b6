/** The one table that turns reason codes into sentences for people: what happened, what it means, what to do. */

import type { ReasonCode } from './api.ts';

const SENTENCES: { readonly [Code in ReasonCode]: string } = {
  timeout:
    'No answer came in the time allowed. The message may have arrived all the same; send it again or allow more time.',
  unreachable:
    'Every way towards the target was tried and none led there. The node has probably left the network, or never was in it.',
  'not-linked':
    'This tab has no direct link to that node, so a neighbour message cannot go there. Send it as a direct message instead.',
  'no-reply':
    'The message arrived, but nothing there answered it. The receiver has no handler that replies to this request.',
  'too-large':
    'The payload is larger than the 64 KiB that one message may carry. Send less, or send it in parts.',
  overloaded:
    'A queue was full, here or on the way, and the message was dropped. Wait a moment and send it again.',
  'hop-limit':
    'The message went as many hops as it was allowed without arriving. Allow more hops, or wait until the network has settled.',
  rejected:
    'The message was refused as malformed or wrongly signed. That should not happen between honest tabs.',
  'not-member':
    'This tab is not one of the nodes nearest to that key, so it cannot speak for their group. Look the key up to see who is.',
  left: 'This tab has left the network, so the call was ended. Open the overlay again to send.',
};

/** The sentence for a reason code. */
export function reasonText(code: ReasonCode): string {
  return SENTENCES[code];
}
