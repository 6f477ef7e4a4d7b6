import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { IdbStorage } from './idb-storage.ts';
import { MemoryStorage } from './memory-storage.ts';
import { storageContract } from './storage-contract.ts';

let databases = 0;
storageContract('memory', () => new MemoryStorage());
storageContract('IndexedDB', () => new IdbStorage(`contract-${databases++}`));

test('[SO8] without IndexedDB every operation rejects instead of throwing', async () => {
  const kept = globalThis.indexedDB;
  Reflect.deleteProperty(globalThis, 'indexedDB');
  try {
    const storage = new IdbStorage('absent');
    await expect(storage.get('a')).rejects.toThrow();
    await expect(storage.set('a', 1)).rejects.toThrow();
  } finally {
    globalThis.indexedDB = kept;
  }
});
