import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { caseCount, testSeed } from '../../test-support/seeded-random.ts';
import { assert, AssertionError } from './assert.ts';
import { DeadlineTable } from './deadline-table.ts';
import { SeededRandom } from '../../test-support/seeded-random.ts';
import { mapKey } from '../id/node-id.ts';
import { FingerprintSet } from './fingerprint-set.ts';
import { RecentSet } from './recent-set.ts';

const SEED = testSeed(31);

describe('deadlines', () => {
  test('[C4] names come out in the order of their deadlines, ties in the order they were set', () => {
    const table = new DeadlineTable<string>();
    table.set('late', 30);
    table.set('a', 10);
    table.set('b', 10);
    table.set('moved', 5);
    table.set('moved', 20);
    table.set('gone', 1);
    table.delete('gone');
    expect(table.nextAt()).toBe(10);
    expect([9, 10, 10, 10].map((now) => table.takeDue(now))).toEqual([undefined, 'a', 'b', undefined]);
    expect([table.size, table.has('moved'), table.has('a')]).toEqual([2, true, false]);
    expect([table.takeDue(99), table.takeDue(99), table.takeDue(99)]).toEqual(['moved', 'late', undefined]);
    expect(table.nextAt()).toBe(Infinity);
  });

  test(`[C4] agrees with a plain map whatever is set, moved, deleted and taken, seed ${SEED}`, () => {
    const step = fc.record({
      name: fc.nat(12),
      at: fc.nat(50),
      action: fc.constantFrom('set', 'set', 'delete', 'take'),
    });
    const check = (steps: { name: number; at: number; action: string }[]): void => {
      const table = new DeadlineTable<number>();
      const model = new Map<number, { at: number; order: number }>();
      for (const [order, { name, at, action }] of steps.entries()) {
        if (action === 'set') {
          table.set(name, at);
          model.set(name, { at, order });
        } else if (action === 'delete') {
          table.delete(name);
          model.delete(name);
        } else {
          const due = [...model]
            .filter(([, entry]) => entry.at <= at)
            .sort((a, b) => a[1].at - b[1].at || a[1].order - b[1].order);
          expect(table.takeDue(at)).toBe(due[0]?.[0]);
          if (due[0] !== undefined) model.delete(due[0][0]);
        }
        expect(table.nextAt()).toBe(Math.min(Infinity, ...[...model.values()].map((entry) => entry.at)));
        expect(table.size).toBe(model.size);
      }
    };
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), check), {
      numRuns: caseCount(1_000, 20_000),
      seed: SEED,
    });
  });

  test('[C8] moving a deadline again and again does not make the table grow', () => {
    const table = new DeadlineTable<string>();
    for (let i = 0; i < 10_000; i++) table.set('x', i);
    expect(table.held).toBeLessThan(100);
    expect(table.takeDue(9_999)).toBe('x');
  });
});

describe('fingerprints', () => {
  test('[C8] a set of them agrees with a set of strings, of any length', () => {
    const random = new SeededRandom(9);
    for (const bytes of [1, 2, 15, 16, 32]) {
      const set = new FingerprintSet();
      const model = new Set<string>();
      for (let i = 0; i < 3_000; i++) {
        const entry = mapKey(random.bytes(bytes));
        expect(set.has(entry)).toBe(model.has(entry));
        if (i % 3 === 0) continue;
        set.add(entry);
        model.add(entry);
        if (i % 5 === 0) {
          const gone = [...model][random.below(model.size)]!;
          set.delete(gone);
          set.delete(gone);
          model.delete(gone);
        }
        expect(set.size).toBe(model.size);
      }
      for (const entry of model) expect(set.has(entry)).toBe(true);
      set.clear();
      expect([set.size, set.has([...model][0]!)]).toEqual([0, false]);
    }
  });
});

describe('recent entries', () => {
  test('[C8] at most the bound is remembered, and at least the newer half of it', () => {
    const set = new RecentSet(10, 1_000);
    for (let i = 0; i < 100; i++) {
      set.add(`${i}`, 0);
      expect(set.size).toBeLessThanOrEqual(10);
      for (let j = Math.max(0, i - 4); j <= i; j++) expect(set.has(`${j}`)).toBe(true);
    }
    expect(set.has('89')).toBe(false);
  });

  test('[C8] an entry is remembered for keepMs and forgotten after twice that', () => {
    const set = new RecentSet(100, 1_000);
    set.add('a', 5_000);
    set.add('b', 5_900);
    set.add('c', 6_100);
    expect([set.has('a'), set.has('b')]).toEqual([true, true]);
    set.add('d', 7_200);
    expect([set.has('a'), set.has('b'), set.has('c')]).toEqual([false, false, true]);
    set.add('e', 90_000);
    expect([set.has('c'), set.has('d'), set.has('e')]).toEqual([false, false, true]);
  });

  test('[C8] a sweep forgets entries that are older than keepMs, at the latest after twice that, and no younger ones', () => {
    const set = new RecentSet(100, 1_000);
    set.add('a', 5_000);
    set.sweep(5_999);
    expect(set.has('a')).toBe(true);
    set.add('b', 6_100);
    set.sweep(6_900);
    expect([set.has('a'), set.has('b')]).toEqual([true, true]);
    set.sweep(7_100);
    expect([set.has('a'), set.has('b')]).toEqual([false, true]);
    set.sweep(8_100);
    expect(set.size).toBe(0);
  });
});

test('[C8] a broken invariant throws with the sentence that says what must be true', () => {
  expect(() => assert(false, 'links are counted')).toThrow(AssertionError);
  expect(() => assert(false, 'links are counted')).toThrow('links are counted');
  expect(() => assert(true, 'fine')).not.toThrow();
});
