/** The command line as people and scripts see it: what goes to which stream, and the exit codes. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MACHINE_NUMBERS } from './scenarios/scenario.ts';

function sim(...args: string[]): { code: number | null; out: string; err: string } {
  const tsx = join(process.cwd(), 'node_modules/tsx/dist/cli.mjs');
  const result = spawnSync(process.execPath, [tsx, join(import.meta.dirname, 'cli.ts'), ...args], {
    encoding: 'utf8',
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

test('standard output is one flat JSON object alone', () => {
  const { code, out } = sim('deliver', '--nodes', '4', '--view', '1', '--messages', '20', '--json');
  expect(code).toBe(0);
  const record = JSON.parse(out) as Record<string, unknown>;
  expect(record).toMatchObject({
    scenario: 'deliver',
    nodes: 4,
    view: 1,
    messages: 20,
    sent: 20,
    delivered: 20,
  });
  for (const value of Object.values(record)) expect(value === null || typeof value !== 'object').toBe(true);
});

test('npm run sim runs the same from a bundle, and passes the exit code on', () => {
  const bundled = (...args: string[]) =>
    spawnSync('npm', ['run', '-s', 'sim', '--', ...args], { encoding: 'utf8' });
  const args = ['deliver', '--nodes', '5', '--view', '1', '--messages', '20', '--json'];
  const here = JSON.parse(sim(...args).out) as Record<string, unknown>;
  const there = JSON.parse(bundled(...args).stdout) as Record<string, unknown>;
  for (const name of MACHINE_NUMBERS) for (const record of [here, there]) delete record[name];
  expect(there).toEqual(here);
  expect(bundled('unheard-of').status).toBe(1);
});

test('without --json a table for people; help for all and for one scenario', () => {
  expect(sim('join', '--nodes', '3').out).toMatch(/^completePercent +100$/m);
  expect(sim('--help').out).toContain('signaling-cost');
  expect(sim('crash', '--help').out).toContain('--kill n');
});

test.each([
  [['unheard-of'], 'no scenario called unheard-of'],
  [['deliver', '--nodes', 'many'], '--nodes must be a whole number from 1 to 1000000, not many'],
  [['deliver', '--nodes', '-5'], '--nodes must be a whole number from 1 to 1000000, not -5.'],
  [['deliver', '--nodez', '3'], "Unknown option '--nodez'"],
  [['deliver', '--kind', 'all'], '--kind must be one of mixed, closest, direct, group, broadcast, not all'],
  [['deliver', 'extra'], "Unexpected argument 'extra'"],
])('usage: %j', (args, problem) => {
  const { code, out, err } = sim(...args);
  expect(code).toBe(1);
  expect(out).toBe('');
  expect(err).toContain(problem);
});
