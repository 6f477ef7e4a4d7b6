/** The steps of a lookup as a way on the ring: from who named a node to the node. Pure. */

import type { Id } from '../../session/api.ts';
import type { LookupStepView } from '../../session/store-api.ts';
import type { FailedTry, MessagePath, PathStop } from '../log/message-path.ts';

/**
 * Who was asked, with an arrow from the node that named it: this tab for those it knew. A stop's number tells how many
 * names it is away from this tab; nodes that did not answer are dead ends, those still asked have a broken line.
 */
export function lookupPath(steps: readonly LookupStepView[], self: Id, key: Id): MessagePath {
  const asked = steps.filter(({ id, state }) => id !== self && state !== 'introduced');
  const stops = asked
    .filter(({ state }) => state !== 'failed')
    .toSorted((a, b) => a.round - b.round)
    .map(({ id, by, round, state }): PathStop => {
      return { id, hop: round + 1, afterGap: state !== 'answered', from: by ?? self };
    });
  const tries = asked
    .filter(({ state }) => state === 'failed')
    .map(({ id, by }): FailedTry => {
      return { by: by ?? self, failedHop: id, nextHop: undefined, reason: 'no-answer' };
    });
  const start: PathStop = { id: self, hop: 0, afterGap: false, from: undefined };
  return { stops: [start, ...stops], tries, whole: true, target: key, isLookup: true };
}
