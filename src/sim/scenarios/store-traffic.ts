/** Puts and gets of a whole network, the account of each, and the numbers that the targets are worded in. */

import { asNodeId, toHex } from '../../core/id/node-id.ts';
import type { RecordKind } from '../../core/store/record.ts';
import type { StoreResult } from '../../core/store/store-io.ts';
import type { Finding } from '../checkers/finding.ts';
import { copiesByValue } from '../checkers/copies.ts';
import { maxOf, meanOf, percentDown, percentile, rounded } from '../figures.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import type { ResultValue } from './scenario.ts';
import { CALL_TIMEOUT_MS, judgeReading, StoreCalls, type Written } from './store-calls.ts';
import type { StoreValues } from './store-options.ts';

/** The kinds of record, as publishers take them in turn. */
const KINDS: readonly RecordKind[] = ['shared', 'own', 'immutable'];

/** A call under way. */
interface Call {
  readonly node: SimNode;
  readonly startedAt: number;
}

export class StoreTraffic {
  readonly places: Written[] = [];
  /** Gets that missed what was lost, for the log of a run: kind of record and the reason given. */
  onLost: (line: string) => void = () => undefined;
  readonly #simulation: Simulation;
  readonly #calls: StoreCalls;
  readonly #random: SeededRandom;
  readonly #values: Pick<StoreValues, 'valueBytes' | 'life'>;
  readonly #open = new Set<Call>();
  readonly #putRequests: number[] = [];
  readonly #putMs: number[] = [];
  readonly #getRequests: number[] = [];
  readonly #getMs: number[] = [];
  readonly #readings = { fresh: 0, stale: 0, lost: 0, forged: 0 };
  readonly #refusals = new Map<string, number>();
  #acked = 0;
  #leftOut = 0;
  #callCount = 0;

  /** `stream`: which of the run's sequences of chance decides. */
  constructor(
    simulation: Simulation,
    values: Pick<StoreValues, 'valueBytes' | 'life'>,
    stream: number = STORE_STREAM,
  ) {
    this.#simulation = simulation;
    this.#values = values;
    this.#calls = new StoreCalls(simulation, stream * COMMANDS_PER_STREAM);
    this.#random = new SeededRandom(simulation.seed, stream);
  }

  /** Places with a value that was acknowledged. */
  get acknowledged(): Written[] {
    return this.places.filter(({ acknowledged }) => acknowledged > 0);
  }

