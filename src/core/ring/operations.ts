/** What the application does on a ring: GetNode, GetValue, InsertValue. Each call ends in exactly one result. Rules RG2-RG5, AW12 and AW14. */

import { cancelWork, doWork, FOR_INSERT } from '../admission/ask.ts';
import { sameId, type NodeId } from '../id/node-id.ts';
import type { CommandId, JobId } from '../io.ts';
import type { Copy, SlotState } from '../store/fields.ts';
import {
  decodeRecord,
  encodeRecord,
  immutableRecord,
  keyOfOwn,
  recordProof,
  recordSignedBytes,
  SEQUENCE_MAX,
  VALUE_BYTES_MAX,
  type StoreRecord,
} from '../store/record.ts';
import type { FoundRecord } from '../store/search.ts';
import { slotName, slotState } from '../store/slots.ts';
import { concat } from '../util/pieces.ts';
import type { RingSide } from './host.ts';
import {
  NO_RING_RESULT,
  type RingAsk,
  type RingCommand,
  type RingConfig,
  type RingResult,
} from './ring-io.ts';
import {
  readInsertAnswer,
  readNodes,
  readValueAnswer,
  writeRing,
  type InsertAnswer,
  type RingAnswer,
  type RingRequest,
  type ValueAnswer,
} from './rpc.ts';
import { Walk } from './walk.ts';

type GetNode = Extract<RingAsk, { op: 'get-node' }>;
type GetValue = Extract<RingAsk, { op: 'get-value' }>;
type InsertValue = Extract<RingAsk, { op: 'insert-value' }>;
type InsertRequest = Extract<RingRequest, { op: 'insert-value' }>;

interface Call {
  readonly id: CommandId;
  readonly startedAt: number;
  readonly dueAt: number;
  /** Asked again then: whose key it is was changing hands, or those asked were silent. */
  retryAt: number;
  retry: () => void;
  readonly asked: NodeId[];
  /** Work that is under way. */
  job: JobId | undefined;
}

/** Sends a request to a node, this one included. */
export type Asking = (to: NodeId, body: Uint8Array, done: (answer: Uint8Array | undefined) => void) => void;

/** What a node may claim a record's sequence to have risen by: a liar could use all of them up. */
const SEQUENCE_LEAP_MAX = 1_000_000;
/** How often one node is asked for what did not fit its first answer. */
const PAGES_MAX = 16;

export class RingOperations {
  readonly #calls = new Map<CommandId, Call>();
  readonly #side: RingSide;
  readonly #config: RingConfig;
  readonly #ask: Asking;
  #isStopped = false;

  constructor(side: RingSide, config: RingConfig, ask: Asking) {
    this.#side = side;
    this.#config = config;
    this.#ask = ask;
  }

