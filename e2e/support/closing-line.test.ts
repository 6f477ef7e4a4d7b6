/** The closing line against reports in the runners' own shapes. */

import { expect, test } from 'vitest';
import { closingLine, playwrightTotals, vitestTotals } from './closing-line.ts';

test('passed and failed of both runners are summed', () => {
  const unit = vitestTotals({
    numPassedTests: 300,
    numFailedTests: 2,
    numFailedTestSuites: 1,
    success: false,
  });
  const browser = playwrightTotals({
    stats: { expected: 20, unexpected: 1, flaky: 1, skipped: 4 },
    errors: [],
  });
  expect(closingLine([unit, browser], 1)).toBe('321 passed, 3 failed');
});

test('a run that failed without a failed test counts as one failure', () => {
  expect(closingLine([], 2)).toBe('0 passed, 1 failed');
  expect(closingLine([{ passed: 5, failed: 0 }], 1)).toBe('5 passed, 1 failed');
  expect(closingLine([{ passed: 5, failed: 0 }], 0)).toBe('5 passed, 0 failed');
});

test('a test file that cannot be loaded is a failure', () => {
  expect(
    vitestTotals({ numPassedTests: 4, numFailedTests: 0, numFailedTestSuites: 2, success: false }),
  ).toEqual({
    passed: 4,
    failed: 2,
  });
  expect(
    playwrightTotals({ stats: { expected: 0, unexpected: 0 }, errors: [{ message: 'No tests found' }] }),
  ).toEqual({
    passed: 0,
    failed: 1,
  });
});

test('a report in an unknown shape counts nothing', () => {
  expect(vitestTotals({})).toEqual({ passed: 0, failed: 0 });
  expect(playwrightTotals({ stats: { expected: 'many' } })).toEqual({ passed: 0, failed: 0 });
});
