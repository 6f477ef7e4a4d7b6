/**
 * Goal: no order of joins, failures and maintenance breaks a ring. Method: real geometries, every order of a few steps
 * from small rings, random orders of many steps from larger ones; and rules known to be wrong are found out.
 */

import { describe, expect, test } from 'vitest';
import { runScenario } from '../scenarios/scenario.ts';
import { RING_MODEL } from '../scenarios/ring-model.ts';
import { describeViolation, exploreAll, exploreRandom, type Exploration } from './explore.ts';
import { RULES, type Rules, type WorldOptions } from './world.ts';

/** What is wrong with a ring, with the steps that lead there; nothing when all is well. */
function found(options: WorldOptions, { violation }: Exploration): string {
  return violation === undefined ? '' : describeViolation(options, violation);
}

describe('every order of steps', () => {
  test.each([
    { cast: 'mmj', successors: 1, spare: 0, events: 6 },
    { cast: 'mmjj', successors: 1, spare: 0, events: 4 },
    { cast: 'mmmj', successors: 1, spare: 1, events: 4 },
    { cast: 'mmmj', successors: 2, spare: 0, events: 5 },
    { cast: 'mmmmj', successors: 2, spare: 0, events: 4 },
    { cast: 'mmmjj', successors: 2, spare: 0, events: 3 },
    { cast: 'mmmmj', successors: 3, spare: 0, events: 5 },
  ])('$cast, lists of $successors and $spare, $events steps', ({ events, ...options }) => {
    const exploration = exploreAll(options, events);
    expect(found(options, exploration)).toBe('');
    expect(exploration.states).toBeGreaterThanOrEqual(10);
  });
});

test.each([
  { members: 5, joiners: 3, successors: 2, spare: 1 },
  { members: 8, joiners: 4, successors: 3, spare: 4 },
  { members: 12, joiners: 2, successors: 4, spare: 1 },
])('40 random orders of 60 steps: $members members, $joiners join, lists of $successors', (ring) => {
  const { numbers, findings } = runScenario(RING_MODEL, { ...ring, search: 'random', events: 60, seeds: 40 });
  expect(findings).toEqual([]);
  expect(numbers['transitions']).toBe(40 * 60);
});

describe('rules that are known to be wrong are found out', () => {
  const options = { cast: 'mmmmmmmmmjmm', successors: 3, spare: 0 };
  const runs = (rules: Rules): string[] =>
    Array.from({ length: 60 }, (_, i) => {
      const ring = { ...options, rules };
      return found(ring, exploreRandom(ring, { seed: i + 1, events: 60, roundOneIn: 15 }));
    }).filter((text) => text !== '');

  test('a list put together from hearsay, as in the first version of Chord', () => {
    const rules: Rules = {
      ...RULES,
      reconcile: (asker, _chain, isGone) => asker.onNamed(asker.closest(asker.self, 8, true), isGone),
    };
    expect(runs(rules).join('\n')).toMatch(/is passed over by a list|principals are left/);
  });

  test('a joiner that takes over a successor without its list', () => {
    const rules: Rules = {
      ...RULES,
      join: (joiner, ids) => {
        const [next] = joiner.closest(joiner.self, 2, true).slice(1);
        if (ids.length > 0 && next !== undefined) joiner.onNamed([next, next], () => true);
      },
    };
    expect(runs(rules).join('\n')).toMatch(/no live successor|is passed over by a list|rings/);
  });

  test('nobody takes over lists: what is lost is not replaced', () => {
    const rules: Rules = { ...RULES, reconcile: () => undefined };
    expect(runs(rules).join('\n')).toMatch(/lists are not right/);
  });
});
