/**
 * What the browser tests measure, kept as one small JSON file for each row of the table, so that
 * `npm run figures` can print the table after a run. A row says what was measured, the result and the target.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the rows are kept. */
export const FIGURES_FOLDER = 'test-results/figures';

/** Runs tests that name no geometry on another one than Kademlia; the rows say so. */
export const GEOMETRY_VARIABLE = 'HOPLINE_GEOMETRY';

/** One row of the table. */
export interface FigureRow {
  /** Stable name, which also orders the rows: `B1 12 tabs`. */
  readonly name: string;
  /** What was measured, in words, with the number of samples. */
  readonly what: string;
  /** The results by name; the unit stands at the end of the name. */
  readonly figures: Readonly<Record<string, number | string | boolean>>;
  /** The target in words. */
  readonly target: string;
}

/** Keeps a row and prints it as one line of JSON. A row of the same name is replaced. */
export function recordFigures(measured: FigureRow): void {
  mkdirSync(FIGURES_FOLDER, { recursive: true });
  const geometry = process.env[GEOMETRY_VARIABLE];
  const row = geometry === undefined ? measured : { ...measured, name: `${measured.name}, ${geometry}` };
  const line = JSON.stringify(row);
  writeFileSync(join(FIGURES_FOLDER, `${row.name.replaceAll(/[^\w-]+/gu, '-')}.json`), `${line}\n`);
  process.stdout.write(`${line}\n`);
}

/** The rows kept, by name. */
export function readFigures(folder: string = FIGURES_FOLDER): FigureRow[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  const rows = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as FigureRow);
  return rows.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** The rows as a Markdown table. */
export function formatFigures(rows: readonly FigureRow[]): string {
  const cells = rows.map(
    (row) => `| ${row.name} | ${row.what} | ${formatResults(row.figures)} | ${row.target} |`,
  );
  return ['| row | what | measured | target |', '| --- | --- | --- | --- |', ...cells].join('\n');
}

/** The value below which this share of the values lies; the values need not be sorted. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!;
}

/** Rounded to what a reader can use: one digit behind the point. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function formatResults(figures: FigureRow['figures']): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
