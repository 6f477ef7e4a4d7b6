/** Percentiles and the table. */

import { expect, test } from 'vitest';
import { formatFigures, percentile, readFigures, round } from './figures.ts';

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([50, 99, 100]);
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
});

test('rounding keeps one digit', () => {
  expect([round(1.25), round(0.04), round(12)]).toEqual([1.3, 0, 12]);
});

test('the table has one line for each row', () => {
  const table = formatFigures([
    { name: 'B1', what: 'direct, 132 messages', figures: { p99Ms: 12.5 }, target: '≤ 250 ms' },
  ]);
  expect(table.split('\n')[2]).toBe('| B1 | direct, 132 messages | p99Ms 12.5 | ≤ 250 ms |');
});

test('a folder that is not there has no rows', () => {
  expect(readFigures('test-results/no-such-folder')).toEqual([]);
});
