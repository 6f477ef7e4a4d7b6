import { describe, expect, it } from 'vitest';
import type { HeldRecordView } from '../../session/store-api.ts';
import { idOf } from '../test-data.ts';
import { heldRows } from './held.ts';

function heldOf(ageMs: number): HeldRecordView {
  return {
    key: idOf(String(ageMs)),
    kind: 'immutable',
    sequence: 0,
    bytes: 10,
    ageMs,
    lifeMs: 1,
    role: 'cache',
  };
}

describe('held records', () => {
  it('come newest first, as many as fit, with totals over all', () => {
    const { rows, ...totals } = heldRows([30, 10, 20].map(heldOf), 2);
    expect(rows.map(({ ageMs }) => ageMs)).toEqual([10, 20]);
    expect(totals).toEqual({ more: 1, records: 3, bytes: 30 });
  });

  it('are at most 200 rows', () => {
    const { rows, more } = heldRows(Array.from({ length: 250 }, (_, index) => heldOf(index)));
    expect([rows.length, more]).toEqual([200, 50]);
  });
});
