/**
 * Partial knowledge of a network: each node knows each other one with a probability, independently. Of the nodes that
 * share exactly so many leading bits with it a node is told no more than several times a bucket's size: a table takes
 * the first ones offered of each such part and throws the rest away unread, and ten thousand nodes told of all the
 * others are a hundred million records.
 */

import { compareIds } from '../../core/id/node-id.ts';
import { cellOf, fingerTo } from '../../core/id/ring.ts';
import { bitAt } from '../../core/id/xor.ts';
import type { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';

/** Records of one part of the key space, in buckets' sizes. */
const BUCKETFULS_MAX = 8;
/** On a ring: records of one cell, and of the nearest in each direction. */
const PER_CELL_MAX = 8;
const NEAR_MAX = 64;

export class Views {
  readonly #sorted: readonly SimNode[];
  readonly #random: SeededRandom;

  /** Of all nodes, in the order of their indexes, which are not altered. */
  constructor(nodes: readonly SimNode[], random: SeededRandom) {
    this.#sorted = [...nodes].sort((a, b) => compareIds(a.id, b.id));
    this.#random = random;
  }

  /** The records that a node knows of, in random order: whoever is offered first gets the place in a bucket. */
  draw(self: SimNode, view: number): Uint8Array[] {
    const max = BUCKETFULS_MAX * self.config.bucketSize;
    const records: Uint8Array[] = [];
    let low = 0;
    let high = this.#sorted.length;
    for (let bit = 0; high - low > 1; bit++) {
      const middle = this.#firstWithBit(bit, low, high);
      const isUpper = bitAt(self.id, bit) === 1;
      this.#drawFrom(isUpper ? low : middle, isUpper ? middle : high, view, max, records);
      if (isUpper) low = middle;
      else high = middle;
    }
    this.#shuffle(records, records.length);
    return records;
  }

  /** The same for a ring: the first ones of each cell of a finger's interval, and the nearest in both directions. */
  drawRing(self: SimNode, view: number): Uint8Array[] {
    const cells = self.config.bucketSize;
    const others = this.#sorted.length - 1;
    const own = this.#sorted.indexOf(self);
    const at = (steps: number): SimNode => this.#sorted[(own + steps) % this.#sorted.length]!;
    const cellAt = (steps: number): number => {
      const { id } = at(steps);
      const exponent = fingerTo(self.id, id);
      return exponent * cells + cellOf(self.id, id, exponent, cells);
    };
    const isKnown = (): boolean => view >= 1 || this.#random.fraction() < view;
    const drawn: SimNode[] = [];
    for (let steps = 1, taken = 0; steps <= others; steps++) {
      if (steps > 1 && cellAt(steps) !== cellAt(steps - 1)) taken = 0;
      const isNear = steps <= NEAR_MAX || steps > others - NEAR_MAX;
      if (taken >= PER_CELL_MAX && !isNear) {
        steps = Math.min(lastAlike(steps, others, cellAt), others - NEAR_MAX);
        continue;
      }
      if (!isKnown()) continue;
      drawn.push(at(steps));
      taken++;
    }
    const records = drawn.map(({ record }) => record);
    this.#shuffle(records, records.length);
    return records;
  }

  /** Of nodes that share all bits before, the first whose `bit` is set. */
  #firstWithBit(bit: number, low: number, high: number): number {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bitAt(this.#sorted[middle]!.id, bit) === 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #drawFrom(low: number, high: number, view: number, max: number, records: Uint8Array[]): void {
    const part = this.#sorted.slice(low, high);
    const drawn = view >= 1 ? Math.min(max, part.length) : part.length;
    this.#shuffle(part, drawn);
    let taken = 0;
    for (let i = 0; i < drawn && taken < max; i++) {
      if (view < 1 && this.#random.fraction() >= view) continue;
      records.push(part[i]!.record);
      taken++;
    }
  }

  /** Puts `count` random items in random order at the beginning of a list. */
  #shuffle(list: unknown[], count: number): void {
    for (let i = 0; i < count; i++) {
      const other = i + this.#random.below(list.length - i);
      const item = list[other];
      list[other] = list[i];
      list[i] = item;
    }
  }
}

/** The last of the steps up to `end` that are all in the cell of step `from`; cells follow one another. */
function lastAlike(from: number, end: number, cellAt: (steps: number) => number): number {
  const cell = cellAt(from);
  let low = from;
  let high = end;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (cellAt(middle) === cell) low = middle;
    else high = middle - 1;
  }
  return low;
}
