/**
 * The invariant of the corrected Chord protocol (Zave 2017, section 5), over the lists of all members at one moment. A
 * member's extended list is its own id and those that it takes for its next ones; here those before it belong to it too, since
 * nodes take over each other's lists in both directions. OneLiveSuccessor: everybody's list
 * holds a live member. SufficientPrincipals: enough members are passed over by nobody's list. What follows from the two
 * is checked as well: lists in order and without duplicates, and a single ring, in order, that everybody leads to.
 */

import { compareIds, mapKey, sameId, toHex, type MapKey, type NodeId } from '../../core/id/node-id.ts';
import { compareClockwise, isWithin } from '../../core/id/ring.ts';
import { SortedIds } from '../sorted-ids.ts';

export interface RingMember {
  readonly id: NodeId;
  /** The next ones, clockwise. */
  readonly list: readonly NodeId[];
  /** Those before it that it is certain of, clockwise. */
  readonly before: readonly NodeId[];
  /** The list claims to be everybody, all the way round. */
  readonly isWhole: boolean;
  /** It lives, but has not taken over a list yet; `list` is whom it has heard of. */
  readonly isJoining: boolean;
}

export interface RingJudgement {
  /** Keys of the members that no list passes over. */
  readonly principals: ReadonlySet<MapKey>;
  /** One sentence for each fault; none when the invariant holds. */
  readonly faults: readonly string[];
}

/** Judges all nodes of a ring that live; `principalsWanted` at least are to be principals. */
export function judgeRing(living: readonly RingMember[], principalsWanted: number): RingJudgement {
  const sorted = new SortedIds<RingMember>();
  for (const member of living) sorted.add(member);
  const members = living.filter(({ isJoining }) => !isJoining);
  const faults = members.flatMap((member) => findListFaults(member, sorted));
  const principals = findPrincipals(members);
  if (principals.size < principalsWanted)
    faults.push(`${principals.size} principals are left, wanted are ${principalsWanted}`);
  return { principals, faults: [...faults, ...findRingFaults(members, sorted)] };
}

/** Keys of the members that no extended list passes over. */
function findPrincipals(members: readonly RingMember[]): Set<MapKey> {
  const around = members.toSorted((a, b) => compareIds(a.id, b.id));
  const passed = new Set<MapKey>();
  for (const { id, list, before, isWhole } of members) {
    const row = isWhole ? [id, ...list, id] : [...before, id, ...list];
    for (let i = 1; i < row.length; i++)
      for (const member of between(around, row[i - 1]!, row[i]!)) passed.add(mapKey(member));
  }
  return new Set(around.map(({ id }) => mapKey(id)).filter((key) => !passed.has(key)));
}

/** Members that stand strictly between two ids; from an id to itself is all the way round. */
function between(around: readonly RingMember[], from: NodeId, to: NodeId): NodeId[] {
  let low = 0;
  let high = around.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIds(around[middle]!.id, from) <= 0) low = middle + 1;
    else high = middle;
  }
  const found: NodeId[] = [];
  for (let steps = 0; steps < around.length; steps++) {
    const { id } = around[(low + steps) % around.length]!;
    if (sameId(id, from) || sameId(id, to) || !isWithin(id, from, to)) break;
    found.push(id);
  }
  return found;
}

function findListFaults({ id, list }: RingMember, sorted: SortedIds<RingMember>): string[] {
  const faults: string[] = [];
  const isOrdered = list.every((next, i) => i === 0 || compareClockwise(id, list[i - 1]!, next) < 0);
  if (!isOrdered || list.some((next) => sameId(next, id)))
    faults.push(`the list of ${nameOf(id)} is out of order or names somebody twice`);
  if (sorted.length > 1 && !list.some((next) => sorted.get(next) !== undefined))
    faults.push(`${nameOf(id)} has no live successor`);
  return faults;
}

/** Follows everybody's first live successor: it has to end in one ring, which goes round once. */
function findRingFaults(members: readonly RingMember[], sorted: SortedIds<RingMember>): string[] {
  const next = new Map<RingMember, RingMember>();
  const joining: RingMember[] = [];
  for (const member of members) {
    const live = member.list.flatMap((id) => sorted.get(id) ?? []);
    const first = live.find(({ isJoining }) => !isJoining) ?? live[0];
    if (first !== undefined) next.set(member, first);
    // Where only newcomers are left in a list, the way goes on over them.
    if (first?.isJoining === true) joining.push(first);
  }
  for (const member of joining) {
    const first = member.list.map((id) => sorted.get(id)).find((found) => found?.isJoining === false);
    if (first !== undefined) next.set(member, first);
  }
  const state = new Map<RingMember, 'under way' | 'done'>();
  const rings: RingMember[][] = [];
  for (const member of members) {
    const path: RingMember[] = [];
    let at: RingMember | undefined = member;
    for (; at !== undefined && !state.has(at); at = next.get(at)) {
      state.set(at, 'under way');
      path.push(at);
    }
    if (at !== undefined && state.get(at) === 'under way') rings.push(path.slice(path.indexOf(at)));
    for (const passed of path) state.set(passed, 'done');
  }
  if (members.length > 1 && rings.length !== 1) return [`there are ${rings.length} rings`];
  return rings
    .filter((ring) => !goesRoundOnce(ring))
    .map((ring) => `the ring of ${ring.length} is out of order`);
}

function goesRoundOnce(ring: readonly RingMember[]): boolean {
  const first = ring[0]!.id;
  return ring.every((member, i) => i === 0 || compareClockwise(first, ring[i - 1]!.id, member.id) < 0);
}

function nameOf(id: NodeId): string {
  return toHex(id.subarray(0, 4));
}
