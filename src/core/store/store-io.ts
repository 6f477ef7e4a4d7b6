/** Commands to the store of a node, and what becomes of them. Part of the node's inputs and outputs. */

import type { NodeId } from '../id/node-id.ts';
import type { CommandId } from '../io.ts';
import type { LookupStep } from './lookup.ts';
import type { StoreCode } from './rpc.ts';
import type { FoundRecord } from './search.ts';
import type { RecordKind, StoreRecord } from './record.ts';
import type { Role } from './record-table.ts';

export type StoreCommand =
  /** Publishes a record: under any key, one for each publisher (`shared`); under a key of this node's own; or under its hash. */
  | {
      readonly type: 'put';
      readonly id: CommandId;
      readonly kind: RecordKind;
      /** Where a shared record stands; any id for the others. */
      readonly key: NodeId;
      /** What an `own` key is made of beside the publisher. */
      readonly salt: Uint8Array;
      /** At most 32 KiB; empty to forget. */
      readonly value: Uint8Array;
      /** How long copies live once nobody publishes the record again, ms. */
      readonly lifeMs: number;
      /** Only if the record has this sequence now; 0 for none. */
      readonly cas?: number;
      /** Puts a tombstone in the record's place. */
      readonly forget: boolean;
      readonly timeoutMs: number;
    }
  /** Reads the records under a key. */
  | {
      readonly type: 'get';
      readonly id: CommandId;
      readonly key: NodeId;
      /** One message that hops to the nearest node, instead of asking step by step: quicker, and from one holder. */
      readonly recursive?: boolean;
      readonly timeoutMs: number;
    }
  /** Tells of changes under a key from now on (`store-change` events), or no more. */
  | { readonly type: 'watch'; readonly key: NodeId; readonly on: boolean };

/** Why a record was not written or read. */
export type StoreReason =
  | Exclude<StoreCode, 'stored'>
  | 'timeout'
  | 'not-found' // nobody who should have it does
  | 'too-hard' // a node asks for more work than this one accepts
  | 'alone' // kept by this node only: no other node has a copy
  | 'left';

export interface StoreResult {
  readonly reason?: StoreReason;
  /** Where the record stands. */
  readonly key: NodeId | undefined;
  readonly sequence: number;
  /** Who keeps a copy, this node among them if it is one of the nearest. */
  readonly acknowledged: readonly NodeId[];
  readonly refused: readonly {
    readonly node: NodeId;
    readonly reason: StoreReason;
    /** The sequence that the record has there. */
    readonly sequence: number;
  }[];
  readonly found: readonly FoundRecord[];
  readonly requests: number;
  readonly steps: readonly LookupStep[];
  readonly tookMs: number;
}

/** A result that says nothing yet. */
export const NO_RESULT: StoreResult = {
  key: undefined,
  sequence: 0,
  acknowledged: [],
  refused: [],
  found: [],
  requests: 0,
  steps: [],
  tookMs: 0,
};

/** A record as a node keeps it over a reload. */
export interface KeptRecord {
  readonly bytes: Uint8Array;
  readonly role: Role;
  /** Life left, and since it was published; ms. */
  readonly lifeMs: number;
  readonly ageMs: number;
  readonly account: string;
}

/** A record that this node holds, for the screen. */
export interface HeldView {
  readonly record: StoreRecord;
  readonly role: Role;
  /** In the node's time, ms. */
  readonly publishedAt: number;
  readonly expiresAt: number;
}
