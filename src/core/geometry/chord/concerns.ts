/** Who has to be told of a newcomer on a ring. Rule CH25. */

import { fingerTo } from '../../id/ring.ts';
import { sameId, type NodeId } from '../../id/node-id.ts';
import type { RingTable } from './table.ts';

/**
 * True when the peer may have a place for the newcomer: as one of the `listSize` next to it in either direction, or as
 * the first node of a finger's interval. Both are judged by whom this node knows in between.
 */
export function concernsOnRing(table: RingTable, newcomer: NodeId, peer: NodeId, listSize: number): boolean {
  if (sameId(newcomer, peer)) return false;
  if (countBetween(table, peer, newcomer) < listSize || countBetween(table, newcomer, peer) < listSize)
    return true;
  const before = lastBefore(table, newcomer);
  return fingerTo(peer, newcomer) > fingerTo(peer, before);
}

/** Nodes known here, this one included, that stand between two ids on the way clockwise. */
function countBetween(table: RingTable, from: NodeId, to: NodeId): number {
  const total = table.size + 1;
  const between = rankOf(table, to) - rankOf(table, from) - (isKnown(table, from) ? 1 : 0);
  return between < 0 ? between + total : between;
}

/** Known nodes that are met before an id on the way clockwise from this node, this one included. */
function rankOf(table: RingTable, id: NodeId): number {
  return sameId(id, table.self) ? 0 : table.positionOf(id) + 1;
}

function isKnown(table: RingTable, id: NodeId): boolean {
  if (sameId(id, table.self)) return true;
  const entry = table.entries[table.positionOf(id)];
  return entry !== undefined && sameId(entry.contact.id, id);
}

function lastBefore(table: RingTable, id: NodeId): NodeId {
  return table.entries[table.positionOf(id) - 1]?.contact.id ?? table.self;
}
