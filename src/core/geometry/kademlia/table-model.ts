/**
 * The table as one would explain it: for every prefix length a list of contacts and a list of candidates, no splitting,
 * no merging, everything found by looking at everything. Tests compare the real table with it.
 */

import { compareIds, mapKey, sameId, type MapKey, type NodeId } from '../../id/node-id.ts';
import { commonPrefixLength, compareXor } from '../../id/xor.ts';
import type { OfferOutcome } from '../geometry.ts';

interface Held {
  readonly id: NodeId;
  lastSeenAt: number;
}

interface Part {
  placed: Held[];
  waiting: Held[];
}

/** Knows what a table must hold and answer after the same calls. */
export class TableModel {
  private readonly parts = new Map<number, Part>();
  private readonly self: NodeId;
  private readonly bucketSize: number;
  private readonly replacementsMax: number;

  constructor(self: NodeId, bucketSize: number, replacementsMax: number) {
    this.self = self;
    this.bucketSize = bucketSize;
    this.replacementsMax = replacementsMax;
  }

  /** The ids with a place, in ascending order. */
  placed(): NodeId[] {
    return [...this.parts.values()].flatMap((part) => part.placed.map((held) => held.id)).sort(compareIds);
  }

  /** The ids that wait, longest unheard of first within a prefix length. */
  waiting(index: number): NodeId[] {
    return this.parts.get(index)?.waiting.map((held) => held.id) ?? [];
  }

  has(id: NodeId): boolean {
    const { placed, waiting } = this.partOf(id);
    return [...placed, ...waiting].some((held) => sameId(held.id, id));
  }

  offer(id: NodeId, now: number, alive: boolean): OfferOutcome {
    if (sameId(id, this.self)) return 'refused';
    const part = this.partOf(id);
    const known = part.placed.find((held) => sameId(held.id, id));
    if (known !== undefined) {
      if (alive) known.lastSeenAt = now;
      return 'known';
    }
    if (part.waiting.some((held) => sameId(held.id, id))) {
      if (alive) this.touch(id, now);
      return 'candidate';
    }
    if (part.placed.length < this.bucketSize) {
      part.placed.push({ id, lastSeenAt: now });
      return 'added';
    }
    if (this.replacementsMax === 0) return 'refused';
    part.waiting.push({ id, lastSeenAt: now });
    if (part.waiting.length > this.replacementsMax) part.waiting.shift();
    return 'candidate';
  }

  touch(id: NodeId, now: number): void {
    const part = this.partOf(id);
    for (const held of [...part.placed, ...part.waiting]) {
      if (!sameId(held.id, id)) continue;
      held.lastSeenAt = now;
      if (part.waiting.includes(held))
        part.waiting = [...part.waiting.filter((other) => other !== held), held];
    }
  }

  remove(id: NodeId): void {
    const part = this.partOf(id);
    part.waiting = part.waiting.filter((held) => !sameId(held.id, id));
    const left = part.placed.filter((held) => !sameId(held.id, id));
    const freed = left.length < part.placed.length;
    part.placed = left;
    const next = freed ? part.waiting.pop() : undefined;
    if (next !== undefined) part.placed.push(next);
  }

  wants(id: NodeId): boolean {
    return !sameId(id, this.self) && !this.has(id) && this.partOf(id).placed.length < this.bucketSize;
  }

  closest(key: NodeId, count: number, withSelf: boolean): NodeId[] {
    const all = withSelf ? [...this.placed(), this.self] : this.placed();
    return all.sort((a, b) => compareXor(key, a, b)).slice(0, count);
  }

  stale(before: number): MapKey[] {
    return [...this.parts.values()]
      .flatMap((part) => part.placed)
      .filter((held) => held.lastSeenAt < before)
      .sort((a, b) => a.lastSeenAt - b.lastSeenAt || compareIds(a.id, b.id))
      .map((held) => mapKey(held.id));
  }

  concerns(newcomer: NodeId, peer: NodeId): boolean {
    if (sameId(newcomer, peer)) return false;
    const limit = commonPrefixLength(newcomer, peer);
    const nearer = [...this.placed(), this.self].filter(
      (id) => !sameId(id, newcomer) && commonPrefixLength(id, newcomer) > limit,
    );
    return nearer.length < this.bucketSize;
  }

  private partOf(id: NodeId): Part {
    const index = commonPrefixLength(this.self, id);
    const part = this.parts.get(index) ?? { placed: [], waiting: [] };
    this.parts.set(index, part);
    return part;
  }
}
