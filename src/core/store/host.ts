/** What the store asks of the node around it, and what its parts share. */

import type { NodeContext } from '../context.ts';
import type { NodeId } from '../id/node-id.ts';
import type { StoreConfig } from './store-config.ts';

export interface NodeSide {
  readonly ctx: NodeContext;
  /** Sends a request to the store of one node; `undefined` when it did not answer in time. */
  ask(to: NodeId, body: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void): void;
  /** The same to the node nearest to a key, or who has an answer on the way; `by` says who answered. */
  askNearest(
    key: NodeId,
    body: Uint8Array,
    timeoutMs: number,
    done: (answer: Uint8Array | undefined, by: NodeId | undefined) => void,
  ): void;
  /** Contact records that came along. */
  learn(records: readonly Uint8Array[]): void;
}

export interface StoreHost {
  readonly ctx: NodeContext;
  readonly config: StoreConfig;
  ask(to: NodeId, body: Uint8Array, done: (answer: Uint8Array | undefined) => void): void;
  askNearest(
    key: NodeId,
    body: Uint8Array,
    done: (answer: Uint8Array | undefined, by: NodeId | undefined) => void,
  ): void;
  learn(records: readonly Uint8Array[]): void;
}
