/**
 * Lookups under way: sends what a `Lookup` wants asked, and collects verified records. Kademlia §2.3: FIND_NODE and
 * FIND_VALUE. Rules KV2, KV8-KV10.
 */

import { mapKey, sameId, type MapKey, type NodeId } from '../id/node-id.ts';
import type { StoreHost } from './host.ts';
import { Lookup, type LookupStep } from './lookup.ts';
import { decodeRecord, recordProof, type StoreRecord } from './record.ts';
import type { SlotState } from './fields.ts';
import { readFindAnswer, SLOTS_MAX, writeRequest, type FindAnswer } from './rpc.ts';
import { slotName, slotState } from './slots.ts';

export interface FoundRecord {
  readonly record: StoreRecord;
  /** What is left of its life, and how long ago it was published, when it came; ms. */
  readonly lifeMs: number;
  readonly ageMs: number;
  readonly holder: NodeId;
}

/** Whom a lookup asked, and what became of it. */
export interface SearchTrace {
  readonly requests: number;
  readonly steps: readonly LookupStep[];
}

export interface SearchResult extends SearchTrace {
  /** The nearest nodes that answered, nearest first, this one among them if it is one. */
  readonly nodes: readonly NodeId[];
  /** The newest record of each publisher. */
  readonly found: readonly FoundRecord[];
  /** The highest sequence that anybody has for a slot. */
  readonly sequences: ReadonlyMap<string, number>;
  /** The nearest node that answered and lacked what was found. */
  readonly lacking: NodeId | undefined;
}

export interface SearchOptions {
  readonly key: NodeId;
  readonly want: 'nodes' | 'values' | 'sequences';
  /** Asks the node nearest to the key first, by a message that hops there; step by step only when that brings nothing. */
  readonly recursive: boolean;
  /** Records that this node has itself. */
  readonly own: readonly FoundRecord[];
  /** They are not mere cached copies. */
  readonly isHolder: boolean;
  readonly done: (result: SearchResult) => void;
}

interface Running {
  readonly options: SearchOptions;
  readonly lookup: Lookup;
  readonly found: Map<string, FoundRecord>;
  readonly sequences: Map<string, number>;
  /** Nodes that hold something, and those that hold nothing. */
  readonly holders: Set<MapKey>;
  readonly lacking: Set<MapKey>;
  /** Answers whose records are being verified, and rests of answers that were asked for. */
  pending: number;
  /** What the nearest node was asked for is not there yet. */
  waitsForNearest: boolean;
  isOver: boolean;
}

/** How often one node is asked for what did not fit its first answer. */
const PAGES_MAX = 16;

export class Searches {
  readonly #running = new Set<Running>();
  readonly #host: StoreHost;

  constructor(host: StoreHost) {
    this.#host = host;
  }

  nextAt(): number {
    let at = Infinity;
    for (const { lookup } of this.#running) at = Math.min(at, lookup.nextAt());
    return at;
  }

  onTime(): void {
    for (const running of this.#running) this.#proceed(running);
  }

  /** Begins a lookup; what it returns says how far it has come. */
  start(options: SearchOptions): () => SearchTrace {
    const { ctx, config } = this.#host;
    const { geometry, self } = ctx;
    const running: Running = {
      options,
      lookup: new Lookup({
        target: options.key,
        replicas: config.replicas,
        alpha: config.alpha,
        compare: (target, a, b) => geometry.compare(target, a, b),
        start: geometry.closest(options.key, 2 * config.replicas, false),
        self: self.id,
        patienceMs: config.patienceMs,
      }),
      found: new Map(),
      sequences: new Map(),
      holders: new Set(),
      lacking: new Set(),
      pending: 0,
      waitsForNearest: options.recursive,
      isOver: false,
    };
    for (const one of options.own) this.#take(running, one);
    if (options.isHolder) running.holders.add(self.key);
    this.#running.add(running);
    if (options.recursive) this.#askNearest(running);
    else this.#proceed(running);
    return () => traceOf(running);
  }

  /** Ends everything without a result. */
  stop(): void {
    this.#running.clear();
  }

  #proceed(running: Running): void {
    if (running.isOver || running.waitsForNearest) return;
    if (!this.#isEnough(running)) {
      for (const id of running.lookup.next(this.#host.ctx.now)) this.#ask(running, id, 0);
      if (!running.lookup.isDone || running.pending > 0) return;
    }
    this.#end(running);
  }

  #askNearest(running: Running): void {
    const { key } = running.options;
    this.#host.askNearest(key, this.#requestOf(running), (bytes, by) => {
      running.waitsForNearest = false;
      const answer = bytes && readFindAnswer(bytes);
      if (answer === undefined || by === undefined) this.#proceed(running);
      else this.#collect(running, by, answer, 0);
    });
  }

