import { expect, test } from 'vitest';
import { SkewedClock } from './skewed-clock.ts';

test('shows what it should, says when it will, and jumps ahead only', () => {
  const clock = new SkewedClock(1_000, 1.5);
  expect(clock.read(200)).toBe(1_300);
  expect(clock.toVirtual(1_300)).toBe(200);
  expect(clock.toVirtual(Infinity)).toBe(Infinity);
  clock.jump(3_600_000);
  expect(clock.read(200)).toBe(3_601_300);
});

test('clocks of a network differ by an hour and the share given at most, and follow from the seed', () => {
  const shown = Array.from({ length: 200 }, (_, index) => SkewedClock.of(7, index, 0.05));
  const offsets = shown.map((clock) => clock.read(0));
  const rates = shown.map((clock) => clock.read(1_000) / 1_000 - clock.read(0) / 1_000);
  expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...offsets)).toBeLessThan(3_600_000);
  expect(Math.min(...rates)).toBeGreaterThan(0.949);
  expect(Math.max(...rates)).toBeLessThan(1.051);
  expect(Math.max(...rates) - Math.min(...rates)).toBeGreaterThan(0.08);
  expect(SkewedClock.of(7, 3, 0.05).read(5)).toBe(shown[3]!.read(5));
});