  /** A ready node that is not told to leave, by chance, other than the one given; `undefined` when there is none. */
  drawNode(other?: SimNode): SimNode | undefined {
    const ready = this.#simulation
      .liveNodes()
      .filter((node) => node.readySince >= 0 && !node.isLeaving && node !== other);
    return ready[this.#random.below(Math.max(1, ready.length))];
  }

  /** One of a list, by chance. */
  draw<T>(list: readonly T[]): T | undefined {
    return list[this.#random.below(Math.max(1, list.length))];
  }

  /** Puts the first value of a new place; kinds follow in turn unless one is given. */
  publish(publisher: SimNode, kind: RecordKind = KINDS[this.places.length % KINDS.length]!): Written {
    const random = this.#random;
    const value = this.#nextValue();
    const lifeMs = 60_000 * this.#values.life;
    const request = { kind, key: asNodeId(random.bytes(32)), value, salt: random.bytes(8), lifeMs };
    const place: Written = { publisher, kind, request, key: undefined, values: [], acknowledged: 0 };
    this.places.push(place);
    this.#put(place, value);
    return place;
  }

  /** Puts another value in a place, in the name of its publisher. */
  update(place: Written): void {
    this.#put(place, this.#nextValue());
  }

  /** Reads a place with an acknowledged value. */
  read(reader: SimNode, place: Written): void {
    const least = place.acknowledged - 1;
    this.#begin(reader, (call) => {
      this.#calls.get(reader, place.key!, (result) => {
        if (!this.#end(call) || result.reason === 'left') {
          this.#leftOut++;
          return;
        }
        const reading = judgeReading(place, least, result);
        this.#readings[reading]++;
        if (reading !== 'fresh')
          this.onLost(`${reading}: ${place.kind} ${toHex(place.key!)}, ${result.reason}`);
        this.#getRequests.push(result.requests);
        this.#getMs.push(result.tookMs);
      });
    });
  }

  /** Asks for what nobody put. */
  miss(reader: SimNode, done: (result: StoreResult) => void): void {
    this.#begin(reader, (call) => {
      this.#calls.get(reader, asNodeId(this.#random.bytes(32)), (result) => {
        if (this.#end(call)) done(result);
      });
    });
  }

  /** Bytes are those of calls from now on. */
  beginBytes(): void {
    this.#simulation.meter.reset();
    this.#callCount = 0;
  }

  /** Runs until at most so many calls are under way, or those that are left have been overdue. */
  settle(most = 0): void {
    const limitMs = this.#simulation.now + CALL_TIMEOUT_MS + 1_000;
    this.#simulation.runWhile(() => this.#openCount() > most, LOOK_EVERY_MS, limitMs);
  }

  /** Puts the first values, by nodes drawn by chance. */
  publishAll(values: Pick<StoreValues, 'values' | 'atOnce'>): void {
    for (let i = 0; i < values.values; i++) {
      this.settle(values.atOnce - 1);
      const publisher = this.drawNode();
      if (publisher !== undefined) this.publish(publisher);
    }
    this.settle();
  }

  /** Reads every acknowledged value from some nodes other than its publisher, by chance; 0: from all of them. */
  readAll(readers: number, atOnce: number): void {
    for (const place of this.acknowledged) {
      const others = this.#simulation
        .liveNodes()
        .filter((node) => node !== place.publisher && node.readySince >= 0 && !node.isLeaving);
      const count = readers === 0 ? others.length : Math.min(readers, others.length);
      for (let i = 0; i < count; i++) {
        this.settle(atOnce - 1);
        const [reader] = others.splice(readers === 0 ? 0 : this.#random.below(others.length), 1);
        if (reader !== undefined) this.read(reader, place);
      }
    }
    this.settle();
  }

  /** Gets so far that were judged, and those that brought what they should. */
  readCounts(): { readonly read: number; readonly fresh: number } {
    const { fresh, stale, lost, forged } = this.#readings;
    return { read: fresh + stale + lost + forged, fresh };
  }

  /** Places whose acknowledged value no live node has any more. */
  gone(): Written[] {
    const copies = copiesByValue(this.#simulation);
    return this.acknowledged.filter(
      ({ values, acknowledged }) => !values.slice(acknowledged - 1).some((value) => copies.has(toHex(value))),
    );
  }

  numbers(): Record<string, ResultValue> {
    const { read, fresh } = this.readCounts();
    const { stale, lost, forged } = this.#readings;
    return {
      written: this.#putMs.length,
      acked: this.#acked,
      refusals: [...this.#refusals].map(([reason, count]) => `${reason} ${count}`).join(', '),
      read,
      readFirstTry: fresh,
      readPercent: percentDown(fresh, read),
      lost,
      stale,
      stalePercent: read === 0 ? null : rounded((100 * stale) / read),
      forged,
      leftOut: this.#leftOut,
      gone: this.gone().length,
      requestsMean: meanOf(this.#getRequests),
      requestsMax: maxOf(this.#getRequests),
      bytesMean: rounded(this.#simulation.meter.storeBytes / Math.max(1, this.#callCount)),
      getMsP50: percentile(this.#getMs, 0.5),
      getMsP99: percentile(this.#getMs, 0.99),
      putRequestsMean: meanOf(this.#putRequests),
      putMsP50: percentile(this.#putMs, 0.5),
      putMsP99: percentile(this.#putMs, 0.99),
    };
  }

  /** Values that nobody wrote, and calls of nodes that are still there without a result long after their time-out. */
  findings(): Finding[] {
    const at = this.#simulation.now;
    const { forged } = this.#readings;
    const open = [...this.#open].filter(
      (call) => this.#isThere(call) && at > call.startedAt + OVERDUE_MS,
    ).length;
    return [
      ...(forged > 0
        ? [
            {
              family: 'safety',
              at,
              sentence: `${forged} gets brought values that nobody wrote there`,
            } as const,
          ]
        : []),
      ...(open > 0
        ? [
            {
              family: 'liveness',
              at,
              sentence: `${open} puts and gets have no result after their time-out`,
            } as const,
          ]
        : []),
    ];
  }

  #put(place: Written, value: Uint8Array): void {
    const { publisher, request, values } = place;
    values.push(value);
    const count = values.length;
    this.#begin(publisher, (call) => {
      this.#calls.put(publisher, { ...request, value }, (result) => {
        const isThere = this.#end(call);
        place.key ??= result.key;
        if (result.reason === undefined) {
          this.#acked++;
          place.acknowledged = Math.max(place.acknowledged, count);
        } else if (isThere) {
          this.#refusals.set(result.reason, (this.#refusals.get(result.reason) ?? 0) + 1);
        }
        if (!isThere && result.reason !== undefined) return;
        this.#putRequests.push(result.requests);
        this.#putMs.push(result.tookMs);
      });
    });
  }

  #begin(node: SimNode, ask: (call: Call) => void): void {
    const call = { node, startedAt: this.#simulation.now };
    this.#open.add(call);
    this.#callCount++;
    ask(call);
  }

  /** True when the node was ready from the beginning of the call to its result. */
  #end(call: Call): boolean {
    this.#open.delete(call);
    return this.#isThere(call);
  }

  #isThere({ node, startedAt }: Call): boolean {
    return node.readySince >= 0 && node.readySince <= startedAt && !node.isLeaving;
  }

  /** Calls under way; those of nodes that are gone will have no result. */
  #openCount(): number {
    for (const call of this.#open) if (call.node.core === undefined) this.#open.delete(call);
    return this.#open.size;
  }

  #nextValue(): Uint8Array {
    return this.#random.bytes(this.#values.valueBytes);
  }
}

const STORE_STREAM = 77;
/** More than one account makes calls. */
const COMMANDS_PER_STREAM = 1_000_000_000;
const LOOK_EVERY_MS = 10;
const OVERDUE_MS = CALL_TIMEOUT_MS + 1_000;