  #requestOf(running: Running): Uint8Array {
    const { key, want } = running.options;
    const have =
      want === 'values'
        ? [...running.found.values()].slice(-SLOTS_MAX).map(({ record }) => slotState(record))
        : [];
    return writeRequest({ op: 'find', want, key, have, asker: this.#host.ctx.self.record });
  }

  #ask(running: Running, id: NodeId, page: number): void {
    const { ctx } = this.#host;
    if (page > 0) running.pending++;
    this.#host.ask(id, this.#requestOf(running), (bytes) => {
      if (page > 0) running.pending--;
      const answer = bytes && readFindAnswer(bytes);
      if (answer === undefined) {
        if (page === 0) running.lookup.onFailure(id);
        this.#proceed(running);
        return;
      }
      this.#host.learn(answer.contacts);
      const introduced = answer.contacts.map((record) => ctx.ports.idOfKey(record.subarray(6, 38)));
      if (page === 0) running.lookup.onReply(id, introduced);
      this.#collect(running, id, answer, page);
    });
  }

  /** Verifies what came; nothing that does not verify counts, not even as a sequence. */
  #collect(running: Running, holder: NodeId, answer: FindAnswer, page: number): void {
    const { ctx } = this.#host;
    const { key } = running.options;
    for (const { slot, sequence } of answer.sequences) {
      const name = slotName(slot);
      if (sequence > (running.sequences.get(name) ?? 0)) running.sequences.set(name, sequence);
    }
    const place = mapKey(holder);
    if (answer.sequences.length > 0) running.holders.add(place);
    else if (page === 0) running.lacking.add(place);
    const found = answer.copies.flatMap(({ record: bytes, lifeMs, ageMs }) => {
      const record = decodeRecord(bytes, ctx.ports);
      return typeof record === 'string' || !sameId(record.key, key)
        ? []
        : [{ record, lifeMs, ageMs, holder }];
    });
    const proofs = found.map(({ record }) => recordProof(record));
    const items = proofs.filter((proof) => proof !== undefined);
    const finish = (valid: readonly boolean[]): void => {
      running.pending--;
      let at = 0;
      let isNew = false;
      found.forEach((one, i) => {
        if (proofs[i] === undefined || valid[at++] === true) isNew = this.#take(running, one) || isNew;
      });
      // What did not fit the answer is asked for once more, as long as that brings something.
      const isPartial = answer.sequences.some((state) => !this.#has(running, state));
      if (isNew && isPartial && page < PAGES_MAX && running.options.want === 'values' && !running.isOver)
        this.#ask(running, holder, page + 1);
      this.#proceed(running);
    };
    running.pending++;
    if (items.length === 0) finish([]);
    else
      ctx.crypto({ type: 'verify', items }, (result) =>
        finish(result.type === 'verified' ? result.valid : []),
      );
  }

  #has(running: Running, { slot, sequence }: SlotState): boolean {
    const found = running.found.get(slotName(slot));
    return found !== undefined && found.record.sequence >= sequence;
  }

  /** True when the record is new, or newer than what was found before. */
  #take(running: Running, one: FoundRecord): boolean {
    const { record } = one;
    const before = running.found.get(record.slot);
    if (before !== undefined && before.record.sequence >= record.sequence) return false;
    running.found.set(record.slot, one);
    if (record.sequence > (running.sequences.get(record.slot) ?? 0))
      running.sequences.set(record.slot, record.sequence);
    return true;
  }

  /**
   * An immutable record is what it is wherever it lies. Of a signed one a holder may have missed the last write, above all
   * one that was among the nearest once and no longer is: only those that are count.
   */
  #isEnough({ options, found, holders, lookup, pending }: Running): boolean {
    if (options.want !== 'values' || pending > 0) return false;
    for (const { record } of found.values()) if (record.kind === 'immutable') return true;
    if (found.size === 0) return false;
    if (options.recursive) return true;
    const { readFrom } = this.#host.config;
    if (holders.size < readFrom) return false;
    return lookup.nearest().filter((id) => holders.has(mapKey(id))).length >= readFrom;
  }

  #end(running: Running): void {
    running.isOver = true;
    this.#running.delete(running);
    const { lookup, found, sequences, lacking, options } = running;
    const nodes = lookup.closest(this.#host.config.replicas);
    options.done({
      nodes,
      found: [...found.values()],
      sequences,
      lacking: nodes.find((id) => lacking.has(mapKey(id))),
      ...traceOf(running),
    });
  }
}

function traceOf({ lookup, options }: Running): SearchTrace {
  return { requests: lookup.requests + (options.recursive ? 1 : 0), steps: lookup.steps() };
}
