/** The scenario `split`: nodes come into a ring one after another under puts and gets, and either side is killed midway. */

import { sameId } from '../../core/id/node-id.ts';
import { RING } from '../../core/ring/ring-io.ts';
import { readRing } from '../../core/ring/rpc.ts';
import { STORE } from '../../core/store/store-config.ts';
import { RangeCheck } from '../checkers/ranges.ts';
import { percentile } from '../figures.ts';
import { choice, wholeNumber, type OptionValues } from '../options.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import { formNetwork } from './formation.ts';
import { networkNumbers } from './network-numbers.ts';
import { configOf, NETWORK_OPTIONS } from './network-options.ts';
import { RingTraffic } from './ring-traffic.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  geometry: choice('a ring, and nothing else', ['chord']),
  nodes: wholeNumber('how many nodes at first', { min: 2, max: 100_000, fallback: 16 }),
  joinInterval: wholeNumber('time between two joins at first, ms', { min: 0, max: 3_600_000, fallback: 20 }),
  values: wholeNumber('how many values are inserted at first', { min: 1, max: 1_000_000, fallback: 200 }),
  valueBytes: wholeNumber('bytes of a value', { min: 16, max: 32 * 1024, fallback: 8_192 }),
  splits: wholeNumber('nodes that join afterwards', { min: 1, max: 100_000, fallback: 12 }),
  everyMs: wholeNumber('time between two calls, an insertion and a read by turns, ms', {
    min: 1,
    max: 1_000_000,
    fallback: 50,
  }),
  kill: choice('who dies midway: by turns the joiner, its successor and nobody; or always the same', [
    'both',
    'joiner',
    'successor',
    'nobody',
  ]),
} as const;

type Values = OptionValues<typeof OPTIONS>;
type Victim = 'joiner' | 'successor' | 'nobody';

