/**
 * The truth about a simulated network, computed apart from the core and in the plainest way: ids as eight 32-bit words,
 * every question answered by looking at every live node.
 */

import type { GeometryName } from '../core/wire/contact.ts';

const WORDS = 8;

export class Oracle {
  /** Who is the right holder of a key: by XOR, or the first node at or after it on the ring. */
  readonly #geometry: GeometryName;
  #words = new Uint32Array(64 * WORDS);
  /** Positions of live nodes, in no particular order, and where each stands in that list (-1: not alive). */
  readonly #live: number[] = [];
  readonly #place: number[] = [];

  constructor(geometry: GeometryName = 'kademlia') {
    this.#geometry = geometry;
  }

  /** Nodes alive. */
  get size(): number {
    return this.#live.length;
  }

  isAlive(index: number): boolean {
    return (this.#place[index] ?? -1) >= 0;
  }

  /** Live nodes, in no particular order. */
  live(): readonly number[] {
    return this.#live;
  }

  /** Node `index` takes part from now on. */
  add(index: number, id: Uint8Array): void {
    while ((index + 1) * WORDS > this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words.set(toWords(id), index * WORDS);
    while (this.#place.length <= index) this.#place.push(-1);
    if (this.#place[index] !== -1) return;
    this.#place[index] = this.#live.length;
    this.#live.push(index);
  }

  /** Node `index` takes part no longer. */
  remove(index: number): void {
    const place = this.#place[index] ?? -1;
    if (place < 0) return;
    const last = this.#live.pop();
    this.#place[index] = -1;
    if (last === undefined || last === index) return;
    this.#live[place] = last;
    this.#place[last] = place;
  }

  /** The right live holder of a key, or -1 when nobody lives. */
  nearest(key: Uint8Array): number {
    return this.#geometry === 'chord' ? this.successor(key) : this.#nearestByXor(key);
  }

  /** The live node first met clockwise from a key, the key itself included; -1 when nobody lives. */
  successor(key: Uint8Array): number {
    const target = toWords(key);
    let best = -1;
    for (const index of this.#live) if (best < 0 || this.#isBefore(target, index, best)) best = index;
    return best;
  }

  /** All live nodes as they are met clockwise from a key, the key itself included. */
  clockwiseFrom(key: Uint8Array): number[] {
    const target = toWords(key);
    return this.#live.toSorted((a, b) => (this.#isBefore(target, a, b) ? -1 : 1));
  }

  #nearestByXor(key: Uint8Array): number {
    const target = toWords(key);
    const first = target[0]!;
    let best = -1;
    let bestDistance = Infinity;
    for (const index of this.#live) {
      const distance = (this.#words[index * WORDS]! ^ first) >>> 0;
      if (distance > bestDistance) continue;
      if (distance === bestDistance && !this.#isNearer(target, index, best)) continue;
      best = index;
      bestDistance = distance;
    }
    return best;
  }

  /** The best live holders of a key, best first. */
  nearestOf(key: Uint8Array, count: number): number[] {
    const target = toWords(key);
    return this.#live.toSorted((a, b) => (this.#isNearer(target, a, b) ? -1 : 1)).slice(0, count);
  }

  /** True when node `a` is a better holder of a key than node `b`; both may be gone. */
  isNearer(key: Uint8Array, a: number, b: number): boolean {
    return a !== b && this.#isNearer(toWords(key), a, b);
  }

  /** How many leading bits the ids of two nodes share. */
  sharedBits(a: number, b: number): number {
    for (let word = 0; word < WORDS; word++) {
      const difference = this.#words[a * WORDS + word]! ^ this.#words[b * WORDS + word]!;
      if (difference !== 0) return 32 * word + Math.clz32(difference);
    }
    return 32 * WORDS;
  }

  /** For each number of shared bits from 0 to 256, how many live nodes other than `index` share exactly so many. */
  sharedBitCounts(index: number): Int32Array {
    const counts = new Int32Array(32 * WORDS + 1);
    for (const other of this.#live) if (other !== index) counts[this.sharedBits(index, other)]!++;
    return counts;
  }

  #isNearer(target: Uint32Array, candidate: number, best: number): boolean {
    if (this.#geometry === 'chord') return this.#isBefore(target, candidate, best);
    for (let word = 0; word < WORDS; word++) {
      const mine = (this.#words[candidate * WORDS + word]! ^ target[word]!) >>> 0;
      const theirs = (this.#words[best * WORDS + word]! ^ target[word]!) >>> 0;
      if (mine !== theirs) return mine < theirs;
    }
    return false;
  }

  /** True when `candidate` is met before `best` on the way clockwise from the target. */
  #isBefore(target: Uint32Array, candidate: number, best: number): boolean {
    const mine = this.#isAtOrAfter(candidate, target);
    if (mine !== this.#isAtOrAfter(best, target)) return mine;
    for (let word = 0; word < WORDS; word++) {
      const difference = this.#words[candidate * WORDS + word]! - this.#words[best * WORDS + word]!;
      if (difference !== 0) return difference < 0;
    }
    return false;
  }

  /** True when the node's id, as a number, is not below the target. */
  #isAtOrAfter(index: number, target: Uint32Array): boolean {
    for (let word = 0; word < WORDS; word++) {
      const difference = this.#words[index * WORDS + word]! - target[word]!;
      if (difference !== 0) return difference > 0;
    }
    return true;
  }
}

function toWords(id: Uint8Array): Uint32Array {
  const words = new Uint32Array(WORDS);
  for (let i = 0; i < WORDS; i++) {
    words[i] = id[4 * i]! * 0x1000000 + id[4 * i + 1]! * 0x10000 + id[4 * i + 2]! * 0x100 + id[4 * i + 3]!;
  }
  return words;
}
