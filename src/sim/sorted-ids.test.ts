import { expect, test } from 'vitest';
import { asNodeId, compareIds } from '../core/id/node-id.ts';
import { compareXor } from '../core/id/xor.ts';
import { SeededRandom } from './random.ts';
import { SortedIds } from './sorted-ids.ts';

test('finds the same nearest items as sorting all of them', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new SeededRandom(seed, 0);
    const list = new SortedIds<{ id: ReturnType<typeof asNodeId> }>();
    const items = Array.from({ length: 1 + random.below(60) }, () => ({ id: asNodeId(random.bytes(4)) }));
    for (const item of items) list.add(item);
    const gone = items.splice(0, random.below(items.length));
    for (const item of gone) list.remove(item);
    expect(list.length).toBe(items.length);
    for (let count = 1; count <= 5; count++) {
      const id = count % 2 === 0 ? items[random.below(items.length)]!.id : asNodeId(random.bytes(4));
      const expected = items
        .filter((item) => compareIds(item.id, id) !== 0)
        .sort((a, b) => compareXor(id, a.id, b.id))
        .slice(0, count);
      expect(list.nearest(id, count), `seed ${seed}`).toEqual(expected);
    }
  }
});

test('a second item of the same id takes the place of the first, and only it can be removed', () => {
  const id = asNodeId(Uint8Array.of(1, 2, 3, 4));
  const list = new SortedIds<{ id: typeof id; name: string }>();
  const first = { id, name: 'first' };
  const second = { id, name: 'second' };
  list.add(first);
  list.add(second);
  list.remove(first);
  expect(list.get(id)).toBe(second);
  list.remove(second);
  expect(list.get(id)).toBeUndefined();
});
