/** What a table on a ring should hold, in the plainest way: all distances as numbers, every rule applied to all nodes. */

import type { NodeId } from '../../id/node-id.ts';

/** Distance clockwise between two ids of any length. */
export function wayFrom(from: NodeId, to: NodeId): bigint {
  const size = 2n ** BigInt(8 * from.length);
  return (toNumber(to) - toNumber(from) + size) % size;
}

/** Ids in the order in which they are met clockwise from `from`. */
export function clockwise(from: NodeId, ids: readonly NodeId[]): NodeId[] {
  return [...ids].sort((a, b) => (wayFrom(from, a) < wayFrom(from, b) ? -1 : 1));
}

/** Of all that were ever offered, those with a place; nobody was removed. */
export function placesOf(self: NodeId, ids: readonly NodeId[], near: number, cells: number): NodeId[] {
  const ordered = clockwise(self, ids);
  const firsts = new Map<string, NodeId>();
  for (const id of ordered) {
    const way = wayFrom(self, id);
    const exponent = way.toString(2).length - 1;
    const cell = ((way - 2n ** BigInt(exponent)) * BigInt(cells)) / 2n ** BigInt(exponent);
    const name = `${exponent}/${cell}`;
    if (!firsts.has(name)) firsts.set(name, id);
  }
  const placed = new Set([...ordered.slice(0, near), ...ordered.slice(-near), ...firsts.values()]);
  return ordered.filter((id) => placed.has(id));
}

function toNumber(id: Uint8Array): bigint {
  return id.reduce((sum, byte) => 256n * sum + BigInt(byte), 0n);
}
