/** Rows of the report: every command is one that the simulator takes, and verdicts follow from bounds and exit codes. */

import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import { toKebabCase } from '../options.ts';
import { findScenario } from '../scenarios/registry.ts';
import { formatReport, replaceSection, SECTION_END, SECTION_START } from './markdown.ts';
import { judge, type ReportRun } from './row.ts';
import { COMPARED, COMPARISON_ROW, formatComparison } from './comparison.ts';
import { REPORT_ROWS } from './rows.ts';

const RUN: ReportRun = {
  what: 'a run',
  args: 'deliver --nodes 5',
  quickArgs: 'deliver --nodes 3',
  figures: ['sent'],
  bounds: [
    { figure: 'deliveredPercent', min: 99 },
    { figure: 'hopsMean', max: 2 },
  ],
};

test('every command names a scenario and options that exist, with values that they take', () => {
  const runs = [...REPORT_ROWS, COMPARISON_ROW].flatMap((row) => row.runs);
  expect(runs.length).toBeGreaterThan(80);
  for (const text of runs.flatMap(({ args, quickArgs }) => [args, quickArgs])) {
    const [name = '', ...rest] = text.split(' ');
    const specs = Object.entries(findScenario(name)?.options ?? {});
    const options = Object.fromEntries(
      specs.map(([option, spec]) => {
        const type: 'boolean' | 'string' = spec.placeholder === '' ? 'boolean' : 'string';
        return [toKebabCase(option), { type }];
      }),
    );
    const { values } = parseArgs({ args: rest, options, strict: true });
    for (const [option, spec] of specs) {
      const value = values[toKebabCase(option)];
      if (value !== undefined) expect(spec.parse(String(value)), `${text}: ${option}`).toBeDefined();
    }
  }
});

test('a run is ok when every bound holds and no checker found anything', () => {
  const record = { deliveredPercent: 99, hopsMean: 2, sent: 10 };
  expect(judge(RUN, { args: RUN.args, code: 0, record })).toBe('ok');
  expect(judge(RUN, { args: RUN.args, code: 3, record })).toBe('short');
  expect(judge(RUN, { args: RUN.args, code: 0, record: { ...record, hopsMean: 2.1 } })).toBe('short');
  expect(judge(RUN, { args: RUN.args, code: 0, record: { ...record, hopsMean: null } })).toBe('short');
  expect(judge(RUN, { args: RUN.args, code: 2, record: {} })).toBe('short');
  expect(judge(RUN, undefined)).toBe('not measured');
});

test('the table says what was measured, and by which command', () => {
  const row = { id: 'R0', name: 'a row', target: 'all', anchor: 'others', runs: [RUN] };
  const record = { deliveredPercent: 98.5, hopsMean: 1.5, sent: 10, nodes: 5 };
  const lines = formatReport([row], () => ({ args: RUN.args, code: 4, record })).split('\n');
  expect(lines.at(-1)).toBe(
    '| R0 | a row: a run | deliveredPercent 98.5, hopsMean 1.5, sent 10, **liveness finding** | all | short | others | `deliver --nodes 5` |',
  );
});

test('runs that were not made are named, and leave no empty line', () => {
  const row = {
    id: 'R0',
    name: 'a row',
    target: 'all',
    anchor: '',
    runs: [RUN, { ...RUN, args: 'deliver --nodes 6' }],
  };
  const record = { deliveredPercent: 99, hopsMean: 1, sent: 10 };
  const text = formatReport([row], ({ args }) => (args === RUN.args ? { args, code: 0, record } : undefined));
  expect(text.split('\n').at(-1)).toBe('Runs that were not made: R0 (1 of 2).');
  expect(text.match(/^\| R0/gm)).toHaveLength(1);
});

test('the two geometries stand side by side where both were measured', () => {
  const [first] = COMPARED;
  const text = formatComparison(({ args }) => {
    if (!args.startsWith(first!.args)) return undefined;
    const isChord = args.endsWith('--geometry chord');
    return {
      args,
      code: isChord ? 3 : 0,
      record: { deliveredPercent: isChord ? 99.5 : 100, linksMean: 1_234.5 },
    };
  }).join('\n');
  expect(text).toContain(`| ${first!.what} | delivered, % | 100 | 99.5 (exit code 3) | \`${first!.args}\` |`);
  expect(text).toContain('|  | links of a node, mean | 1,234.5 | 1,234.5 (exit code 3) |  |');
  expect(text).toContain('Not compared, because one of the two runs was not made: 100 nodes at rest;');
});

test('growth is drawn as a chart of the sizes measured', () => {
  const row = { id: 'P5', name: 'growth', target: '', anchor: '', runs: [{ ...RUN, bounds: [] }] };
  const record = { sizes: '16,64', hopsMean16: 1, hopsMean64: 1.5, linksMean16: 15 };
  const text = formatReport([row], () => ({ args: RUN.args, code: 0, record }));
  expect(text).toContain('x-axis "nodes" [16, 64]\n  y-axis 0 --> 2\n  line [1, 1.5]');
  expect(text.match(/mermaid/g)).toHaveLength(1);
});

test('the section replaces what stood between its markers, and nothing else', () => {
  const text = `a\n${SECTION_START}\nold\n${SECTION_END}\nb\n`;
  expect(replaceSection(text, 'new')).toBe(`a\n${SECTION_START}\n\nnew\n\n${SECTION_END}\nb\n`);
  expect(replaceSection('no markers', 'new')).toBeUndefined();
});
