/** The scenario `store`: nodes put records, others get them, and ask for what nobody put. */

import { asNodeId } from '../../core/id/node-id.ts';
import { STORE } from '../../core/store/store-config.ts';
import { meanOf, percentDown, percentile } from '../figures.ts';
import { ratio, wholeNumber } from '../options.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import { formNetwork } from './formation.ts';
import { networkNumbers } from './network-numbers.ts';
import { NETWORK_OPTIONS } from './network-options.ts';
import type { Scenario, ScenarioOutcome, Progress } from './scenario.ts';
import type { OptionValues } from '../options.ts';
import { judgeReading, StoreCalls, TIMEOUT_MS, type Written } from './store-calls.ts';

export const STORE_OPTIONS = {
  ...NETWORK_OPTIONS,
  view: ratio('each node knows each other one with this probability; without it they join one by one', null),
  joinInterval: wholeNumber('time between two joins, ms', { min: 0, max: 3_600_000, fallback: 20 }),
  values: wholeNumber('how many records are put', { min: 1, max: 1_000_000, fallback: 100 }),
  valueBytes: wholeNumber('bytes of a value', { min: 8, max: 32 * 1024, fallback: 64 }),
  readers: wholeNumber('how many other nodes read each; 0: all of them', {
    min: 0,
    max: 1_000_000,
    fallback: 10,
  }),
} as const;

export const STORE_SCENARIO: Scenario<typeof STORE_OPTIONS> = {
  name: 'store',
  summary: 'nodes put records, others get them, and ask for what nobody put',
  help: 'x',
  options: STORE_OPTIONS,
  run,
};

function run(values: OptionValues<typeof STORE_OPTIONS>, progress: Progress): ScenarioOutcome {
  const { simulation, safety } = formNetwork({ ...values, store: STORE }, progress);
  const calls = new StoreCalls(simulation);
  const random = new SeededRandom(values.seed, 77);
  const nodes = simulation.liveNodes();
  const draw = (): SimNode => nodes[random.below(nodes.length)]!;
  const written: Written[] = [];
  let acked = 0;
  const putRequests: number[] = [];
  const putMs: number[] = [];
  for (let i = 0; i < values.values; i++) {
    const publisher = draw();
    const kind = (['shared', 'own', 'immutable'] as const)[i % 3]!;
    const value = random.bytes(values.valueBytes);
    calls.put(
      publisher,
      { kind, key: asNodeId(random.bytes(32)), value, salt: random.bytes(8) },
      (result) => {
        if (result.reason === undefined) acked++;
        else progress(`put ${i}: ${result.reason}`);
        putRequests.push(result.requests);
        putMs.push(result.tookMs);
        if (result.key !== undefined)
          written.push({
            publisher,
            kind,
            key: result.key,
            values: [value],
            acknowledged: result.reason === undefined ? 1 : 0,
          });
      },
    );
    calls.settle();
  }
  let read = 0,
    first = 0,
    lost = 0,
    stale = 0,
    forged = 0;
  const requests: number[] = [];
  const getMs: number[] = [];
  simulation.meter.reset();
  for (const one of written) {
    const others = nodes.filter((node) => node !== one.publisher);
    const count = values.readers === 0 ? others.length : Math.min(values.readers, others.length);
    for (let i = 0; i < count; i++) {
      const reader = values.readers === 0 ? others[i]! : others[random.below(others.length)]!;
      calls.get(reader, one.key, (result) => {
        read++;
        const reading = judgeReading(one, result);
        if (reading === 'fresh') first++;
        else if (reading === 'lost') {
          lost++;
          progress(`lost ${one.kind} ${result.reason} requests ${result.requests}`);
        } else if (reading === 'stale') stale++;
        else forged++;
        requests.push(result.requests);
        getMs.push(result.tookMs);
      });
      calls.settle();
    }
  }
  const misses: number[] = [];
  const missRequests: number[] = [];
  for (let i = 0; i < 100; i++) {
    calls.get(draw(), asNodeId(random.bytes(32)), (result) => {
      if (result.reason === 'not-found') misses.push(result.tookMs);
      missRequests.push(result.requests);
    });
    calls.settle();
  }
  safety.checkAll();
  return {
    numbers: {
      written: written.length,
      acked,
      read,
      readFirstTry: first,
      readPercent: percentDown(first, read),
      lost,
      stale,
      forged,
      putRequestsMean: meanOf(putRequests),
      requestsMean: meanOf(requests),
      requestsMax: Math.max(...requests),
      missRequestsMean: meanOf(missRequests),
      missRequestsMax: Math.max(...missRequests),
      putMsP50: percentile(putMs, 0.5),
      putMsP99: percentile(putMs, 0.99),
      getMsP50: percentile(getMs, 0.5),
      getMsP99: percentile(getMs, 0.99),
      missed: misses.length,
      missMsP50: percentile(misses, 0.5),
      missMsP99: percentile(misses, 0.99),
      timeoutMs: TIMEOUT_MS,
      ...networkNumbers(simulation),
    },
    findings: safety.findings,
  };
}
