/** Goal: the store as an application sees it. Method: sessions in one process with real keys and signatures. */

import { afterEach, describe, expect, test } from 'vitest';
import { createIdentity } from '../identity/identity.ts';
import { MemoryStorage } from '../storage/memory-storage.ts';
import { idOfText } from '../identity/hash.ts';
import { toHex } from '../core/id/node-id.ts';
import type { Payload } from './api.ts';
import type { OverlaySession } from './overlay-session.ts';
import { reduceRecords } from './reducers.ts';
import { SessionHarness, until } from './session-harness.ts';
import type { RecordView } from './store-api.ts';

afterEach(() => SessionHarness.closeAll());

const three = async (): Promise<[OverlaySession, OverlaySession, OverlaySession]> =>
  (await new SessionHarness().openMany(3)) as [OverlaySession, OverlaySession, OverlaySession];

describe('records', () => {
  test('[ST1] what one session puts another gets: value, publisher, sequence, age and the nodes that keep it', async () => {
    const [a, b, c] = await three();
    const value = { list: [1, null, new Uint8Array([7])], name: 'x' };
    const put = await a.put('config', value);
    expect(put).toMatchObject({ ok: true, key: toHex(idOfText('config')), sequence: 1, refusedBy: [] });
    expect(put.acknowledgedBy.toSorted()).toEqual([a.id, b.id, c.id].toSorted());
    const got = await b.get('config');
    expect(got).toMatchObject({ ok: true, value, key: put.key });
    expect(got.records).toMatchObject([{ publisher: a.id, sequence: 1, kind: 'shared', key: put.key }]);
    expect(got.records[0]!.lifeMs).toBeGreaterThan(7_190_000);
    expect(got.steps.length).toBeGreaterThan(1);
    expect(b.records()).toMatchObject([{ role: 'replica', publisher: a.id }]);
    expect(a.records()).toMatchObject([{ role: 'own' }]);
  });

  test('[ST2] alone it is kept, and the result says that nobody else has it; what nobody put is not found', async () => {
    const session = await new SessionHarness().open();
    expect(await session.put('k', 1)).toMatchObject({
      ok: false,
      reason: 'alone',
      acknowledgedBy: [session.id],
    });
    expect(await session.get('k')).toMatchObject({ ok: true, value: 1 });
    expect(await session.get('nothing')).toMatchObject({ ok: false, reason: 'not-found', records: [] });
  });

  test('[ST3] own records stand under a key that only their publisher can write; null is the hash of the value', async () => {
    const [a, b] = await three();
    const own = await a.put('profile', 'me', { own: true });
    expect(own.key).not.toBe(toHex(idOfText('profile')));
    expect(await b.get(own.key)).toMatchObject({ value: 'me', records: [{ kind: 'own', publisher: a.id }] });
    const fixed = await a.put(null, 'for ever');
    expect(fixed.sequence).toBe(0);
    expect((await b.put(null, 'for ever')).key).toBe(fixed.key);
    const got = await b.get(fixed.key);
    expect(got).toMatchObject({ value: 'for ever', records: [{ kind: 'immutable' }] });
    expect(got.records[0]).not.toHaveProperty('publisher');
  });

  test('[ST4] compare-and-set, forget, and reasons in words', async () => {
    const [a, b] = await three();
    expect(await a.put('counter', 1, { cas: 0 })).toMatchObject({ ok: true, sequence: 1 });
    expect(await a.put('counter', 2, { cas: 1 })).toMatchObject({ ok: true, sequence: 2 });
    expect(await a.put('counter', 3, { cas: 1 })).toMatchObject({
      ok: false,
      reason: 'conflict',
      sequence: 2,
    });
    expect(await a.put('large', new Uint8Array(40_000))).toMatchObject({ ok: false, reason: 'too-large' });
    expect(await a.forget('counter')).toMatchObject({ ok: true, sequence: 3 });
    expect(await b.get('counter')).toMatchObject({ ok: false, reason: 'not-found' });
    expect(await a.forget('nothing')).toMatchObject({ ok: false, reason: 'not-found' });
  });

  test('[ST5] a watch tells of changes until it ends; a handler that throws stops nothing', async () => {
    const [a, b] = await three();
    const seen: (Payload | undefined)[] = [];
    const faults: string[] = [];
    b.onEvent((event) => void (event.type === 'fault' && faults.push(event.problem)));
    b.watch('news', () => {
      throw new Error('broken');
    });
    const stop = b.watch('news', ({ value }) => void seen.push(value));
    // The holders know of the watch once they answered.
    await b.get('news');
    await a.put('news', 'first');
    await until(() => seen.length === 1);
    await a.forget('news');
    await until(() => seen.length === 2);
    expect(seen).toEqual(['first', undefined]);
    expect(faults.length).toBe(2);
    stop();
    stop();
    await a.put('news', 'unheard');
    await until(() => faults.length === 3);
    expect(seen.length).toBe(2);
  });

  test('[ST6] several publishers are reduced as the reader chooses', async () => {
    const [a, b, c] = await three();
    await a.put('tags', ['x', 'y']);
    await b.put('tags', ['y', 'z']);
    expect((await c.get('tags')).value).toEqual(['y', 'z']);
    expect((await c.get('tags', { reduce: 'all' })).value).toEqual([
      ['y', 'z'],
      ['x', 'y'],
    ]);
    expect((await c.get('tags', { reduce: 'union' })).value).toEqual(['y', 'z', 'x']);
    const reduce = (records: readonly RecordView[]): number => records.length;
    expect((await c.get('tags', { reduce })).value).toBe(2);
  });

  test('[ST7] a session that leaves hands its records over; calls after that end with left', async () => {
    const harness = new SessionHarness();
    const alone = await harness.open();
    await alone.put('legacy', 'kept');
    const heir = await harness.open();
    await until(() => alone.snapshot().links.some(({ state }) => state === 'up'));
    await alone.leave();
    expect(await heir.get('legacy')).toMatchObject({ ok: true, value: 'kept' });
    expect(await alone.put('x', 1)).toMatchObject({ ok: false, reason: 'left' });
    expect(await alone.get('x')).toMatchObject({ ok: false, reason: 'left' });
  });

  test('[ST8] after a reload a session holds its records again, and nobody else’s come back', async () => {
    const harness = new SessionHarness();
    const storage = new MemoryStorage();
    const identity = await createIdentity('kademlia');
    const before = await harness.open({}, { identity, storage });
    await before.put('note', 'still here');
    before.leaveNow();
    await until(() => before.snapshot().state === 'left');
    const after = await harness.open({}, { identity, storage });
    expect(await after.get('note')).toMatchObject({ ok: true, value: 'still here' });
    expect(await after.put('note', 'next')).toMatchObject({ sequence: 2 });
    const other = await new SessionHarness().open({}, { storage: new MemoryStorage() });
    expect(other.records()).toEqual([]);
  });
});

