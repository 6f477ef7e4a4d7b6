/**
 * Where a browser keeps things between visits: a small asynchronous map from text to structured-cloneable values.
 * Two implementations (IndexedDB, memory) satisfy the contract suite in storage-contract.ts (rules SO1-SO7).
 */

/**
 * A key-value store. Every operation rejects with an `Error` when the medium is unavailable or full; callers treat
 * that as "nothing is kept" and say so, never as a crash.
 */
export interface KeyValueStorage {
  /** The value last set under `key`, or `undefined`. What comes back may be anything: validate it. */
  get(key: string): Promise<unknown>;
  /** Keeps a structured-cloneable value under `key`, replacing an older one. */
  set(key: string, value: unknown): Promise<void>;
  /** Forgets a key; unknown ones are fine. */
  remove(key: string): Promise<void>;
}

/** A store of many values. */
export interface BatchStorage extends KeyValueStorage {
  /** Keeps many values, all of them or none, and forgets those that are `undefined`. */
  change(values: ReadonlyMap<string, unknown>): Promise<void>;
  /** Everything that is kept under keys that begin so. */
  entries(prefix: string): Promise<Map<string, unknown>>;
}
