/** Storage in IndexedDB, shared by all tabs of one browser profile and origin. One database for each `name`. */

import { createStore, del, get, set, type UseStore } from 'idb-keyval';
import type { KeyValueStorage } from './storage.ts';

/** Opens its database at the first operation; that operation rejects where the browser has no IndexedDB. */
export class IdbStorage implements KeyValueStorage {
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

  /** `createStore` throws at once without IndexedDB, so it must run inside the asynchronous operation. */
  #store(): UseStore {
    this.#opened ??= createStore(this.#name, 'values');
    return this.#opened;
  }
}
