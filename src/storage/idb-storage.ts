/** Storage in IndexedDB, shared by all tabs of one browser profile and origin. One database for each `name`. */

import { createStore, del, get, promisifyRequest, set, type UseStore } from 'idb-keyval';
import type { BatchStorage } from './storage.ts';

/** Opens its database at the first operation; that operation rejects where the browser has no IndexedDB. */
export class IdbStorage implements BatchStorage {
  readonly #name: string;
  #opened: UseStore | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  async get(key: string): Promise<unknown> {
    return get<unknown>(key, this.#store());
  }

  async set(key: string, value: unknown): Promise<void> {
    await set(key, value, this.#store());
  }

  async remove(key: string): Promise<void> {
    await del(key, this.#store());
  }

  async change(values: ReadonlyMap<string, unknown>): Promise<void> {
    await this.#store()('readwrite', (store) => {
      try {
        for (const [key, value] of values) {
          if (value === undefined) store.delete(key);
          else store.put(value, key);
        }
      } catch (error) {
        // What was put before would be kept otherwise.
        store.transaction.abort();
        throw error;
      }
      return promisifyRequest(store.transaction);
    });
  }

  async entries(prefix: string): Promise<Map<string, unknown>> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    return this.#store()('readonly', async (store) => {
      const [keys, values] = await Promise.all([
        promisifyRequest(store.getAllKeys(range)),
        promisifyRequest<unknown[]>(store.getAll(range)),
      ]);
      return new Map(
        keys.flatMap((key, at) => (typeof key === 'string' ? [[key, values[at]] as const] : [])),
      );
    });
  }

  /** `createStore` throws at once without IndexedDB, so it must run inside the asynchronous operation. */
  #store(): UseStore {
    this.#opened ??= createStore(this.#name, 'values');
    return this.#opened;
  }
}
