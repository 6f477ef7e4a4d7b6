/** The scenario `crash`: some nodes go away at once, and messages go on; how long until they arrive again. */

import { countDeadContacts, judgeCompleteness } from '../checkers/liveness.ts';
import type { Finding } from '../checkers/finding.ts';
import { choice, wholeNumber, type OptionValues } from '../options.ts';
import type { Simulation } from '../simulator.ts';
import { removeNode, drawNodes } from './departure.ts';
import { formNetwork } from './formation.ts';
import { networkNumbers } from './network-numbers.ts';
import { NETWORK_OPTIONS } from './network-options.ts';
import { findRecovery } from './recovery.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { Traffic, TRAFFIC_OPTIONS, MESSAGE_TIMEOUT_MS } from './traffic.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  joinInterval: wholeNumber('time between two joins, ms', { min: 0, max: 3_600_000, fallback: 100 }),
  kill: wholeNumber('how many nodes go away at once', { min: 0, max: 1_000_000, fallback: 10 }),
  how: choice(
    'silent: tab killed; hung: never noticed by browsers; closed: tab closed; leave: with a goodbye',
    ['silent', 'hung', 'closed', 'leave'],
  ),
  messages: wholeNumber('how many messages from then on', { min: 1, max: 100_000_000, fallback: 2_000 }),
  duration: wholeNumber('over how much time they are spread, ms', {
    min: 100,
    max: 3_600_000,
    fallback: 20_000,
  }),
  ...TRAFFIC_OPTIONS,
} as const;

export const CRASH: Scenario<typeof OPTIONS> = {
  name: 'crash',
  summary: 'some nodes go away at once while messages are sent',
  help: [
    'Nodes join one by one; when links are quiet, --kill of them go away and the others send messages to each other.',
    '',
    'recoveredMs       from the crash until the second from which on at least 99 % of each second’s messages arrive',
    'firstSecond       percent of the messages sent in the first second that were delivered',
    'completeNodes     tables that are complete at the end, by the oracle',
    'tablesCompleteMs  from the crash until all tables are complete, by the oracle, looked at every second',
    'tablesCleanMs     the same until besides no table names a dead node',
    'deadContacts      dead nodes named in tables at the end',
    'The other numbers are those of the scenario deliver, over all messages sent after the crash.',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const { simulation, safety } = formNetwork(values, progress);
  const crashedAt = simulation.now;
  const victims = drawNodes(simulation, values.kill, VICTIM_STREAM);
  for (const node of victims) removeNode(simulation, node, values.how);
  simulation.runUntil(crashedAt);

  const traffic = new Traffic(simulation, {
    messages: values.messages,
    kind: simulation.liveNodes().length === 1 ? 'closest' : values.kind,
    requests: values.requests,
    perSecond: (1_000 * values.messages) / values.duration,
    timeoutMs: MESSAGE_TIMEOUT_MS,
  });
  const tables = new TableWatch(simulation, crashedAt);
  traffic.run(progress);
  tables.waitUntilClean();
  safety.checkAll();
  const recoveredMs = findRecovery(traffic, {
    from: crashedAt,
    until: crashedAt + values.duration,
    percent: 99,
  });
  const completeness = judgeCompleteness(simulation);
  const findings: Finding[] = [...safety.findings, ...traffic.findings()];
  if (recoveredMs === null) {
    const sentence = 'messages did not arrive again before the end';
    findings.push({ family: 'liveness', at: simulation.now, sentence });
  }
  return {
    numbers: {
      killed: victims.length,
      recoveredMs,
      firstSecondPercent: traffic.deliveredPercentBetween(crashedAt, crashedAt + 1_000),
      ...traffic.numbers(),
      ...networkNumbers(simulation, completeness),
      tablesCompleteMs: tables.completeMs,
      tablesCleanMs: tables.cleanMs,
      deadContacts: countDeadContacts(simulation),
    },
    findings,
  };
}

/** Looks once a second how far tables have recovered, beside whatever else goes on; ms since the crash, or `null`. */
class TableWatch {
  completeMs: number | null = null;
  cleanMs: number | null = null;
  readonly #simulation: Simulation;
  readonly #crashedAt: number;

  constructor(simulation: Simulation, crashedAt: number) {
    this.#simulation = simulation;
    this.#crashedAt = crashedAt;
    simulation.schedule(LOOK_EVERY_MS, () => this.#look());
  }

  waitUntilClean(): void {
    this.#simulation.runWhile(() => this.cleanMs === null, LOOK_EVERY_MS, this.#crashedAt + CLEAN_MS_MAX);
  }

  #look(): void {
    const sinceMs = this.#simulation.now - this.#crashedAt;
    const { complete, live } = judgeCompleteness(this.#simulation);
    this.completeMs = complete < live ? null : (this.completeMs ?? sinceMs);
    if (complete === live && countDeadContacts(this.#simulation) === 0) this.cleanMs = sinceMs;
    else if (sinceMs < CLEAN_MS_MAX) this.#simulation.schedule(LOOK_EVERY_MS, () => this.#look());
  }
}

const VICTIM_STREAM = 30;
const LOOK_EVERY_MS = 1_000;
/** Tables that still name dead nodes by then are reported as they are. */
const CLEAN_MS_MAX = 120_000;
