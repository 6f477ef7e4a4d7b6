/** Puts and gets of simulated nodes, and the account of what was written: who published what, and what a reader must see. */

import { sameId, toHex, type NodeId } from '../../core/id/node-id.ts';
import type { StoreRecord } from '../../core/store/record.ts';
import type { StoreCommand, StoreResult } from '../../core/store/store-io.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';

type Put = Extract<StoreCommand, { type: 'put' }>;

/** What is asked of a put beside the value. */
export type PutRequest = Pick<Put, 'kind' | 'key' | 'value'> & Partial<Pick<Put, 'salt' | 'lifeMs' | 'cas'>>;

/** A record that a node published. */
export interface Written {
  readonly publisher: SimNode;
  readonly kind: Put['kind'];
  readonly key: NodeId;
  /** All values that were published in this place, oldest first. */
  readonly values: Uint8Array[];
  /** How many of them were acknowledged; the last of those is the least that a reader must see. */
  acknowledged: number;
}

export class StoreCalls {
  readonly #waiting = new Map<number, (result: StoreResult) => void>();
  readonly #simulation: Simulation;
  #next = FIRST_COMMAND;

  constructor(simulation: Simulation) {
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

  get open(): number {
    return this.#waiting.size;
  }

  put(node: SimNode, request: PutRequest, done: (result: StoreResult) => void): void {
    const id = this.#next++;
    this.#waiting.set(id, done);
    const fixed = {
      type: 'put',
      id,
      salt: NO_SALT,
      lifeMs: LIFE_MS,
      forget: false,
      timeoutMs: TIMEOUT_MS,
    } as const;
    this.#simulation.command(node, { ...fixed, ...request });
  }

  get(node: SimNode, key: NodeId, done: (result: StoreResult) => void): void {
    const id = this.#next++;
    this.#waiting.set(id, done);
    this.#simulation.command(node, { type: 'get', id, key, timeoutMs: TIMEOUT_MS });
  }

  /** Runs until every call has its result, or is overdue. */
  settle(): void {
    const limitMs = this.#simulation.now + TIMEOUT_MS + 1_000;
    this.#simulation.runWhile(() => this.open > 0, 10, limitMs);
  }
}

/** How a read came out. `forged`: what no publisher ever wrote there. */
export type Reading = 'fresh' | 'stale' | 'lost' | 'forged';

export function judgeReading(written: Written, result: StoreResult): Reading {
  const found = result.found.filter(({ record }) => isOf(record, written));
  const isForged = found.some(({ record }) => !written.values.some((value) => sameId(value, record.value)));
  if (isForged) return 'forged';
  const least = Math.max(0, written.acknowledged - 1);
  const newest = Math.max(-1, ...found.map(({ record }) => placeOf(written, record)));
  if (newest < 0) return 'lost';
  return newest < least ? 'stale' : 'fresh';
}

/** The place of a record's value among those written, -1 for none. */
function placeOf({ values }: Written, { value }: StoreRecord): number {
  return values.findIndex((one) => sameId(one, value));
}

function isOf({ key, publisher, kind }: StoreRecord, written: Written): boolean {
  if (!sameId(key, written.key)) return false;
  // In the simulator a node's signing key is its id.
  return kind === 'immutable' || toHex(publisher) === toHex(written.publisher.id);
}

const FIRST_COMMAND = 1_000_000_000;
const NO_SALT = new Uint8Array(0);
export const TIMEOUT_MS = 10_000;
export const LIFE_MS = 2 * 3_600_000;
