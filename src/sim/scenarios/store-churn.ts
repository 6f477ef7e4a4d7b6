/** The scenario `store-churn`: nodes come and go all the time; what of the values written is still there. */

import { Churn } from '../churn.ts';
import { rounded } from '../figures.ts';
import { meanLifetime } from '../lifetimes.ts';
import { decimalNumber, ratio, wholeNumber, type OptionValues } from '../options.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import { networkNumbers } from './network-numbers.ts';
import { configOf } from './network-options.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { formStoreNetwork } from './store-network.ts';
import { STORE_HELP, STORE_OPTIONS } from './store-options.ts';

const OPTIONS = {
  ...STORE_OPTIONS,
  session: decimalNumber('median time that a node stays, minutes', { min: 0.01, max: 10_000, fallback: 10 }),
  crashes: ratio('share of the nodes that go without a goodbye; the others hand over first', 0.5),
  staying: ratio('share of the publishers that stay throughout', 0.5),
  duration: wholeNumber('how long nodes come and go, s', { min: 1, max: 1_000_000, fallback: 600 }),
  reads: wholeNumber('how many gets are spread over that time', { min: 1, max: 10_000_000, fallback: 3_000 }),
  updates: wholeNumber('how many newer values are, by publishers that are there', {
    min: 0,
    max: 10_000_000,
    fallback: 200,
  }),
} as const;

export const STORE_CHURN: Scenario<typeof OPTIONS> = {
  name: 'store-churn',
  summary: 'nodes come and go all the time; what is readable of the values written',
  help: [
    'Nodes drawn by chance put values; then sessions begin to end as in the scenario churn (Weibull of shape 0.5, another node for',
    'each that goes), those of --staying of the publishers excepted. Meanwhile publishers that are there put newer values in',
    'their places, and ready nodes drawn by chance read places drawn by chance.',
    '',
    ...STORE_HELP,
    'joined, left, crashed    nodes that came, went after handing over, went without a goodbye',
    'publishersGone    places whose publisher is no longer there at the end',
    'storeBytesPerSecond      bytes of store messages that a node sends or passes on, upkeep of the records included',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const { simulation, safety, traffic } = formStoreNetwork(values, progress);
  traffic.publishAll(values);
  traffic.beginBytes();

  const publishers = [...new Set(traffic.places.map(({ publisher }) => publisher))];
  const stays: ReadonlySet<SimNode> = new Set(
    publishers.slice(0, Math.round(values.staying * publishers.length)),
  );
  const medianMs = 60_000 * values.session;
  const config = configOf(values);
  const churn = new Churn(simulation, { medianMs, crashes: values.crashes, config, handOver: true, stays });
  const beganAt = simulation.now;
  const durationMs = 1_000 * values.duration;
  spread(simulation, values.reads, durationMs, () => {
    const place = traffic.draw(traffic.acknowledged);
    const reader = traffic.drawNode(place?.publisher);
    if (place !== undefined && reader !== undefined) traffic.read(reader, place);
  });
  spread(simulation, values.updates, durationMs, () => {
    const place = traffic.draw(
      traffic.acknowledged.filter(
        ({ kind, publisher }) => kind !== 'immutable' && publisher.readySince >= 0 && !publisher.isLeaving,
      ),
    );
    if (place !== undefined) traffic.update(place);
  });
  simulation.runWhile(
    () => {
      const { read, fresh } = traffic.readCounts();
      progress(`${fresh} of ${read} reads, ${churn.joined} came and went`);
      return simulation.now < beganAt + durationMs;
    },
    100,
    beganAt + durationMs,
  );
  const { storeBytes } = simulation.meter;
  traffic.settle();
  churn.stop();
  safety.checkAll();
  return {
    numbers: {
      meanSessionMin: rounded(meanLifetime(values.session)),
      joined: churn.joined,
      left: churn.left,
      crashed: churn.crashed,
      publishersGone: traffic.acknowledged.filter(({ publisher }) => publisher.core === undefined).length,
      ...traffic.numbers(),
      storeBytesPerSecond: rounded(storeBytes / values.duration / values.nodes),
      ...networkNumbers(simulation),
    },
    findings: [...safety.findings, ...traffic.findings()],
  };
}

/** Does something so often, evenly spread over a time that begins now. */
export function spread(simulation: Simulation, count: number, durationMs: number, task: () => void): void {
  const everyMs = durationMs / count;
  const beganAt = simulation.now;
  const next = (number: number): void => {
    if (number >= count) return;
    simulation.schedule(beganAt + number * everyMs - simulation.now, () => {
      task();
      next(number + 1);
    });
  };
  next(0);
}
