import { expect, test } from 'vitest';
import { countDisjointWays } from './routes.ts';

function steps(pairs: readonly (readonly [number, number])[]): Map<number, Set<number>> {
  const map = new Map<number, Set<number>>();
  for (const [from, to] of pairs) map.set(from, (map.get(from) ?? new Set()).add(to));
  return map;
}

test('ways that share a node in between count once, a step from end to end is a way', () => {
  const crossing = steps([
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 3],
    [3, 9],
  ]);
  expect(countDisjointWays(crossing, 0, 9, 4)).toBe(1);
  const apart = steps([
    [0, 1],
    [0, 2],
    [1, 9],
    [2, 3],
    [3, 9],
    [0, 9],
  ]);
  expect(countDisjointWays(apart, 0, 9, 4)).toBe(3);
  expect(countDisjointWays(apart, 0, 9, 2)).toBe(2);
  expect(countDisjointWays(apart, 0, 8, 2)).toBe(0);
});

test('a way found first gives way when two others need its nodes', () => {
  // The shortest way 0-1-2-9 blocks both 0-1-4-5-9 and 0-3-6-2-9.
  const map = steps([
    [0, 1],
    [1, 2],
    [2, 9],
    [0, 3],
    [3, 6],
    [6, 2],
    [1, 4],
    [4, 5],
    [5, 9],
  ]);
  expect(countDisjointWays(map, 0, 9, 4)).toBe(2);
});
