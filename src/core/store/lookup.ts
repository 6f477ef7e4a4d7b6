/**
 * The iterative lookup of Kademlia (Maymounkov & Mazières 2002, §2.3): asks the nodes nearest to a target for nodes nearer
 * still, until the nearest have answered. Sends nothing itself: its owner asks whom `next` names and reports what came.
 *
 * The paper's rule alone is cheap enough: 500 complete tables, 20 seeds, 2,000 lookups of 8 replicas, alpha 3, took 10.5
 * requests in the mean and 14 at most, all exact (IL9, `HOPLINE_LONG=1 npx vitest run lookup --reporter=verbose`). With a
 * tenth of the answers late it took 11.2, since others are asked in place of slow nodes. With 30 % dead, answers of 8 ids
 * made 829 lookups exact, answers of 16 all but 3 (IL10): owners should have twice `replicas` named.
 */

import { mapKey, type MapKey, type NodeId } from '../id/node-id.ts';

export interface LookupOptions {
  readonly target: NodeId;
  /** How many of the nearest must have answered: the paper's k. */
  readonly replicas: number;
  /** Requests under way at a time, unless the lookup expands. */
  readonly alpha: number;
  /** `Geometry.compare`. */
  readonly compare: (target: NodeId, a: NodeId, b: NodeId) => number;
  /** The contacts this node knows nearest to the target. */
  readonly start: readonly NodeId[];
  /** Never asked; counts as one that has answered. */
  readonly self: NodeId;
  /** A request open for so long, ms, no longer holds up others; its answer is still welcome. */
  readonly patienceMs: number;
}

export type StepState = 'introduced' | 'asked' | 'slow' | 'answered' | 'failed';

/** What became of one node. */
export interface LookupStep {
  readonly id: NodeId;
  readonly state: StepState;
  /** Who introduced it first; `undefined` for this node and those it began with. */
  readonly by: NodeId | undefined;
  /** How many introductions led to it: 0 for those without `by`. */
  readonly round: number;
}

/** Nodes remembered for each replica; those that were asked are kept, so this also bounds the requests. */
const KNOWN_PER_REPLICA = 16;

interface Known extends LookupStep {
  state: StepState;
  askedAt: number;
}

/** One lookup; rules IL1 and up. Its owner drops it when it is done, or earlier. */
export class Lookup {
  readonly #options: LookupOptions;
  /** In the order of first mention. */
  readonly #known = new Map<MapKey, Known>();
  /** The same, nearest first. */
  #nearest: Known[] = [];
  /** Answers in a row that brought nobody nearer than the nearest. */
  #fruitless = 0;
  #requests = 0;

  constructor(options: LookupOptions) {
    this.#options = options;
    this.#learn([options.self]);
    this.#nearest[0]!.state = 'answered';
    this.#learn(options.start);
  }

  /** How many nodes were asked. */
  get requests(): number {
    return this.#requests;
  }

  /** The `replicas` nearest known have answered, those that failed left out: also when there are fewer. */
  get isDone(): boolean {
    return this.#candidates('failed').every(({ state }) => state === 'answered');
  }

  /** The nodes to ask now, nearest first; counts them as asked. */
  next(now: number): NodeId[] {
    const { alpha, patienceMs, replicas } = this.#options;
    let room = this.#fruitless < alpha ? alpha : replicas;
    for (const node of this.#nearest) {
      if (node.state !== 'asked') continue;
      if (now < node.askedAt + patienceMs) room--;
      else node.state = 'slow';
    }
    const asked = this.#candidates('failed', 'slow')
      .filter(({ state }) => state === 'introduced')
      .slice(0, Math.max(0, room));
    for (const node of asked) {
      node.state = 'asked';
      node.askedAt = now;
    }
    this.#requests += asked.length;
    return asked.map(({ id }) => id);
  }

  /** When a request becomes slow, so that `next` may name others; `Infinity` for never. */
  nextAt(): number {
    let at = Infinity;
    for (const { state, askedAt } of this.#nearest)
      if (state === 'asked') at = Math.min(at, askedAt + this.#options.patienceMs);
    return at;
  }

  /** A node answered with the nearest it knows, nearest first; answers of nodes that were not asked change nothing. */
  onReply(id: NodeId, introduced: readonly NodeId[]): void {
    const node = this.#known.get(mapKey(id));
    if (node === undefined || node.state === 'introduced' || node.state === 'answered') return;
    node.state = 'answered';
    const [before] = this.#candidates('failed');
    this.#learn(introduced.slice(0, 2 * this.#options.replicas), node);
    this.#fruitless = this.#candidates('failed')[0] === before ? this.#fruitless + 1 : 0;
  }

  /** A request was in vain; the node counts again should it answer after all. */
  onFailure(id: NodeId): void {
    const node = this.#known.get(mapKey(id));
    if (node?.state === 'asked' || node?.state === 'slow') node.state = 'failed';
  }

  /** The `replicas` nearest known, nearest first, those that failed left out. */
  nearest(): NodeId[] {
    return this.#candidates('failed').map(({ id }) => id);
  }

  /** The nearest that answered, nearest first, this node among them if it is one; at most `count`. */
  closest(count: number): NodeId[] {
    return this.#nearest
      .filter(({ state }) => state === 'answered')
      .slice(0, count)
      .map(({ id }) => id);
  }

  /** Everybody heard of and kept, in the order of first mention. */
  steps(): LookupStep[] {
    return Array.from(this.#known.values(), ({ id, state, by, round }) => ({ id, state, by, round }));
  }

  /** The `replicas` nearest, without those in the states given. */
  #candidates(...without: StepState[]): Known[] {
    return this.#nearest.filter(({ state }) => !without.includes(state)).slice(0, this.#options.replicas);
  }

  #learn(ids: readonly NodeId[], by?: Known): void {
    const { compare, target, replicas } = this.#options;
    for (const id of ids) {
      const key = mapKey(id);
      if (this.#known.has(key)) continue;
      const node: Known = { id, state: 'introduced', by: by?.id, round: by ? by.round + 1 : 0, askedAt: 0 };
      this.#known.set(key, node);
      this.#nearest.push(node);
    }
    this.#nearest.sort((a, b) => compare(target, a.id, b.id));
    // Only nodes that came just now can be too many, so there is always one that was not asked.
    while (this.#nearest.length > KNOWN_PER_REPLICA * replicas) {
      const last = this.#nearest.findLastIndex(({ state }) => state === 'introduced');
      this.#known.delete(mapKey(this.#nearest.splice(last, 1)[0]!.id));
    }
  }
}
