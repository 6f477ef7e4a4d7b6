/** Puts and gets of simulated nodes, each with a callback for its result, and what a reader must see. */

import { sameId, type NodeId } from '../../core/id/node-id.ts';
import type { StoreRecord } from '../../core/store/record.ts';
import type { StoreCommand, StoreResult } from '../../core/store/store-io.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';

type Put = Extract<StoreCommand, { type: 'put' }>;

/** What is asked of a put. */
export type PutRequest = Pick<Put, 'kind' | 'key' | 'value' | 'salt' | 'lifeMs'>;

/** A place in the store and what one publisher wrote there. */
export interface Written {
  readonly publisher: SimNode;
  readonly kind: Put['kind'];
  /** What the publisher asked for; where the record stands follows from its first result. */
  readonly request: PutRequest;
  key: NodeId | undefined;
  /** All values that were published, oldest first. No two values of a run are equal. */
  readonly values: Uint8Array[];
  /** How many there were when the last acknowledged one was put: that one is the least that a reader must see. */
  acknowledged: number;
}

export class StoreCalls {
  readonly #waiting = new Map<number, (result: StoreResult) => void>();
  readonly #simulation: Simulation;
  #next: number;

  /** `first`: the number of its first command; those of others in the same run are far from it. */
  constructor(simulation: Simulation, first = FIRST_COMMAND) {
    this.#next = first;
    this.#simulation = simulation;
    const before = simulation.onEvent;
    simulation.onEvent = (node, event) => {
      before(node, event);
      if (event.type !== 'store-result') return;
      const done = this.#waiting.get(event.command);
      this.#waiting.delete(event.command);
      done?.(event.result);
    };
  }

  put(node: SimNode, request: PutRequest, done: (result: StoreResult) => void): void {
    const id = this.#next++;
    this.#waiting.set(id, done);
    this.#simulation.command(node, {
      type: 'put',
      id,
      forget: false,
      timeoutMs: CALL_TIMEOUT_MS,
      ...request,
    });
  }

  get(node: SimNode, key: NodeId, done: (result: StoreResult) => void, recursive = false): void {
    const id = this.#next++;
    this.#waiting.set(id, done);
    this.#simulation.command(node, { type: 'get', id, key, recursive, timeoutMs: CALL_TIMEOUT_MS });
  }
}

/** How a read came out. `forged`: what no publisher ever wrote there. */
export type Reading = 'fresh' | 'stale' | 'lost' | 'forged';

/** `least`: the place among the values written of the oldest one that will do. */
export function judgeReading(written: Written, least: number, result: StoreResult): Reading {
  const found = result.found.filter(({ record }) => isOf(record, written));
  const places = found.map(({ record }) => placeOf(written, record));
  if (places.includes(-1)) return 'forged';
  const newest = Math.max(-1, ...places);
  if (newest < 0) return 'lost';
  return newest < least ? 'stale' : 'fresh';
}

/** The place of a record's value among those written, -1 for none. */
function placeOf({ values }: Written, { value }: StoreRecord): number {
  return values.findIndex((one) => sameId(one, value));
}

function isOf({ key, publisher, kind }: StoreRecord, written: Written): boolean {
  if (written.key === undefined || !sameId(key, written.key)) return false;
  // In the simulator a node's signing key is its id.
  return kind === 'immutable' || sameId(publisher, written.publisher.id);
}

/** Apart from the numbers of the scenarios' other commands. */
const FIRST_COMMAND = 1_000_000_000;
/** When nodes give up, ms. */
export const CALL_TIMEOUT_MS = 10_000;
