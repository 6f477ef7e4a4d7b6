/** The key-value store in types: what `put`, `get`, `forget` and `watch` take and give. */

import type { Id, Key, Payload } from './api.ts';

export interface PutOptions {
  /**
   * True writes where only this identity can write: `key` is then a name of at most 64 bytes, and the result says under
   * which key others read it. Default false: under one key each publisher has a record of its own.
   */
  readonly own?: boolean;
  /** How long copies live once this tab no longer renews them, ms: 1,000 to 24 hours. Default 2 hours. */
  readonly lifeMs?: number;
  /** Compare-and-set: write only if the record has this sequence now; 0 for none yet. Otherwise the reason is `conflict`. */
  readonly cas?: number;
  /** When to give up, ms. At most 60,000. */
  readonly timeoutMs?: number;
}

export interface PutResult {
  /** Another node keeps a copy. */
  readonly ok: boolean;
  readonly reason?: StoreReasonCode;
  /** Where the record stands: what `get` takes. */
  readonly key: Id;
  /** Rises with every write of the same record; 0 for an immutable one. */
  readonly sequence: number;
  /** The nodes that keep a copy, this one among them if it is one of the nearest. */
  readonly acknowledgedBy: readonly Id[];
  readonly refusedBy: readonly { readonly node: Id; readonly reason: StoreReasonCode }[];
  readonly requests: number;
  readonly steps: readonly LookupStepView[];
  readonly tookMs: number;
}

/**
 * What one value is made of several publishers' records: the one that was published last (`newest`), all of them in a
 * list, the union of lists or of the fields of records (the newer wins), or what a function makes of them, newest first.
 */
export type Reducer = 'newest' | 'all' | 'union' | ((records: readonly RecordView[]) => unknown);

export interface GetOptions {
  /**
   * `iterative` (the default) asks nodes ever nearer to the key until three holders answered. `recursive` sends one message
   * that hops there: quicker, and the word of one holder, who may be a node on the way with a fresh copy.
   */
  readonly lookup?: 'iterative' | 'recursive';
  readonly reduce?: Reducer;
  /** When to give up, ms. At most 60,000. */
  readonly timeoutMs?: number;
}

export interface GetResult {
  readonly ok: boolean;
  /** `not-found`: the nodes that should have it answered, and have it not. */
  readonly reason?: StoreReasonCode;
  readonly key: Id;
  /** What the reducer made of the records; absent when there are none. */
  readonly value?: unknown;
  /** The record of each publisher, newest first. */
  readonly records: readonly RecordView[];
  readonly requests: number;
  /** Who was asked, who introduced whom, who answered. */
  readonly steps: readonly LookupStepView[];
  readonly tookMs: number;
}

export interface RecordView {
  readonly key: Id;
  /** `immutable`: its key is its hash. `own`: only its publisher can write it. `shared`: one of possibly several. */
  readonly kind: 'immutable' | 'own' | 'shared';
  /** Who signed it; absent for an immutable one. */
  readonly publisher?: Id;
  readonly sequence: number;
  /** Absent when it was forgotten. */
  readonly value?: Payload;
  readonly bytes: number;
  /** Since it was published, ms. */
  readonly ageMs: number;
  /** Until it expires if nobody renews it, ms. */
  readonly lifeMs: number;
  /** Who had it. */
  readonly holder?: Id;
}

/** A record that this tab holds. */
export interface HeldRecordView extends RecordView {
  /** Why: published here, one of the nearest nodes, or left here by a lookup. */
  readonly role: 'own' | 'replica' | 'cache';
}

export interface LookupStepView {
  readonly id: Id;
  readonly state: 'introduced' | 'asked' | 'slow' | 'answered' | 'failed';
  /** Who named it; absent for one this tab knew. */
  readonly by?: Id;
  readonly round: number;
}

export type StoreReasonCode =
  | 'not-found'
  | 'timeout'
  | 'alone'
  | 'stale'
  | 'conflict'
  | 'over-quota'
  | 'expired'
  | 'too-large'
  | 'rejected'
  | 'work'
  | 'too-hard'
  | 'left';

export type WatchHandler = (record: RecordView) => unknown;

/** The store of a network: every node keeps the records nearest to it. */
export interface RecordStore {
  /**
   * Publishes a value under a key, or with `null` under its own hash, for ever the same. It is acknowledged once another
   * node has a copy; this tab renews it while it is open.
   */
  put(key: Key | null, value: Payload, options?: PutOptions): Promise<PutResult>;
  /** Reads what is under a key. */
  get(key: Key, options?: GetOptions): Promise<GetResult>;
  /** Takes this publisher's record back: a signed note takes its place until it expires. Not for immutable ones. */
  forget(key: Key, options?: PutOptions): Promise<PutResult>;
  /** Calls the handler when a record under the key is new or changed, also by this tab. Returns the function that ends it. */
  watch(key: Key, handler: WatchHandler): () => void;
  /** The records that this tab holds, of whomever. */
  records(): HeldRecordView[];
}
