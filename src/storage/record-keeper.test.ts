/** Goal: what a node holds survives a reload, and trouble with the disk is a sentence. Method: real storages, one that fails. */

import 'fake-indexeddb/auto';
import { describe, expect, test, vi } from 'vitest';
import { asNodeId } from '../core/id/node-id.ts';
import type { Held } from '../core/store/record-table.ts';
import { immutableRecord } from '../core/store/record.ts';
import { hash } from '../identity/hash.ts';
import { IdbStorage } from './idb-storage.ts';
import { MemoryStorage } from './memory-storage.ts';
import { FLUSH_MS, keptRecordsPrefix, RecordKeeper } from './record-keeper.ts';
import type { BatchStorage } from './storage.ts';

const toEpoch = (time: number): number => Date.now() + time;

function heldOf(value: string, expiresAt = 60_000): Held {
  const record = immutableRecord(new TextEncoder().encode(value), { hash });
  const times = { expiresAt, publishedAt: -1_000, storedAt: 0, refreshedAt: 0 };
  return { record, role: 'replica', ...times, account: 'somebody', via: '' };
}

const keeperOf = (storage: BatchStorage, prefix = '0/room/'): RecordKeeper =>
  new RecordKeeper({ storage, prefix, toEpoch });

let databases = 0;
for (const [name, create] of [
  ['memory', () => new MemoryStorage()],
  ['IndexedDB', () => new IdbStorage(`records-${databases++}`)],
] as const) {
  describe(name, () => {
    test('[RK1] what was kept comes back with its role, account and the life it has left', async () => {
      const storage = create();
      const keeper = keeperOf(storage);
      const held = heldOf('a');
      keeper.keep(held.record.slot, held);
      await keeper.flush();
      const [kept, ...more] = await keeperOf(storage).load();
      expect(more).toEqual([]);
      expect(kept).toMatchObject({ role: 'replica', account: 'somebody' });
      expect(kept!.bytes).toEqual(held.record.bytes);
      expect(kept!.lifeMs).toBeGreaterThan(50_000);
      expect(kept!.lifeMs).toBeLessThanOrEqual(60_000);
      expect(kept!.ageMs).toBeGreaterThanOrEqual(1_000);
    });

    test('[RK2] what is gone or over does not come back, nor another room’s', async () => {
      const storage = create();
      const keeper = keeperOf(storage);
      const [gone, over, other] = [heldOf('gone'), heldOf('over', -1), heldOf('other')];
      keeper.keep(gone.record.slot, gone);
      keeper.keep(over.record.slot, over);
      keeperOf(storage, '0/another/').keep(other.record.slot, other);
      await keeper.flush();
      keeper.keep(gone.record.slot, undefined);
      await keeper.flush();
      expect(await keeperOf(storage).load()).toEqual([]);
    });

    test('[RK3] anything else found in storage is left out and cleared away', async () => {
      const storage = create();
      for (const [i, value] of [7, null, 'x', { version: 2 }, { version: 1, bytes: 'no' }].entries())
        await storage.set(`0/room/${i}`, value);
      const keeper = keeperOf(storage);
      expect(await keeper.load()).toEqual([]);
      await keeper.flush();
      expect((await storage.entries('0/room/')).size).toBe(0);
    });
  });
}

test('[RK4] changes of a moment are written together', async () => {
  vi.useFakeTimers();
  try {
    const storage = new MemoryStorage();
    const change = vi.spyOn(storage, 'change');
    const keeper = keeperOf(storage);
    for (const value of ['a', 'b', 'c', 'a']) keeper.keep(asNodeId(new Uint8Array(2)) + value, heldOf(value));
    await vi.advanceTimersByTimeAsync(FLUSH_MS - 1);
    expect(change).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(change).toHaveBeenCalledTimes(1);
    expect(change.mock.calls[0]![0].size).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});

test('[RK5] a full disk is a sentence, and over when there is room again', async () => {
  const storage = new MemoryStorage();
  const keeper = keeperOf(storage);
  const change = vi
    .spyOn(storage, 'change')
    .mockRejectedValueOnce(new DOMException('', 'QuotaExceededError'));
  const held = heldOf('a');
  keeper.keep(held.record.slot, held);
  await keeper.flush();
  expect(keeper.problem).toMatch(/storage is full/u);
  // What could not be written is not lost.
  await keeper.flush();
  expect(keeper.problem).toBeUndefined();
  expect((await keeperOf(storage).load()).length).toBe(1);
  expect(change).toHaveBeenCalledTimes(2);
  vi.spyOn(storage, 'entries').mockRejectedValueOnce(new Error('no database'));
  expect(await keeper.load()).toEqual([]);
  expect(keeper.problem).toBeDefined();
});

test('[RK6] each slot, room and geometry has records of its own', async () => {
  const storage = new MemoryStorage();
  const networks = [0, 1, 10].flatMap((slot) =>
    ['x', 'chord', '0-chord', 'x/y'].flatMap((room) =>
      (['kademlia', 'chord'] as const).map((geometry) => keptRecordsPrefix(slot, { room, geometry })),
    ),
  );
  expect(new Set(networks).size).toBe(networks.length);
  for (const prefix of networks) {
    const keeper = keeperOf(storage, prefix);
    keeper.keep(heldOf(prefix).record.slot, heldOf(prefix));
    await keeper.flush();
  }
  for (const prefix of networks) {
    const kept = await keeperOf(storage, prefix).load();
    expect(kept.map(({ bytes }) => bytes)).toEqual([heldOf(prefix).record.bytes]);
  }
});