export const SPLIT: Scenario<typeof OPTIONS> = {
  name: 'split',
  summary: 'nodes come into a ring under puts and gets, and one side of the hand-over dies midway',
  help: [
    'A ring forms and values are inserted. Then nodes join, one every 20 s; while the successor hands over what is now the',
    'joiner’s, page after page, one of the two is killed, by turns, at a page drawn by chance. Nodes insert and read values all the',
    'time. Afterwards all is quiet for a while, and every acknowledged value is read.',
    '',
    'completed         joiners that had their range in the end, of those that were not killed',
    'killed            joinersKilled, successorsKilled: in the middle of a hand-over; pages: requests for a page or the range',
    'splitMsP50        from a joiner being ready to its having its range, hand-overs without a victim',
    'checks            how often the ranges of all nodes were compared; responsibleViolations: two nodes with a key in common (must be 0)',
    'gaps              nodes whose range does not begin where that of the node before them ends, when all is quiet (must be 0)',
    'lost              acknowledged values that are not read then, though a live node has them (must be 0)',
    'gone              acknowledged values that no live node has any more',
    'gets, getsFresh   reads of acknowledged values, those at the end included, and those that brought the last value or a newer one;',
    '                  a new owner may lack a value until the store’s repair brings it',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: Values, progress: Progress): ScenarioOutcome {
  const network = formNetwork({ ...values, store: STORE, ring: RING }, progress);
  const { simulation, safety } = network;
  const ranges = new RangeCheck(simulation);
  const traffic = new RingTraffic(simulation, values.valueBytes);
  watchRanges(simulation, ranges);
  for (let i = 0; i < values.values; i++) {
    traffic.insert();
    simulation.runUntil(simulation.now + 5);
  }
  traffic.settle();
  progress('values are inserted');

  let isOver = false;
  let calls = 0;
  const call = (): void => {
    if (isOver) return;
    if (calls++ % 2 === 0) traffic.insert();
    else traffic.get();
    simulation.schedule(values.everyMs, call);
  };
  call();
  const splits = new Splits(simulation, values);
  for (let i = 0; i < values.splits; i++) {
    splits.join(victimOf(values.kill, i));
    simulation.runUntil(simulation.now + PAUSE_MS);
    progress(`${i + 1} of ${values.splits} joins`);
  }
  isOver = true;
  traffic.settle();
  simulation.runUntil(simulation.now + QUIET_MS);
  const { lost, gone, read } = traffic.readAll();
  safety.checkAll();
  ranges.check();
  const gaps = ranges.gaps();
  const at = simulation.now;
  const findings = [...safety.findings];
  if (ranges.violations > 0)
    findings.push({ family: 'safety', at, sentence: `${ranges.violations} times two nodes owned a key` });
  if (gaps > 0) findings.push({ family: 'liveness', at, sentence: `${gaps} ranges are not in place` });
  if (lost > 0)
    findings.push({ family: 'liveness', at, sentence: `${lost} acknowledged values are not read` });
  return {
    numbers: {
      ...splits.numbers(),
      checks: ranges.checks,
      responsibleViolations: ranges.violations,
      gaps,
      readAtEnd: read,
      lost,
      gone,
      ...traffic.numbers(),
      ...networkNumbers(simulation),
    },
    findings,
  };
}

function victimOf(kill: Values['kill'], turn: number): Victim {
  return kill === 'both' ? (['joiner', 'successor', 'nobody'] as const)[turn % 3]! : kill;
}

/** Ranges change with messages and with time: they are compared at each of the ring's messages, and every so often. */
function watchRanges(simulation: Simulation, ranges: RangeCheck): void {
  const before = simulation.onEvent;
  simulation.onEvent = (node, event) => {
    before(node, event);
    const isOfRing = (event.type === 'delivered' || event.type === 'settled') && event.service === 'ring';
    // What the message leads to is done when the node is.
    if (isOfRing) simulation.schedule(0, () => ranges.check());
  };
  const look = (): void => {
    ranges.check();
    simulation.schedule(CHECK_EVERY_MS, look);
  };
  look();
}

/** Joins, and deaths in the middle of them. */
class Splits {
  #victim: Victim = 'nobody';
  #joiner: SimNode | undefined;
  #killAtPage = 0;
  #pages = 0;
  #joinersKilled = 0;
  #successorsKilled = 0;
  readonly #joined: SimNode[] = [];
  readonly #splitMs: number[] = [];
  readonly #simulation: Simulation;
  readonly #values: Values;
  readonly #random: SeededRandom;

  constructor(simulation: Simulation, values: Values) {
    this.#simulation = simulation;
    this.#values = values;
    this.#random = new SeededRandom(simulation.seed, SPLIT_STREAM);
    const before = simulation.onEvent;
    simulation.onEvent = (node, event) => {
      before(node, event);
      if (event.type !== 'delivered' || event.service !== 'ring') return;
      const request = readRing(event.body);
      if (request?.op !== 'split-node') return;
      this.#pages++;
      const joiner = this.#joiner;
      if (joiner === undefined || !sameId(event.origin, joiner.id) || request.page < this.#killAtPage) return;
      if (this.#victim !== 'nobody') this.#kill(joiner, node);
    };
  }

  join(victim: Victim): void {
    const simulation = this.#simulation;
    const joiner = simulation.addNode({ config: configOf(this.#values) });
    this.#joiner = joiner;
    this.#victim = victim;
    this.#killAtPage = this.#random.below(3);
    this.#joined.push(joiner);
    const look = (): void => {
      const hasRange = joiner.core?.store?.range?.(simulation.now) !== undefined;
      if (hasRange && victim === 'nobody') this.#splitMs.push(simulation.now - joiner.readyAt);
      else if (joiner.core !== undefined && !hasRange) simulation.schedule(1, look);
    };
    simulation.start(joiner);
    look();
  }

  numbers(): Record<string, number | null> {
    const { now } = this.#simulation;
    const alive = this.#joined.filter(({ core }) => core !== undefined);
    return {
      joined: this.#joined.length,
      joinersKilled: this.#joinersKilled,
      successorsKilled: this.#successorsKilled,
      completed: alive.filter(({ core }) => core?.store?.range?.(now) !== undefined).length,
      pages: this.#pages,
      splitMsP50: percentile(this.#splitMs, 0.5),
    };
  }

  /** Shortly afterwards: before the answer goes out, while it is on its way, or when it has arrived. */
  #kill(joiner: SimNode, successor: SimNode): void {
    const victim = this.#victim === 'joiner' ? joiner : successor;
    if (this.#victim === 'joiner') this.#joinersKilled++;
    else this.#successorsKilled++;
    this.#joiner = undefined;
    const delayMs = this.#random.fraction() * 3 * this.#values.latency;
    this.#simulation.schedule(delayMs, () => this.#simulation.crash(victim, 'slowly'));
  }
}

const SPLIT_STREAM = 80;
/** Between two joins: a range whose owner died has a new one by then. */
const PAUSE_MS = 20_000;
/** The store's repair, once, and ranges at rest. */
const QUIET_MS = 90_000;
const CHECK_EVERY_MS = 20;
