/**
 * Whom to pass a message to on a ring. Each peer stands for its own id and the ids it is linked to. Where this node knows
 * everybody around the target, the best is who holds it: the first at or after it. Elsewhere the best is a node shortly
 * after the target, near enough to know everybody in between; then the farthest one on the way to it; then whoever
 * follows it (Chord, Stoica et al. 2001, section 4.3, and the neighbours' lists as a second finger table). Rules CH8-CH11.
 */

import { idAt, wordsOf, type IdList } from '../../id/id-list.ts';
import { ID_BYTES, type NodeId } from '../../id/node-id.ts';
import { firstWord } from '../../id/xor.ts';
import { compareClockwise } from '../../id/ring.ts';
import type { NextHopOptions, PeerView } from '../geometry.ts';
import { ignoredIds, isIgnored, type Ignored } from '../ignored.ts';

/** Where a message is and where it is to go. */
export interface Course {
  readonly self: NodeId;
  readonly target: NodeId;
  /** True when the node knows everybody around the target, or of nobody between the target and itself. */
  readonly isCovered: boolean;
  /** Who follows the target within this distance (first 32 bits) knows everybody in between. */
  readonly near: number;
}

/** An id on the way, and how good it is: lower classes first, then the nearer to the target. */
interface Waypoint {
  readonly id: NodeId;
  readonly rank: Rank;
}

/** holder: at or shortly after the target. before: on the way to it. beyond: after it, and not near. */
const RANKS = { holder: 0, before: 1, beyond: 2 } as const;
type Rank = (typeof RANKS)[keyof typeof RANKS];

/** Indexes into `peers`, best first, at most `options.count`. */
export function chooseHops(course: Course, peers: readonly PeerView[], options: NextHopOptions): number[] {
  const { count, skip } = options;
  const ignored = ignoredIds(course.self, options.ignore);
  const chosen: { readonly index: number; readonly peer: PeerView; readonly best: Waypoint }[] = [];
  if (count <= 0) return [];
  for (let index = 0; index < peers.length; index++) {
    const peer = peers[index]!;
    if (skip(peer)) continue;
    const best = bestOf(course, peer, ignored);
    if (best === undefined) continue;
    let place = chosen.length;
    while (place > 0 && isBefore(course, best, peer, chosen[place - 1]!)) place--;
    if (place >= count) continue;
    chosen.splice(place, 0, { index, peer, best });
    if (chosen.length > count) chosen.pop();
  }
  return chosen.map(({ index }) => index);
}

/** The best id that a peer is or is linked to; `undefined` when all of them are ignored. */
export function bestIdVia(course: Course, peer: PeerView, ignore: readonly Uint8Array[]): NodeId | undefined {
  return bestOf(course, peer, ignoredIds(course.self, ignore))?.id;
}

/** True when a message comes nearer to its target by going from this node to `id`. */
export function leadsOn(course: Course, id: NodeId): boolean {
  const { self, target } = course;
  const isBetterHolder = compareClockwise(target, id, self) < 0;
  if (isBetterHolder || course.isCovered) return isBetterHolder;
  return rankOf(course, id) === RANKS.before;
}

function isBefore(
  course: Course,
  best: Waypoint,
  peer: PeerView,
  rival: { readonly peer: PeerView; readonly best: Waypoint },
): boolean {
  const order = compareWaypoints(course, best, rival.best);
  if (order !== 0) return order < 0;
  // Both lead to one node: straight there is better than through it, and nearer better than farther.
  if (best.id === peer.id) return true;
  if (rival.best.id === rival.peer.id) return false;
  const own = { id: peer.id, rank: rankOf(course, peer.id) };
  return compareWaypoints(course, own, { id: rival.peer.id, rank: rankOf(course, rival.peer.id) }) < 0;
}

function compareWaypoints({ target }: Course, a: Waypoint, b: Waypoint): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  const order = compareClockwise(target, a.id, b.id);
  return a.rank === RANKS.before ? -order : order;
}

function rankOf({ self, target, isCovered, near }: Course, id: NodeId): Rank {
  if (isCovered) return RANKS.holder;
  const isBetterHolder = compareClockwise(target, id, self) < 0;
  if (isBetterHolder && (firstWord(id) - firstWord(target)) >>> 0 <= near) return RANKS.holder;
  return compareClockwise(self, id, target) < 0 ? RANKS.before : RANKS.beyond;
}

/** Of a peer's own id and its list: the first that counts at or after the target, and the last before it. */
function bestOf(course: Course, peer: PeerView, ignored: Ignored): Waypoint | undefined {
  const { linked } = peer;
  const own = isIgnored(ignored, peer.id, 0) ? undefined : betterOf(course, undefined, peer.id);
  if (linked.count === 0) return own;
  const place = positionOf(linked, course.target);
  const best = betterOf(course, own, countingFrom(linked, place, 1, ignored));
  return betterOf(course, best, countingFrom(linked, place - 1, -1, ignored));
}

function betterOf(course: Course, best: Waypoint | undefined, id: NodeId | undefined): Waypoint | undefined {
  if (id === undefined) return best;
  const waypoint = { id, rank: rankOf(course, id) };
  return best === undefined || compareWaypoints(course, waypoint, best) < 0 ? waypoint : best;
}

/** The first id of a list that is not ignored, from a position on, once round. */
function countingFrom(list: IdList, from: number, step: 1 | -1, ignored: Ignored): NodeId | undefined {
  let index = from;
  for (let i = 0; i < list.count; i++, index += step) {
    if (index === list.count) index = 0;
    else if (index < 0) index = list.count - 1;
    if (!isIgnored(ignored, list.bytes, index * ID_BYTES)) return idAt(list, index);
  }
  return undefined;
}

/** Position of the first id of a sorted list that is not below the target; `count` when all are. */
function positionOf(list: IdList, target: NodeId): number {
  const words = wordsOf(list);
  const wanted = firstWord(target) >>> 0;
  let low = 0;
  let high = list.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const word = words[middle]! >>> 0;
    if (word < wanted || (word === wanted && isBelow(list.bytes, middle * ID_BYTES, target)))
      low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBelow(bytes: Uint8Array, at: number, target: NodeId): boolean {
  for (let i = 0; i < ID_BYTES; i++) {
    const difference = bytes[at + i]! - target[i]!;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
