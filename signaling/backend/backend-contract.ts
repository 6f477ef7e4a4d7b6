/** What every backend must satisfy. Each implementation's test calls this with its own factory. */

import { describe, expect, test } from 'vitest';
import type { Geometry } from '../protocol.ts';
import type { Backend, BackendListener, SessionId } from './backend.ts';

/** Makes an empty backend that reports to `listener` and draws from `random`. */
export type BackendFactory = (listener: BackendListener, random: () => number) => Backend | Promise<Backend>;

/** Registers the tests. */
export function describeBackend(name: string, create: BackendFactory): void {
  describe(`backend: ${name}`, () => {
    testMembership(create);
    testIntroductions(create);
    testRelay(create);
  });
}

function testMembership(create: BackendFactory): void {
  test('[SG10] the first member decides on the geometry, and an empty room forgets it', async () => {
    const { join, backend } = await setUp(create);
    expect(await join(1, 'a', 1, 'chord')).toEqual({ ok: true, geometry: 'chord' });
    expect(await join(2, 'a', 2, 'kademlia')).toEqual({ ok: false, geometry: 'chord' });
    expect(await join(3, 'b', 2, 'kademlia')).toEqual({ ok: true, geometry: 'kademlia' });
    await backend.leave(1);
    expect(await join(4, 'a', 4, 'kademlia')).toEqual({ ok: true, geometry: 'kademlia' });
  });

  test('[SG10] a session that was refused, or never joined, can leave', async () => {
    const { join, backend } = await setUp(create);
    await join(1, 'a', 1, 'chord');
    await join(2, 'a', 2, 'kademlia');
    await backend.leave(2);
    await backend.leave(77);
    expect(await backend.roomSizes()).toEqual([1]);
  });

  test('[SG11] a newer session of an id in its room takes over, and the late leave of the old one changes nothing', async () => {
    const { join, backend, replaced } = await setUp(create);
    await join(1, 'a', 1);
    await join(2, 'a', 1);
    expect(replaced).toEqual([1]);
    await backend.leave(1);
    expect(await backend.roomSizes()).toEqual([1]);
    await backend.leave(2);
    expect(await backend.roomSizes()).toEqual([]);
  });

  test('[SG11] the same id in another room is another member', async () => {
    const { join, backend, replaced } = await setUp(create);
    await join(1, 'a', 1);
    await join(2, 'b', 1);
    expect(replaced).toEqual([]);
    expect(await backend.roomSizes()).toEqual([1, 1]);
  });

  test('[SG11] the only member of a room may come back with another geometry', async () => {
    const { join, replaced } = await setUp(create);
    await join(1, 'a', 1, 'chord');
    expect(await join(2, 'a', 1, 'kademlia')).toEqual({ ok: true, geometry: 'kademlia' });
    expect(replaced).toEqual([1]);
  });

  test('[SG10] calls take effect in the order in which they were made', async () => {
    const { join, backend } = await setUp(create);
    await Promise.all([join(1, 'a', 1), backend.leave(1)]);
    expect(await backend.roomSizes()).toEqual([]);
  });
}

function testIntroductions(create: BackendFactory): void {
  test('[SG12] a sample has different members of the room, all of them when there are few', async () => {
    const { join, backend } = await setUp(create);
    for (let n = 1; n <= 20; n++) await join(n, n <= 10 ? 'a' : 'b', n);
    for (let round = 0; round < 50; round++) {
      const ids = (await backend.sample('a', 4)).map((id) => id[0]!);
      expect(new Set(ids).size).toBe(4);
      expect(Math.max(...ids)).toBeLessThanOrEqual(10);
    }
    const all = (await backend.sample('a', 100)).map((id) => id[0]!).sort((a, b) => a - b);
    expect(all).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await backend.sample('nowhere', 4)).toEqual([]);
    expect(await backend.sample('a', 0)).toEqual([]);
  });

  test('[SG12] in many samples every member is drawn about as often', async () => {
    const { join, backend } = await setUp(create);
    for (let n = 0; n < 10; n++) await join(n, 'a', n);
    const drawn = Array.from({ length: 10 }, () => 0);
    for (let round = 0; round < 5_000; round++) {
      for (const id of await backend.sample('a', 2)) drawn[id[0]!]!++;
    }
    for (const count of drawn) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });

  test('[SG12] the nearest are nearest by XOR, nearest first, the target itself included', async () => {
    const { join, backend } = await setUp(create);
    for (const n of [0b0001, 0b0010, 0b0111, 0b1000, 0b1111]) await join(n, 'a', n);
    const nearest = async (n: number, count: number) =>
      (await backend.nearest('a', idOf(n), count)).map((id) => id[0]!);
    expect(await nearest(0b0111, 3)).toEqual([0b0111, 0b0010, 0b0001]);
    expect(await nearest(0b1001, 2)).toEqual([0b1000, 0b1111]);
    expect(await nearest(0b0011, 99)).toHaveLength(5);
    expect(await backend.nearest('nowhere', idOf(1), 3)).toEqual([]);
  });

  test('[SG12] who has left is in no sample and not near', async () => {
    const { join, backend } = await setUp(create);
    for (let n = 1; n <= 5; n++) await join(n, 'a', n);
    await backend.leave(2);
    await backend.leave(5);
    const ids = (await backend.sample('a', 9)).map((id) => id[0]!).sort((a, b) => a - b);
    expect(ids).toEqual([1, 3, 4]);
    expect(await backend.nearest('a', idOf(2), 1)).toEqual([idOf(3)]);
  });
}

function testRelay(create: BackendFactory): void {
  test('[SG14] a signal goes to the member with that id in that room, and to nobody else', async () => {
    const { join, backend, delivered } = await setUp(create);
    await join(1, 'a', 1);
    await join(2, 'a', 2);
    await join(3, 'b', 3);
    const data = Uint8Array.of(1, 2, 3);
    expect(await backend.publish({ room: 'a', from: idOf(1), to: idOf(2), data })).toBe(true);
    expect(await backend.publish({ room: 'a', from: idOf(1), to: idOf(3), data })).toBe(false);
    expect(await backend.publish({ room: 'nowhere', from: idOf(1), to: idOf(2), data })).toBe(false);
    expect(delivered).toEqual([{ session: 2, from: 1, data }]);
  });

  test('[SG14] a signal to an id that logged in again goes to its newer session', async () => {
    const { join, backend, delivered } = await setUp(create);
    await join(1, 'a', 1);
    await join(2, 'a', 2);
    await join(3, 'a', 2);
    await backend.publish({ room: 'a', from: idOf(1), to: idOf(2), data: Uint8Array.of(1) });
    expect(delivered.map(({ session }) => session)).toEqual([3]);
  });
}

async function setUp(create: BackendFactory) {
  const delivered: { session: SessionId; from: number; data: Uint8Array }[] = [];
  const replaced: SessionId[] = [];
  const listener: BackendListener = {
    deliver: (session, from, data) => delivered.push({ session, from: from[0]!, data }),
    replaced: (session) => replaced.push(session),
  };
  const backend = await create(listener, seededRandom(4711));
  const join = (session: SessionId, room: string, id: number, geometry: Geometry = 'kademlia') =>
    backend.join({ session, room, id: idOf(id), geometry });
  return { backend, join, delivered, replaced };
}

/** A short stand-in for an id: the first byte says which. */
function idOf(n: number): Uint8Array {
  const id = new Uint8Array(32);
  id[0] = n;
  return id;
}

/** A small generator (xorshift), so that the counts of the test above are always the same. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
