import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asNodeId, compareIds, mapKey, toHex } from '../../id/node-id.ts';
import { commonPrefixLength } from '../../id/xor.ts';
import { contactOf } from '../test-contacts.ts';
import { KademliaGeometry } from './kademlia.ts';
import { history, replay } from './table-history.ts';
import { TableModel } from './table-model.ts';

const hexes = (ids: Iterable<Uint8Array>): string[] => Array.from(ids, toHex);

/** What is wrong with the buckets; one comparison a step keeps thousands of histories quick. */
function faults(table: KademliaGeometry, model: TableModel, bucketSize: number): string[] {
  const { buckets } = table.snapshot(() => false);
  const last = buckets.length - 1;
  const found: string[] = [];
  const held = Array.from(table.contacts(), (contact) => contact.id).sort(compareIds);
  if (hexes(held).join() !== hexes(model.placed()).join()) found.push('other contacts than the model');
  if (table.size !== held.length) found.push(`size is ${table.size} for ${held.length} contacts`);
  if (last >= 8 * table.self.length) found.push('more buckets than bits');
  for (const { index, contacts, candidates, full } of buckets) {
    const beside = index === last - 1 && buckets[last]!.contacts.length < bucketSize - 1;
    if (contacts.length > bucketSize + (beside ? 64 : 0)) found.push(`bucket ${index} is too large`);
    if (full !== contacts.length >= bucketSize) found.push(`bucket ${index} is wrong about being full`);
    if (contacts.some(({ id }) => Math.min(commonPrefixLength(table.self, id), last) !== index)) {
      found.push(`bucket ${index} holds what belongs elsewhere`);
    }
    const expected = index < last ? model.waiting(index) : [];
    if (hexes(candidates).join() !== hexes(expected).join())
      found.push(`bucket ${index} has other candidates`);
  }
  const pair = last === 0 ? bucketSize : buckets[last]!.contacts.length + buckets[last - 1]!.contacts.length;
  if (pair < bucketSize) found.push('the last two buckets should be one');
  return found;
}