  nextAt(): number {
    let at = Infinity;
    for (const { dueAt, retryAt } of this.#calls.values()) at = Math.min(at, dueAt, retryAt);
    return at;
  }

  onTime(): void {
    const { now } = this.#side.ctx;
    for (const call of [...this.#calls.values()]) {
      if (call.dueAt <= now) this.#end(call, { reason: 'timeout' });
      else if (call.retryAt <= now) {
        call.retryAt = Infinity;
        call.retry();
      }
    }
  }

  stop(): void {
    this.#isStopped = true;
    for (const call of [...this.#calls.values()]) this.#end(call, { reason: 'left' });
  }

  start({ id, ask, timeoutMs }: RingCommand): void {
    const { now } = this.#side.ctx;
    const times = { startedAt: now, dueAt: now + timeoutMs, retryAt: Infinity };
    const call: Call = { id, ...times, retry: () => undefined, asked: [], job: undefined };
    this.#calls.set(id, call);
    if (this.#isStopped) {
      this.#end(call, { reason: 'left' });
      return;
    }
    switch (ask.op) {
      case 'get-node':
        this.#getNode(call, ask);
        return;
      case 'get-value':
        this.#getValue(call, ask);
        return;
      case 'insert-value':
        this.#insertValue(call, ask);
    }
  }

  #getNode(call: Call, { key, via }: GetNode): void {
    const done = (record: Uint8Array | undefined): void =>
      this.#end(
        call,
        record === undefined ? { reason: 'not-found', key } : { key, owner: this.#idOf(record) },
      );
    if (via === undefined) {
      this.#side.resolve(key, call.dueAt - call.startedAt, ([record]) => done(record));
      return;
    }
    call.asked.push(via);
    this.#ask(via, writeRing({ op: 'get-node', keys: [key] }), (bytes) => {
      const records = bytes && readNodes(bytes);
      if (records === undefined) this.#end(call, { reason: 'timeout', key });
      else done(records[0]);
    });
  }

  #getValue(call: Call, { key, at }: GetValue): void {
    const found = new Map<string, FoundRecord>();
    const ask = (to: NodeId, page: number, next: (answer: RingAnswer | undefined) => void): void => {
      const have = [...found.values()].map(({ record }) => slotState(record));
      this.#ask(to, writeRing({ op: 'get-value', key, have }), (bytes) => {
        const answer = bytes && readValueAnswer(bytes);
        if (answer?.code !== 'ok') {
          next(answer);
          return;
        }
        this.#verify(key, answer, to, (records) => {
          let isNew = false;
          for (const one of records) {
            isNew ||= !found.has(one.record.slot);
            found.set(one.record.slot, one);
          }
          const isPartial = answer.sequences.some((state) => !hasAlready(found, state));
          if (isNew && isPartial && page < PAGES_MAX) ask(to, page + 1, next);
          else next(answer);
        });
      });
    };
    this.#atOwner(call, key, at, {
      ask: (to, next) => ask(to, 0, next),
      finish: (answer, owner) => {
        const values = [...found.values()].filter(({ record }) => !record.forgotten);
        const code = answer.code === 'ok' && values.length === 0 ? 'not-found' : answer.code;
        this.#end(call, { ...(code === 'ok' ? {} : { reason: code }), key, owner, found: values });
      },
    });
  }

  #insertValue(call: Call, ask: InsertValue): void {
    const { ports, self } = this.#side.ctx;
    const { kind, salt, value, at } = ask;
    if (value.length > VALUE_BYTES_MAX) {
      this.#end(call, { reason: 'too-large' });
      return;
    }
    if (kind === 'immutable') {
      this.#insert(call, immutableRecord(value, ports), ask, at);
      return;
    }
    const key = kind === 'own' ? keyOfOwn(self.signingKey, salt, ports) : ask.key;
    const known = this.#side.store.holder.table.get(slotName(concat([key, self.signingKey])));
    this.#sign(call, ask, key, (ask.cas ?? known?.record.sequence ?? 0) + 1);
  }

  #sign(call: Call, ask: InsertValue, key: NodeId, sequence: number): void {
    const { ctx } = this.#side;
    const { kind, salt, value, lifeMs, at } = ask;
    if (kind === 'immutable') return;
    const place = kind === 'own' ? ({ kind, salt } as const) : ({ kind, key } as const);
    const signed = recordSignedBytes({
      ...place,
      publisher: ctx.self.signingKey,
      sequence: Math.min(sequence, SEQUENCE_MAX),
      lifeMs,
      forgotten: false,
      value,
    });
    ctx.crypto({ type: 'sign', bytes: signed }, (result) => {
      const record =
        result.type === 'signed'
          ? decodeRecord(encodeRecord(signed, result.signature), ctx.ports)
          : 'malformed';
      if (typeof record === 'string') this.#end(call, { reason: 'rejected' });
      else this.#insert(call, record, ask, at);
    });
  }

  #insert(call: Call, record: StoreRecord, ask: InsertValue, at: NodeId | undefined): void {
    const { ctx, store } = this.#side;
    const copy: Copy = { record: record.bytes, lifeMs: Math.min(ask.lifeMs, record.lifeMs), ageMs: 0 };
    this.#atOwner<InsertAnswer>(call, record.key, at, {
      ask: (to, next) => this.#askInsert(call, to, { op: 'insert-value', copy, cas: ask.cas }, next),
      finish: (answer, owner) => {
        const { code, sequence, held } = answer;
        const leap = sequence - record.sequence;
        if (code === 'stale' && ask.cas === undefined && leap >= 0 && leap < SEQUENCE_LEAP_MAX) {
          // Another stay of this publisher wrote there: the next sequence is above what it left.
          this.#sign(call, ask, record.key, sequence + 1);
          return;
        }
        const giver = { origin: ctx.self.id, via: '' };
        // The publisher publishes it again for as long as it is there.
        if (code === 'ok') store.holder.accept(copy, { role: 'own', giver }, () => undefined);
        const reason = code === 'ok' ? {} : { reason: code };
        this.#end(call, { ...reason, key: record.key, owner, sequence, copies: held });
      },
    });
  }

  /** Work that the node asks for is done, once; the call ends where it is too hard. */
  #askInsert(
    call: Call,
    to: NodeId,
    request: InsertRequest,
    next: (answer: InsertAnswer | undefined) => void,
  ): void {
    const { ctx } = this.#side;
    this.#ask(to, writeRing(request), (bytes) => {
      const answer = bytes && readInsertAnswer(bytes);
      const demand = answer?.demand;
      if (demand === undefined || request.solution !== undefined || this.#calls.get(call.id) !== call) {
        next(answer);
        return;
      }
      const { record } = request.copy;
      const task = { demand, purpose: FOR_INSERT, checker: to, subject: ctx.ports.hash(record) };
      call.job = doWork(ctx, task, (result) => {
        if (this.#calls.get(call.id) !== call) return;
        call.job = undefined;
        if (typeof result !== 'string') this.#askInsert(call, to, { ...request, solution: result }, next);
        else if (result === 'failed') next(answer);
        else this.#end(call, { reason: result, owner: to });
      });
    });
  }

  /**
   * Asks the node that answers for a key, or `at` only: resolves it, and follows whom a node that is not responsible names;
   * where nobody answers for the key just now, again and again until the call's time is over.
   */
  #atOwner<Answer extends RingAnswer>(
    call: Call,
    key: NodeId,
    at: NodeId | undefined,
    how: {
      readonly ask: (to: NodeId, next: (answer: Answer | undefined) => void) => void;
      readonly finish: (answer: Answer, owner: NodeId | undefined) => void;
    },
  ): void {
    const isOver = (): boolean => this.#calls.get(call.id) !== call;
    const step = (walk: Walk): void => {
      if (isOver()) return;
      const id = walk.next();
      if (id === undefined) {
        call.retry = () => this.#atOwner(call, key, at, how);
        call.retryAt = this.#side.ctx.now + this.#config.retryMs;
        return;
      }
      call.asked.push(id);
      how.ask(id, (answer) => {
        if (isOver()) return;
        if (answer?.code === 'not-responsible' && at === undefined) {
          if (answer.owner !== undefined) {
            this.#side.learn([answer.owner]);
            walk.follow(this.#idOf(answer.owner));
          }
        } else if (answer !== undefined) {
          const named = answer.owner && this.#idOf(answer.owner);
          how.finish(answer, answer.code === 'not-responsible' ? named : id);
          return;
        } else if (at !== undefined) {
          this.#end(call, { reason: 'timeout', key });
          return;
        }
        step(walk);
      });
    };
    if (at !== undefined) step(new Walk([at]));
    else
      this.#side.resolve(key, this.#config.requestTimeoutMs, (records) =>
        step(new Walk(records.slice(0, RESOLVED_MAX).map((record) => this.#idOf(record)))),
      );
  }

  #verify(
    key: NodeId,
    { copies }: ValueAnswer,
    holder: NodeId,
    done: (found: readonly FoundRecord[]) => void,
  ): void {
    const { ctx } = this.#side;
    const found = copies.flatMap(({ record: bytes, lifeMs, ageMs }) => {
      const record = decodeRecord(bytes, ctx.ports);
      return typeof record === 'string' || !sameId(record.key, key)
        ? []
        : [{ record, lifeMs, ageMs, holder }];
    });
    const signed = found.filter(({ record }) => recordProof(record) !== undefined);
    if (signed.length === 0) {
      done(found);
      return;
    }
    const items = signed.flatMap(({ record }) => recordProof(record) ?? []);
    ctx.crypto({ type: 'verify', items }, (result) => {
      const valid = result.type === 'verified' ? result.valid : [];
      done(found.filter((one) => !signed.includes(one) || valid[signed.indexOf(one)] === true));
    });
  }

  #idOf(record: Uint8Array): NodeId {
    return this.#side.ctx.ports.idOfKey(record.subarray(6, 38));
  }

  #end(call: Call, result: Partial<RingResult>): void {
    if (!this.#calls.delete(call.id)) return;
    const { ctx } = this.#side;
    const { id, asked, startedAt } = call;
    cancelWork(ctx, call.job);
    ctx.event({
      type: 'ring-result',
      command: id,
      result: { ...NO_RING_RESULT, ...result, asked, tookMs: ctx.now - startedAt },
    });
  }
}

/** Of those that a lookup names, so many are tried: the first is the one, the next take over from it. */
const RESOLVED_MAX = 3;

function hasAlready(found: ReadonlyMap<string, FoundRecord>, { slot, sequence }: SlotState): boolean {
  const one = found.get(slotName(slot));
  return one !== undefined && one.record.sequence >= sequence;
}
