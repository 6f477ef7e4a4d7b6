/**
 * A set of strings that keeps 64 bits of each, in one packed table: a node remembers thousands of message ids, and a
 * string in a `Set` takes five times the room. Two different strings are taken for one with probability 2^-64 for each
 * entry held. The entries are ids that somebody drew at random: whoever can aim at the bits of one knows it whole.
 */

/** Slots at first; always a power of two. Each takes two words, both 0 while it is free. */
const SLOTS_MIN = 8;

export class FingerprintSet {
  #table = NO_SLOTS;
  #count = 0;

  get size(): number {
    return this.#count;
  }

  has(entry: string): boolean {
    return this.#count > 0 && this.#table[this.#slotOf(entry)] !== 0;
  }

  add(entry: string): void {
    // At most half full, so that a search ends soon.
    if (4 * (this.#count + 1) > this.#table.length) this.#grow();
    const slot = this.#slotOf(entry);
    if (this.#table[slot] !== 0) return;
    this.#put(slot, upper(entry), lower(entry));
  }

  delete(entry: string): void {
    const table = this.#table;
    if (this.#count === 0) return;
    const mask = table.length - 1;
    let hole = this.#slotOf(entry);
    if (table[hole] === 0) return;
    this.#count--;
    // Whoever was pushed on by the one that leaves moves back, so that no search ends at the gap too soon.
    for (let slot = (hole + 2) & mask; table[slot] !== 0; slot = (slot + 2) & mask) {
      const home = (table[slot + 1]! << 1) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      table[hole] = table[slot]!;
      table[hole + 1] = table[slot + 1]!;
      hole = slot;
    }
    table[hole] = 0;
    table[hole + 1] = 0;
  }

  /** Forgets everything and lets the memory go. */
  clear(): void {
    this.#table = NO_SLOTS;
    this.#count = 0;
  }

  /** Where the entry is, or the free slot where it would go: the index of its first word. */
  #slotOf(entry: string): number {
    return this.#find(upper(entry), lower(entry));
  }

  #find(high: number, low: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    let slot = (low << 1) & mask;
    while (table[slot] !== 0 && (table[slot] !== high || table[slot + 1] !== low)) slot = (slot + 2) & mask;
    return slot;
  }

  #put(slot: number, high: number, low: number): void {
    this.#table[slot] = high;
    this.#table[slot + 1] = low;
    this.#count++;
  }

  #grow(): void {
    const before = this.#table;
    this.#table = new Int32Array(Math.max(2 * SLOTS_MIN, 2 * before.length));
    this.#count = 0;
    for (let slot = 0; slot < before.length; slot += 2) {
      const high = before[slot]!;
      const low = before[slot + 1]!;
      if (high !== 0) this.#put(this.#find(high, low), high, low);
    }
  }
}

/** One half of the bits; never 0, which marks a free slot. */
function upper(entry: string): number {
  const bits = fold(entry, 0);
  return bits === 0 ? 1 : bits;
}

function lower(entry: string): number {
  return fold(entry, 2);
}

/** Every other pair of 16-bit units, from `start` on, mixed together. */
function fold(entry: string, start: number): number {
  let bits = entry.length;
  for (let i = start; i < entry.length; i += 4) {
    bits = Math.imul(bits, 0x9e3779b1) ^ ((entry.charCodeAt(i) << 16) | unitAt(entry, i + 1));
  }
  return bits;
}

function unitAt(entry: string, index: number): number {
  return index < entry.length ? entry.charCodeAt(index) : 0;
}

const NO_SLOTS = new Int32Array(0);
