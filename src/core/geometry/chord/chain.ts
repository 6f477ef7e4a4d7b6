/**
 * Nodes in a row: whoever tells of them is certain that nobody else stands from the first of them to the last, or, when
 * the row closes, anywhere. What neighbours on a ring tell each other, and what may be made of it. Rules CM3-CM5.
 */

import type { NodeId } from '../../id/node-id.ts';
import { sameId } from '../../id/node-id.ts';
import { compareClockwise, isWithin } from '../../id/ring.ts';

export interface Chain {
  /** Clockwise, each once. */
  readonly ids: readonly NodeId[];
  /** They are everybody, all the way round. */
  readonly isClosed: boolean;
}

/** True when the ids go clockwise, once round at most. They come from outside. */
export function isInOrder({ ids }: Chain): boolean {
  const first = ids[0];
  if (first === undefined || ids.some((id) => id.length !== first.length)) return false;
  return ids.every((id, i) => i === 0 || compareClockwise(first, ids[i - 1]!, id) < 0);
}

/** True when the chain says who stands around an id, whether or not it names that one. */
export function holds({ ids, isClosed }: Chain, id: NodeId): boolean {
  const first = ids[0]!;
  const last = ids.at(-1)!;
  if (isClosed || sameId(id, first)) return true;
  return !sameId(first, last) && isWithin(id, first, last);
}

/** Those after an id, in clockwise order; none where the chain does not hold it. */
export function after(chain: Chain, id: NodeId): Walk {
  const { ids, isClosed } = chain;
  if (!holds(chain, id)) return NOWHERE;
  const rest = ids.filter((other) => !sameId(other, id));
  if (isClosed) return { ids: rest.sort((a, b) => compareClockwise(id, a, b)), isClosed, isBack: false };
  const last = ids.at(-1)!;
  if (sameId(id, last)) return NOWHERE;
  return { ids: rest.filter((other) => isWithin(other, id, last)), isClosed, isBack: false };
}

/** Those before an id, counter-clockwise; none where the chain does not hold it. */
export function before(chain: Chain, id: NodeId): Walk {
  const { ids, isClosed } = chain;
  if (!holds(chain, id)) return NOWHERE;
  const rest = ids.filter((other) => !sameId(other, id));
  if (isClosed) return { ids: rest.sort((a, b) => compareClockwise(id, b, a)), isClosed, isBack: true };
  const first = ids[0]!;
  if (sameId(id, first)) return NOWHERE;
  const inside = rest.filter((other) => sameId(other, first) || !isWithin(other, id, first));
  return { ids: inside.reverse(), isClosed, isBack: true };
}

/** Ids to pass one after another, in either direction. */
interface Walk {
  readonly ids: readonly NodeId[];
  readonly isClosed: boolean;
  readonly isBack: boolean;
}

const NOWHERE: Walk = { ids: [], isClosed: false, isBack: false };

/** Where a walk along a chain ends. */
interface Reached {
  readonly end: NodeId;
  /** It led all the way to the node itself. */
  readonly isRound: boolean;
}

/** How far a walk leads from one end of a stretch, over known nodes only. */
export function reach(
  { ids, isClosed, isBack }: Walk,
  from: NodeId,
  self: NodeId,
  isKnown: (id: NodeId) => boolean,
): Reached {
  let end = from;
  for (const id of ids) {
    const passesSelf = isBack ? isWithin(self, id, end) || sameId(id, self) : isWithin(self, end, id);
    if (passesSelf && !sameId(end, self)) return { end, isRound: true };
    if (!isKnown(id)) return { end, isRound: false };
    end = id;
  }
  return { end, isRound: isClosed };
}
