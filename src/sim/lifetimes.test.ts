import { expect, test } from 'vitest';
import { drawLifetime, drawRest, meanLifetime } from './lifetimes.ts';
import { SeededRandom } from './random.ts';

const MEDIAN_MS = 1_000;
const DRAWS = 200_000;

function draws(draw: (random: SeededRandom, medianMs: number) => number): Float64Array {
  const random = new SeededRandom(4, 0);
  return Float64Array.from({ length: DRAWS }, () => draw(random, MEDIAN_MS)).sort();
}

test('half of all sessions are shorter than the median, and the shape is one half', () => {
  const sorted = draws(drawLifetime);
  expect(Math.abs(sorted[DRAWS / 2]! / MEDIAN_MS - 1)).toBeLessThan(0.03);
  // Weibull of shape 1/2: the quantile of 1 - e^-x is x² times the scale.
  const scale = MEDIAN_MS / Math.LN2 ** 2;
  for (const x of [0.1, 0.5, 1, 2, 3]) {
    const quantile = sorted[Math.floor(DRAWS * (1 - Math.exp(-x)))]!;
    expect(Math.abs(quantile / (scale * x * x) - 1)).toBeLessThan(0.05);
  }
  const mean = sorted.reduce((sum, value) => sum + value, 0) / DRAWS;
  expect(Math.abs(mean / meanLifetime(MEDIAN_MS) - 1)).toBeLessThan(0.05);
});

test('a network that has been running for long loses nodes at an even rate', () => {
  const rests = draws(drawRest);
  // In a steady state as many sessions end in a span of time as begin: span / mean of all that are there.
  for (const spanMs of [50, 500, 2_000]) {
    const ended = rests.findIndex((rest) => rest > spanMs);
    const still = lifetimesAbove(spanMs);
    expect(Math.abs(ended / DRAWS - still)).toBeLessThan(0.01);
  }
});

/** Share of the nodes there at a moment that are gone a span later: the mean of min(lifetime, span) over the mean. */
function lifetimesAbove(spanMs: number): number {
  const lifetimes = draws(drawLifetime);
  const shared = lifetimes.reduce((sum, lifetime) => sum + Math.min(lifetime, spanMs), 0) / DRAWS;
  return shared / meanLifetime(MEDIAN_MS);
}
