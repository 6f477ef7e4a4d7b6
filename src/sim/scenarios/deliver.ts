/** The scenario `deliver`: a network forms, messages are sent, and the oracle says what became of them. */

import { checkLiveness, judgeCompleteness } from '../checkers/liveness.ts';
import { checkLinkAgreement, RollingSafetyCheck } from '../checkers/safety.ts';
import { measureHeapKiB } from '../memory.ts';
import { choice, flag, ratio, wholeNumber, type OptionValues } from '../options.ts';
import { Hardship, HARDSHIP_HELP, HARDSHIP_OPTIONS } from './hardship.ts';
import { runUntilQuiet, startOneByOne, startWithView, stopRepair } from './formation.ts';
import { heapNumbers, joinNumbers, networkNumbers } from './network-numbers.ts';
import { createSimulation, NETWORK_OPTIONS } from './network-options.ts';
import { RouteWatch } from './routes.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { Traffic } from './traffic.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  view: ratio('each node knows each other one with this probability; without it they join one by one', null),
  joinInterval: wholeNumber('time between two joins, ms', { min: 0, max: 3_600_000, fallback: 100 }),
  messages: wholeNumber('how many messages', { min: 0, max: 100_000_000, fallback: 1_000 }),
  kind: choice('kind of messages; mixed: half closest, half direct', ['mixed', 'closest', 'direct']),
  requests: flag('messages ask for a reply, which must come back'),
  routes: wholeNumber('ways that each message takes at once', { min: 1, max: 8, fallback: 1 }),
  ...HARDSHIP_OPTIONS,
} as const;

export const DELIVER: Scenario<typeof OPTIONS> = {
  name: 'deliver',
  summary: 'a network forms, then messages are sent to keys and to nodes',
  help: [
    'All nodes start at once and know each other with probability --view (the server is up), or join one after another.',
    'When links are at rest (no change for 6 s, or for 11 while attempts go on; every table complete by its own judgement;',
    'at most 120 s), messages are sent from random nodes, 10 a second for each node.',
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
  safety.checkAll();
  return {
    numbers: {
      ...traffic.numbers(),
      ...hardship.numbers(),
      ...(routes && { disjointRoutesPercent: routes.disjointPercent(traffic.accounts, values.routes) }),
      ...joining,
      ...networkNumbers(simulation, completeness),
      quiet: isQuiet,
      quietMs: quietAt,
      ...heapNumbers(simulation, heapBefore),
    },
    findings: [...safety.findings, ...quietFindings, ...traffic.findings(), ...hardship.findings()],
  };
}

const CHECK_EVERY_STEPS = 2_000;
const MESSAGES_PER_NODE_SECOND = 10;
const MESSAGE_TIMEOUT_MS = 10_000;
