/** The scenario `ring-model`: orders of steps of a small ring, all of them or random ones, searched for a violation. */

import type { Finding } from '../checkers/finding.ts';
import { choice, wholeNumber, type OptionValues } from '../options.ts';
import { SeededRandom } from '../random.ts';
import { describeViolation, exploreAll, exploreRandom, type Exploration } from '../ring-model/explore.ts';
import type { WorldOptions } from '../ring-model/world.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';

const OPTIONS = {
  search: choice('all orders of steps, or random ones, one run for each seed', ['all', 'random']),
  members: wholeNumber('members of the ring at the beginning', { min: 1, max: 32, fallback: 4 }),
  joiners: wholeNumber('nodes that may join it', { min: 0, max: 32, fallback: 1 }),
  successors: wholeNumber('length of the lists', { min: 1, max: 16, fallback: 2 }),
  spare: wholeNumber('nodes kept beyond that', { min: 0, max: 16, fallback: 0 }),
  events: wholeNumber('steps in an order', { min: 1, max: 10_000, fallback: 5 }),
  seed: wholeNumber('the first seed', { min: 0, max: Number.MAX_SAFE_INTEGER - 1_000_000, fallback: 1 }),
  seeds: wholeNumber('how many random orders', { min: 1, max: 1_000_000, fallback: 1_000 }),
} as const;

type Values = OptionValues<typeof OPTIONS>;

export const RING_MODEL: Scenario<typeof OPTIONS> = {
  name: 'ring-model',
  summary: 'every order in which a small ring may join, fail and stabilize',
  help: [
    'Real geometries with ids of one byte and no network between them: a step is a lookup of a joiner, a failure, a',
    'question to a neighbour, the discovery that one is gone, or (in random orders) news. With all orders every place',
    'of the joiners is tried. At most successors - 1 nodes fail between two rounds of maintenance, and successors + 1',
    'members stay that nobody passes over; random orders have rounds, after which every list has to be right.',
    '',
    'worlds       places of the joiners, or seeds',
    'states       different states that were judged',
    'transitions  steps taken',
    'violations   worlds in which the invariant was broken',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: Values, progress: Progress): ScenarioOutcome {
  const worlds = values.search === 'all' ? placements(values) : seedsOf(values);
  let states = 0;
  let transitions = 0;
  const findings: Finding[] = [];
  for (const [i, { name, options, explore }] of worlds.entries()) {
    progress(`${i} of ${worlds.length} worlds, ${transitions} steps`);
    const exploration = explore();
    states += exploration.states;
    transitions += exploration.transitions;
    const { violation } = exploration;
    if (violation === undefined) continue;
    findings.push({ family: 'safety', at: 0, sentence: `${name}: ${describeViolation(options, violation)}` });
  }
  return { numbers: { worlds: worlds.length, states, transitions, violations: findings.length }, findings };
}

interface Search {
  readonly name: string;
  readonly options: WorldOptions;
  readonly explore: () => Exploration;
}

/** Every place of the joiners among the members. The circle has no beginning, so the first node is a member. */
function placements({ members, joiners, successors, spare, events }: Values): Search[] {
  const casts = (left: number, joining: number): string[] => {
    if (left === 0) return ['j'.repeat(joining)];
    const withMember = casts(left - 1, joining).map((rest) => `m${rest}`);
    return joining === 0
      ? withMember
      : [...withMember, ...casts(left, joining - 1).map((rest) => `j${rest}`)];
  };
  return casts(members - 1, joiners).map((rest) => {
    const options = { cast: `m${rest}`, successors, spare };
    return { name: 'all orders', options, explore: () => exploreAll(options, events) };
  });
}

function seedsOf({ members, joiners, successors, spare, events, seed, seeds }: Values): Search[] {
  return Array.from({ length: seeds }, (_, i) => {
    const options = { cast: drawCast(members, joiners, seed + i), successors, spare };
    const name = `seed ${seed + i}`;
    return {
      name,
      options,
      explore: () => exploreRandom(options, { seed: seed + i, events, roundOneIn: ROUND_ONE_IN }),
    };
  });
}

function drawCast(members: number, joiners: number, seed: number): string {
  const random = new SeededRandom(seed, CAST_STREAM);
  const rest = ('m'.repeat(members - 1) + 'j'.repeat(joiners)).split('');
  for (let i = rest.length - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [rest[i], rest[other]] = [rest[other]!, rest[i]!];
  }
  return `m${rest.join('')}`;
}

const CAST_STREAM = 61;
/** One step in so many is a round of maintenance. */
const ROUND_ONE_IN = 15;
