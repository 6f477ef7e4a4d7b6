import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('[SG15] gives the burst at once, then the rate, and never saves up more than the burst', () => {
  const bucket = new TokenBucket(20, 60, 1_000);
  const taken = (now: number, tries: number): number =>
    Array.from({ length: tries }, () => bucket.take(now)).filter(Boolean).length;
  expect(taken(1_000, 100)).toBe(60);
  expect(taken(1_049, 5)).toBe(0);
  expect(taken(1_050, 5)).toBe(1);
  expect(taken(2_050, 100)).toBe(20);
  expect(taken(3_600_000, 100)).toBe(60);
});
