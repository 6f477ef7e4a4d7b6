/** Seeded randomness for tests of the core: xorshift128 over four words mixed from the seed. Same seed, same numbers. */

import type { Random } from '../core/ports.ts';

export class SeededRandom implements Random {
  readonly #state = new Int32Array(4);

  /** `seed` is any whole number below 2^53. */
  constructor(seed: number) {
    let word = (seed | 0) ^ Math.floor(seed / 2 ** 32);
    for (let i = 0; i < 4; i++) {
      word = (word + 0x6d2b79f5) | 0;
      const mixed = Math.imul(word ^ (word >>> 15), word | 1);
      this.#state[i] = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
    }
    if (this.#state.every((part) => part === 0)) this.#state[0] = 1;
  }

  uint32(): number {
    const state = this.#state;
    let t = state[3]!;
    const s = state[0]!;
    state[3] = state[2]!;
    state[2] = state[1]!;
    state[1] = s;
    t ^= t << 11;
    t ^= t >>> 8;
    state[0] = t ^ s ^ (s >>> 19);
    return state[0] >>> 0;
  }

  below(limit: number): number {
    return Math.floor((this.uint32() * limit) / 2 ** 32);
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.uint32() >>> 24);
  }
}

/** The seed of a random test: `HOPLINE_SEED` if set, else the one given. Put it in the failure message. */
export function testSeed(fallback: number): number {
  const given = Number(process.env['HOPLINE_SEED']);
  return Number.isSafeInteger(given) && given > 0 ? given : fallback;
}

/** Cases of a property test: few in the normal run, many with `HOPLINE_LONG=1`. */
export function caseCount(normal = 5_000, long = 100_000): number {
  return process.env['HOPLINE_LONG'] === '1' ? long : normal;
}
