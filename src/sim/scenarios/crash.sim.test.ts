/** Goal: nodes that go away, with or without a goodbye, stop nobody else for long. */

import { expect, test } from 'vitest';
import { CRASH } from './crash.ts';
import { runScenario } from './scenario.ts';

test.each(['leave', 'closed'] as const)('8 of 40 nodes go away in an orderly way: %s', (how) => {
  const { record, findings } = runScenario(CRASH, {
    nodes: 40,
    kill: 8,
    how,
    messages: 800,
    duration: 10_000,
  });
  expect(findings).toEqual([]);
  expect(record['recoveredMs']).toBeLessThanOrEqual(2_000);
  expect(record['completeNodes']).toBe(32);
});

test.each(['silent', 'hung'] as const)('8 of 40 nodes go away without a sign: %s', (how) => {
  const { record, findings } = runScenario(CRASH, {
    nodes: 40,
    kill: 8,
    how,
    messages: 1_500,
    duration: 30_000,
  });
  expect(findings).toEqual([]);
  expect(record['recoveredMs']).toBeLessThanOrEqual(10_000);
  expect(record['completeNodes']).toBe(32);
});
