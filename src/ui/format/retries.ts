/** Why a hop took another way, in words. Codes this page does not know yet are shown as they read. Pure. */

import type { RetryReason } from '../../session/api.ts';

/** A few words for a row, and what they mean. */
export interface RetryText {
  readonly word: string;
  readonly note: string;
}

const TEXTS: Readonly<Record<RetryReason, RetryText>> = {
  'link-down': { word: 'link down', note: 'The link to it broke before an answer came' },
  suspect: { word: 'peer silent', note: 'It stopped answering heartbeats' },
  'no-route': { word: 'no route', note: 'It found no way from there, and said so' },
  silent: { word: 'no progress', note: 'Nothing showed in time that the message went on from there' },
  absent: { word: 'target unknown there', note: 'The nodes around the target do not know it' },
  rejected: { word: 'message altered', note: 'From there on the message was not the one that was sent' },
  refused: {
    word: 'answer refused',
    note: 'It came from a node that is not the nearest: a nearer one is known',
  },
  unanswered: { word: 'no answer in time', note: 'It was under way there when its time was over' },
  forged: { word: 'answer forged', note: 'It was not signed by the node it names' },
};

/** The words for a reason code. */
export function retryText(reason: string): RetryText {
  return (
    TEXTS[reason as RetryReason] ?? {
      word: reason.replaceAll('-', ' '),
      note: 'The message went another way',
    }
  );
}
