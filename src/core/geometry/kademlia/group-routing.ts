/**
 * Where a message to a node or to a close group goes from here, by the table alone: along one route, one copy, until a
 * member of the group has it; that one passes it to the others, and they keep it. Rules KB38-KB41.
 */

import { sameId, type NodeId } from '../../id/node-id.ts';
import { compareXor } from '../../id/xor.ts';
import { isClose, otherCloseNodes } from './close-group.ts';
import { closestIds } from './closest.ts';
import type { Table } from './table.ts';

/** One node, or the `size` nodes nearest to a key. */
export type Destination =
  | { readonly to: 'node'; readonly id: NodeId }
  | { readonly to: 'group'; readonly key: NodeId; readonly size: number };

/** How a message came here. */
export interface Passage {
  /** Hops behind it: 0 at its origin. */
  readonly hops: number;
  /** Which of several ways it was sent on, counted from 0: decides its first hop. */
  readonly route: number;
  /** The hop before, `undefined` at the origin. */
  readonly from: NodeId | undefined;
}

/** True when the message is for this node, alone or as a member of the group. */
export function isRecipient(table: Table, destination: Destination): boolean {
  if (destination.to === 'node') return sameId(destination.id, table.self);
  return isClose(table, destination.key, destination.size);
}

/** Whom to pass the first copy of a message to; later copies of it go nowhere. Empty where its way ends. */
export function nextTargets(table: Table, destination: Destination, passage: Passage): NodeId[] {
  if (destination.to === 'node') {
    return sameId(destination.id, table.self) ? [] : nextOnRoute(table, destination.id, passage);
  }
  const { key, size } = destination;
  const others = otherCloseNodes(table, key, size);
  if (others === undefined) return nextOnRoute(table, key, passage);
  const { from } = passage;
  const spread = from !== undefined && others.some((id) => sameId(id, from));
  return spread ? [] : others;
}

/** The nearest contact, if it is nearer than this node; the first hop of another route takes one farther down. */
function nextOnRoute(table: Table, key: NodeId, { hops, route }: Passage): NodeId[] {
  if (hops === 0 && route > 0) return closestIds(table, key, route + 1, false).slice(-1);
  return closestIds(table, key, 1, false).filter((id) => compareXor(key, id, table.self) < 0);
}
