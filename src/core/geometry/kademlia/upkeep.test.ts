import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asNodeId, compareIds, mapKey, sameId, toHex, type NodeId } from '../../id/node-id.ts';
import { commonPrefixLength, compareXor } from '../../id/xor.ts';
import { contactOf } from '../test-contacts.ts';
import { KademliaGeometry } from './kademlia.ts';
import { SeededRandom } from '../../../sim/random.ts';

const REFRESH_MS = 600_000;
const random = new SeededRandom(7, 0);
const bytes = (count: number): Uint8Array => random.bytes(count);
const newId = (): NodeId => asNodeId(bytes(8));

/** The id that begins with `byte` and goes on with zeros. */
const at = (byte: number): NodeId => asNodeId(new Uint8Array(8).fill(byte, 0, 1));

function tableOf(self: NodeId, bucketSize: number, refreshMs = REFRESH_MS): KademliaGeometry {
  return new KademliaGeometry({ self, bucketSize, replacementsMax: 8, refreshMs });
}

/** Answers a lookup as a complete network would: with the nearest nodes there are. */
function answer(table: KademliaGeometry, network: readonly NodeId[], target: NodeId, now: number): void {
  const others = network.filter((id) => !sameId(id, table.self));
  const { bucketSize } = table.snapshot(() => false);
  const nearest = others.sort((a, b) => compareXor(target, a, b)).slice(0, bucketSize);
  for (const id of nearest) table.offer(contactOf(id), now, false);
}

/** Carries out what is due until nothing is; returns how many lookups that took. */
function settle(table: KademliaGeometry, network: readonly NodeId[], now: number): number {
  let lookups = 0;
  for (let tasks = table.lookupsDue(now, bytes); tasks.length > 0; tasks = table.lookupsDue(now, bytes)) {
    for (const { slot, target } of tasks) {
      lookups++;
      answer(table, network, target, now);
      table.lookupDone(slot, now, true);
    }
    expect(lookups).toBeLessThan(1_000);
  }
  return lookups;
}

/**
 * MaidSafe's invariant, for every prefix length: fewer than `bucketSize` contacts are all there are, and so are more
 * where a close group may reach over to any of them.
 */
function missing(table: KademliaGeometry, network: readonly NodeId[]): NodeId[] {
  const { bucketSize } = table.snapshot(() => false);
  const held = Array.from(table.contacts(), (contact) => contact.id);
  return network.filter((id) => {
    if (sameId(id, table.self) || held.some((other) => sameId(other, id))) return false;
    const index = commonPrefixLength(table.self, id);
    const prefixes = held.map((other) => commonPrefixLength(table.self, other));
    const nearer = prefixes.filter((prefix) => prefix > index).length;
    return prefixes.filter((prefix) => prefix === index).length < bucketSize || nearer < bucketSize - 1;
  });
}

const sizes = fc.record({
  nodes: fc.uniqueArray(
    fc.tuple(fc.nat(7), fc.uint8Array({ minLength: 4, maxLength: 4 })).map(([shift, id]) => {
      // Unevenly spread: some parts of the key space are crowded.
      if (shift > 3) id[0]! >>= shift;
      return asNodeId(id);
    }),
    { minLength: 1, maxLength: 70, selector: mapKey, size: 'max' },
  ),
  bucketSize: fc.constantFrom(1, 2, 3, 8, 20),
  firstContacts: fc.nat(40),
});

