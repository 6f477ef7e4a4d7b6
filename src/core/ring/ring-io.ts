/** Commands of the ring's own operations, what becomes of them, and the numbers. Part of the node's inputs and outputs. */

import type { NodeId } from '../id/node-id.ts';
import type { CommandId } from '../io.ts';
import type { RecordKind } from '../store/record.ts';
import type { FoundRecord } from '../store/search.ts';
import type { OwnershipTimes } from './ownership.ts';
import type { RingCode } from './rpc.ts';

export interface RingConfig extends OwnershipTimes {
  /** An owner has its claim confirmed this often, ms. */
  readonly renewMs: number;
  /** When a request has failed, ms. */
  readonly requestTimeoutMs: number;
  /** Most time spent on a key for somebody else, ms: one that cannot be resolved is not to hold up the others. */
  readonly resolveMs: number;
  /** A node without a range asks again after this, and so does a caller whom nobody answers for a key, ms. */
  readonly retryMs: number;
  /** Most time that a node that leaves spends on handing its range over, ms. */
  readonly inheritMs: number;
}

export const RING: RingConfig = {
  renewMs: 2_000,
  // Three renewals may fail.
  leaseMs: 8_000,
  // Beyond a lease that was renewed just before its heir died, and clocks that differ.
  takeOverMs: 12_000,
  requestTimeoutMs: 2_000,
  resolveMs: 500,
  retryMs: 300,
  inheritMs: 1_000,
};

export type RingAsk =
  /** Who answers for a key? Asked of this node itself, or of any other (`via`). */
  | { readonly op: 'get-node'; readonly key: NodeId; readonly via?: NodeId }
  /** The records under a key, from the node that answers for it; `at` asks that one only, whatever it says. */
  | { readonly op: 'get-value'; readonly key: NodeId; readonly at?: NodeId }
  /** Stores a record at the node that answers for its key. */
  | {
      readonly op: 'insert-value';
      readonly at?: NodeId;
      readonly kind: RecordKind;
      /** Where a shared record stands; any id for the others. */
      readonly key: NodeId;
      /** What an `own` key is made of beside the publisher. */
      readonly salt: Uint8Array;
      /** At most 32 KiB. */
      readonly value: Uint8Array;
      /** How long copies live, ms. */
      readonly lifeMs: number;
      /** Only if the record has this sequence now; 0 for none. */
      readonly cas?: number;
    };

export interface RingCommand {
  readonly type: 'ring';
  readonly id: CommandId;
  readonly ask: RingAsk;
  readonly timeoutMs: number;
}

/** Why nothing came of it. */
export type RingReason =
  | Exclude<RingCode, 'ok'>
  | 'too-hard' // the node asked wants more work than this one does
  | 'timeout'
  | 'left';

export interface RingResult {
  readonly reason?: RingReason;
  readonly key: NodeId | undefined;
  /** Who answers for the key, as far as is known: the node that did, or whom the one asked named instead of itself. */
  readonly owner: NodeId | undefined;
  /** Records found. */
  readonly found: readonly FoundRecord[];
  /** That of the record stored, or with `conflict` and `stale` the one that is there. */
  readonly sequence: number;
  /** Nodes that are known to have a copy of what was stored, the owner among them. */
  readonly copies: number;
  /** Nodes asked, in order. */
  readonly asked: readonly NodeId[];
  readonly tookMs: number;
}

/** A result that says nothing yet. */
export const NO_RING_RESULT: RingResult = {
  key: undefined,
  owner: undefined,
  found: [],
  sequence: 0,
  copies: 0,
  asked: [],
  tookMs: 0,
};
