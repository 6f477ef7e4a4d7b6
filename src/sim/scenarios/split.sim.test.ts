/**
 * Goal: a range changes hands whole, whoever dies in the middle of it: at most one owner at any time, and nothing that a
 * live node has is lost. Method: the scenario `split` in small, twenty seeds.
 */

import { describe, expect, test } from 'vitest';
import { runSeeded, SEEDS } from './seeds.ts';
import { SPLIT } from './split.ts';

const SMALL = { nodes: 5, values: 40, splits: 3, everyMs: 400 } as const;

describe('a joiner takes over its range under puts and gets', () => {
  test.each(SEEDS)('either side dies midway: one owner, nothing lost, seed %i', (seed) => {
    const { record, findings, command } = runSeeded(SPLIT, { ...SMALL, seed });
    expect(findings, command).toEqual([]);
    expect(record, command).toMatchObject({ responsibleViolations: 0, gaps: 0, lost: 0, gone: 0 });
    expect(record['checks'], command).toBeGreaterThan(1_000);
    expect(record['acked'], command).toBeGreaterThan(40);
  });

  test('they do die midway, and hand-overs take several pages', () => {
    const { record, findings, command } = runSeeded(SPLIT, { ...SMALL, values: 120, splits: 9 });
    expect(findings, command).toEqual([]);
    expect(record['joinersKilled'], command).toBeGreaterThan(0);
    expect(record['successorsKilled'], command).toBeGreaterThan(0);
    expect(record['pages'], command).toBeGreaterThan(12);
    expect(record['splitMsP50'], command).toBeLessThan(1_000);
  });
});
