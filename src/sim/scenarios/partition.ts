/** The scenario `partition`: the network is cut in two halves for a while, and heals. */

import { checkLiveness, judgeCompleteness } from '../checkers/liveness.ts';
import { choice, wholeNumber, type OptionValues } from '../options.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import { runUntilQuiet, formNetwork } from './formation.ts';
import { networkNumbers } from './network-numbers.ts';
import { NETWORK_OPTIONS } from './network-options.ts';
import { findRecovery } from './recovery.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { Traffic, TRAFFIC_OPTIONS, MESSAGE_TIMEOUT_MS, OVERDUE_MS } from './traffic.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  joinInterval: wholeNumber('time between two joins, ms', { min: 0, max: 3_600_000, fallback: 20 }),
  cut: wholeNumber('for how long the halves are apart, s', { min: 1, max: 100_000, fallback: 60 }),
  server: choice('what becomes of the signaling server meanwhile; up: each half has its own', ['down', 'up']),
  wait: wholeNumber('how long they may take to become one again, s', { min: 5, max: 10_000, fallback: 60 }),
  rate: wholeNumber('messages a second from one half to the other', { min: 1, max: 100_000, fallback: 100 }),
  ...TRAFFIC_OPTIONS,
} as const;

export const PARTITION: Scenario<typeof OPTIONS> = {
  name: 'partition',
  summary: 'the network is cut in two halves, and heals',
  help: [
    'When links are quiet, every link between two halves dies (browsers notice after 5-6 s), and neither offers nor frames',
    'get across; after --cut seconds everything can be reached again. From then on messages go from each half to the other.',
    '',
    'oneNetworkMs      from the healing until both of these are true; null: not within --wait',
    'tablesMergedMs      every table is complete, by the oracle',
    'messagesMs          the second from which on all messages across arrive',
    'reconnected       links across at the end',
    'The other numbers are those of the scenario deliver, for the messages across.',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const { simulation, safety } = formNetwork(values, progress);
  cutInTwo(simulation, values.server);
  runTo(simulation, simulation.now + 1_000 * values.cut, progress);
  heal(simulation);

  const healedAt = simulation.now;
  const waitMs = 1_000 * values.wait;
  const traffic = new Traffic(simulation, {
    messages: values.rate * values.wait,
    kind: values.kind,
    requests: values.requests,
    perSecond: values.rate,
    timeoutMs: MESSAGE_TIMEOUT_MS,
    isReceiver: (receiver, sender) => isApart(receiver, sender),
  });
  traffic.begin();
  let mergedAt = Infinity;
  simulation.runWhile(
    () => {
      progress(
        `healed for ${Math.round(simulation.now - healedAt)} ms, ${linksAcross(simulation)} links across`,
      );
      if (mergedAt === Infinity && isMerged(simulation)) mergedAt = simulation.now;
      return simulation.now < healedAt + waitMs + MESSAGE_TIMEOUT_MS + OVERDUE_MS;
    },
    LOOK_EVERY_MS,
    Infinity,
  );
  runUntilQuiet(simulation, values, progress);
  safety.checkAll();
  const tablesMergedMs = mergedAt <= healedAt + waitMs ? mergedAt - healedAt : null;
  const messagesMs = findRecovery(traffic, { from: healedAt, until: healedAt + waitMs, percent: 100 });
  const isOne = tablesMergedMs !== null && messagesMs !== null;
  const completeness = judgeCompleteness(simulation);
  return {
    numbers: {
      oneNetworkMs: isOne ? Math.max(tablesMergedMs, messagesMs) : null,
      tablesMergedMs,
      messagesMs,
      reconnected: linksAcross(simulation),
      ...traffic.numbers(),
      ...networkNumbers(simulation, completeness),
    },
    findings: [
      ...safety.findings,
      ...traffic.findings(),
      ...(values.blocked > 0 ? [] : checkLiveness(simulation, completeness)),
    ],
  };
}

/** Nodes of odd and of even position: ids are drawn by chance, so both halves are spread over the key space. */
function isApart(a: SimNode, b: SimNode): boolean {
  return a.index % 2 !== b.index % 2;
}

function cutInTwo(simulation: Simulation, server: 'down' | 'up'): void {
  const { network } = simulation;
  const { crashSeenMsMin, crashSeenMsMax } = network.options;
  const random = new SeededRandom(simulation.seed, CUT_STREAM);
  network.areApart = isApart;
  simulation.server.areApart = isApart;
  for (const node of simulation.liveNodes()) {
    network.severApart(node, () => crashSeenMsMin + random.fraction() * (crashSeenMsMax - crashSeenMsMin));
  }
  if (server === 'down') simulation.server.stop();
}

function heal(simulation: Simulation): void {
  simulation.network.areApart = undefined;
  simulation.server.areApart = undefined;
  if (!simulation.server.isUp) simulation.server.restart(simulation.liveNodes());
}

function runTo(simulation: Simulation, untilMs: number, progress: Progress): void {
  simulation.runWhile(
    () => {
      progress(`cut, ${linksAcross(simulation)} links across, ${Math.round(simulation.now)} ms`);
      return simulation.now < untilMs;
    },
    100,
    untilMs,
  );
}

function linksAcross(simulation: Simulation): number {
  let ends = 0;
  for (const node of simulation.nodes) {
    for (const end of node.links.values()) {
      if (end.state === 'up' && end.other !== undefined && isApart(node, end.other.node)) ends++;
    }
  }
  return ends / 2;
}

/** Every table holds what it must, in truth. Looked at only when the nodes think so themselves. */
function isMerged(simulation: Simulation): boolean {
  if (!simulation.liveNodes().every((node) => node.claimsComplete)) return false;
  const { complete, live } = judgeCompleteness(simulation);
  return complete === live;
}

const CUT_STREAM = 52;
const LOOK_EVERY_MS = 500;
