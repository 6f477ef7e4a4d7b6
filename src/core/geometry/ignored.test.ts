import { expect, test } from 'vitest';
import { asNodeId } from '../id/node-id.ts';
import { SeededRandom } from '../../test-support/seeded-random.ts';
import { ignoredIds, isIgnored } from './ignored.ts';

test('ids are ignored that begin like a prefix of any length, and the own one', () => {
  const random = new SeededRandom(3);
  const self = asNodeId(random.bytes(32));
  const list = random.bytes(5 * 32);
  const idAt = (index: number): Uint8Array => list.subarray(32 * index, 32 * index + 32);
  for (const lengths of [
    [8, 32],
    [8, 1],
    [3, 4],
  ] as const) {
    const ignored = ignoredIds(self, [idAt(1).slice(0, lengths[0]), idAt(3).slice(0, lengths[1])]);
    expect([0, 1, 2, 3, 4].map((index) => isIgnored(ignored, list, 32 * index))).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
    expect(isIgnored(ignored, self, 0)).toBe(true);
  }
  const alike = idAt(0).slice(0, 8);
  alike[7]! ^= 1;
  expect(isIgnored(ignoredIds(self, [alike]), idAt(0), 0)).toBe(false);
});
