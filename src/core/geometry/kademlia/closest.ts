/**
 * The contacts nearest to a key, exactly and in order, without sorting the table. By XOR a whole bucket is nearer to a
 * key than another or farther: first the key's own bucket, then the deeper ones in an order that the key's bits give,
 * then the shallower ones backwards. Only the few entries inside a bucket are sorted, by their first 32 bits. Rule KB6.
 */

import type { NodeId } from '../../id/node-id.ts';
import { bitAt, commonPrefixLength, compareXor, firstWord } from '../../id/xor.ts';
import type { Entry } from './bucket.ts';
import type { Table } from './table.ts';

/** Larger buckets than this are sorted by the engine. */
const INSERTION_MAX = 64;
const SIGN = 0x80000000 | 0;

/** Distances and positions of one bucket's entries: used within one call only, so that it allocates its result alone. */
const distances = new Int32Array(INSERTION_MAX);
const positions = new Int32Array(INSERTION_MAX);

/** At most `count` ids, nearest to `key` first; this node among them if asked. */
export function closestIds(table: Table, key: NodeId, count: number, withSelf: boolean): NodeId[] {
  const { buckets, self, last } = table;
  const out: NodeId[] = [];
  const start = Math.min(commonPrefixLength(self, key), last);
  const own = withSelf ? self : undefined;
  take(out, buckets[start]!.entries, key, count, start === last ? own : undefined);
  if (start < last && out.length < count) {
    for (let i = start + 1; i < last; i++) {
      if (bitAt(key, i) !== bitAt(self, i)) take(out, buckets[i]!.entries, key, count, undefined);
    }
    take(out, buckets[last]!.entries, key, count, own);
    for (let i = last - 1; i > start; i--) {
      if (bitAt(key, i) === bitAt(self, i)) take(out, buckets[i]!.entries, key, count, undefined);
    }
  }
  for (let i = start - 1; i >= 0 && out.length < count; i--)
    take(out, buckets[i]!.entries, key, count, undefined);
  return out;
}

/** Appends a bucket's ids in order of distance until `count` is reached. */
function take(out: NodeId[], entries: Entry[], key: NodeId, count: number, self: NodeId | undefined): void {
  const size = entries.length + (self === undefined ? 0 : 1);
  const wanted = Math.min(size, count - out.length);
  if (wanted <= 0) return;
  if (!sortByWord(entries, firstWord(key), self, size)) {
    sortInFull(entries, key, self)
      .slice(0, wanted)
      .forEach((id) => out.push(id));
    return;
  }
  for (let i = 0; i < wanted; i++) {
    const position = positions[i]!;
    out.push(position < entries.length ? entries[position]!.contact.id : self!);
  }
}

/**
 * Puts the positions of a bucket's entries in order of the first 32 bits of distance; this node counts as one past the
 * last. False when two of them are equal: then their order says nothing.
 */
function sortByWord(entries: Entry[], word: number, self: NodeId | undefined, size: number): boolean {
  if (size > INSERTION_MAX) return false;
  for (let i = 0; i < size; i++) {
    const other = i < entries.length ? entries[i]!.word : firstWord(self!);
    // Flipping the sign bit makes signed integers compare like the unsigned ones they stand for.
    const distance = other ^ word ^ SIGN;
    let at = i;
    for (; at > 0 && distances[at - 1]! > distance; at--) {
      distances[at] = distances[at - 1]!;
      positions[at] = positions[at - 1]!;
    }
    if (at > 0 && distances[at - 1] === distance) return false;
    distances[at] = distance;
    positions[at] = i;
  }
  return true;
}

function sortInFull(entries: readonly Entry[], key: NodeId, self: NodeId | undefined): NodeId[] {
  const ids = entries.map((entry) => entry.contact.id);
  if (self !== undefined) ids.push(self);
  return ids.sort((a, b) => compareXor(key, a, b));
}
