/** The operations of a ring in types: what `getNode`, `getValue` and `insertValue` take and give. Only with `geometry: 'chord'`. */

import type { Id, Key, Payload } from './api.ts';
import type { RecordView } from './store-api.ts';

export type RingReasonCode =
  | 'not-responsible' // the node asked does not answer for the key; `owner` is whom it named instead
  | 'not-found' // it does, and nothing stands there
  | 'timeout'
  | 'stale'
  | 'conflict'
  | 'over-quota'
  | 'expired'
  | 'too-large'
  | 'rejected'
  | 'work' // only for proof of work, and what this node had done did not count
  | 'too-hard' // it asks for more proof of work than this node does for anybody; nothing was written
  | 'left';

export interface RingOutcome {
  readonly ok: boolean;
  readonly reason?: RingReasonCode;
  readonly key: Id;
  /** The node that answers for the key, as far as is known. */
  readonly owner?: Id;
  /** Nodes asked, in order. */
  readonly asked: readonly Id[];
  readonly tookMs: number;
}

export interface RingValue extends RingOutcome {
  /** What was published last; absent when there is nothing. */
  readonly value?: Payload;
  /** The record of each publisher, newest first. */
  readonly records: readonly RecordView[];
}

export interface RingInsertion extends RingOutcome {
  readonly sequence: number;
  /** Nodes known to have a copy when it was acknowledged. */
  readonly copies: number;
}

export interface InsertOptions {
  /** Only this node is asked, whatever it says. */
  readonly at?: Id;
  /** How long copies live once this tab no longer renews them, ms: 1,000 to 24 hours. Default 2 hours. */
  readonly lifeMs?: number;
  /** Write only if the record has this sequence now; 0 for none yet. */
  readonly cas?: number;
  /** When to give up, ms. At most 60,000. */
  readonly timeoutMs?: number;
}

/** What a ring offers beside the calls of every overlay. */
export interface RingApi {
  /** The first node at or after a key; `via` has another node find it, any will do. */
  getNode(key: Key, options?: { readonly via?: Id; readonly timeoutMs?: number }): Promise<RingOutcome>;
  /** What is under a key, by the word of the one node that answers for it. */
  getValue(key: Key, options?: { readonly at?: Id; readonly timeoutMs?: number }): Promise<RingValue>;
  /** Stores a value at the node that answers for the key; with `null` under its own hash. */
  insertValue(key: Key | null, value: Payload, options?: InsertOptions): Promise<RingInsertion>;
}
