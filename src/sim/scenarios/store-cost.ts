/** The scenario `store-cost`: what one put, get and miss cost, beside the overlay's own lookup of the same key. */

import { asNodeId, mapKey, type NodeId } from '../../core/id/node-id.ts';
import type { StoreResult } from '../../core/store/store-io.ts';
import { SERVICES } from '../../core/wire/frame.ts';
import { maxOf, meanOf, percentile, rounded } from '../figures.ts';
import { ratio, type OptionValues } from '../options.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import { formNetwork } from './formation.ts';
import { networkNumbers } from './network-numbers.ts';
import type { Progress, Scenario, ScenarioOutcome, ResultValue } from './scenario.ts';
import { CALL_TIMEOUT_MS, StoreCalls } from './store-calls.ts';
import { STORE_OPTIONS, storeConfigOf } from './store-options.ts';

const OPTIONS = {
  ...STORE_OPTIONS,
  view: ratio('each node knows each other one with this probability; without it they join one by one', null),
} as const;

export const STORE_COST: Scenario<typeof OPTIONS> = {
  name: 'store-cost',
  summary: 'requests, bytes and time of a put, a get, a miss, and of the overlay’s recursive lookup',
  help: [
    'One after another, for each of --values keys: the overlay’s recursive lookup, a get that misses, a put, a recursive get and an',
    'iterative one by two other nodes; everybody drawn by chance. What follows each result (copies left where they were missed) is',
    'waited for.',
    '',
    'miss, put, get, recursive, lookup   these, as beginnings of names',
    '…RequestsMean, …RequestsMax   requests of the iterative lookup in it; those that store copies come on top',
    '…FramesMean, …BytesMean   frames and bytes with their headers on all links that they pass, requests and answers, of the node',
    '                  that asked',
    '…MsP50, …MsP99    from the command to its result',
    'failed            puts not acknowledged, gets without the value, lookups without a node',
  ].join('\n'),
  options: OPTIONS,
  run,
};

/** What was measured of one kind of operation. */
class Costs {
  readonly requests: number[] = [];
  readonly frames: number[] = [];
  readonly bytes: number[] = [];
  readonly ms: number[] = [];

  numbers(name: string): Record<string, ResultValue> {
    return {
      ...(this.requests.length === 0
        ? {}
        : {
            [`${name}RequestsMean`]: meanOf(this.requests),
            [`${name}RequestsMax`]: maxOf(this.requests),
          }),
      [`${name}FramesMean`]: meanOf(this.frames),
      [`${name}BytesMean`]: meanOf(this.bytes),
      [`${name}MsP50`]: percentile(this.ms, 0.5),
      [`${name}MsP99`]: percentile(this.ms, 0.99),
    };
  }
}

