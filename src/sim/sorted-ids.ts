/** Nodes sorted by id, as the server model keeps them: finds those nearest to an id without looking at all of them. */

import { compareIds, type NodeId } from '../core/id/node-id.ts';
import { commonPrefixLength, compareXor } from '../core/id/xor.ts';

interface HasId {
  readonly id: NodeId;
}

export class SortedIds<T extends HasId> {
  readonly #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  /** The item at a position, in ascending order of ids. */
  at(position: number): T | undefined {
    return this.#items[position];
  }

  add(item: T): void {
    const position = this.#positionOf(item.id);
    const found = this.#items[position];
    if (found !== undefined && compareIds(found.id, item.id) === 0) this.#items[position] = item;
    else this.#items.splice(position, 0, item);
  }

  /** Removes the item if it is the one that stands for its id. */
  remove(item: T): void {
    const position = this.#positionOf(item.id);
    if (this.#items[position] === item) this.#items.splice(position, 1);
  }

  get(id: NodeId): T | undefined {
    const found = this.#items[this.#positionOf(id)];
    return found !== undefined && compareIds(found.id, id) === 0 ? found : undefined;
  }

  /** The `count` items nearest to an id by XOR, nearest first, without the one that has it. */
  nearest(id: NodeId, count: number): T[] {
    // Those that share the longest prefix lie side by side around the id's place: widen the range bit by bit
    // until it holds enough. Everything outside shares less and is farther away.
    const place = this.#positionOf(id);
    let low = place;
    let high = place;
    while (high - low < count + 1 && (low > 0 || high < this.#items.length)) {
      const before = low > 0 ? commonPrefixLength(id, this.#items[low - 1]!.id) : -1;
      const after = high < this.#items.length ? commonPrefixLength(id, this.#items[high]!.id) : -1;
      const shared = Math.max(before, after);
      while (low > 0 && commonPrefixLength(id, this.#items[low - 1]!.id) >= shared) low--;
      while (high < this.#items.length && commonPrefixLength(id, this.#items[high]!.id) >= shared) high++;
    }
    return this.#items
      .slice(low, high)
      .filter((item) => compareIds(item.id, id) !== 0)
      .sort((a, b) => compareXor(id, a.id, b.id))
      .slice(0, count);
  }

  #positionOf(id: NodeId): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIds(this.#items[middle]!.id, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
