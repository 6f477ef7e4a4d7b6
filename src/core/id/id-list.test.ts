import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  changeIds,
  changesBetween,
  EMPTY_ID_LIST,
  idAt,
  indexOfId,
  packIds,
  readIdList,
  wordsOf,
} from './id-list.ts';
import { asNodeId, compareIds, ID_BYTES, mapKey, sameId } from './node-id.ts';
import { firstWord } from './xor.ts';

const anyId = fc.uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES }).map(asNodeId);
const someIds = fc.uniqueArray(anyId, { maxLength: 40, selector: mapKey, size: 'max' });

describe('packed lists', () => {
  test('[ID8] what was packed is read back, sorted and searchable', () => {
    fc.assert(
      fc.property(someIds, anyId, (ids, other) => {
        const packed = packIds(ids);
        const read = readIdList(packed.bytes.slice());
        expect(read).toBeDefined();
        const sorted = ids.toSorted(compareIds);
        expect(Array.from({ length: read!.count }, (_, i) => idAt(read!, i))).toEqual(sorted);
        sorted.forEach((id, i) => expect(indexOfId(read!, id)).toBe(i));
        expect(indexOfId(read!, other)).toBe(sorted.findIndex((id) => compareIds(id, other) === 0));
        expect([...wordsOf(read!)]).toEqual(sorted.map((id) => firstWord(id)));
        expect(wordsOf(read!)).toBe(wordsOf(read!));
      }),
      { numRuns: 500 },
    );
  });

  test('[ID8] bytes of another length, out of order or twice the same are no list', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (bytes) => {
        const list = readIdList(bytes);
        if (bytes.length % ID_BYTES !== 0) expect(list).toBeUndefined();
        else if (bytes.length <= ID_BYTES) expect(list?.count).toBe(bytes.length / ID_BYTES);
      }),
      { numRuns: 5_000 },
    );
    const low = new Uint8Array(ID_BYTES).fill(1);
    const high = new Uint8Array(ID_BYTES).fill(2);
    expect(readIdList(Uint8Array.from([...low, ...high]))?.count).toBe(2);
    expect(readIdList(Uint8Array.from([...high, ...low]))).toBeUndefined();
    expect(readIdList(Uint8Array.from([...low, ...low]))).toBeUndefined();
  });

  test('[ID8] a list that is changed holds what a set would', () => {
    const pool = fc.uniqueArray(anyId, { minLength: 1, maxLength: 12, selector: mapKey });
    const parts = pool.chain((ids) => fc.tuple(fc.subarray(ids), fc.subarray(ids), fc.subarray(ids)));
    fc.assert(
      fc.property(parts, ([ids, added, removed]) => {
        const list = packIds(ids);
        const kept = ids.filter((id) => !removed.includes(id));
        const changed = changeIds(list, packIds(added), packIds(removed));
        expect(changed.bytes).toEqual(packIds([...new Set([...kept, ...added])]).bytes);
        if (kept.length === ids.length && sameId(changed.bytes, list.bytes)) expect(changed).toBe(list);
        const changes = changesBetween(list, changed);
        expect(changeIds(list, changes.added, changes.removed).bytes).toEqual(changed.bytes);
        expect(changes.added.count).toBe(added.filter((id) => !ids.includes(id)).length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('[ID8] the empty list holds nothing', () => {
    expect(indexOfId(EMPTY_ID_LIST, new Uint8Array(ID_BYTES))).toBe(-1);
    expect(wordsOf(EMPTY_ID_LIST)).toHaveLength(0);
  });
});
