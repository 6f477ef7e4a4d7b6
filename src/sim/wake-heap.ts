/**
 * When each node wants to be woken: a binary heap over node indexes that can move an entry. A node that changes its mind
 * costs a few swaps here instead of a stale event in the queue.
 */

export class WakeHeap {
  #times = new Float64Array(64).fill(Infinity);
  #positions = new Int32Array(64).fill(-1);
  #heap = new Int32Array(64);
  #size = 0;

  /** The earliest wish; `Infinity` when there is none. */
  peekTime(): number {
    return this.#size === 0 ? Infinity : this.#times[this.#heap[0]!]!;
  }

  /** The index with the earliest wish (the smaller one among equals), or -1. It stays until it is set again. */
  peekIndex(): number {
    return this.#size === 0 ? -1 : this.#heap[0]!;
  }

  /** The node `index` wants to be woken at `timeMs`; `Infinity` for never. Replaces its earlier wish. */
  set(index: number, timeMs: number): void {
    if (index >= this.#times.length) this.#grow(index);
    const position = this.#positions[index]!;
    const before = this.#times[index]!;
    if (timeMs === before) return;
    this.#times[index] = timeMs;
    if (position < 0) {
      this.#place(this.#size, index);
      this.#size++;
      this.#moveUp(this.#size - 1);
    } else if (timeMs === Infinity) {
      this.#removeAt(position);
    } else if (timeMs < before) {
      this.#moveUp(position);
    } else {
      this.#moveDown(position);
    }
  }

  #removeAt(position: number): void {
    this.#positions[this.#heap[position]!] = -1;
    this.#size--;
    if (position === this.#size) return;
    this.#place(position, this.#heap[this.#size]!);
    this.#moveUp(position);
    this.#moveDown(this.#positions[this.#heap[position]!]!);
  }

  #moveUp(from: number): void {
    const index = this.#heap[from]!;
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.#isBefore(index, this.#heap[parent]!)) break;
      this.#place(position, this.#heap[parent]!);
      position = parent;
    }
    this.#place(position, index);
  }

  #moveDown(from: number): void {
    const index = this.#heap[from]!;
    let position = from;
    for (;;) {
      let child = 2 * position + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++;
      if (!this.#isBefore(this.#heap[child]!, index)) break;
      this.#place(position, this.#heap[child]!);
      position = child;
    }
    this.#place(position, index);
  }

  #isBefore(a: number, b: number): boolean {
    const difference = this.#times[a]! - this.#times[b]!;
    return difference < 0 || (difference === 0 && a < b);
  }

  #place(position: number, index: number): void {
    this.#heap[position] = index;
    this.#positions[index] = position;
  }

  #grow(index: number): void {
    const length = Math.max(index + 1, this.#times.length * 2);
    const times = new Float64Array(length).fill(Infinity);
    times.set(this.#times);
    const positions = new Int32Array(length).fill(-1);
    positions.set(this.#positions);
    const heap = new Int32Array(length);
    heap.set(this.#heap);
    this.#times = times;
    this.#positions = positions;
    this.#heap = heap;
  }
}
