/**
 * Which lookups a table needs: one for every bucket that may lack nodes, and one now and then for each bucket, in case
 * something was missed. Slots are prefix lengths: slot i looks up the address of bucket i, the slot of all the bits
 * looks up the own id and serves the last bucket, wherever that is by the time the answer comes. Rules KB18-KB24, KB48.
 */

import type { NodeId } from '../../id/node-id.ts';
import { commonPrefixLength, flipBit, idInBucket } from '../../id/xor.ts';
import type { LookupTask } from '../geometry.ts';
import type { LookupState } from './bucket.ts';
import type { Table } from './table.ts';

/** A lookup that nobody reported back about is taken for lost after this. */
const LOOKUP_EXPIRY_MS = 10_000;
/** A failed lookup is tried again after this, doubling up to the maximum. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;

/** The tasks that are due at `now`; each counts as under way from then on. */
export function lookupsDue(
  table: Table,
  now: number,
  refreshMs: number,
  random: (count: number) => Uint8Array,
): LookupTask[] {
  const tasks: LookupTask[] = [];
  for (let i = table.last; i >= 0; i--) {
    const { lookup } = table.buckets[i]!;
    if (dueAt(table, i, refreshMs) > now) continue;
    lookup.pendingUntil = now + LOOKUP_EXPIRY_MS;
    lookup.spoiled = false;
    const refresh = i < table.last && table.gapOf(i) === 'none';
    const target = refresh
      ? idInBucket(table.self, i, random(table.self.length))
      : ((i < table.last ? unexplored(table, i) : undefined) ?? table.addressOf(i));
    lookup.target = target;
    tasks.push({ slot: table.slotOf(i), target });
  }
  return tasks;
}

/** Notes the end of a lookup. `ok` proves the bucket complete, unless a contact was lost meanwhile. */
export function lookupDone(table: Table, slot: number, now: number, ok: boolean): void {
  const own = slot === 8 * table.self.length;
  // The bucket may have merged into the last one since; then nothing is known about the larger range.
  if (!own && !(slot >= 0 && slot < table.last)) return;
  const bucket = table.buckets[own ? table.last : slot]!;
  const { lookup } = bucket;
  lookup.pendingUntil = -Infinity;
  if (!ok) {
    lookup.retryAt = now + Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** lookup.failures);
    lookup.failures = Math.min(lookup.failures + 1, 16);
    return;
  }
  lookup.failures = 0;
  lookup.retryAt = -Infinity;
  lookup.doneAt = now;
  if (lookup.spoiled) return;
  if (own) {
    table.ownLookupAnswered(now);
    return;
  }
  if (table.needsAll(slot)) {
    bucket.explored.push(lookup.target ?? table.addressOf(slot));
    if (unexplored(table, slot) !== undefined) return;
  }
  bucket.explored = [];
  bucket.reason = 'none';
}

/**
 * An id in the bucket's range around which nodes may be that no answer would have shown, or `undefined`. An answer names
 * the `bucketSize` nearest nodes there are: where fewer are known around an id that was looked up, there are no others;
 * where as many are, each half has to be looked at by itself.
 */
function unexplored(table: Table, index: number): NodeId | undefined {
  const { entries, explored } = table.buckets[index]!;
  const search = (address: NodeId, shared: number): NodeId | undefined => {
    const isInside = (id: NodeId): boolean => commonPrefixLength(id, address) >= shared;
    if (!explored.some(isInside)) return address;
    if (entries.filter(({ contact }) => isInside(contact.id)).length < table.bucketSize) return undefined;
    return search(address, shared + 1) ?? search(flipBit(address, shared), shared + 1);
  };
  return search(table.addressOf(index), index + 1);
}

/** The earliest time at which `lookupsDue` finds something. */
export function nextDueAt(table: Table, refreshMs: number): number {
  let earliest = Infinity;
  for (let i = 0; i <= table.last; i++) earliest = Math.min(earliest, dueAt(table, i, refreshMs));
  return earliest;
}

function dueAt(table: Table, index: number, refreshMs: number): number {
  const { lookup } = table.buckets[index]!;
  const wantedAt = table.gapOf(index) === 'none' ? lookup.doneAt + refreshMs : -Infinity;
  return Math.max(0, wantedAt, earliestStart(lookup));
}

function earliestStart(lookup: LookupState): number {
  return Math.max(lookup.pendingUntil, lookup.retryAt);
}
