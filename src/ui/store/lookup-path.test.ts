import { describe, expect, it } from 'vitest';
import { isSidestep } from '../log/message-path.ts';
import { idOf } from '../test-data.ts';
import { lookupPath } from './lookup-path.ts';

const [self, near, far, silent, named] = ['1', '2', '3', '4', '5'].map(idOf);

describe('path of a lookup', () => {
  const path = lookupPath(
    [
      { id: far!, state: 'slow', by: near!, round: 1 },
      { id: near!, state: 'answered', round: 0 },
      { id: silent!, state: 'failed', by: near!, round: 1 },
      { id: named!, state: 'introduced', by: near!, round: 1 },
      { id: self!, state: 'answered', by: near!, round: 1 },
    ],
    self!,
    idOf('f'),
  );

  it('has an arrow to each node asked, from the one that named it', () => {
    expect(path.stops).toEqual([
      { id: self, hop: 0, afterGap: false, from: undefined },
      { id: near, hop: 1, afterGap: false, from: self },
      { id: far, hop: 2, afterGap: true, from: near },
    ]);
  });

  it('has a dead end for each that did not answer, and no sidesteps', () => {
    expect(path.tries).toEqual([{ by: near, failedHop: silent, nextHop: undefined, reason: 'no-answer' }]);
    expect(path.stops.map((_, index) => isSidestep(path, index, 'kademlia'))).toEqual([false, false, false]);
  });
});
