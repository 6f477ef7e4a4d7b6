/**
 * `npm run report [-- --rows R3,R5] [--quick] [--keep] [--jobs n]`: runs the routing targets row by row, each command as a
 * process of its own, --jobs (2) at a time, and writes what they print to report/measured.jsonl and the section of the
 * README between its markers. Rows that were not run keep what was measured before; with --keep so do those that were
 * asked for. Small figures (--quick) go to test-results/ alone.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { COMPARISON_ROW, formatComparison } from './report/comparison.ts';
import { formatReport, replaceSection } from './report/markdown.ts';
import { judge, type ReportRow, type ReportRun, type RunResult } from './report/row.ts';
import { REPORT_ROWS } from './report/rows.ts';
import { runJobs, type Job } from './report/runner.ts';

const ROOT = join(import.meta.dirname, '../..');
const MEASURED = join(ROOT, 'src/sim/report/measured.jsonl');
const MEASURED_QUICKLY = join(ROOT, 'test-results/report-quick.jsonl');

/** Rows by name, those of the two geometries side by side last. */
const ALL_ROWS: readonly ReportRow[] = [...REPORT_ROWS, COMPARISON_ROW];

interface Options {
  readonly rows: readonly ReportRow[];
  readonly quick: boolean;
  readonly keep: boolean;
  readonly jobs: number;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 1;
  const path = options.quick ? MEASURED_QUICKLY : MEASURED;
  const results = new Map(readResults(path).map((result) => [result.args, result]));
  const argsOf = (run: ReportRun): string => (options.quick ? run.quickArgs : run.args);
  const jobs = new Map<string, Job>();
  for (const run of options.rows.flatMap(({ runs }) => runs)) {
    const args = argsOf(run);
    if (options.keep && results.has(args)) continue;
    jobs.set(args, { args, alone: run.alone === true });
  }
  await runJobs([...jobs.values()], options.jobs, (result) => {
    results.set(result.args, result);
    jobs.delete(result.args);
    writeResults(path, [...results.values()]);
    for (const row of options.rows) tellProgress(row, result, { results, jobs, argsOf });
  });
  const resultOf = (run: ReportRun): RunResult | undefined => results.get(argsOf(run));
  const rows = options.quick ? options.rows.filter((row) => row !== COMPARISON_ROW) : REPORT_ROWS;
  const section = [formatReport(rows, resultOf), '', ...formatComparison(resultOf)].join('\n');
  publish(section, options.quick);
  return 0;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string' },
      quick: { type: 'boolean' },
      keep: { type: 'boolean' },
      jobs: { type: 'string' },
    },
  });
  const wanted = values.rows?.split(',');
  const rows = ALL_ROWS.filter(({ id }) => wanted === undefined || wanted.includes(id));
  const unknown = wanted?.filter((id) => !ALL_ROWS.some((row) => row.id === id)) ?? [];
  if (unknown.length > 0) {
    const known = ALL_ROWS.map(({ id }) => id).join(', ');
    say(`There is no row ${unknown.join(', ')}. Rows are ${known}.`);
    return undefined;
  }
  const jobs = Number(values.jobs ?? '2');
  if (!Number.isInteger(jobs) || jobs < 1) {
    say('--jobs is how many commands run at a time, 1 or more.');
    return undefined;
  }
  return { rows, quick: values.quick === true, keep: values.keep === true, jobs };
}

/** Says how a row came out once the last of its runs is there. */
function tellProgress(
  row: ReportRow,
  last: RunResult,
  state: {
    readonly results: ReadonlyMap<string, RunResult>;
    readonly jobs: ReadonlyMap<string, Job>;
    argsOf(run: ReportRun): string;
  },
): void {
  const args = row.runs.map((run) => state.argsOf(run));
  if (!args.includes(last.args) || args.some((one) => state.jobs.has(one))) return;
  const verdicts = row.runs.map((run) => judge(run, state.results.get(state.argsOf(run))));
  const ok = verdicts.filter((verdict) => verdict === 'ok').length;
  say(`${row.id}: ${ok} of ${verdicts.length} ok (${row.name})`);
}

function readResults(path: string): RunResult[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as RunResult);
}

/** One line each, in the order of the table, so that measuring one row again changes little. */
function writeResults(path: string, results: readonly RunResult[]): void {
  const order = ALL_ROWS.flatMap(({ runs }) => runs).flatMap(({ args, quickArgs }) => [args, quickArgs]);
  const lines = results
    .filter(({ args }) => order.includes(args))
    .toSorted((a, b) => order.indexOf(a.args) - order.indexOf(b.args))
    .map((result) => `${JSON.stringify(result)}\n`);
  mkdirSync(join(ROOT, 'test-results'), { recursive: true });
  writeFileSync(path, lines.join(''));
}

/** Small figures are for the eye only: they never get into the README. */
function publish(section: string, quick: boolean): void {
  process.stdout.write(`${section}\n`);
  if (quick) return;
  const path = join(ROOT, 'README.md');
  const text = replaceSection(readFileSync(path, 'utf8'), section);
  if (text === undefined) return;
  writeFileSync(path, text);
  spawnSync(join(ROOT, 'node_modules/.bin/oxfmt'), [path], { stdio: 'inherit' });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await main();
