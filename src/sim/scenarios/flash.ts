/** The scenario `flash`: a crowd comes within half a minute, and half of everybody leaves at once. */

import { checkLiveness, judgeCompleteness } from '../checkers/liveness.ts';
import { choice, ratio, wholeNumber, type OptionValues } from '../options.ts';
import type { Simulation } from '../simulator.ts';
import { removeNode, WAYS_TO_GO, drawNodes } from './departure.ts';
import { runUntilQuiet, formNetwork } from './formation.ts';
import { networkNumbers } from './network-numbers.ts';
import { configOf, NETWORK_OPTIONS, type NetworkValues } from './network-options.ts';
import { findRecovery, worstSecond } from './recovery.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { Traffic, TRAFFIC_OPTIONS, MESSAGE_TIMEOUT_MS, OVERDUE_MS } from './traffic.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  first: wholeNumber('how many of the nodes are there at first', { min: 2, max: 1_000_000, fallback: 100 }),
  within: wholeNumber('in how much time the others come, s', { min: 1, max: 10_000, fallback: 30 }),
  leave: ratio('share of all nodes that go at once', 0.5),
  how: choice('how they go: with a goodbye, tab closed, tab killed, or hung for ever', WAYS_TO_GO),
  pause: wholeNumber('time to recover after each, s', { min: 5, max: 10_000, fallback: 40 }),
  rate: wholeNumber('messages a second', { min: 1, max: 100_000, fallback: 200 }),
  ...TRAFFIC_OPTIONS,
} as const;

export const FLASH: Scenario<typeof OPTIONS> = {
  name: 'flash',
  summary: 'a crowd comes at once, then half of all nodes leave at once',
  help: [
    '--first nodes join and come to rest; the others come within --within seconds; after --pause seconds a share of all',
    'leaves at one moment. Messages are sent all the time, by nodes that are ready, to any node there is.',
    '',
    'crowdRecoveredMs   from the last one’s coming until the second from which on at least 99 % of each second’s messages arrive',
    'leaveRecoveredMs   the same from the moment they leave; null: not within --pause',
    'crowdWorstPercent, leaveWorstPercent   delivered of the worst second of each part',
    'The other numbers are those of the scenario deliver, over all messages.',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const first = Math.min(values.first, values.nodes);
  const beginning = { ...values, nodes: first, joinInterval: JOIN_INTERVAL_MS };
  const { simulation, safety } = formNetwork(beginning, progress);

  const pauseMs = 1_000 * values.pause;
  const totalMs = 1_000 * values.within + 2 * pauseMs;
  const traffic = new Traffic(simulation, {
    messages: Math.floor((values.rate * totalMs) / 1_000),
    kind: values.kind,
    requests: values.requests,
    perSecond: values.rate,
    timeoutMs: MESSAGE_TIMEOUT_MS,
    isSender: (node) => node.readySince >= 0,
  });
  const beganAt = simulation.now;
  traffic.begin();
  const run = (untilMs: number): void => {
    simulation.runWhile(
      () => {
        progress(`${traffic.accounts.length} messages, ${simulation.liveNodes().length} nodes`);
        return simulation.now < untilMs;
      },
      100,
      untilMs,
    );
  };
  expectCrowd(simulation, values, first, 1_000 * values.within);
  const crowdAt = beganAt + 1_000 * values.within;
  run(crowdAt + pauseMs);
  const leaveAt = simulation.now;
  const victims = drawNodes(
    simulation,
    Math.round(values.leave * simulation.liveNodes().length),
    LEAVE_STREAM,
  );
  for (const node of victims) removeNode(simulation, node, values.how);
  run(leaveAt + pauseMs + MESSAGE_TIMEOUT_MS + OVERDUE_MS);
  const findings = [...safety.findings, ...traffic.findings()];
  runUntilQuiet(simulation, values, progress);
  safety.checkAll();
  const completeness = judgeCompleteness(simulation, true);
  return {
    numbers: {
      // What is on its way when half of the nodes leave is the trouble of that.
      crowdRecoveredMs: findRecovery(traffic, { from: crowdAt, until: leaveAt - ON_THE_WAY_MS, percent: 99 }),
      leaveRecoveredMs: findRecovery(traffic, { from: leaveAt, until: leaveAt + pauseMs, percent: 99 }),
      crowdWorstPercent: worstSecond(traffic, beganAt, leaveAt - ON_THE_WAY_MS),
      leaveWorstPercent: worstSecond(traffic, leaveAt - ON_THE_WAY_MS, leaveAt + pauseMs),
      ...traffic.numbers(),
      ...networkNumbers(simulation, completeness),
    },
    findings: [...findings, ...(values.blocked > 0 ? [] : checkLiveness(simulation, completeness))],
  };
}

/** The rest of the nodes start at even distances. */
function expectCrowd(simulation: Simulation, values: NetworkValues, first: number, withinMs: number): void {
  const config = configOf(values);
  const count = values.nodes - first;
  for (let i = 1; i <= count; i++) {
    simulation.schedule((withinMs * i) / count, () => simulation.start(simulation.addNode({ config })));
  }
}

const LEAVE_STREAM = 51;
const ON_THE_WAY_MS = 1_000;
const JOIN_INTERVAL_MS = 20;
