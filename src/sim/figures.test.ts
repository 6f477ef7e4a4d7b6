import { expect, test } from 'vitest';
import { maxOf, meanOf, percentDown, percentile } from './figures.ts';
import { SeededRandom, pairFraction } from './random.ts';

test('percentages are rounded down: 100 means all', () => {
  expect(percentDown(99_999, 100_000)).toBe(99.999);
  expect(percentDown(999_999, 1_000_000)).toBe(99.999);
  expect(percentDown(7, 7)).toBe(100);
  expect(percentDown(0, 0)).toBeNull();
});

test('mean, largest value and percentiles of some and of none', () => {
  expect(meanOf([1, 2, 2])).toBe(1.667);
  expect(maxOf([3, 9, 1])).toBe(9);
  expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3);
  expect(percentile([5, 1, 4, 2, 3], 0.99)).toBe(5);
  expect([meanOf([]), maxOf([]), percentile([], 0.5)]).toEqual([null, null, null]);
});

test('equal seeds and streams give equal numbers, others do not', () => {
  expect(draw(1, 2)).toEqual(draw(1, 2));
  expect(draw(1, 2)).not.toEqual(draw(2, 2));
  expect(draw(1, 2)).not.toEqual(draw(1, 3));
  expect(draw(1 + 2 ** 40, 2)).not.toEqual(draw(1, 2));
});

test('numbers below a limit are spread over all of them, bytes over all values', () => {
  const random = new SeededRandom(9, 0);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 10_000; i++) counts[random.below(10)]!++;
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  expect(new Set(random.bytes(5_001)).size).toBe(256);
});

test('a pair has one fraction, whoever asks, and they are spread out', () => {
  let low = 0;
  for (let a = 0; a < 100; a++) {
    for (let b = 0; b < 100; b++) {
      expect(pairFraction(1, 2, a, b)).toBe(pairFraction(1, 2, b, a));
      if (pairFraction(1, 2, a, b) < 0.3) low++;
    }
  }
  expect(Math.abs(low - 3_000)).toBeLessThan(300);
});

function draw(seed: number, stream: number): number[] {
  const random = new SeededRandom(seed, stream);
  return Array.from({ length: 8 }, () => random.uint32());
}
