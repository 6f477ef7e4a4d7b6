/**
 * Seeded randomness for simulations: the small fast counter generator sfc32. Every node and every part of a scenario
 * takes its own stream, so that drawing more in one place does not shift the numbers of another.
 */

import type { Random } from '../core/ports.ts';

/** What a node's port offers, and fractions for models. */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Equal seeds and streams give equal sequences; both are whole numbers. */
  constructor(seed: number, stream: number) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    // The seed may be up to 2^53: its upper part goes in as well.
    this.#c = Math.floor(seed / 2 ** 32) ^ Math.imul(stream, 0x9e3779b1);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  uint32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  below(limit: number): number {
    return Math.floor((this.uint32() * limit) / 2 ** 32);
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i += 4) {
      const word = this.uint32();
      bytes[i] = word;
      if (i + 1 < count) bytes[i + 1] = word >>> 8;
      if (i + 2 < count) bytes[i + 2] = word >>> 16;
      if (i + 3 < count) bytes[i + 3] = word >>> 24;
    }
    return bytes;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }
}

/**
 * A number in [0, 1) that belongs to an unordered pair: the same whoever asks first, and whenever. `salt` tells apart
 * what is asked about the pair.
 */
export function pairFraction(seed: number, salt: number, a: number, b: number): number {
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  let h = Math.imul((seed | 0) ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b) ^ Math.floor(seed / 2 ** 32);
  h = mixWord(h ^ low);
  h = mixWord(h ^ Math.imul(high, 0xc2b2ae35));
  return (h >>> 0) / 2 ** 32;
}

function mixWord(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}

/** Streams below this number belong to scenarios and models; node `i` uses stream `NODE_STREAMS + i`. */
export const NODE_STREAMS = 1_000;