/** Runs operations one after another and counts the frames that belong to each. */
class Meter {
  readonly #simulation: Simulation;
  #asker: string | undefined;
  #service = -1;
  #frames = 0;
  #bytes = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    simulation.onTransmit = (_node, _link, bytes) => {
      this.#count(bytes);
      return false;
    };
  }

  /** `begin` starts the operation and must have its callback called with the number of requests, if there is one. */
  measure(
    node: SimNode,
    service: 'lookup' | 'store',
    costs: Costs,
    begin: (done: (requests?: number) => void) => void,
  ): void {
    const simulation = this.#simulation;
    const startedAt = simulation.now;
    this.#asker = mapKey(node.id);
    this.#service = SERVICES.indexOf(service);
    this.#frames = 0;
    this.#bytes = 0;
    let isOpen = true;
    begin((requests) => {
      isOpen = false;
      costs.ms.push(rounded(simulation.now - startedAt));
      if (requests !== undefined) costs.requests.push(requests);
    });
    simulation.runWhile(() => isOpen, LOOK_EVERY_MS, startedAt + CALL_TIMEOUT_MS + 1_000);
    simulation.runUntil(simulation.now + AFTER_MS);
    costs.frames.push(this.#frames);
    costs.bytes.push(this.#bytes);
  }

  /** Requests have the asker as their origin, answers as their target. */
  #count(bytes: Uint8Array): void {
    if (bytes[3] !== this.#service || bytes.length < TARGET_AT + ID_BYTES) return;
    const isOf = (at: number): boolean => mapKey(asNodeId(bytes.subarray(at, at + ID_BYTES))) === this.#asker;
    if (!isOf(ORIGIN_AT) && !isOf(TARGET_AT)) return;
    this.#frames++;
    this.#bytes += bytes.length;
  }
}

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const { simulation, safety } = formNetwork({ ...values, store: storeConfigOf(values) }, progress);
  const meter = new Meter(simulation);
  const calls = new StoreCalls(simulation);
  const random = new SeededRandom(values.seed, COST_STREAM);
  const nodes = simulation.liveNodes();
  const draw = (): SimNode => nodes[random.below(nodes.length)]!;
  const costs = { lookup: new Costs(), miss: new Costs(), put: new Costs() };
  const gets = { recursive: new Costs(), get: new Costs() };
  const lookup = lookUps(simulation);
  const lifeMs = 60_000 * values.life;
  let failed = 0;
  for (let i = 0; i < values.values; i++) {
    progress(`${i} of ${values.values} keys`);
    const key = asNodeId(random.bytes(32));
    const [asker, publisher] = [draw(), draw()];
    meter.measure(asker, 'lookup', costs.lookup, (done) =>
      lookup(asker, key, (isFound) => {
        if (!isFound) failed++;
        done();
      }),
    );
    meter.measure(asker, 'store', costs.miss, (done) =>
      calls.get(asker, key, ({ requests }) => done(requests)),
    );
    const request = {
      kind: 'shared',
      key,
      salt: NO_SALT,
      value: random.bytes(values.valueBytes),
      lifeMs,
    } as const;
    meter.measure(publisher, 'store', costs.put, (done) =>
      calls.put(publisher, request, ({ requests, reason }) => {
        if (reason !== undefined) failed++;
        done(requests);
      }),
    );
    for (const how of ['recursive', 'get'] as const) {
      const reader = draw();
      meter.measure(reader, 'store', gets[how], (done) => {
        const onResult = ({ requests, reason }: StoreResult): void => {
          if (reason !== undefined) failed++;
          done(requests);
        };
        calls.get(reader, key, onResult, how === 'recursive');
      });
    }
  }
  safety.checkAll();
  return {
    numbers: {
      ...costs.miss.numbers('miss'),
      ...costs.put.numbers('put'),
      ...gets.get.numbers('get'),
      ...gets.recursive.numbers('recursive'),
      ...costs.lookup.numbers('lookup'),
      failed,
      ...networkNumbers(simulation),
    },
    findings: safety.findings,
  };
}

/** Recursive lookups, each with a callback that says whether it found anybody. */
function lookUps(
  simulation: Simulation,
): (node: SimNode, key: NodeId, done: (isFound: boolean) => void) => void {
  const waiting = new Map<number, (isFound: boolean) => void>();
  let next = 0;
  const before = simulation.onEvent;
  simulation.onEvent = (node, event) => {
    before(node, event);
    if (event.type !== 'result') return;
    const done = waiting.get(event.command);
    waiting.delete(event.command);
    done?.((event.found ?? []).length > 0);
  };
  return (node, key, done) => {
    const id = next++;
    waiting.set(id, done);
    simulation.command(node, { type: 'lookup', id, key, timeoutMs: CALL_TIMEOUT_MS });
  };
}

const COST_STREAM = 79;
const LOOK_EVERY_MS = 1;
/** Time for what follows a result, ms. */
const AFTER_MS = 500;
const NO_SALT = new Uint8Array(0);
/** Where origin and target stand in routed frames. */
const ORIGIN_AT = 28;
const TARGET_AT = 60;
const ID_BYTES = 32;
