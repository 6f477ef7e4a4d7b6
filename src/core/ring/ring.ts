/**
 * The operations of one node of a ring, by the names of the DHT they come from: GetNode, GetValue, InsertValue, SplitNode
 * (Chord, Stoica et al. 2001, underneath). Answers others, keeps this node's claim on its range, and serves the
 * application. Rules RG1-RG20, and AW11-AW13 for the work that
 * strangers do first; what changes hands when is told in README.md.
 */

import { sameId, type NodeId } from '../id/node-id.ts';
import { plusPower } from '../id/ring.ts';
import type { Giver as Bringer } from '../store/holder.ts';
import type { NodeParts, StorePart } from '../store/host.ts';
import type { StoreConfig } from '../store/store-config.ts';
import type { HeldView, KeptRecord, StoreCommand } from '../store/store-io.ts';
import { Store } from '../store/store.ts';
import type { Asker } from '../routing/messages.ts';
import { decodeRecord, type StoreRecord } from '../store/record.ts';
import type { Copy } from '../store/fields.ts';
import { ringSideOf, type RingSide } from './host.ts';
import { RingOperations } from './operations.ts';
import { Ownership, type Range } from './ownership.ts';
import { RING, type RingCommand, type RingConfig } from './ring-io.ts';
import {
  readRing,
  readRingAnswer,
  writeInsertAnswer,
  writeNodes,
  writeRing,
  writeRingAnswer,
  writeSplitAnswer,
  writeValueAnswer,
  type InsertAnswer,
  type RingAnswer,
  type RingCode,
  type RingRequest,
} from './rpc.ts';
import { Introduction } from './introduction.ts';
import { Pointers } from './pointers.ts';
import { Giver, Taker } from './split.ts';
import { Walk } from './walk.ts';

type Answer = (payload: Uint8Array | undefined) => void;

/** Keys that are being resolved for others; of more than that some stay without an answer. */
const RESOLVING_MAX = 128;
/** Nodes known to follow this one that may be its heir. */
const SUCCESSORS_TRIED = 4;

/** The numbers of the two, where they are not those that ship. */
export interface RingStoreConfig {
  readonly store?: StoreConfig;
  readonly ring?: RingConfig;
}

/** A store that runs a ring's operations as well. */
export class Ring implements StorePart {
  readonly #ownership: Ownership;
  readonly #giver: Giver;
  readonly #taker: Taker;
  readonly #operations: RingOperations;
  readonly #introduction: Introduction;
  readonly #pointers: Pointers;
  readonly #side: RingSide;
  readonly #config: RingConfig;
  #resolving = 0;
  /** When this node next asks for a range, or for its claim to be confirmed. */
  #claimAt = 0;
  #isRenewing = false;
  /** Who agreed last: it is asked first. */
  #heir: NodeId | undefined;
  #leave: { at: number; readonly done: () => void } | undefined;
  #isLeaving = false;

  constructor(parts: NodeParts, { store, ring: config = RING }: RingStoreConfig = {}) {
    const side = ringSideOf(parts, new Store(parts, store));
    this.#side = side;
    this.#config = config;
    this.#ownership = new Ownership(side.ctx.self.id, config);
    this.#pointers = new Pointers(side, this.#ownership);
    this.#giver = new Giver(side, this.#ownership);
    this.#taker = new Taker(side, this.#ownership, config);
    this.#introduction = new Introduction(side, config.requestTimeoutMs);
    this.#operations = new RingOperations(side, config, (to, body, done) => this.#ask(to, body, done));
  }

  /** The keys that are this node's at a time, if any are. */
  range(now: number): Range | undefined {
    return this.#ownership.isValid(now) ? this.#ownership.claim : undefined;
  }

  nextAt(): number {
    const claimAt = this.#isIn && !this.#isBusy ? this.#claimAt : Infinity;
    return Math.min(
      this.#side.store.nextAt(),
      this.#operations.nextAt(),
      claimAt,
      this.#leave?.at ?? Infinity,
    );
  }

