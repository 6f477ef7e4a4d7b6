/**
 * The body of a `neighbours` frame: how many ids come before the sender on the ring (7 bits; the highest one says that
 * the ids are everybody), then at most 33 ids in clockwise order, the sender's own left out. Rules CM1 and CM3.
 */

import { asNodeId, ID_BYTES, sameId, type NodeId } from '../../id/node-id.ts';
import { concat, cut } from '../../util/pieces.ts';
import { isInOrder, type Chain } from './chain.ts';

/** What the node `self` is certain of; it is in the chain. */
export function writeNeighbours(chain: Chain, self: NodeId): Uint8Array {
  const behind = chain.ids.findIndex((id) => sameId(id, self));
  const others = chain.ids.filter((id) => !sameId(id, self));
  return concat([Uint8Array.of(behind | (chain.isClosed ? ALL : 0)), ...others]);
}

/** The chain that a sender told, itself in it; `undefined` when it is none. */
export function readNeighbours(body: Uint8Array, sender: NodeId): Chain | undefined {
  const ids = cut(body.subarray(1), ID_BYTES).map((id) => asNodeId(id.slice()));
  const behind = body[0]! & (ALL - 1);
  const chain = {
    ids: [...ids.slice(0, behind), sender, ...ids.slice(behind)],
    isClosed: body[0]! >= ALL,
  };
  return behind <= ids.length && isInOrder(chain) ? chain : undefined;
}

const ALL = 0x80;
