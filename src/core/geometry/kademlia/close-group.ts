/**
 * Close groups: the k nodes nearest to an address. What a table says about them, and about who must know whom so that
 * every member of a group of up to `bucketSize` knows all of it. Pure questions; nothing here changes a table. Rules
 * KB11, KB33-KB37.
 */

import { sameId, type NodeId } from '../../id/node-id.ts';
import { bitAt, commonPrefixLength, compareXor, flipBit } from '../../id/xor.ts';
import { closestIds } from './closest.ts';
import type { Table } from './table.ts';

/** True when fewer than `size` contacts are nearer to the key than this node. Mostly a matter of counting buckets. */
export function isClose(table: Table, key: NodeId, size: number): boolean {
  const { buckets, self, last } = table;
  let room = size;
  for (let i = commonPrefixLength(self, key); i < last; i++) {
    if (bitAt(key, i) !== bitAt(self, i)) room -= buckets[i]!.entries.length;
    if (room <= 0) return false;
  }
  for (const { contact } of buckets[last]!.entries) {
    if (room > 0 && compareXor(key, contact.id, self) < 0) room--;
  }
  return room > 0;
}

/** The members of the key's group, nearest first, or `undefined` when this node is none. */
export function closeNodes(table: Table, key: NodeId, size: number): NodeId[] | undefined {
  return isClose(table, key, size) ? closestIds(table, key, size, true) : undefined;
}

/** The members beside this node, nearest first, or `undefined` when this node is none. */
export function otherCloseNodes(table: Table, key: NodeId, size: number): NodeId[] | undefined {
  return isClose(table, key, size) ? closestIds(table, key, size - 1, false) : undefined;
}

/** True when some address has both this node and a node that shares exactly `prefix` leading bits in its group. */
export function sharesCloseGroupWithBucket(table: Table, prefix: number): boolean {
  return table.countAt(prefix) < table.bucketSize || table.needsAll(prefix);
}

/** True when the id is unknown and fewer than `bucketSize` contacts stand where it belongs. */
export function needToAdd(table: Table, id: NodeId): boolean {
  return table.isNew(id) && table.countAt(commonPrefixLength(table.self, id)) < table.bucketSize;
}

/**
 * True when a link to the node serves one of the two: it has a place here or would get one, or this node is in the
 * group that the other must look in to fill the bucket where this node belongs.
 */
export function allowConnection(table: Table, id: NodeId): boolean {
  if (sameId(id, table.self)) return false;
  if (table.holds(id) || table.hasRoomFor(id)) return true;
  return isClose(table, flipBit(id, commonPrefixLength(table.self, id)), table.bucketSize);
}

/**
 * True when this node has no use for a link to the node, and neither has the other as far as is known here: it has no
 * place in this table, and `bucketSize` others stand where this node would stand in its. A link goes when both say so.
 */
export function isUnneeded(table: Table, id: NodeId): boolean {
  if (sameId(id, table.self) || table.holds(id)) return false;
  return table.countBeyond(commonPrefixLength(table.self, id)) >= table.bucketSize;
}

/**
 * True when the peer may have a place for the newcomer: in a bucket that is not full, or as one of those it shares a
 * close group with. Both are questions of how many others, known here, share more bits with either than they two do.
 */
export function concerns(table: Table, newcomer: NodeId, peer: NodeId): boolean {
  if (sameId(newcomer, peer)) return false;
  const limit = commonPrefixLength(peer, newcomer);
  return (
    countAround(table, newcomer, limit) < table.bucketSize ||
    countAround(table, peer, limit) < table.bucketSize - 1
  );
}

/** Nodes known here, this one included, that share more than `limit` leading bits with `id`, itself not counted. */
function countAround(table: Table, id: NodeId, limit: number): number {
  const { buckets, self, last } = table;
  const own = commonPrefixLength(self, id);
  let count = own > limit && !sameId(self, id) ? 1 : 0;
  const from = Math.min(own > limit ? limit + 1 : own, last);
  const to = own > limit ? last : from;
  for (let i = from; i <= to; i++) {
    for (const { contact } of buckets[i]!.entries) {
      if (commonPrefixLength(contact.id, id) > limit && !sameId(contact.id, id)) count++;
    }
  }
  return count;
}
