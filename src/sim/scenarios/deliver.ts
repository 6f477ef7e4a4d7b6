/** The scenario `deliver`: a network forms, messages are sent, and the oracle says what became of them. */

import { checkLiveness, judgeCompleteness } from '../checkers/liveness.ts';
import { checkLinkAgreement, RollingSafetyCheck } from '../checkers/safety.ts';
import { measureHeapKiB } from '../memory.ts';
import { choice, flag, ratio, wholeNumber, type OptionValues } from '../options.ts';
import { Hardship, HARDSHIP_HELP, HARDSHIP_OPTIONS } from './hardship.ts';
import type { Simulation } from '../simulator.ts';
import { runUntilQuiet, startOneByOne, startWithView, stopRepair } from './formation.ts';
import { heapNumbers, joinNumbers, networkNumbers } from './network-numbers.ts';
import { createSimulation, NETWORK_OPTIONS } from './network-options.ts';
import { Multicast } from './multicast.ts';
import { RouteWatch } from './routes.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { Traffic } from './traffic.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  view: ratio('each node knows each other one with this probability; without it they join one by one', null),
  joinInterval: wholeNumber('time between two joins, ms', { min: 0, max: 3_600_000, fallback: 100 }),
  messages: wholeNumber('how many messages', { min: 0, max: 100_000_000, fallback: 1_000 }),
  kind: choice('kind of messages; mixed: half closest, half direct; broadcast: to the whole network', [
    'mixed',
    'closest',
    'direct',
    'group',
    'broadcast',
  ]),
  groupSize: wholeNumber('members of the groups, with --kind group', { min: 1, max: 32, fallback: 8 }),
  requests: flag('messages ask for a reply, which must come back'),
  routes: wholeNumber('ways that each message takes at once', { min: 1, max: 8, fallback: 1 }),
  ...HARDSHIP_OPTIONS,
} as const;

export const DELIVER: Scenario<typeof OPTIONS> = {
  name: 'deliver',
  summary: 'a network forms, then messages are sent to keys and to nodes',
  help: [
    'All nodes start at once and know each other with probability --view (the server is up), or join one after another.',
    'When links are at rest (no change for 6 s, every table complete by its own judgement; at most 120 s), messages are',
    'sent from random nodes, 10 a second for each node.',
    '',
    'delivered       the sender accepted a receipt (a reply with --requests), and the node that the oracle names',
    '                handled the message, once',
    'atTrueNearest   the same for closest messages only',
    'handledTwice, handledWrong   messages handled more than once, or by another node than the oracle names',
    'failures        what senders were told about messages that failed',
    'hops            of delivered messages, as the receiver counted them',
    'transmissions   copies of messages over links, retries included; acks: receipts, replies, no-route',
    '                answers and signs of progress',
    'bytesMean       bytes of both for a message, frame headers included',
    'latency         from sending to the accepted receipt, virtual ms',
    'joinMessages    lookups, offers, answers and pings that a node set out until the messages began',
    'complete        nodes whose table holds every node that belongs in a bucket with room, by the oracle',
    'With --kind group or broadcast, delivered means that every member of the group, or every node, handled it exactly once,',
    'and nobody else did. reached: share of those that should handle it; acknowledged: share that the sender learned of;',
    'copiesBeyondPath: copies beyond the hops to the first member; depth: nodes that passed a broadcast on before it arrived.',
    '',
    'disjointRoutes  percent of the delivered messages whose ways had no node in common, with --routes',
    ...HARDSHIP_HELP,
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const heapBefore = measureHeapKiB();
  const simulation = createSimulation(values);
  const safety = new RollingSafetyCheck(simulation, CHECK_EVERY_STEPS);
  if (values.view === null) startOneByOne(simulation, values, values.joinInterval, progress);
  else startWithView(simulation, values, values.view);
  const isQuiet = runUntilQuiet(simulation, values, progress);
  const quietAt = simulation.now;
  if (values.repair === 'off') stopRepair(simulation);
  const joining = joinNumbers(simulation);
  const completeness = judgeCompleteness(simulation);
  const hasFaults = values.blocked > 0 || values.repair === 'off';
  const quietFindings = [
    ...(isQuiet ? checkLinkAgreement(simulation) : []),
    ...(hasFaults ? [] : checkLiveness(simulation, completeness)),
  ];

  const hardship = new Hardship(simulation, values);
  const sent =
    values.kind === 'group' || values.kind === 'broadcast'
      ? multicast(simulation, { ...values, kind: values.kind }, hardship, progress)
      : exchange(simulation, { ...values, kind: values.kind }, hardship, progress);
  safety.checkAll();
  return {
    numbers: {
      ...sent.numbers,
      ...joining,
      ...networkNumbers(simulation, completeness),
      quiet: isQuiet,
      quietMs: quietAt,
      ...heapNumbers(simulation, heapBefore),
    },
    findings: [...safety.findings, ...quietFindings, ...sent.findings],
  };
}

type Values = OptionValues<typeof OPTIONS>;

/** Messages from one node to another. */
function exchange(
  simulation: Simulation,
  values: Values & { readonly kind: 'mixed' | 'closest' | 'direct' },
  hardship: Hardship,
  progress: Progress,
): ScenarioOutcome {
  const traffic = new Traffic(simulation, {
    messages: values.messages,
    kind: values.nodes === 1 ? 'closest' : values.kind,
    requests: values.requests,
    perSecond: MESSAGES_PER_NODE_SECOND * values.nodes,
    timeoutMs: MESSAGE_TIMEOUT_MS,
    routes: values.routes,
    isEndpoint: (node) => hardship.isEndpoint(node),
  });
  hardship.begin(traffic);
  const routes = values.routes > 1 ? new RouteWatch(simulation) : undefined;
  traffic.run(progress);
  return {
    numbers: {
      ...traffic.numbers(),
      ...hardship.numbers(),
      ...(routes && { disjointRoutesPercent: routes.disjointPercent(traffic.accounts, values.routes) }),
    },
    findings: [...traffic.findings(), ...hardship.findings()],
  };
}

/** Messages to groups, or to everybody. */
function multicast(
  simulation: Simulation,
  values: Values & { readonly kind: 'group' | 'broadcast' },
  hardship: Hardship,
  progress: Progress,
): ScenarioOutcome {
  const { kind, groupSize, messages, nodes } = values;
  simulation.meter.reset();
  const sending = new Multicast(simulation, {
    kind,
    groupSize,
    timeoutMs: MESSAGE_TIMEOUT_MS,
    isEndpoint: (node) => hardship.isEndpoint(node),
  });
  hardship.begin();
  sending.run(messages, kind === 'group' ? nodes : BROADCASTS_PER_SECOND, progress);
  return { numbers: sending.numbers(), findings: sending.findings() };
}

const CHECK_EVERY_STEPS = 2_000;
const MESSAGES_PER_NODE_SECOND = 10;
const MESSAGE_TIMEOUT_MS = 10_000;
/** A node passes on two a second of one origin, and whole networks are at work on each. */
const BROADCASTS_PER_SECOND = 10;
