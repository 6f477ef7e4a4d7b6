/**
 * A bounded set of random ids (as strings) that forgets the oldest: two generations, the older one dropped when the
 * younger is full or `keepMs` old. Remembers each entry for at least half the bound or `keepMs`, whichever ends first.
 */

import { FingerprintSet } from './fingerprint-set.ts';

export class RecentSet {
  #young = new FingerprintSet();
  #old = new FingerprintSet();
  #turnedAt = 0;
  readonly #generationMax: number;
  readonly #keepMs: number;

  constructor(entriesMax: number, keepMs: number) {
    this.#generationMax = Math.max(1, entriesMax >> 1);
    this.#keepMs = keepMs;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  has(entry: string): boolean {
    return this.#young.has(entry) || this.#old.has(entry);
  }

  delete(entry: string): void {
    this.#young.delete(entry);
    this.#old.delete(entry);
  }

  /** Forgets what is older than it has to be remembered, which otherwise happens only as new entries come. */
  sweep(now: number): void {
    if (now - this.#turnedAt >= this.#keepMs) this.#old.clear();
    if (now - this.#turnedAt >= 2 * this.#keepMs) this.#young.clear();
  }

  add(entry: string, now: number): void {
    if (this.#young.size >= this.#generationMax || now - this.#turnedAt >= this.#keepMs) {
      this.sweep(now);
      const old = this.#old;
      old.clear();
      this.#old = this.#young;
      this.#young = old;
      this.#turnedAt = now;
    }
    this.#young.add(entry);
  }
}
