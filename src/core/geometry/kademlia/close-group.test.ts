import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asNodeId, mapKey, sameId, toHex, type NodeId } from '../../id/node-id.ts';
import { flipBit } from '../../id/xor.ts';
import { contactOf } from '../test-contacts.ts';
import { GroupTable } from './group-table.ts';
import { history, replay } from './table-history.ts';
import { TableModel } from './table-model.ts';

const hexes = (ids: readonly Uint8Array[] | undefined): string[] | undefined => ids?.map(toHex);

const tableOf = (self: NodeId, bucketSize: number, replacementsMax: number): GroupTable =>
  new GroupTable({ self, bucketSize, replacementsMax, refreshMs: Infinity });

/** The id of 8 bytes that begins with these, and of node 0 in most examples. */
const at = (...bytes: number[]): NodeId => asNodeId(Uint8Array.from({ length: 8 }, (_, i) => bytes[i] ?? 0));

/** A table of node 0 with `far` contacts in bucket 0 and `near` ones beyond it. */
function besideTable(bucketSize: number, far: number, near: number): GroupTable {
  const table = tableOf(at(), bucketSize, 4);
  for (let i = 0; i < near; i++) table.offer(contactOf(at(0x40, i)), 0, true);
  for (let i = 0; i < far; i++) table.offer(contactOf(at(0x80, i)), 1 + i, true);
  return table;
}

const countAt = (table: GroupTable, index: number): number =>
  table.snapshot(() => false).buckets[index]!.contacts.length;

describe('close groups', () => {
  test('[KB33] [KB34] [KB35] [KB36] [KB37] [KB40] answers what looking at everything answers', () => {
    fc.assert(
      fc.property(history, (life) => {
        const { self, bucketSize, replacementsMax, keys } = life;
        const table = tableOf(self, bucketSize, replacementsMax);
        const model = new TableModel(self, bucketSize, replacementsMax);
        replay(life, table, model, () => {});
        // One comparison a life: thousands of single ones would take longer than all else here.
        const said: unknown[] = [];
        const expected: unknown[] = [];
        for (const key of [...keys, self, ...model.placed().slice(0, 4)]) {
          for (const size of [0, 1, 2, bucketSize, 20]) {
            const group = model.closest(key, size, true);
            const isIn = group.some((id) => sameId(id, self));
            const others = group.filter((id) => !sameId(id, self));
            said.push(table.isCloseTo(key, size), table.isRecipient({ to: 'group', key, size }));
            expected.push(isIn, isIn);
            said.push(table.closeNodes(key, size), table.otherCloseNodes(key, size));
            expected.push(...(isIn ? [group, others] : [undefined, undefined]));
          }
          said.push(table.isRecipient({ to: 'node', id: key }), table.needToAdd(key));
          expected.push(sameId(key, self), model.needsToAdd(key));
          said.push(table.allowConnection(key), table.isUnneeded(key));
          expected.push(model.allows(key), model.isUnneeded(key));
        }
        for (let prefix = 0; prefix < Math.min(40, 8 * self.length); prefix++) {
          said.push(table.sharesCloseGroupWithBucket(prefix));
          expected.push(model.sharesGroups(prefix));
        }
        expect(JSON.stringify(said)).toBe(JSON.stringify(expected));
      }),
      { numRuns: 1_000 },
    );
  });

  test('[KB11] [KB31] adding says whom it concerns and who lost a place', () => {
    fc.assert(
      fc.property(history, (life) => {
        const { self, bucketSize, replacementsMax, keys } = life;
        const table = tableOf(self, bucketSize, replacementsMax);
        const model = new TableModel(self, bucketSize, replacementsMax);
        replay(life, table, model, () => {});
        for (const id of [...keys, ...Array.from({ length: 10 }, (_, i) => flipBit(self, (3 * i) % 8))]) {
          const before = model.placed();
          const { outcome, notify, unneeded } = table.add(contactOf(id), 100, true);
          expect(outcome).toBe(model.offer(id, 100, true));
          const after = model.placed();
          const displaced = before.filter((old) => !after.some((other) => sameId(other, old)));
          expect(hexes(unneeded)!.sort()).toEqual(hexes(displaced));
          const told = outcome === 'added' ? after.filter((peer) => model.concerns(id, peer)) : [];
          expect(hexes(notify)!.sort()).toEqual(hexes(told));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('[KB32] what must be refilled after a removal is looked up next', () => {
    fc.assert(
      fc.property(history, (life) => {
        const { self, bucketSize, replacementsMax } = life;
        const table = tableOf(self, bucketSize, replacementsMax);
        replay(life, table, new TableModel(self, bucketSize, replacementsMax), () => {});
        let now = 1_000;
        for (const id of Array.from(table.contacts(), (contact) => contact.id)) {
          // Later than any lookup that nobody answered is waited for.
          now += 20_000;
          const removed = table.remove(mapKey(id), now);
          if (removed?.refill === undefined) continue;
          const due = table.lookupsDue(now, (count) => new Uint8Array(count));
          expect(due).toContainEqual(removed.refill);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('[KB30] the bucket beside the last holds all while groups reach over to it', () => {
    // 3 nearer ones and this node are 4 of a group of 5: the fifth may be anybody of bucket 0.
    expect(countAt(besideTable(5, 40, 3), 0)).toBe(40);
    expect(countAt(besideTable(5, 40, 4), 0)).toBe(5);
    expect(countAt(besideTable(1, 40, 0), 0)).toBe(1);
  });

  test('[KB30] a bucket holds at most 64 contacts beyond bucketSize', () => {
    const table = besideTable(5, 69, 3);
    expect(countAt(table, 0)).toBe(69);
    const more = contactOf(at(0x81));
    expect(table.wants(more.id)).toBe(false);
    expect(table.offer(more, 100, true)).toBe('candidate');
    table.remove(mapKey(at(0x80, 7)), 101);
    expect(countAt(table, 0)).toBe(69);
    expect(table.get(more.key)).toBe(more);
    expect(table.snapshot(() => false).buckets[0]!.candidates).toEqual([]);
  });

  test('[KB31] surplus contacts lose their place to a nearer one, and have it back when that goes', () => {
    const table = besideTable(5, 8, 3);
    const { outcome, unneeded } = table.add(contactOf(at(0x20)), 50, true);
    expect(outcome).toBe('added');
    expect(unneeded).toEqual([at(0x80, 5), at(0x80, 6), at(0x80, 7)]);
    expect(countAt(table, 0)).toBe(5);
    expect(unneeded.map((id) => table.isUnneeded(id))).toEqual([false, false, false]);
    table.add(contactOf(at(0x21)), 51, true);
    expect(unneeded.map((id) => table.isUnneeded(id))).toEqual([true, true, true]);
    table.remove(mapKey(at(0x21)), 52);
    table.remove(mapKey(at(0x20)), 52);
    expect(countAt(table, 0)).toBe(8);
  });

  test('[KB36] a node may connect that is held, missed, or fills its bucket here', () => {
    const table = besideTable(2, 2, 4);
    const [held, candidate] = [at(0x80, 0), at(0x80, 9)];
    expect(table.allowConnection(held)).toBe(true);
    expect(table.allowConnection(at(0x10))).toBe(true);
    // Its bucket address is 0x00 09…, and two contacts at 0x40 are not nearer to that than this node.
    expect(table.allowConnection(candidate)).toBe(true);
    expect(table.allowConnection(at(0xc0, 9))).toBe(false);
    expect(table.allowConnection(at())).toBe(false);
  });
});
