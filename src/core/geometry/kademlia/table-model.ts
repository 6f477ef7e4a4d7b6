/**
 * The table as one would explain it: for every prefix length a list of contacts and a list of candidates, no splitting,
 * no merging, everything found by looking at everything. Tests compare the real table with it.
 *
 * A prefix length with fewer than `bucketSize` - 1 contacts beyond it takes everybody, up to a limit.
 */

import { compareIds, mapKey, sameId, type MapKey, type NodeId } from '../../id/node-id.ts';
import { commonPrefixLength, compareXor, flipBit } from '../../id/xor.ts';
import type { OfferOutcome } from '../geometry.ts';

interface Held {
  readonly id: NodeId;
  lastSeenAt: number;
}

interface Part {
  placed: Held[];
  waiting: Held[];
}

/** The limit of surplus that rule KB30 states. */
const SURPLUS_MAX = 64;

/** Knows what a table must hold and answer after the same calls. */
export class TableModel {
  readonly #parts = new Map<number, Part>();
  readonly #self: NodeId;
  readonly #bucketSize: number;
  readonly #replacementsMax: number;

  constructor(self: NodeId, bucketSize: number, replacementsMax: number) {
    this.#self = self;
    this.#bucketSize = bucketSize;
    this.#replacementsMax = replacementsMax;
  }

  /** The ids with a place, in ascending order. */
  placed(): NodeId[] {
    return [...this.#parts.values()].flatMap((part) => part.placed.map((held) => held.id)).sort(compareIds);
  }

  /** The ids that wait, longest unheard of first within a prefix length. */
  waiting(index: number): NodeId[] {
    return this.#parts.get(index)?.waiting.map((held) => held.id) ?? [];
  }

  has(id: NodeId): boolean {
    const { placed, waiting } = this.#partOf(id);
    return [...placed, ...waiting].some((held) => sameId(held.id, id));
  }

  isPlaced(id: NodeId): boolean {
    return this.#partOf(id).placed.some((held) => sameId(held.id, id));
  }

  countAt(id: NodeId): number {
    return this.#partOf(id).placed.length;
  }

  offer(id: NodeId, now: number, alive: boolean): OfferOutcome {
    if (sameId(id, this.#self)) return 'refused';
    const part = this.#partOf(id);
    const known = part.placed.find((held) => sameId(held.id, id));
    if (known !== undefined) {
      if (alive) known.lastSeenAt = now;
      return 'known';
    }
    if (part.waiting.some((held) => sameId(held.id, id))) {
      if (alive) this.touch(id, now);
      return 'candidate';
    }
    if (part.placed.length < this.#roomOf(commonPrefixLength(this.#self, id))) {
      part.placed.push({ id, lastSeenAt: now });
      for (const index of this.#parts.keys()) this.#displace(index);
      return 'added';
    }
    if (this.#replacementsMax === 0) return 'refused';
    part.waiting.push({ id, lastSeenAt: now });
    if (part.waiting.length > this.#replacementsMax) part.waiting.shift();
    return 'candidate';
  }

  touch(id: NodeId, now: number): void {
    const part = this.#partOf(id);
    for (const held of [...part.placed, ...part.waiting]) {
      if (!sameId(held.id, id)) continue;
      held.lastSeenAt = now;
      if (part.waiting.includes(held))
        part.waiting = [...part.waiting.filter((other) => other !== held), held];
    }
  }

  remove(id: NodeId): void {
    const part = this.#partOf(id);
    part.waiting = part.waiting.filter((held) => !sameId(held.id, id));
    part.placed = part.placed.filter((held) => !sameId(held.id, id));
    for (const [index, { placed, waiting }] of this.#parts) {
      while (waiting.length > 0 && placed.length < this.#roomOf(index)) placed.push(waiting.pop()!);
    }
  }

  wants(id: NodeId): boolean {
    return this.#isNew(id) && this.countAt(id) < this.#roomOf(commonPrefixLength(this.#self, id));
  }

  needsToAdd(id: NodeId): boolean {
    return this.#isNew(id) && this.countAt(id) < this.#bucketSize;
  }

  allows(id: NodeId): boolean {
    if (sameId(id, this.#self)) return false;
    const address = flipBit(id, commonPrefixLength(this.#self, id));
    const group = this.closest(address, this.#bucketSize, true);
    return this.isPlaced(id) || this.wants(id) || group.some((member) => sameId(member, this.#self));
  }

  isUnneeded(id: NodeId): boolean {
    if (sameId(id, this.#self) || this.isPlaced(id)) return false;
    return this.#countBeyond(commonPrefixLength(this.#self, id)) >= this.#bucketSize;
  }

  sharesGroups(index: number): boolean {
    const there = this.#parts.get(index)?.placed.length ?? 0;
    return there < this.#bucketSize || this.#countBeyond(index) < this.#bucketSize - 1;
  }

  closest(key: NodeId, count: number, withSelf: boolean): NodeId[] {
    const all = withSelf ? [...this.placed(), this.#self] : this.placed();
    return all.sort((a, b) => compareXor(key, a, b)).slice(0, count);
  }

  stale(before: number): MapKey[] {
    return [...this.#parts.values()]
      .flatMap((part) => part.placed)
      .filter((held) => held.lastSeenAt < before)
      .sort((a, b) => a.lastSeenAt - b.lastSeenAt || compareIds(a.id, b.id))
      .map((held) => mapKey(held.id));
  }

  concerns(newcomer: NodeId, peer: NodeId): boolean {
    if (sameId(newcomer, peer)) return false;
    const limit = commonPrefixLength(newcomer, peer);
    const around = (center: NodeId): number =>
      [...this.placed(), this.#self].filter(
        (id) => !sameId(id, center) && commonPrefixLength(id, center) > limit,
      ).length;
    return around(newcomer) < this.#bucketSize || around(peer) < this.#bucketSize - 1;
  }

  #roomOf(index: number): number {
    return this.#bucketSize + (this.#countBeyond(index) < this.#bucketSize - 1 ? SURPLUS_MAX : 0);
  }

  /** The latest of those beyond the room wait from now on, in the order in which they were heard of. */
  #displace(index: number): void {
    const part = this.#parts.get(index)!;
    if (part.placed.length <= this.#roomOf(index)) return;
    const waiting = [...part.waiting, ...part.placed.splice(this.#bucketSize)];
    waiting.sort((a, b) => a.lastSeenAt - b.lastSeenAt);
    while (waiting.length > this.#replacementsMax) waiting.shift();
    part.waiting = waiting;
  }

  #isNew(id: NodeId): boolean {
    return !sameId(id, this.#self) && !this.has(id);
  }

  #countBeyond(index: number): number {
    let count = 0;
    for (const [prefix, { placed }] of this.#parts) if (prefix > index) count += placed.length;
    return count;
  }

  #partOf(id: NodeId): Part {
    const index = commonPrefixLength(this.#self, id);
    const part = this.#parts.get(index) ?? { placed: [], waiting: [] };
    this.#parts.set(index, part);
    return part;
  }
}
