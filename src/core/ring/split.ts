/**
 * SplitNode at both ends: the successor hands the records of a joiner's range over, page after page, each acknowledged by
 * the request for the next, and with nothing left gives up the range in the same step. Rules RG6-RG8; AW11 and AW14 for the
 * joiner's work.
 */

import { cancelWork, doWork, FOR_SPLIT } from '../admission/ask.ts';
import { mapKey, sameId, type MapKey, type NodeId } from '../id/node-id.ts';
import { isWithin } from '../id/ring.ts';
import type { JobId } from '../io.ts';
import type { Copy } from '../store/fields.ts';
import type { Held } from '../store/record-table.ts';
import { copyOf } from '../store/slots.ts';
import { trimMap } from '../util/trim-map.ts';
import type { RingSide } from './host.ts';
import type { Ownership } from './ownership.ts';
import type { RingConfig } from './ring-io.ts';
import { readSplitAnswer, VISIT_BYTES, writeRing, type RingRequest, type SplitAnswer } from './rpc.ts';
import { Walk } from './walk.ts';

type SplitRequest = Extract<RingRequest, { op: 'split-node' }>;

/** What a joiner was given so far. */
interface Visit {
  readonly name: MapKey;
  page: number;
  /** By slot, the sequence it is known to have. */
  readonly given: Map<string, number>;
  /** What is on the page it was sent last. */
  pending: readonly Held[];
}

/** Bytes of records on one page. */
const PAGE_BYTES_MAX = 48 * 1024;
/** Joiners that are handed something at a time; of more the one begun first begins anew. */
const VISITS_MAX = 16;

/** The side that gives. */
export class Giver {
  readonly #visits = new Map<MapKey, Visit>();
  /** The last range that was given away, as long as its new owner is this node's predecessor: its answer may be lost. */
  #granted: { readonly to: NodeId; readonly name: MapKey; readonly after: NodeId } | undefined;
  readonly #side: RingSide;
  readonly #ownership: Ownership;

  constructor(side: RingSide, ownership: Ownership) {
    this.#side = side;
    this.#ownership = ownership;
  }

  /** True for what would begin to hand a range over: not what goes on with that, or asks again how it ended. */
  isFirst(joiner: NodeId, { visit }: SplitRequest): boolean {
    const isUnderWay = this.#visits.get(mapKey(joiner))?.name === mapKey(visit);
    return !isUnderWay && this.#ownership.owns(joiner, this.#side.ctx.now);
  }

  /** The next page for a joiner, or its range; `undefined` when it is not this node's to give. */
  onRequest(joiner: NodeId, request: SplitRequest): SplitAnswer | undefined {
    const { now } = this.#side.ctx;
    const { claim } = this.#ownership;
    const name = mapKey(request.visit);
    const granted = this.#granted;
    if (claim !== undefined && granted?.name === name && sameId(claim.after, granted.to)) {
      this.#ownership.give({ id: joiner, record: request.record }, now);
      return { code: 'ok', owner: undefined, page: request.page, copies: [], after: granted.after };
    }
    if (claim === undefined || !this.#ownership.owns(joiner, now)) return undefined;
    const visit = this.#visitOf(joiner, name, request.page);
    const copies = this.#page(visit, claim.after, joiner);
    if (copies.length > 0)
      return { code: 'ok', owner: undefined, page: visit.page, copies, after: undefined };
    // The joiner has all there is: from here on it is its own.
    this.#ownership.give({ id: joiner, record: request.record }, now);
    this.#granted = { to: joiner, name, after: claim.after };
    this.#visits.delete(mapKey(joiner));
    return { code: 'ok', owner: undefined, page: visit.page, copies: [], after: claim.after };
  }

  #visitOf(joiner: NodeId, name: MapKey, page: number): Visit {
    const key = mapKey(joiner);
    const before = this.#visits.get(key);
    if (before?.name === name && page === before.page + 1) {
      for (const { record } of before.pending) before.given.set(record.slot, record.sequence);
      before.page = page;
      return before;
    }
    if (before?.name === name && page === before.page) return before;
    const visit = { name, page: 0, given: new Map<string, number>(), pending: [] };
    this.#visits.delete(key);
    this.#visits.set(key, visit);
    trimMap(this.#visits, VISITS_MAX);
    return visit;
  }

  /** What the joiner lacks, as much as fits; also what came while it was being served. */
  #page(visit: Visit, after: NodeId, upTo: NodeId): Copy[] {
    const { now } = this.#side.ctx;
    const pending: Held[] = [];
    let room = PAGE_BYTES_MAX;
    for (const held of this.#side.store.holder.table.values()) {
      const { record, expiresAt } = held;
      if (expiresAt <= now || visit.given.get(record.slot) === record.sequence) continue;
      if (!isWithin(record.key, after, upTo)) continue;
      room -= record.bytes.length;
      if (room < 0 && pending.length > 0) break;
      pending.push(held);
      if (pending.length >= PAGE_RECORDS_MAX) break;
    }
    visit.pending = pending;
    return pending.map((held) => copyOf(held, now));
  }
}

const PAGE_RECORDS_MAX = 256;
/** Until a joiner asks again whose work was not enough, or would not have been, ms: at once it would only meet the same. */
const WORK_PAUSE_MS = 10_000;

/** The end of asking for a range; `pauseMs`: not again before that. */
type Done = (pauseMs?: number) => void;

/** Work that was done for a successor. */
interface Solved {
  readonly by: NodeId;
  readonly solution: Uint8Array;
  /** In which it was demanded. */
  readonly walk: Walk;
}

