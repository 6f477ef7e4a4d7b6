/** The table that turns the store's reason codes into sentences for people. Beside the messages' own: pages load it with the store. */

import type { StoreReasonCode } from './store-api.ts';

const SENTENCES: { readonly [Code in StoreReasonCode]: string } = {
  'not-found':
    'The nodes that should have a record under this key answered, and have none. It was never put, was forgotten, or has expired.',
  timeout:
    'The nodes nearest to the key did not answer in the time allowed. What was put may be there all the same; read it, or try again.',
  alone:
    'No other node took a copy, because this tab knows nobody else. It keeps its own record and passes it on when others come.',
  stale:
    'The nodes have a later write of this record already, so this one was not taken. Read it and put again.',
  conflict:
    'The record does not have the sequence that was named, so nothing was written. Read it, and put with the sequence it has now.',
  'over-quota':
    'The nodes have no room left for this publisher or from this neighbour. Forget older records, or wait until some have expired.',
  expired: 'The record’s life was over before it could be kept. Put it again, with a longer life.',
  'too-large': 'The value is larger than the 32 KiB that one record may carry. Put less, or put it in parts.',
  rejected:
    'The record was refused as malformed or wrongly signed. That should not happen between honest tabs.',
  work: 'Nodes of this network keep records only for proof of work, and this tab did not have it in time. Try again, or allow more time.',
  'too-hard':
    'Nodes of this network ask for more proof of work than this tab does for anybody, so nothing was written.',
  left: 'This tab has left the network, so the call was ended. Open the overlay again to use the store.',
};

/** The sentence for a reason code of the store. */
export function storeReasonText(code: StoreReasonCode): string {
  return SENTENCES[code];
}
