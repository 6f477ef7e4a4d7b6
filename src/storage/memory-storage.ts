/** Storage that lasts as long as the page: for tests, for private windows, and for `storage: 'memory'`. */

import type { BatchStorage } from './storage.ts';

/** Keeps structured clones, as IndexedDB does, so that a caller cannot change what it stored. */
export class MemoryStorage implements BatchStorage {
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

  async change(values: ReadonlyMap<string, unknown>): Promise<void> {
    const copies = [...values].map(([key, value]) => [key, structuredClone(value)] as const);
    for (const [key, value] of copies) {
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
    }
  }

  async entries(prefix: string): Promise<Map<string, unknown>> {
    return new Map(structuredClone([...this.#values].filter(([key]) => key.startsWith(prefix))));
  }
}
