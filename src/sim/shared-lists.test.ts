/** Goal: equal lists become one, others never do. Method: lists of random ids. */

import { expect, test } from 'vitest';
import { packIds, type IdList } from '../core/id/id-list.ts';
import { asNodeId } from '../core/id/node-id.ts';
import { SeededRandom } from './random.ts';
import { SharedLists } from './shared-lists.ts';

const random = new SeededRandom(1, 0);
const listOf = (count: number): IdList =>
  packIds(Array.from({ length: count }, () => asNodeId(random.bytes(32))));

test('a list with the ids of one that was shared lately gives that one', () => {
  const shared = new SharedLists();
  const list = listOf(30);
  const copy = { ...list, bytes: list.bytes.slice() };
  expect(shared.share(list)).toBe(list);
  expect(shared.share(copy)).toBe(list);
});

test('lists with other ids stay what they are, however many there are', () => {
  const shared = new SharedLists();
  for (let i = 0; i < 20_000; i++) {
    const list = listOf(2);
    expect(shared.share(list)).toBe(list);
  }
});
