/** What the store asks of the node around it, and what its parts share. */

import type { NodeContext } from '../context.ts';
import type { NodeId } from '../id/node-id.ts';
import type { Membership } from '../membership/membership.ts';
import type { Range } from '../ring/ownership.ts';
import type { RingCommand } from '../ring/ring-io.ts';
import type { Messages } from '../routing/messages.ts';
import type { StoreConfig } from './store-config.ts';
import type { StoreCommand } from './store-io.ts';
import type { Store } from './store.ts';

/** The parts of a node that its store is made on. */
export interface NodeParts {
  readonly ctx: NodeContext;
  readonly messages: Pick<Messages, 'ask' | 'lookup'>;
  readonly membership: Pick<Membership, 'learn' | 'join' | 'links'>;
}

/** What a node has its store do. */
export interface StorePart extends Pick<
  Store,
  'nextAt' | 'onTime' | 'onRequest' | 'answerPassing' | 'restore' | 'leave' | 'stop' | 'held'
> {
  onCommand(command: StoreCommand | RingCommand): void;
  /** Has a linked node find the place of this one, which is about to join a ring; false: there is nothing to wait for. */
  introduce?(done: () => void): boolean;
  /** The keys of a ring that are this node's at a time, if any are. */
  range?(now: number): Range | undefined;
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
