/** The scenario `ring`: a share of a ring fails at once, and the others go on asking who holds a key. */

import type { Finding } from '../checkers/finding.ts';
import { RingWatch } from '../checkers/ring-watch.ts';
import { meanOf } from '../figures.ts';
import { choice, ratio, wholeNumber, type OptionValues } from '../options.ts';
import type { Simulation } from '../simulator.ts';
import { isDelivered, NOBODY, type Account } from './account.ts';
import { drawNodes, removeNode } from './departure.ts';
import { formNetwork } from './formation.ts';
import { networkNumbers } from './network-numbers.ts';
import { NETWORK_OPTIONS } from './network-options.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { MESSAGE_TIMEOUT_MS, Traffic } from './traffic.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  geometry: choice('the ring', ['chord']),
  joinInterval: wholeNumber('time between two joins, ms', { min: 0, max: 3_600_000, fallback: 100 }),
  view: ratio('all nodes start at once and each knows each other one with this probability', null),
  fail: ratio('share of the nodes that fails at once', 0.5),
  how: choice('silent: tab killed; hung: never noticed by browsers; closed: tab closed', [
    'silent',
    'hung',
    'closed',
  ]),
  messages: wholeNumber('how many closest messages from then on', {
    min: 1,
    max: 100_000_000,
    fallback: 2_000,
  }),
  duration: wholeNumber('over how much time they are spread, ms', {
    min: 100,
    max: 3_600_000,
    fallback: 10_000,
  }),
  judgeEvery: wholeNumber('the invariant is judged after so many steps', {
    min: 1,
    max: 1_000_000_000,
    fallback: 20_000,
  }),
} as const;

export const RING: Scenario<typeof OPTIONS> = {
  name: 'ring',
  summary: 'a share of a ring fails at once while messages go to the holders of keys',
  help: [
    'A ring forms; when links are quiet, a share of the nodes fails without a goodbye, and the others send closest messages.',
    '',
    'wrongAnswers        messages whose sender accepted the receipt of another node than the oracle names',
    'lost                messages that were not delivered; failures says why',
    'pathMean            hops of the delivered ones',
    'wholeMs             from the failure until every live node lists the right successors, looked at twice a second',
    'judged, violations  moments at which the invariant was judged since the ring had formed, and those at which it',
    '                    did not hold: a live successor each, enough principals, lists in order, one ring',
    'wrongListsBefore    nodes whose successors were not right just before the failure',
    'The other numbers are those of the scenario deliver.',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const { simulation, safety } = formNetwork(values, progress);
  const ring = new RingWatch(simulation, values.successors, values.judgeEvery);
  ring.judge();
  const wrongListsBefore = ring.countWrongLists();
  const failedAt = simulation.now;
  const victims = drawNodes(simulation, Math.round(values.fail * values.nodes), VICTIM_STREAM);
  for (const node of victims) removeNode(simulation, node, values.how);
  simulation.runUntil(failedAt);
  ring.judge();

  const traffic = new Traffic(simulation, {
    messages: values.messages,
    kind: 'closest',
    requests: false,
    perSecond: (1_000 * values.messages) / values.duration,
    timeoutMs: MESSAGE_TIMEOUT_MS,
  });
  const repair = new RepairWatch(simulation, ring, failedAt);
  traffic.run(progress);
  repair.wait();
  ring.judge();
  safety.checkAll();
  const { accounts } = traffic;
  const wrongAnswers = accounts.filter(isWrong).length;
  const findings: Finding[] = [...safety.findings, ...ring.findings, ...traffic.findings()];
  if (wrongAnswers > 0)
    findings.push(finding(simulation, 'safety', `${wrongAnswers} messages were answered by a wrong node`));
  if (repair.wholeMs === null)
    findings.push(finding(simulation, 'liveness', 'the ring did not become whole again'));
  return {
    numbers: {
      failed: victims.length,
      wrongAnswers,
      lost: accounts.filter((account) => !isDelivered(account)).length,
      pathMean: meanOf(accounts.filter(isDelivered).map(({ hops }) => hops)),
      wholeMs: repair.wholeMs,
      judged: ring.judged,
      violations: ring.broken,
      wrongListsBefore,
      ...traffic.numbers(),
      ...networkNumbers(simulation),
    },
    findings,
  };
}

function isWrong({ acceptedBy, isWrongNearest }: Account): boolean {
  return acceptedBy !== NOBODY && isWrongNearest;
}

function finding(simulation: Simulation, family: Finding['family'], sentence: string): Finding {
  return { family, at: simulation.now, sentence };
}

/** Looks now and then whether all lists are right again; ms since the failure, or `null`. */
class RepairWatch {
  wholeMs: number | null = null;
  readonly #simulation: Simulation;
  readonly #ring: RingWatch;
  readonly #failedAt: number;

  constructor(simulation: Simulation, ring: RingWatch, failedAt: number) {
    this.#simulation = simulation;
    this.#ring = ring;
    this.#failedAt = failedAt;
    simulation.schedule(LOOK_EVERY_MS, () => this.#look());
  }

  wait(): void {
    this.#simulation.runWhile(() => this.wholeMs === null, LOOK_EVERY_MS, this.#failedAt + WHOLE_MS_MAX);
  }

  #look(): void {
    if (this.#ring.countWrongLists() === 0) this.wholeMs = this.#simulation.now - this.#failedAt;
    else this.#simulation.schedule(LOOK_EVERY_MS, () => this.#look());
  }
}

const VICTIM_STREAM = 30;
const LOOK_EVERY_MS = 500;
const WHOLE_MS_MAX = 120_000;
