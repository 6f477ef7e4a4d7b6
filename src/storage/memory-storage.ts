/** Storage that lasts as long as the page: for tests, for private windows, and for `storage: 'memory'`. */

import type { KeyValueStorage } from './storage.ts';

/** Keeps structured clones, as IndexedDB does, so that a caller cannot change what it stored. */
export class MemoryStorage implements KeyValueStorage {
  readonly #values = new Map<string, unknown>();

  async get(key: string): Promise<unknown> {
    const value = this.#values.get(key);
    return value === undefined ? undefined : structuredClone(value);
  }

  async set(key: string, value: unknown): Promise<void> {
    this.#values.set(key, structuredClone(value));
  }

  async remove(key: string): Promise<void> {
    this.#values.delete(key);
  }
}
