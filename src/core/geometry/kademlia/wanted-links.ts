/**
 * Which contacts deserve one of the few links a browser can hold: the nearest ones, so that the own neighbourhood is
 * known exactly, and one in every bucket, so that each hop halves the distance. The two take turns, hence even a node
 * with room for two links has a near one and a far one. What is left is spread over the buckets. Rules KB25-KB28.
 */

import { compareIds, type MapKey, type NodeId } from '../../id/node-id.ts';
import { compareXor } from '../../id/xor.ts';
import type { LinkPreference, WantedLink } from '../geometry.ts';
import { rankByLot } from '../lot.ts';
import type { Entry } from './bucket.ts';
import type { Table } from './table.ts';

/** The links this node should have, most important first; rules KB25-KB28. Costs a sort of every bucket. */
export function wantedLinks(table: Table, preference: LinkPreference): WantedLink[] {
  const wanted = new WantedSet(preference.linkEveryContact ? Infinity : preference.linksWanted);
  const ranked = table.buckets.map((bucket) => rankByLot(bucket.entries, table.self, preference));
  const isAble = ({ contact: { key } }: Entry): boolean =>
    preference.isLinked(key) || !preference.isShunned(key);
  const able = ranked.map((bucket) => bucket.filter(isAble));
  const siblings = siblingsOf(able, table.self, preference.siblings);
  for (let i = 0; i < Math.max(siblings.length, able.length); i++) {
    const near = siblings[i];
    if (near !== undefined) wanted.add(near, 'sibling');
    const bucket = able[i];
    // A bucket that holds a sibling has its link.
    if (bucket?.[0] !== undefined && !bucket.some((entry) => wanted.has(entry)))
      wanted.add(bucket[0], 'bucket');
  }
  for (const buckets of [able, ranked]) {
    const depth = Math.max(...buckets.map((bucket) => bucket.length));
    for (let place = 0; place < depth; place++) {
      for (const bucket of buckets) if (bucket[place] !== undefined) wanted.add(bucket[place]!, 'extra');
    }
  }
  return wanted.links;
}

/** A list without duplicates that takes no more than it may. */
class WantedSet {
  readonly links: WantedLink[] = [];
  readonly #keys = new Set<MapKey>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  has(entry: Entry): boolean {
    return this.#keys.has(entry.contact.key);
  }

  add(entry: Entry, role: WantedLink['role']): void {
    if (this.links.length >= this.#max || this.has(entry)) return;
    this.#keys.add(entry.contact.key);
    this.links.push({ contact: entry.contact, role });
  }
}

/** The next contact round the circle of ids, then the nearest ones by XOR, nearest first. */
function siblingsOf(able: readonly Entry[][], self: NodeId, count: number): Entry[] {
  const out: Entry[] = [];
  if (count <= 0) return out;
  const next = successorOf(able.flat(), self);
  if (next !== undefined) out.push(next);
  let left = count;
  for (let i = able.length - 1; i >= 0 && left > 0; i--) {
    const nearest = able[i]!.toSorted((a, b) => compareXor(self, a.contact.id, b.contact.id)).slice(0, left);
    out.push(...nearest.filter((entry) => entry !== next));
    left -= nearest.length;
  }
  return out;
}

/**
 * The lowest id above the own one, or the lowest of all. By XOR two nodes can be each other's nearest and keep to
 * themselves; if each node is linked to its successor, all of them hang together.
 */
function successorOf(entries: readonly Entry[], self: NodeId): Entry | undefined {
  let best: Entry | undefined;
  for (const entry of entries) {
    const { id } = entry.contact;
    if (best === undefined) best = entry;
    const above = compareIds(id, self) > 0;
    const bestAbove = compareIds(best.contact.id, self) > 0;
    if (above === bestAbove ? compareIds(id, best.contact.id) < 0 : above) best = entry;
  }
  return best;
}
