/** Who has to be told of a newcomer on a ring. Rule CH25. */

import { fingerTo, plusPower } from '../../id/ring.ts';
import { sameId, type NodeId } from '../../id/node-id.ts';
import { firstWord } from '../../id/xor.ts';
import type { RingTable } from './table.ts';

/** Ids are drawn by chance: twice as many nodes as wanted and these stand where as many as wanted are, almost always. */
const LEEWAY = 8;
/** Where so many should stand before a node, it is hardly ever the first: once in e^4. */
const FIRST_EXPECTED = 4;

/**
 * True when the peer may have a place for the newcomer, and may not have heard of it: as one of the `listSize` next to it
 * in either direction, unless the peer stands nearer to the newcomer than this node, or as the first node of a finger's
 * interval. Both are judged by whom this node knows in between, and far from itself, where it knows few, also by how many
 * there should be: `nodes` is about how many the whole ring has, `undefined` when all of them are known.
 */
export function concernsOnRing(
  table: RingTable,
  newcomer: NodeId,
  peer: NodeId,
  listSize: number,
  nodes: number | undefined,
): boolean {
  if (sameId(newcomer, peer)) return false;
  const isNear = [[peer, newcomer] as const, [newcomer, peer] as const].some(
    ([from, to]) => expectedBetween(from, to, nodes) < 2 * listSize + LEEWAY,
  );
  const between = nodesBetween(table, peer, newcomer);
  if (isNear && between < listSize) return nodesBetween(table, table.self, newcomer) <= between;
  const exponent = fingerTo(peer, newcomer);
  if (fingerTo(peer, lastBefore(table, newcomer)) >= exponent) return false;
  return expectedBetween(plusPower(peer, exponent), newcomer, nodes) < FIRST_EXPECTED;
}

/** Nodes that should stand between two ids, if as many stand everywhere on the ring. */
function expectedBetween(from: NodeId, to: NodeId, nodes: number | undefined): number {
  if (nodes === undefined) return 0;
  return (((firstWord(to) - firstWord(from)) >>> 0) / 2 ** 32) * nodes;
}

/** Nodes known here, this one included, that stand between two ids, the shorter way. */
function nodesBetween(table: RingTable, a: NodeId, b: NodeId): number {
  return Math.min(countBetween(table, a, b), countBetween(table, b, a));
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