/** The side that comes in. */
export class Taker {
  /** Names this stay of the node: what was granted to an earlier one is not this one's. */
  #visit: Uint8Array;
  #page = 0;
  /** Whom the pages come from. */
  #from: NodeId | undefined;
  #isAsking = false;
  #isStopped = false;
  /** Goes along for as long as the same node is asked: within its minute it is good for the next stay as well. */
  #solved: Solved | undefined;
  /** Work that is under way. */
  #job: JobId | undefined;
  /** Since when nobody on the whole circle is known to own anything. */
  #ownerlessSince = Infinity;
  readonly #side: RingSide;
  readonly #ownership: Ownership;
  readonly #config: RingConfig;

  constructor(side: RingSide, ownership: Ownership, config: RingConfig) {
    this.#side = side;
    this.#ownership = ownership;
    this.#config = config;
    this.#visit = side.ctx.ports.random.bytes(VISIT_BYTES);
  }

  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** The range was lost: what was granted before counts no more. */
  reset(): void {
    this.#visit = this.#side.ctx.ports.random.bytes(VISIT_BYTES);
    this.#from = undefined;
  }

  /** Asks the successor for this node's range. `successors`: those known to follow, nearest first. */
  ask(successors: readonly NodeId[], done: Done): void {
    this.#isAsking = true;
    this.#step(new Walk(successors), (pauseMs) => {
      this.#isAsking = false;
      done(pauseMs);
    });
  }

  /** The node leaves: nobody waits for a range any more. */
  stop(): void {
    this.#isStopped = true;
    cancelWork(this.#side.ctx, this.#job);
    this.#job = undefined;
  }

  #step(walk: Walk, done: Done, isRound = true): void {
    const { self } = this.#side.ctx;
    const id = walk.next();
    if (id === undefined || this.#ownership.claim !== undefined) {
      done();
      return;
    }
    if (sameId(id, self.id)) {
      if (isRound) this.#onRoundTrip(walk.asked);
      done();
      return;
    }
    if (this.#from === undefined || !sameId(this.#from, id)) this.#page = 0;
    this.#from = id;
    this.#askFor(id, walk, done, isRound);
  }

  #askFor(id: NodeId, walk: Walk, done: Done, isRound: boolean): void {
    const { ctx } = this.#side;
    const sentAt = ctx.now;
    const solved = this.#solved;
    const body = writeRing({
      op: 'split-node',
      record: ctx.self.record,
      visit: this.#visit,
      page: this.#page,
      ...(solved !== undefined && sameId(solved.by, id) ? { solution: solved.solution } : {}),
    });
    this.#side.ask(id, body, this.#config.requestTimeoutMs, (bytes) => {
      const answer = bytes && readSplitAnswer(bytes);
      if (answer === undefined || this.#ownership.claim !== undefined) {
        // Silent: the rest of the pages is asked for again soon, of whoever is next then.
        if (bytes === undefined) done();
        else this.#step(walk, done, false);
        return;
      }
      if (answer.code !== 'no-range') this.#ownerlessSince = Infinity;
      if (answer.demand !== undefined) {
        this.#work(answer.demand, id, walk, (isWorked) => {
          if (isWorked) this.#askFor(id, walk, done, isRound);
          else done(WORK_PAUSE_MS);
        });
        return;
      }
      if (answer.code !== 'ok') {
        if (answer.owner !== undefined) this.#follow(answer.owner, walk);
        this.#step(walk, done, isRound && answer.code === 'no-range');
        return;
      }
      if (answer.after !== undefined) {
        this.#ownership.take(answer.after, sentAt, ctx.now);
        done();
        return;
      }
      this.#keep(answer.copies, id, () => {
        this.#page = answer.page + 1;
        this.#askFor(id, walk, done, isRound);
      });
    });
  }

  /** Works for what the successor demands, once in a walk: who wants more each time is not served. */
  #work(demand: Uint8Array, by: NodeId, walk: Walk, done: (isWorked: boolean) => void): void {
    const isAgain = this.#solved?.walk === walk && sameId(this.#solved.by, by);
    if (isAgain || this.#isStopped) {
      done(false);
      return;
    }
    const job = doWork(this.#side.ctx, { demand, purpose: FOR_SPLIT, checker: by }, (result) => {
      if (this.#job !== job) return;
      this.#job = undefined;
      if (typeof result !== 'string') this.#solved = { by, solution: result, walk };
      done(typeof result !== 'string');
    });
    this.#job = job;
  }

  #follow(record: Uint8Array, walk: Walk): void {
    this.#side.learn([record]);
    walk.follow(this.#side.ctx.ports.idOfKey(record.subarray(6, 38)));
  }

  /** What cannot be kept (no room, or not what its publisher signed) is left out: it would have been refused as well. */
  #keep(copies: readonly Copy[], from: NodeId, done: () => void): void {
    let open = copies.length;
    if (open === 0) done();
    const giver = { origin: from, via: '' };
    for (const copy of copies)
      this.#side.store.holder.accept(copy, { role: 'replica', giver }, () => {
        if (--open === 0) done();
      });
  }

  /**
   * Nobody on the circle owns anything: all owners died at once, or the network was set up without a first node. The one
   * node whose successor has the smaller id begins anew, when whoever may still hold a claim must have given up.
   */
  #onRoundTrip(asked: readonly NodeId[]): void {
    const { self, now } = this.#side.ctx;
    this.#ownerlessSince = Math.min(this.#ownerlessSince, now);
    const successor = asked[0];
    if (successor === undefined || now - this.#ownerlessSince < this.#config.takeOverMs) return;
    if (isWithin(ZERO.subarray(0, self.id.length), self.id, successor)) this.#ownership.claimAll();
  }
}

const ZERO = new Uint8Array(32);