  onTime(): void {
    const { now } = this.#side.ctx;
    this.#side.store.onTime();
    this.#operations.onTime();
    if (this.#leave !== undefined && now >= this.#leave.at) this.#finishLeave();
    if (this.#isIn && !this.#isBusy && now >= this.#claimAt) this.#tendClaim();
  }

  onCommand(command: RingCommand | StoreCommand): void {
    if (command.type === 'ring') this.#operations.start(command);
    else this.#side.store.onCommand(command);
  }

  answerPassing(body: Uint8Array): Uint8Array | undefined {
    return this.#side.store.answerPassing(body);
  }

  restore(kept: readonly KeptRecord[]): void {
    this.#side.store.restore(kept);
  }

  held(): HeldView[] {
    return this.#side.store.held();
  }

  onRequest(body: Uint8Array, from: Asker, answer: Answer): void {
    if (from.service === 'ring') this.#onRequest(body, from, answer);
    else this.#side.store.onRequest(body, from, answer);
  }

  /** A request of another node, or of this one; `answer` takes `undefined` for what is none. */
  #onRequest(body: Uint8Array, from: Bringer, answer: Answer): void {
    const request = readRing(body);
    if (request === undefined) {
      answer(undefined);
      return;
    }
    switch (request.op) {
      case 'get-node':
        this.#resolveAll(request.keys, answer);
        return;
      case 'get-value':
        answer(this.#valueOf(request));
        return;
      case 'insert-value':
        this.#insert(request, from, (said) => answer(writeInsertAnswer(said)));
        return;
      case 'split-node':
        this.#split(request, from.origin, answer);
        return;
      case 'renew':
        this.#onRenew(request, from.origin, answer);
        return;
      case 'inherit': {
        const isHeir = this.#ownership.inherit(from.origin, request.after, this.#side.ctx.now);
        answer(writeRingAnswer(isHeir ? OK : this.#pointers.notHeirOf(from.origin)));
      }
    }
  }

  /** See `Introduction.introduce`. */
  introduce(done: () => void): boolean {
    return this.#introduction.introduce(done);
  }

  /** Hands over every record, then the range; `done` when others have both, or when that takes too long. */
  leave(done: () => void): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#taker.stop();
    this.#side.store.leave(() => this.#bequeath(done));
  }

  /** Every unfinished command ends. */
  stop(): void {
    this.#isLeaving = true;
    this.#taker.stop();
    this.#ownership.drop();
    this.#operations.stop();
    this.#side.store.stop();
  }

  /** Hands this node's range to its heir; `done` when that has it, at the latest after `inheritMs`. */
  #bequeath(done: () => void): void {
    const { claim, isWhole } = this.#ownership;
    this.#ownership.drop();
    if (claim === undefined || isWhole) {
      done();
      return;
    }
    this.#leave = { at: this.#side.ctx.now + this.#config.inheritMs, done };
    const body = writeRing({ op: 'inherit', after: claim.after });
    this.#walk(this.#successors(), body, (code) => {
      const isOver = code !== 'not-responsible' && code !== 'no-range';
      if (isOver) this.#finishLeave();
      return isOver;
    });
  }

