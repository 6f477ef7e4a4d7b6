/** Stretches of the ring, clockwise, in turns. Pure. */

import type { Id, RingView } from '../../session/api.ts';
import { turnOf } from '../ring/layout.ts';

export interface Stretch {
  readonly from: number;
  /** May be above 1 where the stretch passes the top. */
  readonly to: number;
}

/** The keys after the predecessor up to the own id; all of them where there is nobody else. */
export function ownStretch(self: Id, { predecessors }: RingView): Stretch {
  return between(predecessors[0]?.id ?? self, self);
}

/** The stretch in which the lists name every node, as far as this one knows: the whole ring once they meet. */
export function listedStretch(self: Id, { predecessors, successors, listSize, gap }: RingView): Stretch {
  const before = new Set(predecessors.map(({ id }) => id));
  const holdsAll = successors.length < listSize && gap === 'none';
  const last = successors.at(-1);
  const first = predecessors.at(-1);
  if (holdsAll || last === undefined || first === undefined || successors.some(({ id }) => before.has(id)))
    return between(self, self);
  return between(first.id, last.id);
}

function between(from: Id, to: Id): Stretch {
  const [begin, end] = [turnOf(from), turnOf(to)];
  return { from: begin, to: from === to || end <= begin ? end + 1 : end };
}
