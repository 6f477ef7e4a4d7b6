/**
 * A network-wide broadcast as a tree over intervals: who has a part of the circle to cover splits it where its links
 * are, and hands each piece to the linked contact that it begins with (El-Ansary et al. 2003, who split it at the
 * fingers; here there are links beside them). Rules GE11-GE14, CH12.
 *
 * On the wire a part is the interval (after, upTo]: two ids. Who covers it lies in it.
 */

import { sameId, type MapKey, type NodeId } from '../../id/node-id.ts';
import { isWithin } from '../../id/ring.ts';
import type { BroadcastShare } from '../geometry.ts';
import { shareCandidates } from '../share-candidates.ts';
import { intervalsOf, type Entry, type RingTable } from './table.ts';

/** The shares of everybody else in a part, the largest first; `undefined` when the bytes name no part. */
export function broadcastShares(
  table: RingTable,
  part: Uint8Array | undefined,
  isLinked: (key: MapKey) => boolean,
): BroadcastShare[] | undefined {
  const { self, entries } = table;
  const after = part === undefined ? self : part.subarray(0, self.length);
  const upTo = part === undefined ? beforeOf(self) : part.subarray(self.length);
  if (part !== undefined && !isPart(part, self)) return undefined;
  const inside = entries.filter(({ contact }) => isWithin(contact.id, after, upTo));
  const isAhead = ({ contact }: Entry): boolean => !sameId(self, upTo) && isWithin(contact.id, self, upTo);
  const ahead = inside.filter(isAhead);
  const behind = inside.filter((entry) => !isAhead(entry));
  return [
    ...cover(pieces(ahead, isLinked, intervalsOf), self, upTo, isLinked).reverse(),
    // Those are few and all known, so without a link each has a piece of its own.
    ...cover(pieces(behind, isLinked, eachAlone), after, beforeOf(self), isLinked),
  ];
}

function isPart(part: Uint8Array, self: NodeId): boolean {
  if (part.length !== 2 * self.length) return false;
  const after = part.subarray(0, self.length);
  const upTo = part.subarray(self.length);
  return !sameId(after, upTo) && isWithin(self, after, upTo);
}

/**
 * Pieces that each begin with a linked contact, so that its taker costs no detour and has nobody behind it to turn back
 * for; the first one begins with those before. Where nobody is linked, the pieces that `otherwise` makes.
 */
function pieces(
  entries: readonly Entry[],
  isLinked: (key: MapKey) => boolean,
  otherwise: (entries: readonly Entry[]) => Entry[][],
): Entry[][] {
  const starts = entries.flatMap(({ contact }, i) => (isLinked(contact.key) ? [i] : []));
  if (starts.length === 0) return otherwise(entries);
  return starts.map((start, i) => entries.slice(i === 0 ? 0 : start, starts[i + 1]));
}

function eachAlone(entries: readonly Entry[]): Entry[][] {
  return entries.map((entry) => [entry]);
}

/** Intervals that together are (after, upTo], each of which ends with the last contact of its piece; the last at `upTo`. */
function cover(
  split: readonly (readonly Entry[])[],
  after: Uint8Array,
  upTo: Uint8Array,
  isLinked: (key: MapKey) => boolean,
): BroadcastShare[] {
  let from = after;
  return split.map((piece, i) => {
    const to = i === split.length - 1 ? upTo : beforeOf(split[i + 1]![0]!.contact.id);
    const part = new Uint8Array(from.length + to.length);
    part.set(from);
    part.set(to, from.length);
    from = to;
    return { part, candidates: shareCandidates(piece, isLinked) };
  });
}

/** The id just before another one: a piece ends where the first contact of the next one stands. */
function beforeOf(id: NodeId): Uint8Array {
  const before = id.slice();
  for (let i = before.length - 1; i >= 0; i--) {
    before[i] = (before[i]! + 255) & 0xff;
    if (before[i] !== 0xff) break;
  }
  return before;
}
