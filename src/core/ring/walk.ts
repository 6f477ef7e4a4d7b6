/** Whom to ask next for something that only one node of the ring can say: those known to come first, and whom each names. */

import { mapKey, type MapKey, type NodeId } from '../id/node-id.ts';

/** Nodes asked in one walk: newcomers without a range may stand side by side. */
const ASKED_MAX = 256;

export class Walk {
  /** In the order in which they were asked. */
  readonly asked: NodeId[] = [];
  readonly #known = new Set<MapKey>();
  readonly #waiting: NodeId[];

  constructor(start: readonly NodeId[]) {
    this.#waiting = [...start];
  }

  /** The next node to ask; `undefined` when there is nobody left. */
  next(): NodeId | undefined {
    while (this.asked.length < ASKED_MAX) {
      const id = this.#waiting.shift();
      if (id === undefined) return undefined;
      if (this.#known.has(mapKey(id))) continue;
      this.#known.add(mapKey(id));
      this.asked.push(id);
      return id;
    }
    return undefined;
  }

  /** Somebody was named: it comes before those that are waiting. */
  follow(id: NodeId): void {
    this.#waiting.unshift(id);
  }
}