describe('upkeep', () => {
  test('[KB18] [KB19] [KB20] [KB21] complete after truthful answers, and then nothing is missing', () => {
    fc.assert(
      fc.property(sizes, ({ nodes, bucketSize, firstContacts }) => {
        const table = tableOf(nodes[0]!, bucketSize);
        expect(table.isComplete()).toBe(false);
        for (const id of nodes.slice(1, 1 + firstContacts)) table.offer(contactOf(id), 0, true);
        settle(table, nodes, 0);
        expect(table.isComplete()).toBe(true);
        expect(missing(table, nodes).map(toHex)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('[KB18] [KB21] never complete while something is missing, whoever leaves and however often it is looked', () => {
    const steps = fc.array(
      fc.record({ do: fc.constantFrom('leave', 'leave', 'hear', 'look-up', 'settle'), pick: fc.nat() }),
      { maxLength: 40, size: 'max' },
    );
    fc.assert(
      fc.property(sizes, steps, ({ nodes, bucketSize, firstContacts }, steps) => {
        const self = nodes[0]!;
        const table = tableOf(self, bucketSize);
        const alive = nodes.slice(1);
        for (const id of alive.slice(0, firstContacts)) table.offer(contactOf(id), 0, true);
        steps.forEach(({ do: action, pick }, i) => {
          const now = 20_000 * i;
          if (action === 'leave' && alive.length > 0) {
            const [gone] = alive.splice(pick % alive.length, 1);
            table.remove(mapKey(gone!), now);
          } else if (action === 'hear' && alive.length > 0) {
            table.offer(contactOf(alive[pick % alive.length]!), now, true);
          } else if (action === 'look-up') {
            const tasks = table.lookupsDue(now, bytes);
            const task = tasks[pick % Math.max(1, tasks.length)];
            if (task !== undefined) answer(table, [self, ...alive], task.target, now);
            if (task !== undefined) table.lookupDone(task.slot, now, true);
          } else if (action === 'settle') {
            settle(table, [self, ...alive], now);
            expect(table.isComplete()).toBe(true);
          }
          if (table.isComplete()) expect(missing(table, alive).map(toHex)).toEqual([]);
          expect(table.isComplete()).toBe(gapsOf(table).every((gap) => gap === 'none'));
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test('[KB12] telling the contacts a newcomer concerns reaches every node that must know it', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), ({ nodes, bucketSize }, pick) => {
        if (nodes.length < 3) return;
        const newcomer = nodes[pick % nodes.length]!;
        const old = nodes.filter((id) => !sameId(id, newcomer));
        const tables = new Map(old.map((id) => [mapKey(id), tableOf(id, bucketSize)]));
        for (const table of tables.values()) settle(table, old, 0);
        const joining = tableOf(newcomer, bucketSize);
        settle(joining, nodes, 0);
        const told = new Set([mapKey(newcomer)]);
        const queue = [joining];
        for (let table = queue.shift(); table !== undefined; table = queue.shift()) {
          for (const { id, key } of table.contacts()) {
            if (told.has(key) || !table.concerns(newcomer, id)) continue;
            told.add(key);
            if (tables.get(key)!.offer(contactOf(newcomer), 1, false) === 'added')
              queue.push(tables.get(key)!);
          }
        }
        for (const table of tables.values()) {
          expect(table.isComplete()).toBe(true);
          expect(missing(table, nodes).map(toHex)).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('[KB19] losing a contact without a candidate leaves a gap until the next lookup', () => {
    const network = [asNodeId(new Uint8Array(8)), ...Array.from({ length: 40 }, newId)];
    const table = tableOf(network[0]!, 8);
    settle(table, network, 0);
    const [first] = table.snapshot(() => false).buckets;
    for (const id of first!.candidates) table.remove(mapKey(id), 1);
    const removed = table.remove(mapKey(first!.contacts[0]!.id), 1);
    expect(removed!.refill!.slot).toBe(0);
    expect(commonPrefixLength(table.self, removed!.refill!.target)).toBe(0);
    expect(gapsOf(table)[0]).toBe('contact-lost');
    expect(table.isComplete()).toBe(false);
    expect(table.lookupsDue(1, bytes)).toEqual([removed!.refill]);
  });

  test('[KB48] a full bucket that must hold everybody is explored half by half', () => {
    const near = [1, 2, 3, 4].map((byte) => at(byte));
    const far = Array.from({ length: 40 }, (_, i) => at(0x80 + 3 * i));
    const self = at(0);
    const table = tableOf(self, 5);
    settle(table, [self, ...near, ...far], 0);
    expect(table.snapshot(() => false).buckets[0]!.contacts.length).toBe(5);
    // One nearer node less, and a group of 5 may reach over to any of the 40.
    table.remove(mapKey(near[0]!), 1);
    expect(gapsOf(table)[0]).toBe('contact-lost');
    const lookups = settle(table, [self, ...near.slice(1), ...far], 1);
    expect(table.snapshot(() => false).buckets[0]!.contacts.length).toBe(40);
    // Each finds 5 of the 40, some of them known already.
    expect(lookups).toBeLessThanOrEqual(18);
    table.remove(mapKey(near[1]!), 2);
    expect(gapsOf(table)[0]).toBe('none');
  });

  test('[KB20] a single full bucket is no proof of having seen everybody', () => {
    const network = Array.from({ length: 30 }, newId).sort(compareIds);
    const self = network[0]!;
    const table = tableOf(self, 8);
    expect(table.lookupsDue(0, bytes)).toEqual([{ slot: 64, target: self }]);
    answer(table, network, self, 0);
    expect(table.size).toBe(8);
    expect(table.isComplete()).toBe(false);
    table.lookupDone(64, 0, true);
    expect(table.isComplete()).toBe(false);
    settle(table, network, 0);
    expect(missing(table, network)).toEqual([]);
  });

  test('[KB22] an answer that began before a loss proves nothing', () => {
    const [self, a, b] = [newId(), newId(), newId()];
    const table = tableOf(self, 8);
    table.offer(contactOf(a), 0, true);
    table.lookupsDue(0, bytes);
    table.remove(mapKey(a), 1);
    table.offer(contactOf(b), 2, true);
    table.lookupDone(64, 2, true);
    expect(table.isComplete()).toBe(false);
    expect(table.lookupsDue(2, bytes)).toHaveLength(1);
    table.lookupDone(64, 3, true);
    expect(table.isComplete()).toBe(true);
  });

  test('[KB22] nor does one that began before its bucket merged', () => {
    const self = asNodeId(new Uint8Array(8));
    const network = [self, at(0x80), at(0x81), at(0x82), at(0x01), at(0x02)];
    const table = tableOf(self, 4);
    settle(table, network, 0);
    expect(gapsOf(table)).toEqual(['none', 'none']);
    table.lookupsDue(REFRESH_MS, bytes);
    table.remove(mapKey(at(0x80)), REFRESH_MS);
    table.remove(mapKey(at(0x81)), REFRESH_MS);
    expect(gapsOf(table)).toEqual(['contact-lost']);
    table.lookupDone(64, REFRESH_MS, true);
    expect(table.isComplete()).toBe(false);
  });

  test('[KB23] failures are retried after 1, 2, 4, … 60 s, silence after 10', () => {
    const table = tableOf(newId(), 8);
    let now = 5;
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      expect(table.lookupsDue(now, bytes)).toHaveLength(1);
      expect(table.lookupsDue(now, bytes)).toEqual([]);
      expect(table.nextMaintenanceAt()).toBe(now + 10_000);
      table.lookupDone(64, now, false);
      const next = table.nextMaintenanceAt();
      waits.push(next - now);
      expect(table.lookupsDue(next - 1, bytes)).toEqual([]);
      now = next;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(table.lookupsDue(now, bytes)).toHaveLength(1);
    expect(table.lookupsDue(now + 9_999, bytes)).toEqual([]);
    expect(table.lookupsDue(now + 10_000, bytes)).toHaveLength(1);
    table.lookupDone(64, now + 10_001, true);
    expect(table.isComplete()).toBe(true);
  });

  test('[KB24] every bucket is looked up again after refreshMs, by an id of its own', () => {
    const network = Array.from({ length: 60 }, newId);
    const table = tableOf(network[0]!, 4);
    settle(table, network, 100);
    const last = table.snapshot(() => false).buckets.length - 1;
    expect(last).toBeGreaterThan(1);
    expect(table.nextMaintenanceAt()).toBe(100 + REFRESH_MS);
    expect(table.lookupsDue(99 + REFRESH_MS, bytes)).toEqual([]);
    const tasks = table.lookupsDue(100 + REFRESH_MS, bytes);
    expect(tasks.map(({ slot }) => slot).sort((a, b) => a - b)).toEqual([...Array(last).keys(), 64]);
    for (const { slot, target } of tasks) expect(commonPrefixLength(table.self, target)).toBe(slot);
    expect(table.isComplete()).toBe(true);
  });

  test('[KB18] answers for slots that are gone or were never asked for do no harm', () => {
    const table = tableOf(newId(), 8);
    for (const slot of [-1, 0, 1, 63, 1_000]) table.lookupDone(slot, 0, true);
    expect(table.isComplete()).toBe(false);
  });

  test('[KB29] the size is exact while one bucket holds all, and near the truth for many', () => {
    for (const count of [1, 2, 5, 9]) {
      const network = Array.from({ length: count }, newId);
      const table = tableOf(network[0]!, 8);
      settle(table, network, 0);
      if (count < 9) expect(table.sizeEstimate()).toBe(count);
      else expect(table.sizeEstimate()).toBeGreaterThanOrEqual(count);
    }
    const seeded = new SeededRandom(11, 0);
    for (const [count, bucketSize] of [
      [300, 8],
      [1_000, 8],
      [1_000, 20],
      [1_000, 1],
    ] as const) {
      const network = Array.from({ length: count }, () => asNodeId(seeded.bytes(8)));
      const errors = network.slice(0, 60).map((self) => {
        const table = tableOf(self, bucketSize);
        settle(table, network, 0);
        expect(table.sizeEstimate()).toBeGreaterThan(table.size);
        return Math.log2(table.sizeEstimate() / count);
      });
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      expect(Math.abs(mean)).toBeLessThan(0.7);
    }
  });
});

function gapsOf(table: KademliaGeometry): string[] {
  return table.snapshot(() => false).buckets.map((bucket) => bucket.gap);
}
