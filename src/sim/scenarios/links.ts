/** The scenario `links`: how links, hops and the cost of a join grow with the size of the network. */

import { checkLiveness, judgeCompleteness } from '../checkers/liveness.ts';
import type { Finding } from '../checkers/finding.ts';
import { meanOf } from '../figures.ts';
import { numberList, wholeNumber, type OptionValues } from '../options.ts';
import type { Simulation } from '../simulator.ts';
import { formNetwork } from './formation.ts';
import { countLinks, networkNumbers } from './network-numbers.ts';
import { configOf, NETWORK_OPTIONS } from './network-options.ts';
import type { Progress, ResultValue, Scenario, ScenarioOutcome } from './scenario.ts';
import { Traffic, MESSAGE_TIMEOUT_MS } from './traffic.ts';

const { nodes: _, ...NETWORK_WITHOUT_NODES } = NETWORK_OPTIONS;

const OPTIONS = {
  sizes: numberList('sizes of the networks, one after the other', '16,64,256,1000'),
  ...NETWORK_WITHOUT_NODES,
  joinInterval: wholeNumber('time between two joins, ms', { min: 0, max: 3_600_000, fallback: 20 }),
  messages: wholeNumber('how many messages in each', { min: 0, max: 100_000_000, fallback: 1_000 }),
  newcomers: wholeNumber('how many more nodes join one by one at the end, whose messages are counted', {
    min: 0,
    max: 10_000,
    fallback: 10,
  }),
} as const;

export const LINKS: Scenario<typeof OPTIONS> = {
  name: 'links',
  summary: 'links, hops and the cost of a join in networks of several sizes',
  help: [
    'For each size: nodes join one by one; when links are quiet, messages are sent (half closest, half direct); then',
    '--newcomers more nodes join. Of several sizes each number ends in the one it belongs to.',
    '',
    'linksMean, linksMax   links of a node when they are quiet',
    'completePercent       nodes whose table is complete by the oracle',
    'deliveredPercent, hopsMean, hopsMax   of the messages',
    'joinMessages          lookups, offers, answers and pings that a newcomer set out until its table was complete',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const numbers: Record<string, ResultValue> = {};
  const findings: Finding[] = [];
  const sizes = values.sizes.split(',');
  for (const size of sizes) {
    const outcome = measure({ ...values, nodes: Number(size) }, (line) => progress(`${size} nodes: ${line}`));
    for (const [name, value] of Object.entries(outcome.numbers)) {
      numbers[sizes.length === 1 ? name : `${name}${size}`] = value;
    }
    findings.push(...outcome.findings);
  }
  return { numbers, findings };
}

function measure(
  values: OptionValues<typeof OPTIONS> & { readonly nodes: number },
  progress: Progress,
): ScenarioOutcome {
  const { simulation, safety } = formNetwork(values, progress);
  const completeness = judgeCompleteness(simulation);
  const network = networkNumbers(simulation, completeness);
  const traffic = new Traffic(simulation, {
    messages: values.messages,
    kind: values.nodes === 1 ? 'closest' : 'mixed',
    requests: false,
    perSecond: MESSAGES_PER_NODE_SECOND * values.nodes,
    timeoutMs: MESSAGE_TIMEOUT_MS,
  });
  traffic.run(progress);
  const { deliveredPercent = null, hopsMean = null, hopsMax = null } = traffic.numbers();
  return {
    numbers: {
      linksMean: network['linksMean'] ?? null,
      linksMax: network['linksMax'] ?? null,
      completePercent: network['completePercent'] ?? null,
      deliveredPercent,
      hopsMean,
      hopsMax,
      joinMessages: joinOneByOne(simulation, values, progress),
    },
    findings: [
      ...safety.findings,
      ...traffic.findings(),
      ...(values.blocked > 0 ? [] : checkLiveness(simulation, completeness)),
      ...checkCap(simulation),
    ],
  };
}

/** Lets some more nodes join; returns the mean of what each set out until it took its table for complete. */
function joinOneByOne(
  simulation: Simulation,
  values: OptionValues<typeof OPTIONS> & { readonly nodes: number },
  progress: Progress,
): number | null {
  const config = configOf(values);
  const sent: number[] = [];
  for (let i = 0; i < values.newcomers; i++) {
    const node = simulation.addNode({ config });
    simulation.start(node);
    simulation.runWhile(() => node.completeAt < 0, 50, simulation.now + JOIN_MS_MAX);
    sent.push(node.upkeepSent);
    progress(`newcomer ${i + 1} of ${values.newcomers}`);
  }
  return meanOf(sent);
}

function checkCap(simulation: Simulation): Finding[] {
  const above = simulation.liveNodes().filter((node) => countLinks(node) > node.config.linksMax);
  return above.slice(0, 5).map((node) => ({
    family: 'safety',
    at: simulation.now,
    sentence: `node ${node.index} has ${countLinks(node)} links, allowed are ${node.config.linksMax}`,
  }));
}

const MESSAGES_PER_NODE_SECOND = 10;
const JOIN_MS_MAX = 20_000;
