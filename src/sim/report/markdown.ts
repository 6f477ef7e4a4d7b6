/** The report as Markdown: a table of rows, and charts of how things grow. */

import { judge, type ReportRow, type ReportRun, type RunResult } from './row.ts';

const EXIT_WORDS: Readonly<Record<number, string>> = {
  1: 'usage',
  2: 'crash',
  3: 'safety finding',
  4: 'liveness finding',
};

/** The section that stands between the markers of a README. */
export function formatReport(
  rows: readonly ReportRow[],
  resultOf: (run: ReportRun) => RunResult | undefined,
): string {
  const lines = [
    'Each line is one run of the simulator, repeated by `npm run -s sim -- ` and the command in its last column. `npm run',
    'report` runs them all and writes this section.',
    '',
    '| row | what | measured | target | | other systems | command |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  const missing: string[] = [];
  for (const row of rows) {
    const measured = row.runs.flatMap((run) => {
      const result = resultOf(run);
      return result === undefined ? [] : [{ run, result }];
    });
    const open = row.runs.length - measured.length;
    if (open > 0) missing.push(`${row.id} (${open} of ${row.runs.length})`);
    measured.forEach(({ run, result }, i) => {
      const first = i === 0;
      const cells = [
        row.id,
        `${row.name}: ${run.what}`,
        formatFigures(run, result),
        first ? row.target : '',
        judge(run, result),
        first ? row.anchor : '',
        `\`${result.args}\``,
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    });
  }
  if (missing.length > 0) lines.push('', `Runs that were not made: ${missing.join(', ')}.`);
  const growth = rows.find(({ id }) => id === 'P5')?.runs ?? [];
  for (const run of growth) {
    const result = resultOf(run);
    if (result !== undefined) lines.push('', ...formatGrowth(run.what, result));
  }
  return lines.join('\n');
}

function formatFigures(run: ReportRun, result: RunResult): string {
  const names = new Set([...run.bounds.map(({ figure }) => figure), ...run.figures]);
  const figures = [...names]
    .filter((name) => name in result.record)
    .map((name) => `${name} ${formatValue(result.record[name])}`);
  const word = EXIT_WORDS[result.code];
  if (word !== undefined) figures.push(`**${word}**`);
  return figures.join(', ');
}

function formatValue(value: string | number | boolean | null | undefined): string {
  return value === null || value === undefined ? '-' : String(value);
}

/** One chart for each figure of a `links` run. Sizes stand side by side in equal steps: growth with log N is a line. */
function formatGrowth(what: string, { record }: RunResult): string[] {
  const sizes = String(record['sizes'] ?? '').split(',');
  const lines: string[] = [];
  for (const { figure, title } of GROWTH) {
    const values = sizes.map((size) => record[`${figure}${size}`]);
    if (!values.every((value) => typeof value === 'number')) continue;
    lines.push(
      '```mermaid',
      'xychart-beta',
      `  title "${title}, ${what}"`,
      `  x-axis "nodes" [${sizes.join(', ')}]`,
      `  y-axis 0 --> ${Math.ceil(1.1 * Math.max(...values))}`,
      `  line [${values.join(', ')}]`,
      '```',
      '',
    );
  }
  return lines.slice(0, -1);
}

const GROWTH = [
  { figure: 'hopsMean', title: 'hops of a message (mean)' },
  { figure: 'joinMessages', title: 'messages of a newcomer until its table is complete (mean)' },
  { figure: 'linksMean', title: 'links of a node (mean)' },
] as const;

/** Puts a section between its markers; `undefined` when the text has no such markers. */
export function replaceSection(text: string, section: string): string | undefined {
  const start = text.indexOf(SECTION_START);
  const end = text.indexOf(SECTION_END);
  if (start < 0 || end < start) return undefined;
  return `${text.slice(0, start + SECTION_START.length)}\n\n${section}\n\n${text.slice(end)}`;
}

export const SECTION_START = '<!-- report:start -->';
export const SECTION_END = '<!-- report:end -->';
