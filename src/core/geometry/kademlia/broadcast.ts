/**
 * A network-wide broadcast as a tree: who has a part of the id space to cover hands each of its buckets to one of the
 * contacts there, who covers what lies beyond that bucket. A part is a depth: all ids that share at least so many
 * leading bits with the node that covers it. Rules GE11-GE14, KB42.
 *
 * On the wire a part is one byte, the depth less one: a depth of 0 is the whole network, which nobody is handed.
 */

import type { MapKey } from '../../id/node-id.ts';
import { commonPrefixLength } from '../../id/xor.ts';
import type { BroadcastShare } from '../geometry.ts';
import { shareCandidates } from '../share-candidates.ts';
import type { Entry } from './bucket.ts';
import type { Table } from './table.ts';

/** The shares of everybody else in a part, the largest part first; `undefined` when the bytes name no part. */
export function broadcastShares(
  table: Table,
  part: Uint8Array | undefined,
  isLinked: (key: MapKey) => boolean,
): BroadcastShare[] | undefined {
  const depth = part === undefined ? 0 : readDepth(part, 8 * table.self.length);
  if (depth === undefined) return undefined;
  const byPrefix: Entry[][] = [];
  for (let i = depth; i < table.last; i++) byPrefix[i] = table.buckets[i]!.entries;
  // The last bucket holds parts that lie apart.
  for (const entry of table.buckets[table.last]!.entries) {
    const prefix = commonPrefixLength(table.self, entry.contact.id);
    if (prefix >= depth) (byPrefix[prefix] ??= []).push(entry);
  }
  const shares: BroadcastShare[] = [];
  byPrefix.forEach((entries, prefix) => {
    if (entries.length === 0) return;
    shares.push({ part: Uint8Array.of(prefix), candidates: shareCandidates(entries, isLinked) });
  });
  return shares;
}

function readDepth(part: Uint8Array, bits: number): number | undefined {
  const [byte] = part;
  return part.length === 1 && byte! < bits ? byte! + 1 : undefined;
}
