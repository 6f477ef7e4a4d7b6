/**
 * Sums up what the test runners reported in their own JSON files and prints `N passed, N failed`. With `--exit-code N`
 * of the run: a run that failed without a failed test (a format or type problem, a crash of a runner) counts as one failure.
 */

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

/** Totals of vitest's JSON report. */
export function vitestTotals(report: unknown): Totals {
  const { numPassedTests, numFailedTests, numFailedTestSuites, success } = report as Record<string, unknown>;
  const failed = count(numFailedTests);
  // A file that cannot even be loaded has no tests, yet it failed.
  const unloaded = failed === 0 && success === false ? Math.max(1, count(numFailedTestSuites)) : 0;
  return { passed: count(numPassedTests), failed: failed + unloaded };
}

/** Totals of Playwright's JSON report. A flaky test passed in the end. */
export function playwrightTotals(report: unknown): Totals {
  const { stats, errors } = report as { readonly stats?: Record<string, unknown>; readonly errors?: unknown };
  const failed = count(stats?.['unexpected']);
  const broken = failed === 0 && Array.isArray(errors) && errors.length > 0 ? 1 : 0;
  return { passed: count(stats?.['expected']) + count(stats?.['flaky']), failed: failed + broken };
}

/** The line for a run that ended with this exit code. */
export function closingLine(parts: readonly Totals[], exitCode: number): string {
  const passed = parts.reduce((sum, part) => sum + part.passed, 0);
  const failed = parts.reduce((sum, part) => sum + part.failed, 0);
  return `${passed} passed, ${failed === 0 && exitCode !== 0 ? 1 : failed} failed`;
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** The report in a file; nothing when the runner did not get that far. */
function read(file: string, totals: (report: unknown) => Totals): Totals[] {
  try {
    return [totals(JSON.parse(readFileSync(file, 'utf8')))];
  } catch {
    return [];
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { 'exit-code': { type: 'string', default: '0' } } });
  const parts = [
    ...read('test-results/unit.json', vitestTotals),
    ...read('test-results/e2e.json', playwrightTotals),
  ];
  console.log(closingLine(parts, Number(values['exit-code'])));
}
