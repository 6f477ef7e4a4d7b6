/** Deadlines by name: a binary heap with lazy removal. The machine asks for the earliest, then takes those that are due. */

interface Entry<Name> {
  readonly name: Name;
  readonly at: number;
  /** Ties go to the one set first, so that the order is defined. */
  readonly order: number;
}

export class DeadlineTable<Name> {
  readonly #heap: Entry<Name>[] = [];
  readonly #current = new Map<Name, Entry<Name>>();
  #nextOrder = 0;

  get size(): number {
    return this.#current.size;
  }

  /** Entries in memory, those among them that moved or went. */
  get held(): number {
    return this.#heap.length;
  }

  /** Sets or moves a deadline. */
  set(name: Name, at: number): void {
    const entry = { name, at, order: this.#nextOrder++ };
    this.#current.set(name, entry);
    this.#push(entry);
    if (this.#heap.length > 2 * this.#current.size + 64) this.#compact();
  }

  delete(name: Name): void {
    this.#current.delete(name);
  }

  has(name: Name): boolean {
    return this.#current.has(name);
  }

  /** The earliest deadline, or `Infinity`. */
  nextAt(): number {
    this.#dropStale();
    return this.#heap[0]?.at ?? Infinity;
  }

  /** Takes one name whose deadline is at or before `now`. */
  takeDue(now: number): Name | undefined {
    this.#dropStale();
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.#pop();
    this.#current.delete(first.name);
    return first.name;
  }

  #dropStale(): void {
    while (this.#heap.length > 0 && this.#current.get(this.#heap[0]!.name) !== this.#heap[0]) this.#pop();
  }

  #compact(): void {
    const live = [...this.#current.values()].sort((a, b) => a.at - b.at || a.order - b.order);
    this.#heap.length = 0;
    this.#heap.push(...live);
  }

  #push(entry: Entry<Name>): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}

function before(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
