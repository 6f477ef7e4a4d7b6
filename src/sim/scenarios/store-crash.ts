/** The scenario `store-crash`: many holders of records die at once; what can be read, and when all copies are back. */

import { copiesByValue, countCopies } from '../checkers/copies.ts';
import { percentDown } from '../figures.ts';
import { choice, ratio, wholeNumber, type OptionValues } from '../options.ts';
import type { Simulation } from '../simulator.ts';
import { drawNodes, removeNode } from './departure.ts';
import { networkNumbers } from './network-numbers.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { formStoreNetwork } from './store-network.ts';
import { STORE_HELP, STORE_OPTIONS, storeConfigOf } from './store-options.ts';
import type { StoreTraffic } from './store-traffic.ts';

const OPTIONS = {
  ...STORE_OPTIONS,
  kill: ratio('share of the nodes that go away at once', 0.3),
  how: choice('silent: tab killed; hung: never noticed by browsers; closed: tab closed', [
    'silent',
    'hung',
    'closed',
  ]),
  readers: wholeNumber('how many nodes read each value right afterwards', {
    min: 1,
    max: 1_000_000,
    fallback: 5,
  }),
} as const;

export const STORE_CRASH: Scenario<typeof OPTIONS> = {
  name: 'store-crash',
  summary: 'many holders of values die at once; what is readable, and when all copies are back',
  help: [
    'Nodes put values; then a share of all nodes goes away at the same moment, publishers among them, and every value is read by',
    '--readers of the others from that moment on, --at-once at a time. Nobody knows yet who is dead.',
    '',
    ...STORE_HELP,
    'killed            nodes that went; nodes that died holding all copies of a value make it gone',
    'copiesLost        copies, in percent, that the live nodes truly nearest to the keys lacked right after the crash',
    'copiesBackMs      from the crash until each value that is not gone is held by all of the --replicas live nodes that, by the',
    '                  oracle, are nearest to its key; looked at every half second',
    'backInPeriods     the same in repair periods (repairMs)',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const config = storeConfigOf(values);
  const { simulation, safety, traffic } = formStoreNetwork(values, progress);
  traffic.publishAll(values);
  traffic.beginBytes();

  const crashedAt = simulation.now;
  const victims = drawNodes(simulation, Math.round(values.kill * values.nodes), VICTIM_STREAM);
  for (const node of victims) removeNode(simulation, node, values.how);
  const lacking = copiesLacking(simulation, traffic, values.replicas);
  let copiesBackMs: number | null = null;
  const look = (): void => {
    const sinceMs = simulation.now - crashedAt;
    const { missing } = copiesLacking(simulation, traffic, values.replicas);
    progress(`${missing} copies missing after ${sinceMs} ms`);
    if (missing === 0) copiesBackMs = sinceMs;
    else if (sinceMs < BACK_MS_MAX) simulation.schedule(LOOK_EVERY_MS, look);
  };
  look();
  traffic.readAll(values.readers, values.atOnce);
  const numbers = traffic.numbers();
  simulation.runWhile(() => copiesBackMs === null, LOOK_EVERY_MS, crashedAt + BACK_MS_MAX);
  safety.checkAll();
  const findings = [...safety.findings, ...traffic.findings()];
  if (copiesBackMs === null) {
    const { missing } = copiesLacking(simulation, traffic, values.replicas);
    const sentence = `${missing} copies are not back where they belong`;
    findings.push({ family: 'liveness', at: simulation.now, sentence });
  }
  return {
    numbers: {
      killed: victims.length,
      ...numbers,
      copiesLost: percentDown(lacking.missing, lacking.wanted),
      copiesBackMs,
      backInPeriods: copiesBackMs === null ? null : copiesBackMs / config.repairMs,
      repairMs: config.repairMs,
      ...networkNumbers(simulation),
    },
    findings,
  };
}

/** Copies of values that are not gone, which the nodes nearest to their keys should hold and do not. */
export function copiesLacking(
  simulation: Simulation,
  traffic: StoreTraffic,
  replicas: number,
): { readonly missing: number; readonly wanted: number } {
  const copies = copiesByValue(simulation);
  const gone = new Set(traffic.gone());
  let missing = 0;
  let wanted = 0;
  for (const place of traffic.acknowledged) {
    if (gone.has(place)) continue;
    const value = place.values[place.acknowledged - 1]!;
    const count = countCopies(simulation, copies, { key: place.key!, value }, replicas);
    missing += count.wanted - count.there;
    wanted += count.wanted;
  }
  return { missing, wanted };
}

const VICTIM_STREAM = 78;
const LOOK_EVERY_MS = 500;
/** Copies that are not back by then are reported as they are. */
const BACK_MS_MAX = 300_000;
