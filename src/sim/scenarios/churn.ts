/** The scenario `churn`: nodes come and go all the time while messages are sent. */

import { checkLiveness, judgeCompleteness } from '../checkers/liveness.ts';
import { Churn } from '../churn.ts';
import { rounded } from '../figures.ts';
import { meanLifetime } from '../lifetimes.ts';
import { decimalNumber, ratio, wholeNumber, type OptionValues } from '../options.ts';
import { runUntilQuiet, formNetwork } from './formation.ts';
import { networkNumbers } from './network-numbers.ts';
import { configOf, NETWORK_OPTIONS } from './network-options.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { Traffic, TRAFFIC_OPTIONS, MESSAGE_TIMEOUT_MS, OVERDUE_MS } from './traffic.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  joinInterval: wholeNumber('time between two joins at first, ms', { min: 0, max: 3_600_000, fallback: 20 }),
  session: decimalNumber('median time that a node stays, minutes', { min: 0.01, max: 10_000, fallback: 10 }),
  crashes: ratio('share of the nodes that go without a goodbye', 0.5),
  warmup: wholeNumber('churn before the messages begin, s', { min: 0, max: 100_000, fallback: 30 }),
  duration: wholeNumber('over how much time the messages are spread, s', {
    min: 1,
    max: 100_000,
    fallback: 120,
  }),
  messages: wholeNumber('how many messages', { min: 1, max: 100_000_000, fallback: 3_000 }),
  ...TRAFFIC_OPTIONS,
} as const;

export const CHURN: Scenario<typeof OPTIONS> = {
  name: 'churn',
  summary: 'nodes come and go all the time while messages are sent',
  help: [
    'Nodes join one by one; when links are quiet, sessions begin to end, those of nodes that were there first as in a network',
    'that has been running for long. Sessions follow a Weibull distribution of shape 0.5. For each node that goes another one',
    'comes. A message counts when sender and receiver were ready from sending to its deadline (10 s).',
    '',
    'sent, delivered    messages that count; left out: those whose endpoints went or were not ready throughout',
    'upkeepBytesPerSecond   bytes a node sends that are no messages of the application, while they are sent',
    'complete           tables complete by the oracle, some time after nobody comes and goes any more',
    'The other numbers are those of the scenario deliver.',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const { simulation, safety } = formNetwork(values, progress);
  const medianMs = 60_000 * values.session;
  const churn = new Churn(simulation, { medianMs, crashes: values.crashes, config: configOf(values) });
  simulation.runUntil(simulation.now + 1_000 * values.warmup);

  const traffic = new Traffic(simulation, {
    messages: values.messages,
    kind: values.kind,
    requests: values.requests,
    perSecond: values.messages / values.duration,
    timeoutMs: MESSAGE_TIMEOUT_MS,
    isEndpoint: (node) => node.readySince >= 0,
    readyThroughout: true,
  });
  const beganAt = simulation.now;
  traffic.begin();
  const untilMs = beganAt + 1_000 * values.duration + MESSAGE_TIMEOUT_MS + OVERDUE_MS;
  simulation.runWhile(
    () => {
      progress(`${traffic.accounts.length} of ${values.messages} messages, ${churn.joined} came and went`);
      return simulation.now < untilMs;
    },
    100,
    untilMs,
  );
  const seconds = (simulation.now - beganAt) / 1_000;
  const { upkeepBytes } = simulation.meter;
  const messageNumbers = traffic.numbers();
  const findings = [...safety.findings, ...traffic.findings()];

  churn.stop();
  simulation.runUntil(simulation.now + SETTLE_MS);
  runUntilQuiet(simulation, values, progress);
  safety.checkAll();
  const completeness = judgeCompleteness(simulation, true);
  return {
    numbers: {
      meanSessionMin: rounded(meanLifetime(values.session)),
      joined: churn.joined,
      left: churn.left,
      crashed: churn.crashed,
      leftOut: traffic.accounts.filter((account) => !account.counts).length,
      ...messageNumbers,
      upkeepBytesPerSecond: rounded(upkeepBytes / seconds / values.nodes),
      ...networkNumbers(simulation, completeness),
    },
    findings: [...findings, ...(values.blocked > 0 ? [] : checkLiveness(simulation, completeness))],
  };
}

/** After the last one went without a goodbye, the others need this long to be sure of it. */
const SETTLE_MS = 20_000;
