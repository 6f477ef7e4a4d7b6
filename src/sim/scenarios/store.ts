/** The scenario `store`: nodes put values, others get them, and ask for what nobody put. */

import { percentile } from '../figures.ts';
import { ratio, wholeNumber, type OptionValues } from '../options.ts';
import { networkNumbers } from './network-numbers.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { CALL_TIMEOUT_MS } from './store-calls.ts';
import { formStoreNetwork } from './store-network.ts';
import { STORE_HELP, STORE_OPTIONS } from './store-options.ts';

const OPTIONS = {
  ...STORE_OPTIONS,
  view: ratio('each node knows each other one with this probability; without it they join one by one', null),
  readers: wholeNumber('how many other nodes read each value; 0: all of them', {
    min: 0,
    max: 1_000_000,
    fallback: 10,
  }),
  misses: wholeNumber('how many gets ask for what nobody put', { min: 0, max: 1_000_000, fallback: 100 }),
} as const;

export const STORE_SCENARIO: Scenario<typeof OPTIONS> = {
  name: 'store',
  summary: 'nodes put values, others get them, and ask for what nobody put',
  help: [
    'A network forms; nodes drawn by chance put values, under shared keys, their own and the hash of the value in turn. Then others',
    'read each of them, and nodes drawn by chance ask for keys under which there is nothing.',
    '',
    ...STORE_HELP,
    'missed            gets of keys without a value that were told so; missMsP50, missMsP99: how soon',
    'missShare         the slowest of them, as a share of the time-out (timeoutMs)',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const { simulation, safety, traffic } = formStoreNetwork(values, progress);
  traffic.beginBytes();
  traffic.publishAll(values);
  traffic.readAll(values.readers, values.atOnce);
  const numbers = traffic.numbers();

  const missMs: number[] = [];
  for (let i = 0; i < values.misses; i++) {
    const reader = traffic.drawNode();
    if (reader === undefined) break;
    traffic.miss(reader, ({ reason, tookMs }) => {
      if (reason === 'not-found') missMs.push(tookMs);
    });
    traffic.settle(values.atOnce - 1);
  }
  traffic.settle();
  safety.checkAll();
  const slowest = percentile(missMs, 1);
  return {
    numbers: {
      ...numbers,
      missed: missMs.length,
      missMsP50: percentile(missMs, 0.5),
      missMsP99: percentile(missMs, 0.99),
      missShare: slowest === null ? null : slowest / CALL_TIMEOUT_MS,
      timeoutMs: CALL_TIMEOUT_MS,
      ...networkNumbers(simulation),
    },
    findings: [...safety.findings, ...traffic.findings()],
  };
}