describe('table', () => {
  test('[KB1] [KB2] [KB3] [KB4] [KB5] [KB7] [KB9] [KB30] [KB31] holds what the model holds, after every step', () => {
    fc.assert(
      fc.property(history, (life) => {
        const { self, bucketSize, replacementsMax } = life;
        const table = new KademliaGeometry({ self, bucketSize, replacementsMax, refreshMs: Infinity });
        const model = new TableModel(self, bucketSize, replacementsMax);
        replay(life, table, model, () => expect(faults(table, model, bucketSize)).toEqual([]));
      }),
      { numRuns: 1_000 },
    );
  });

  test('[KB6] [KB8] [KB10] [KB11] answers what looking at everything answers', () => {
    fc.assert(
      fc.property(history, (life) => {
        const { self, bucketSize, replacementsMax, steps, keys } = life;
        const table = new KademliaGeometry({ self, bucketSize, replacementsMax, refreshMs: Infinity });
        const model = new TableModel(self, bucketSize, replacementsMax);
        replay(life, table, model, () => {});
        for (const key of [...keys, self, ...model.placed().slice(0, 3)]) {
          for (const count of [0, 1, 3, 20, 1_000]) {
            expect(hexes(table.closest(key, count, false))).toEqual(hexes(model.closest(key, count, false)));
            expect(hexes(table.closest(key, count, true))).toEqual(hexes(model.closest(key, count, true)));
          }
          expect(table.isResponsible(key)).toBe(toHex(model.closest(key, 1, true)[0]!) === toHex(self));
          for (const peer of keys) expect(table.concerns(key, peer)).toBe(model.concerns(key, peer));
        }
        for (const before of [0, steps.length >> 1, Infinity]) {
          expect(table.stale(before).map((contact) => contact.key)).toEqual(model.stale(before));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('[KB6] sorts a bucket of any size, with ids that share their first 32 bits', () => {
    const bytes = fc.uint8Array({ minLength: 8, maxLength: 8 });
    const idOf = fc
      .tuple(bytes, fc.nat(80))
      .map(([id, draw]) => asNodeId(draw === 0 ? id.fill(5, 0, 6) : id));
    fc.assert(
      fc.property(fc.array(idOf, { maxLength: 150, size: 'max' }), idOf, idOf, (ids, self, key) => {
        const table = new KademliaGeometry({
          self,
          bucketSize: 200,
          replacementsMax: 0,
          refreshMs: Infinity,
        });
        const model = new TableModel(self, 200, 0);
        for (const id of ids) {
          table.offer(contactOf(id), 0, true);
          model.offer(id, 0, true);
        }
        expect(hexes(table.closest(key, 30, true))).toEqual(hexes(model.closest(key, 30, true)));
      }),
      { numRuns: 200 },
    );
  });

  test('[KB4] the candidate heard of last moves up', () => {
    const table = new KademliaGeometry({
      self: asNodeId(Uint8Array.of(0)),
      bucketSize: 1,
      replacementsMax: 2,
      refreshMs: Infinity,
    });
    const far = [0x80, 0x81, 0x82, 0x83].map((byte) => contactOf(asNodeId(Uint8Array.of(byte))));
    expect(far.map((contact) => table.offer(contact, 0, true))).toEqual([
      'added',
      ...Array(3).fill('candidate'),
    ]);
    expect(table.get(far[1]!.key)).toBeUndefined();
    table.touch(far[2]!.key, 1);
    const removed = { contact: far[0], refill: undefined, promoted: far[2] };
    expect(table.remove(far[0]!.key, 2)).toEqual(removed);
    expect([...table.contacts()]).toEqual([far[2]]);
    expect(table.get(far[3]!.key)).toBe(far[3]);
  });

  test('[KB4] a candidate that is offered alive again is the newest', () => {
    const self = asNodeId(Uint8Array.of(0));
    const table = new KademliaGeometry({ self, bucketSize: 1, replacementsMax: 3, refreshMs: Infinity });
    const far = [0x80, 0x81, 0x82, 0x83].map((byte) => contactOf(asNodeId(Uint8Array.of(byte))));
    for (const contact of far) table.offer(contact, 0, false);
    expect(table.offer(far[2]!, 1, false)).toBe('candidate');
    expect(table.offer(far[1]!, 1, true)).toBe('candidate');
    expect(table.snapshot(() => false).buckets[0]!.candidates).toEqual([far[2]!.id, far[3]!.id, far[1]!.id]);
  });

  test('[KB2] an id at the last bit has nowhere to split to', () => {
    const table = new KademliaGeometry({
      self: asNodeId(Uint8Array.of(0)),
      bucketSize: 1,
      replacementsMax: 1,
      refreshMs: Infinity,
    });
    for (let byte = 1; byte < 256; byte++) table.offer(contactOf(asNodeId(Uint8Array.of(byte))), 0, true);
    table.lookupDone(8, 0, true);
    const { buckets } = table.snapshot(() => false);
    expect(buckets.map((bucket) => bucket.contacts.length)).toEqual(Array(8).fill(1));
    expect(table.isComplete()).toBe(true);
  });

  test('[GE7] ids of another length are refused', () => {
    const self = asNodeId(new Uint8Array(8));
    const table = new KademliaGeometry({ self, bucketSize: 8, replacementsMax: 8, refreshMs: Infinity });
    for (const length of [1, 7, 9, 32]) {
      const id = asNodeId(new Uint8Array(length).fill(9));
      expect(table.offer(contactOf(id), 0, true)).toBe('refused');
      expect(table.wants(id)).toBe(false);
      expect(table.get(mapKey(id))).toBeUndefined();
      expect(table.remove(mapKey(id), 0)).toBeUndefined();
    }
  });
});
