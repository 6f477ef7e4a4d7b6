/** The core's source of randomness, filled from `crypto.getRandomValues` a block at a time. */

import type { Random } from '../core/ports.ts';

const BLOCK_WORDS = 256;

/** Unpredictable numbers; not for replay. Simulations bring their own seeded source. */
export class CryptoRandom implements Random {
  readonly #block = new Uint32Array(BLOCK_WORDS);
  #used = BLOCK_WORDS;

  uint32(): number {
    if (this.#used === BLOCK_WORDS) {
      crypto.getRandomValues(this.#block);
      this.#used = 0;
    }
    return this.#block[this.#used++]!;
  }

  below(limit: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * limit);
  }

  bytes(count: number): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(count));
  }
}
