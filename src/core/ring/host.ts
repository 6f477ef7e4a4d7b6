/** What the ring's operations ask of the node around them. */

import type { NodeContext } from '../context.ts';
import type { NodeState } from '../events.ts';
import type { NodeId } from '../id/node-id.ts';
import type { NodeParts } from '../store/host.ts';
import type { Store } from '../store/store.ts';

export interface RingSide {
  readonly ctx: NodeContext;
  readonly store: Store;
  state(): NodeState;
  /** The node that this one has been linked to for longest. */
  peer(): NodeId | undefined;
  /** Sends a request to the ring of one node; `undefined` when it did not answer in time. */
  ask(to: NodeId, body: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void): void;
  /** Resolves a key through the overlay: contact records of who is at or after it, nearest first, as its node knows them. */
  resolve(key: NodeId, timeoutMs: number, done: (records: readonly Uint8Array[]) => void): void;
  /** Contact records that came along; `done` once they are verified. */
  learn(records: readonly Uint8Array[], done?: () => void): void;
}

export function ringSideOf({ ctx, messages, membership }: NodeParts, store: Store): RingSide {
  return {
    ctx,
    store,
    state: () => membership.join.state,
    peer: () => membership.links.all[0]?.id,
    ask: (to, body, timeoutMs, done) => messages.ask('ring', 'direct', to, body, timeoutMs, done),
    resolve: (key, timeoutMs, done) => messages.lookup(key, timeoutMs, (_, records) => done(records), false),
    learn: (records, done) => membership.learn(records, done),
  };
}
