/** The rows of the ring: those that only it has, and those of routing and store once more with `--geometry chord`. */

import type { ReportRow } from './row.ts';

const OPTION = ' --geometry chord';
/** Rows that hold for both geometries. */
const SHARED = new Set([
  'R1',
  'R2',
  'R5',
  'R6',
  'R7',
  'R8',
  'R9',
  'R10',
  'R13',
  'D1',
  'D2',
  'D3',
  'D4',
  'D5',
  'D6',
]);

/** The shared rows with the limits of a browser tab, on a ring. */
export function onChord(rows: readonly ReportRow[]): ReportRow[] {
  return rows
    .filter(({ id }) => SHARED.has(id))
    .map((row) => ({
      ...row,
      id: `${row.id} chord`,
      anchor: '',
      runs: row.runs
        .filter(({ args }) => !args.includes('--profile reference'))
        .map((run) => ({ ...run, args: run.args + OPTION, quickArgs: run.quickArgs + OPTION })),
    }));
}
