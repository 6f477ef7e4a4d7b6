/** The scenario `deliver`: a network forms, messages are sent, and the oracle says what became of them. */

import { choice, wholeNumber, type OptionValues } from '../options.ts';
import type { Simulation } from '../simulator.ts';
import { AT_REST_HELP, AT_REST_OPTIONS, runAtRest } from './at-rest.ts';
import { HARDSHIP_HELP, type Hardship } from './hardship.ts';
import { GROUP_SIZE_OPTION, sendMulticast } from './multicast.ts';
import { RouteWatch } from './routes.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { MESSAGE_TIMEOUT_MS, Traffic, TRAFFIC_OPTIONS } from './traffic.ts';

const OPTIONS = {
  ...AT_REST_OPTIONS,
  messages: wholeNumber('how many messages', { min: 0, max: 100_000_000, fallback: 1_000 }),
  kind: choice('kind of messages; mixed: half closest, half direct; the others as in their own scenarios', [
    'mixed',
    'closest',
    'direct',
    'group',
    'broadcast',
  ]),
  groupSize: GROUP_SIZE_OPTION,
  requests: TRAFFIC_OPTIONS.requests,
  routes: wholeNumber('ways that each message takes at once', { min: 1, max: 8, fallback: 1 }),
} as const;

type Values = OptionValues<typeof OPTIONS>;

export const DELIVER: Scenario<typeof OPTIONS> = {
  name: 'deliver',
  summary: 'a network forms, then messages are sent to keys and to nodes',
  help: [
    ...AT_REST_HELP.network,
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
    'disjointRoutes  percent of the delivered messages whose ways had no node in common, with --routes',
    ...AT_REST_HELP.numbers,
    ...HARDSHIP_HELP,
  ].join('\n'),
  options: OPTIONS,
  run: (values, progress) =>
    runAtRest(values, progress, (simulation, hardship) => {
      const { kind } = values;
      return kind === 'group' || kind === 'broadcast'
        ? sendMulticast(simulation, { ...values, kind }, hardship, progress)
        : exchange(simulation, { ...values, kind }, hardship, progress);
    }),
};

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

const MESSAGES_PER_NODE_SECOND = 10;
