/**
 * How long tabs stay open: Weibull with shape 1/2, which fits measured sessions; many short ones, a few very long ones.
 * (D. Stutzbach and R. Rejaie, "Understanding churn in peer-to-peer networks", IMC 2006.)
 */

import type { SeededRandom } from './random.ts';

/** A new session, ms, with the median given. A Weibull variable of shape 1/2 is the square of an exponential one. */
export function drawLifetime(random: SeededRandom, medianMs: number): number {
  return scaleOf(medianMs) * exponential(random) ** 2;
}

/**
 * What is left of the session of a node met at any moment of a network that has been running for long. Such a session
 * is chosen in proportion to its length, which makes the root of it the sum of three exponentials, and the moment lies
 * anywhere in it.
 */
export function drawRest(random: SeededRandom, medianMs: number): number {
  const root = exponential(random) + exponential(random) + exponential(random);
  return scaleOf(medianMs) * root ** 2 * random.fraction();
}

/** Mean session with a median given, ms. */
export function meanLifetime(medianMs: number): number {
  return 2 * scaleOf(medianMs);
}

function scaleOf(medianMs: number): number {
  return medianMs / Math.LN2 ** 2;
}

function exponential(random: SeededRandom): number {
  return -Math.log(1 - random.fraction());
}
