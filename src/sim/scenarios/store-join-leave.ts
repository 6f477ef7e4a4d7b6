/** The scenario `store-join-leave`: nodes join and leave in an orderly way in a storm of puts and gets. */

import { wholeNumber, type OptionValues } from '../options.ts';
import { networkNumbers } from './network-numbers.ts';
import { configOf } from './network-options.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { spread } from './store-churn.ts';
import { formStoreNetwork } from './store-network.ts';
import { STORE_HELP, STORE_OPTIONS } from './store-options.ts';

const OPTIONS = {
  ...STORE_OPTIONS,
  duration: wholeNumber('how long the storm lasts, s', { min: 1, max: 100_000, fallback: 60 }),
  joins: wholeNumber('nodes that join meanwhile', { min: 0, max: 1_000_000, fallback: 40 }),
  leaves: wholeNumber('nodes that leave meanwhile, after handing over their records', {
    min: 0,
    max: 1_000_000,
    fallback: 40,
  }),
  puts: wholeNumber('puts meanwhile: new places and newer values by turns', {
    min: 0,
    max: 10_000_000,
    fallback: 600,
  }),
  gets: wholeNumber('gets meanwhile', { min: 0, max: 10_000_000, fallback: 1_200 }),
  readers: wholeNumber('how many nodes read each acknowledged value afterwards', {
    min: 1,
    max: 1_000_000,
    fallback: 3,
  }),
} as const;

export const STORE_JOIN_LEAVE: Scenario<typeof OPTIONS> = {
  name: 'store-join-leave',
  summary: 'nodes join and leave in an orderly way in a storm of puts and gets',
  help: [
    'Nodes put values. Then joins, orderly leaves, puts and gets are spread over --duration, each evenly; who does what is drawn',
    'by chance. A node that leaves hands its records over and goes when others have them, its unfinished puts end. Afterwards',
    'every acknowledged value is read by --readers nodes.',
    '',
    ...STORE_HELP,
    'joined, left      nodes that came and went in the storm; handOverMsMax: the longest that one took to go',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const { simulation, safety, traffic } = formStoreNetwork(values, progress);
  traffic.publishAll(values);
  traffic.beginBytes();

  const durationMs = 1_000 * values.duration;
  const config = configOf(values);
  let joined = 0;
  spread(simulation, values.joins, durationMs, () => {
    simulation.start(simulation.addNode({ config }));
    joined++;
  });
  let left = 0;
  let handOverMsMax = 0;
  spread(simulation, values.leaves, durationMs, () => {
    const node = traffic.drawNode();
    if (node === undefined || simulation.liveNodes().length < 2) return;
    const askedAt = simulation.now;
    simulation.leave(node, true);
    const look = (): void => {
      if (node.core !== undefined) simulation.schedule(LOOK_EVERY_MS, look);
      else handOverMsMax = Math.max(handOverMsMax, simulation.now - askedAt);
    };
    look();
    left++;
  });
  let puts = 0;
  spread(simulation, values.puts, durationMs, () => {
    const isThere = ({ readySince, isLeaving }: { readySince: number; isLeaving: boolean }): boolean =>
      readySince >= 0 && !isLeaving;
    const place =
      puts++ % 2 === 0
        ? undefined
        : traffic.draw(
            traffic.acknowledged.filter(({ kind, publisher }) => kind !== 'immutable' && isThere(publisher)),
          );
    const publisher = traffic.drawNode();
    if (place !== undefined) traffic.update(place);
    else if (publisher !== undefined) traffic.publish(publisher);
  });
  spread(simulation, values.gets, durationMs, () => {
    const place = traffic.draw(traffic.acknowledged);
    const reader = traffic.drawNode(place?.publisher);
    if (place !== undefined && reader !== undefined) traffic.read(reader, place);
  });
  simulation.runUntil(simulation.now + durationMs);
  traffic.settle();
  progress(`storm over: ${joined} came, ${left} went, ${traffic.places.length} places`);
  traffic.readAll(values.readers, values.atOnce);
  safety.checkAll();
  return {
    numbers: { joined, left, handOverMsMax, ...traffic.numbers(), ...networkNumbers(simulation) },
    findings: [...safety.findings, ...traffic.findings()],
  };
}

const LOOK_EVERY_MS = 10;
