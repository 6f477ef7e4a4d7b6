/**
 * Delivery and hops with full knowledge (the share delivered, the true nearest node, replies), at several network and
 * bucket sizes and in both profiles. Prints each run on the error output and one JSON line at the end.
 * `npx tsx src/bench/delivery.bench.ts [largest network]`; a run by itself: `npm run -s sim -- deliver --view 1 …`.
 */

import { DELIVER } from '../sim/scenarios/deliver.ts';
import { runScenario } from '../sim/scenarios/scenario.ts';

const SEED = 1;
const MESSAGES = 3_000;
const NODES = [5, 16, 100, 1_000];
const BUCKET_SIZES = [1, 2, 4, 8, 20];
/** At a thousand nodes the reference profile has a hundred links a node: one bucket size has to do. */
const REFERENCE = { nodes: 1_000, bucketSize: 8 };

interface Run {
  readonly profile: 'browser' | 'reference';
  readonly nodes: number;
  readonly bucketSize: number;
}

const largest = Number(process.argv[2] ?? 1_000);
const runs: Run[] = [
  ...NODES.flatMap((nodes) =>
    BUCKET_SIZES.map((bucketSize) => ({ profile: 'browser', nodes, bucketSize }) as const),
  ),
  ...BUCKET_SIZES.map((bucketSize) => ({ profile: 'reference', nodes: 100, bucketSize }) as const),
  { profile: 'reference', ...REFERENCE },
];
const totals = { sent: 0, delivered: 0, closestSent: 0, atTrueNearest: 0 };
let hopsMeanAboveHalfLog2Max = -Infinity;
let hopsMaxAboveLog2Max = -Infinity;
const at1000: Record<string, number> = {};
for (const run of runs.filter(({ nodes }) => nodes <= largest)) measure(run);
console.log(
  JSON.stringify({
    bench: 'delivery',
    seed: SEED,
    ...totals,
    hopsMeanMinusHalfLog2N: hopsMeanAboveHalfLog2Max,
    hopsMaxMinusLog2N: hopsMaxAboveLog2Max,
    ...at1000,
  }),
);

function measure(run: Run): void {
  const { numbers } = runScenario(DELIVER, {
    ...run,
    view: 1,
    messages: MESSAGES,
    requests: true,
    seed: SEED,
  });
  const number = (name: string): number => Number(numbers[name]);
  for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += number(name);
  if (run.nodes >= 16) {
    const depth = Math.log2(run.nodes);
    hopsMeanAboveHalfLog2Max = roundUp(Math.max(hopsMeanAboveHalfLog2Max, number('hopsMean') - depth / 2));
    hopsMaxAboveLog2Max = roundUp(Math.max(hopsMaxAboveLog2Max, number('hopsMax') - depth));
  }
  if (run.nodes === 1_000 && run.bucketSize === 8) at1000[`${run.profile}HopsMean1000`] = number('hopsMean');
  console.error(JSON.stringify({ ...run, seed: SEED, ...pick(numbers) }));
}

function pick(numbers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = [
    'sent',
    'delivered',
    'closestSent',
    'atTrueNearest',
    'hopsMean',
    'hopsMax',
    'transmissionsMean',
    'linksMean',
  ];
  return Object.fromEntries(names.map((name) => [name, numbers[name]]));
}

function roundUp(value: number): number {
  return Math.ceil(value * 100) / 100;
}
