/** Goal: a ring of which a part fails at once stays one ring, and answers nothing wrong. */

import { expect, test } from 'vitest';
import { RING } from './ring.ts';
import { runScenario } from './scenario.ts';

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

test.each(SEEDS)('8 of 24 nodes fail at once, lists of 8, seed %i', (seed) => {
  const { numbers, findings } = runScenario(RING, {
    nodes: 24,
    seed,
    successors: 8,
    fail: 1 / 3,
    how: 'closed',
    joinInterval: 50,
    messages: 60,
    duration: 3_000,
    judgeEvery: 200,
  });
  expect(findings).toEqual([]);
  expect(numbers).toMatchObject({ failed: 8, wrongAnswers: 0, violations: 0, wrongListsBefore: 0 });
  expect(numbers['judged']).toBeGreaterThan(20);
  expect(numbers['wholeMs']).not.toBeNull();
});