  get #isIn(): boolean {
    const state = this.#side.state();
    return !this.#isLeaving && (state === 'ready' || state === 'alone');
  }

  /** An answer about the claim is awaited. */
  get #isBusy(): boolean {
    return this.#isRenewing || this.#taker.isAsking;
  }

  /** Gets a range, or has the claim on it confirmed. */
  #tendClaim(): void {
    const { now, geometry } = this.#side.ctx;
    const ownership = this.#ownership;
    this.#introduction.again();
    if (ownership.isOver(now)) this.#giveUp();
    if (ownership.claim === undefined) {
      this.#claimAt = now + this.#config.retryMs;
      // The first node of all has every key.
      if (this.#side.state() === 'alone') ownership.claimAll();
      else
        this.#taker.ask(this.#successors(), (pauseMs = this.#config.retryMs) => {
          this.#claimAt = this.#side.ctx.now + (ownership.claim === undefined ? pauseMs : 0);
        });
      return;
    }
    this.#claimAt = now + this.#config.renewMs;
    if (ownership.isWhole && geometry.size === 0) return;
    this.#renew();
  }

  /** Whatever was this node's is not any more: it comes in like anybody else. */
  #giveUp(): void {
    this.#ownership.drop();
    this.#taker.reset();
  }

  #renew(): void {
    const { ctx } = this.#side;
    const ownership = this.#ownership;
    const sentAt = ctx.now;
    this.#isRenewing = true;
    const body = writeRing({ op: 'renew', record: ctx.self.record });
    const heir = this.#heir;
    this.#walk(heir === undefined ? this.#successors() : [heir, ...this.#successors()], body, (code, by) => {
      if (code === 'not-responsible' || code === 'no-range') return false;
      this.#isRenewing = false;
      this.#heir = by;
      if (code === 'ok') ownership.onKept(sentAt);
      else if (code === 'lost') this.#giveUp();
      else if (code === 'alone' && heir === undefined) ownership.onRoundTrip(ctx.now);
      return true;
    });
  }

  /**
   * Asks one after another until `done` says that it is over. It is told `alone` when everybody all the way round to this
   * node has no range, and `undefined` when one is silent or nobody is left to ask.
   */
  #walk(
    start: readonly NodeId[],
    body: Uint8Array,
    done: (code: RingCode | 'alone' | undefined, by: NodeId | undefined) => boolean,
  ): void {
    const { ctx } = this.#side;
    const walk = new Walk(start);
    let isRound = true;
    const step = (): void => {
      const id = walk.next();
      if (id === undefined || sameId(id, ctx.self.id)) {
        done(isRound && (id !== undefined || ctx.geometry.size === 0) ? 'alone' : undefined, undefined);
        return;
      }
      this.#ask(id, body, (bytes) => {
        const answer = bytes && readRingAnswer(bytes);
        if (answer === undefined) {
          // It may own something all the same: whoever comes after it would follow it too early.
          done(undefined, undefined);
          return;
        }
        isRound &&= answer.code === 'no-range';
        if (done(answer.code, id)) return;
        if (answer.owner !== undefined) {
          this.#side.learn([answer.owner]);
          walk.follow(ctx.ports.idOfKey(answer.owner.subarray(6, 38)));
        }
        step();
      });
    };
    step();
  }

  #finishLeave(): void {
    const leave = this.#leave;
    this.#leave = undefined;
    leave?.done();
  }

  #ask(to: NodeId, body: Uint8Array, done: Answer): void {
    const { self } = this.#side.ctx;
    if (sameId(to, self.id)) this.#onRequest(body, { origin: self.id, via: '' }, done);
    else this.#side.ask(to, body, this.#config.requestTimeoutMs, done);
  }

  /** Resolves keys for whoever asks, a member or not. */
  #resolveAll(keys: readonly NodeId[], answer: Answer): void {
    const found: (Uint8Array | undefined)[] = keys.map(() => undefined);
    let open = 1;
    const finish = (): void => {
      if (--open === 0) answer(writeNodes(found));
    };
    keys.forEach((key, i) => {
      // Who is about to join itself would only lead others astray.
      if (this.#resolving >= RESOLVING_MAX || !this.#isIn) return;
      this.#resolving++;
      open++;
      this.#side.resolve(key, this.#config.resolveMs, ([record]) => {
        this.#resolving--;
        found[i] = record;
        finish();
      });
    });
    finish();
  }

  #valueOf({ key, have }: Extract<RingRequest, { op: 'get-value' }>): Uint8Array {
    const { ctx, store } = this.#side;
    if (!this.#ownership.owns(key, ctx.now))
      return writeValueAnswer({
        code: 'not-responsible',
        owner: this.#pointers.ownerOf(key),
        copies: [],
        sequences: [],
      });
    const asker = ctx.self.record;
    const { copies, sequences } = store.holder.find({ op: 'find', want: 'values', key, have, asker });
    const code = copies.length === 0 && have.length === 0 ? 'not-found' : 'ok';
    return writeValueAnswer({ code, owner: undefined, copies, sequences });
  }

  #insert(
    { copy, cas, solution }: Extract<RingRequest, { op: 'insert-value' }>,
    giver: Bringer,
    answer: (said: InsertAnswer) => void,
  ): void {
    const { ctx, store } = this.#side;
    const record = decodeRecord(copy.record, ctx.ports);
    const refuse = (code: RingCode, sequence = 0, owner?: Uint8Array): void =>
      answer({ code, owner, sequence, held: 0 });
    if (typeof record === 'string') {
      refuse(record === 'too-large' ? record : 'rejected');
      return;
    }
    const { key } = record;
    if (!this.#ownership.owns(key, ctx.now)) {
      refuse('not-responsible', 0, this.#pointers.ownerOf(key));
      return;
    }
    const asked = { record, requester: giver.origin };
    const demand = sameId(giver.origin, ctx.self.id)
      ? undefined
      : ctx.admission?.demandForInsert(ctx, store.holder.table, asked, solution);
    if (demand !== undefined) {
      answer({ ...wantsWork(demand), sequence: 0, held: 0 });
      return;
    }
    store.holder.accept(copy, { role: 'replica', giver, cas }, ({ code, sequence }) => {
      if (code !== 'stored') refuse(code === 'work' ? 'rejected' : code, sequence);
      // The range changed hands while the signature was checked: whoever has it now may not have the record.
      else if (!this.#ownership.owns(key, ctx.now)) refuse('not-responsible', 0, this.#pointers.ownerOf(key));
      else this.#replicate(record, copy, (held) => answer({ code: 'ok', owner: undefined, sequence, held }));
    });
  }

  /** Stores a record at the others of its replica set; `done` with the first that has it, or when none of them takes it. */
  #replicate(record: StoreRecord, copy: Copy, done: (held: number) => void): void {
    const { ctx, store } = this.#side;
    const set = ctx.geometry
      .closest(record.key, store.replicas, true)
      .filter((id) => !sameId(id, ctx.self.id));
    let open = set.length + 1;
    let isDone = false;
    const finish = (isStored: boolean): void => {
      open--;
      if (isDone || !(isStored || open === 0)) return;
      isDone = true;
      done(isStored ? 2 : 1);
    };
    const onAnswer = (answer: { readonly code: string } | undefined): void =>
      finish(answer?.code === 'stored');
    for (const id of set) {
      // Its STORE would cost the owner a solution for each copy, and one InsertValue is paid for with one.
      if (ctx.admission !== undefined) store.operations.offer(id, record, copy, onAnswer);
      else store.operations.store(id, copy, { role: 'replica' }, onAnswer);
    }
    finish(false);
  }

  #split(request: Extract<RingRequest, { op: 'split-node' }>, origin: NodeId, answer: Answer): void {
    const { ctx } = this.#side;
    const id = ctx.ports.idOfKey(request.record.subarray(6, 38));
    const isServed = sameId(id, origin) && !this.#isLeaving;
    const demand =
      isServed && this.#giver.isFirst(id, request)
        ? ctx.admission?.demandForSplit(ctx, id, request.solution)
        : undefined;
    const given = isServed && demand === undefined ? this.#giver.onRequest(id, request) : undefined;
    this.#side.learn([request.record]);
    const refused = demand === undefined ? this.#pointers.notHeirOf(origin) : wantsWork(demand);
    answer(writeSplitAnswer(given ?? { ...refused, page: 0, copies: [], after: undefined }));
  }

  #onRenew(request: Extract<RingRequest, { op: 'renew' }>, origin: NodeId, answer: Answer): void {
    const { ctx } = this.#side;
    const { record } = request;
    const id = ctx.ports.idOfKey(record.subarray(6, 38));
    if (!sameId(id, origin)) {
      answer(undefined);
      return;
    }
    this.#side.learn([record]);
    const said = this.#ownership.onRenew({ id, record }, ctx.now);
    if (said === 'elsewhere') answer(writeRingAnswer(this.#pointers.notHeirOf(origin)));
    else answer(writeRingAnswer(said === 'kept' ? OK : { code: said, owner: undefined }));
  }

  #successors(): NodeId[] {
    const { geometry, self } = this.#side.ctx;
    return geometry.closest(plusPower(self.id, 0), SUCCESSORS_TRIED, false);
  }
}

const OK: RingAnswer = { code: 'ok', owner: undefined };

function wantsWork(demand: Uint8Array): RingAnswer {
  return { code: 'work', owner: undefined, demand };
}