describe('misuse', () => {
  test('[ST9] what cannot be meant is a TypeError that names it', async () => {
    const session = await new SessionHarness().open();
    const wrong: [() => Promise<unknown>, RegExp][] = [
      [() => session.put('k', (() => 1) as never), /plain data/],
      [() => session.put(7 as never, 1), /key/],
      [() => session.put('k', 1, { life: 3 } as never), /no option "life"/],
      [() => session.put('k', 1, { lifeMs: 10 }), /lifeMs/],
      [() => session.put('k', 1, { cas: -1 }), /cas/],
      [() => session.put('k', 1, { own: 1 } as never), /own/],
      [() => session.put('x'.repeat(65), 1, { own: true }), /64 bytes/],
      [() => session.put(null, 1, { cas: 1 }), /own hash/],
      [() => session.forget(null as never), /own hash/],
      [() => session.get('k', { reduce: 'best' } as never), /reduce/],
      [() => session.get('k', { timeoutMs: 0 }), /timeoutMs/],
    ];
    for (const [call, message] of wrong) await expect(call()).rejects.toThrow(message);
    for (const [call] of wrong) await expect(call()).rejects.toBeInstanceOf(TypeError);
  });
});

test('[ST10] reducers: the union of records takes the newer fields, of other values each once', () => {
  const recordOf = (value: Payload): RecordView => ({
    key: '',
    kind: 'shared',
    sequence: 1,
    value,
    bytes: 0,
    ageMs: 0,
    lifeMs: 0,
  });
  const reduced = (...values: Payload[]): unknown => reduceRecords(values.map(recordOf), 'union');
  expect(reduced({ a: 1 }, { a: 2, b: 3 })).toEqual({ a: 1, b: 3 });
  expect(reduced('x', ['x', 'y'])).toEqual(['x', 'y']);
  expect(reduced()).toEqual([]);
});
