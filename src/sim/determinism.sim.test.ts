/** Goal: a run follows from its seed alone. Method: the same scenario twice, compared byte for byte. */

import { expect, test } from 'vitest';
import { CRASH } from './scenarios/crash.ts';
import { DELIVER } from './scenarios/deliver.ts';
import { MACHINE_NUMBERS, runScenario, type ScenarioRun } from './scenarios/scenario.ts';

function textOf({ record }: ScenarioRun): string {
  return JSON.stringify({ ...record, ...Object.fromEntries(MACHINE_NUMBERS.map((name) => [name, null])) });
}

test('the same seed gives the same output, another seed another one', () => {
  const given = { nodes: 30, messages: 200, requests: true, blocked: 0.1 };
  const first = textOf(runScenario(DELIVER, { ...given, seed: 11 }));
  expect(textOf(runScenario(DELIVER, { ...given, seed: 11 }))).toBe(first);
  const other = textOf(runScenario(DELIVER, { ...given, seed: 12 }));
  expect(other.replace('"seed":12', '"seed":11')).not.toBe(first);
});

test('a run with crashes repeats as well', () => {
  const given = { nodes: 25, kill: 5, messages: 300, duration: 5_000, seed: 3 };
  expect(textOf(runScenario(CRASH, given))).toBe(textOf(runScenario(CRASH, given)));
});
