/**
 * A sorted, packed list of ids: 32 bytes each in one array, as it travels in a `links` frame. Kept as received, so
 * that a thousand simulated nodes can share one copy; searched without unpacking. Rule ID8.
 */

import { asNodeId, ID_BYTES, type NodeId } from './node-id.ts';
import { firstWord } from './xor.ts';

export interface IdList {
  /** `count` ids one after another, in ascending order. Never written to. */
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Cache of `wordsOf`; leave it out when making a list. */
  words?: Int32Array;
}

export const EMPTY_ID_LIST: IdList = { bytes: new Uint8Array(0), count: 0 };

/** Packs ids in ascending order. */
export function packIds(ids: readonly NodeId[]): IdList {
  const sorted = [...ids].sort((a, b) => compareAt(a, 0, b, 0));
  const bytes = new Uint8Array(sorted.length * ID_BYTES);
  sorted.forEach((id, i) => bytes.set(id, i * ID_BYTES));
  return { bytes, count: sorted.length };
}

/** Reads a packed list, or returns `undefined` when the length is wrong or the ids do not strictly ascend. */
export function readIdList(bytes: Uint8Array): IdList | undefined {
  if (bytes.length % ID_BYTES !== 0) return undefined;
  for (let at = ID_BYTES; at < bytes.length; at += ID_BYTES) {
    if (compareAt(bytes, at - ID_BYTES, bytes, at) >= 0) return undefined;
  }
  return { bytes, count: bytes.length / ID_BYTES };
}

/** The id at `index`, as a view that shares the list's memory. */
export function idAt(list: IdList, index: number): NodeId {
  return asNodeId(list.bytes.subarray(index * ID_BYTES, (index + 1) * ID_BYTES));
}

/** The first 32 bits of each id, as `firstWord` reads them. Computed once a list, for searching at every hop. */
export function wordsOf(list: IdList): Int32Array {
  if (list.words !== undefined) return list.words;
  const words = new Int32Array(list.count);
  for (let i = 0; i < list.count; i++) words[i] = firstWord(list.bytes, i * ID_BYTES);
  list.words = words;
  return words;
}

/** Position of an id in the list, or -1. Binary search. */
export function indexOfId(list: IdList, id: Uint8Array): number {
  let low = 0;
  let high = list.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareAt(list.bytes, middle * ID_BYTES, id, 0);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1;
}

/** What became of a list: the ids that `after` has and `before` has not, and the other way round. */
export function changesBetween(before: IdList, after: IdList): { added: IdList; removed: IdList } {
  return { added: without(after, before), removed: without(before, after) };
}

/** The list with ids removed and others added; what is not there, or there already, makes no difference. */
export function changeIds(list: IdList, added: IdList, removed: IdList): IdList {
  const kept = without(list, removed);
  const fresh = without(added, kept);
  if (fresh.count === 0) return kept;
  return packIds([...idsOf(kept), ...idsOf(fresh)]);
}

function without(list: IdList, others: IdList): IdList {
  const kept = idsOf(list).filter((id) => indexOfId(others, id) < 0);
  return kept.length === list.count ? list : packIds(kept);
}

function idsOf(list: IdList): NodeId[] {
  return Array.from({ length: list.count }, (_, index) => idAt(list, index));
}

function compareAt(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const difference = a[aAt + i]! - b[bAt + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
