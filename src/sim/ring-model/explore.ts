/** Searches the steps of a small ring for an order that breaks its invariant: all orders up to a number, or random ones. */

import { SeededRandom } from '../random.ts';
import { World, type Step, type WorldOptions } from './world.ts';

export interface Violation {
  readonly faults: readonly string[];
  /** The steps that lead to it, none of which can be left out. */
  readonly steps: readonly Step[];
}

export interface Exploration {
  /** Different states that were judged. */
  readonly states: number;
  /** Steps taken, from whichever state. */
  readonly transitions: number;
  readonly violation: Violation | undefined;
}

export interface RandomOptions {
  readonly seed: number;
  /** Steps in a run. */
  readonly events: number;
  /** One step in so many is a round of maintenance until the ring is whole. */
  readonly roundOneIn: number;
}

/** Takes every order of up to `events` steps; a state that was met before is not left a second time. */
export function exploreAll(options: WorldOptions, events: number): Exploration {
  const seen = new Set<string>();
  let frontier: Step[][] = [[]];
  let transitions = 0;
  const first = replay(options, []);
  const faults = first.judge();
  if (faults.length > 0) return { states: 1, transitions, violation: { faults, steps: [] } };
  seen.add(first.key());
  for (let depth = 0; depth < events; depth++) {
    const next: Step[][] = [];
    for (const steps of frontier) {
      for (const step of replay(options, steps).steps(mayFail(options, steps), false)) {
        const world = replay(options, steps);
        if (!world.take(step)) continue;
        transitions++;
        const longer = [...steps, step];
        const found = world.judge();
        if (found.length > 0)
          return { states: seen.size, transitions, violation: { faults: found, steps: longer } };
        const key = `${world.key()} ${world.failures}`;
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(longer);
      }
    }
    frontier = next;
  }
  return { states: seen.size, transitions, violation: undefined };
}

/** One run of random steps. At most r - 1 nodes fail between two rounds; after each the lists have to be right. */
export function exploreRandom(
  options: WorldOptions,
  { seed, events, roundOneIn }: RandomOptions,
): Exploration {
  const random = new SeededRandom(seed, MODEL_STREAM);
  const world = new World(options);
  const taken: Step[] = [];
  const seen = new Set<string>();
  for (let event = 0; event < events; event++) {
    if (random.below(roundOneIn) === 0) {
      taken.push(ROUND);
    } else {
      const steps = world.steps(world.failures < options.successors - 1, true);
      // Kinds first: there are far more neighbours to ask than nodes that can fail.
      const kinds = [...new Set(steps.map(({ kind }) => kind))];
      const kind = kinds[random.below(kinds.length)];
      const ofKind = steps.filter((step) => step.kind === kind);
      const step = ofKind[random.below(ofKind.length)];
      if (step === undefined) break;
      taken.push(step);
    }
    const faults = takeAndJudge(world, taken.at(-1)!);
    seen.add(world.key());
    if (faults.length > 0) {
      const violation = shorten(options, { faults, steps: taken });
      return { states: seen.size, transitions: taken.length, violation };
    }
  }
  return { states: seen.size, transitions: taken.length, violation: undefined };
}

/** One line for each step, and what is wrong after the last. */
export function describeViolation(options: WorldOptions, { faults, steps }: Violation): string {
  const { cast, successors, spare } = options;
  const lines = steps.map((step) => {
    if (step === ROUND) return 'a round of maintenance';
    return step.kind === 'fail' ? `${step.node} fails` : `${step.node} ${step.kind} ${step.other}`;
  });
  return [`${cast}, lists of ${successors} and ${spare}: ${lines.join('; ')}`, ...faults].join('\n');
}

/** Leaves out steps as long as the violation stays one. */
function shorten(options: WorldOptions, violation: Violation): Violation {
  let shortest = violation;
  for (let left = violation.steps.length - 1; left >= 0; left--) {
    const steps = shortest.steps.filter((_, i) => i !== left);
    const faults = firstFaults(options, steps);
    if (faults !== undefined) shortest = faults;
  }
  return shortest;
}

/** The first fault that some steps lead to; steps that are not possible are passed over. */
function firstFaults(options: WorldOptions, steps: readonly Step[]): Violation | undefined {
  const world = new World(options);
  for (const [i, step] of steps.entries()) {
    if (step.kind === 'fail' && world.failures >= options.successors - 1) continue;
    const faults = takeAndJudge(world, step);
    if (faults.length > 0) return { faults, steps: steps.slice(0, i + 1) };
  }
  return undefined;
}

function takeAndJudge(world: World, step: Step): string[] {
  if (step !== ROUND) {
    world.take(step);
    return world.judge();
  }
  const isIdeal = world.settle();
  return [...world.judge(), ...(isIdeal ? [] : ['the lists are not right after a round of maintenance'])];
}

function replay(options: WorldOptions, steps: readonly Step[]): World {
  const world = new World(options);
  for (const step of steps) {
    world.take(step);
    world.judge();
  }
  return world;
}

/** In one search there is no round, so r - 1 nodes fail in all. */
function mayFail({ successors }: WorldOptions, steps: readonly Step[]): boolean {
  return steps.filter(({ kind }) => kind === 'fail').length < successors - 1;
}

/** Stands for a round of maintenance until nothing changes. */
const ROUND: Step = { kind: 'ask', node: -1, other: -1 };
const MODEL_STREAM = 60;
