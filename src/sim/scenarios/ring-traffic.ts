/** InsertValue and GetValue of a whole ring, and the account of each. */

import { asNodeId, sameId, toHex, type NodeId } from '../../core/id/node-id.ts';
import type { RingAsk, RingResult } from '../../core/ring/ring-io.ts';
import { copiesByValue } from '../checkers/copies.ts';
import { percentile } from '../figures.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import type { ResultValue } from './scenario.ts';

/** A key, and what one publisher stored there. */
interface Place {
  readonly publisher: SimNode;
  readonly key: NodeId;
  /** Oldest first; no two values of a run are equal. */
  readonly values: Uint8Array[];
  /** How many there were when the last acknowledged one was stored. */
  acknowledged: number;
  isOpen: boolean;
}

export class RingTraffic {
  readonly #places: Place[] = [];
  readonly #waiting = new Map<
    number,
    { readonly node: SimNode; readonly done: (result: RingResult) => void }
  >();
  readonly #simulation: Simulation;
  readonly #random: SeededRandom;
  readonly #valueBytes: number;
  readonly #reasons = new Map<string, number>();
  readonly #insertMs: number[] = [];
  readonly #getMs: number[] = [];
  #next = FIRST_COMMAND;
  #acked = 0;
  #gets = 0;
  #fresh = 0;

  constructor(simulation: Simulation, valueBytes: number) {
    this.#simulation = simulation;
    this.#valueBytes = valueBytes;
    this.#random = new SeededRandom(simulation.seed, RING_STREAM);
    const before = simulation.onEvent;
    simulation.onEvent = (node, event) => {
      before(node, event);
      if (event.type !== 'ring-result') return;
      const call = this.#waiting.get(event.command);
      this.#waiting.delete(event.command);
      call?.done(event.result);
    };
  }

  /** A ready node by chance. */
  drawNode(): SimNode | undefined {
    const ready = this.#simulation.liveNodes().filter(({ readySince }) => readySince >= 0);
    return ready[this.#random.below(Math.max(1, ready.length))];
  }

  /** Stores a first value in a new place, or every third time a further one in a place whose publisher is there. */
  insert(): void {
    const again = this.#places.filter((place) => !place.isOpen && place.publisher.readySince >= 0);
    const publisher = this.drawNode();
    if (again.length > 0 && this.#random.below(3) === 0) this.#put(again[this.#random.below(again.length)]!);
    else if (publisher !== undefined) {
      const key = asNodeId(this.#random.bytes(32));
      const place = { publisher, key, values: [], acknowledged: 0, isOpen: false };
      this.#places.push(place);
      this.#put(place);
    }
  }

  /** Reads an acknowledged value. */
  get(): void {
    const known = this.#places.filter(({ acknowledged }) => acknowledged > 0);
    const place = known[this.#random.below(Math.max(1, known.length))];
    const reader = this.drawNode();
    if (place !== undefined && reader !== undefined) this.#read(place, reader, () => undefined);
  }

  /** Waits for what is under way. */
  settle(): void {
    const limitMs = this.#simulation.now + CALL_TIMEOUT_MS + 1_000;
    const isOpen = (): boolean =>
      [...this.#waiting.values()].some(({ node }) => node.core !== undefined && node.readySince >= 0);
    this.#simulation.runWhile(isOpen, 10, limitMs);
  }

  /** Reads every acknowledged value; those that are not read though a live node has them, and those that nobody has. */
  readAll(): { readonly lost: number; readonly gone: number; readonly read: number } {
    const copies = copiesByValue(this.#simulation);
    const known = this.#places.filter(({ acknowledged }) => acknowledged > 0);
    let lost = 0;
    let gone = 0;
    for (const place of known) {
      const reader = this.drawNode();
      const isThere = place.values.slice(place.acknowledged - 1).some((value) => copies.has(toHex(value)));
      if (!isThere) gone++;
      if (reader === undefined) continue;
      if (isThere) {
        lost++;
        this.#read(place, reader, () => lost--);
      }
      this.settle();
    }
    return { lost, gone, read: known.length };
  }

  numbers(): Record<string, ResultValue> {
    return {
      inserted: this.#insertMs.length,
      acked: this.#acked,
      refusals: [...this.#reasons].map(([reason, count]) => `${reason} ${count}`).join(', '),
      gets: this.#gets,
      getsFresh: this.#fresh,
      insertMsP50: percentile(this.#insertMs, 0.5),
      insertMsP99: percentile(this.#insertMs, 0.99),
      getMsP50: percentile(this.#getMs, 0.5),
      getMsP99: percentile(this.#getMs, 0.99),
    };
  }

  #put(place: Place): void {
    const { publisher, key, values } = place;
    const value = this.#random.bytes(this.#valueBytes);
    values.push(value);
    const count = values.length;
    place.isOpen = true;
    const ask = { op: 'insert-value', kind: 'shared', key, salt: NO_SALT, value, lifeMs: LIFE_MS } as const;
    this.#call(publisher, ask, (result) => {
      place.isOpen = false;
      this.#insertMs.push(result.tookMs);
      if (result.reason === undefined) {
        this.#acked++;
        place.acknowledged = Math.max(place.acknowledged, count);
      } else this.#reasons.set(result.reason, (this.#reasons.get(result.reason) ?? 0) + 1);
    });
  }

  #read(place: Place, reader: SimNode, onFresh: () => void): void {
    const least = place.acknowledged - 1;
    this.#call(reader, { op: 'get-value', key: place.key }, (result) => {
      this.#gets++;
      this.#getMs.push(result.tookMs);
      const mine = result.found.find(({ record }) => sameId(record.publisher, place.publisher.id));
      const index = place.values.findIndex((value) => mine !== undefined && sameId(value, mine.record.value));
      if (index < least) return;
      this.#fresh++;
      onFresh();
    });
  }

  #call(node: SimNode, ask: RingAsk, done: (result: RingResult) => void): void {
    const id = this.#next++;
    this.#waiting.set(id, { node, done });
    this.#simulation.command(node, { type: 'ring', id, ask, timeoutMs: CALL_TIMEOUT_MS });
  }
}

const NO_SALT = new Uint8Array(0);
const RING_STREAM = 79;
const FIRST_COMMAND = 3_000_000_000;
const LIFE_MS = 7_200_000;
/** Longer than a range is without an owner after a crash. */
const CALL_TIMEOUT_MS = 30_000;
