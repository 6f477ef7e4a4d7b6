/**
 * What this node holds, and its answers to those who ask for it or bring more: nothing is kept that is not what its
 * publisher signed, and what is refused is refused with a reason. Rules KV2-KV5.
 */

import { mapKey, sameId, type MapKey, type NodeId } from '../id/node-id.ts';
import { trimMap } from '../util/trim-map.ts';
import type { StoreHost } from './host.ts';
import { RecordTable, type Held, type Role } from './record-table.ts';
import { decodeRecord, recordProof, type StoreRecord } from './record.ts';
import type { Copy, SlotState } from './fields.ts';
import {
  readRequest,
  writeFindAnswer,
  writeRequest,
  writeStoreAnswer,
  writeWanted,
  type FindAnswer,
  type StoreAnswer,
  type StoreRequest,
} from './rpc.ts';
import { copyOf, slotName, slotState } from './slots.ts';
import type { KeptRecord } from './store-io.ts';

/** Who brought a record: the node that sent it, and the linked peer that passed it on last. */
export interface Giver {
  readonly origin: NodeId;
  /** Map key of the peer; empty for this node itself. */
  readonly via: string;
}

export interface HolderHooks {
  /** A record is new here, or newer; `by`: who brought it. */
  onStored(held: Held, by: NodeId): void;
  /** Somebody else sees to it that this record is where it belongs. */
  onSeen(slot: string, by: NodeId): void;
  /** Does this node watch the key? What others push unasked is not worth a signature check. */
  isWatched(key: NodeId): boolean;
  /** A record that this node watches changed. */
  onChanged(record: StoreRecord, copy: Copy): void;
}

/** Bytes of records in one answer; the rest is asked for again. */
const ANSWER_BYTES_MAX = 48 * 1024;
const WATCHERS_MAX = 1_024;
const WATCHERS_PER_KEY_MAX = 64;

export class Holder {
  readonly table: RecordTable;
  /** By key: who is told of changes, and until when. */
  readonly #watchers = new Map<MapKey, Map<MapKey, { readonly id: NodeId; readonly until: number }>>();
  readonly #host: StoreHost;
  readonly #hooks: HolderHooks;

  constructor(host: StoreHost, hooks: HolderHooks) {
    this.#host = host;
    this.#hooks = hooks;
    const { geometry, self } = host.ctx;
    this.table = new RecordTable(
      host.config.limits,
      (a, b) => geometry.compareKeys?.(a, b) ?? geometry.compare(self.id, a, b),
    );
  }

  /** Answers a request, `undefined` when it is none. */
  onRequest(body: Uint8Array, giver: Giver, answer: (payload: Uint8Array | undefined) => void): void {
    const request = readRequest(body);
    if (request === undefined) {
      answer(undefined);
      return;
    }
    switch (request.op) {
      case 'find':
        this.#host.learn([request.asker]);
        answer(writeFindAnswer(this.find(request)));
        return;
      case 'store': {
        const { admission } = this.#host.ctx;
        const demand = admission?.demandForStore(this.#host, this.table, request, giver.origin);
        if (demand !== undefined) {
          answer(writeStoreAnswer({ code: 'work', sequence: 0, demand }));
          return;
        }
        this.accept(request.copy, { ...request, giver }, (said) => answer(writeStoreAnswer(said)));
        return;
      }
      case 'offer':
        answer(writeWanted(this.#lacking(request.slots, giver.origin)));
        return;
      case 'watch':
        this.#watch(request.key, giver.origin, request.on);
        answer(writeStoreAnswer(STORED));
        return;
      case 'changed':
        this.#onChanged(request.copy);
        answer(writeStoreAnswer(STORED));
    }
  }

  /**
   * The answer to a request for records that passes by, if this node has a fresh copy of all it knows of there and the asker
   * none that is newer.
   */
  answerPassing(body: Uint8Array): Uint8Array | undefined {
    const request = readRequest(body);
    if (request?.op !== 'find' || request.want !== 'values') return undefined;
    const { now } = this.#host.ctx;
    const held = this.table.of(request.key, now);
    const known = new Map(request.have.map(({ slot, sequence }) => [slotName(slot), sequence]));
    const isFresh = ({ record, refreshedAt }: Held): boolean =>
      record.kind === 'immutable' ||
      (now - refreshedAt < this.#host.config.freshMs && (known.get(record.slot) ?? 0) <= record.sequence);
    return held.length > 0 && held.every(isFresh) ? writeFindAnswer(this.find(request)) : undefined;
  }

  /** Takes a record, if it is one and there is room for it. `role`: a cached copy lives shorter, the farther it lies from its key. */
  accept(
    copy: Copy,
    how: { readonly role: Role; readonly giver: Giver; readonly cas?: number | undefined },
    done: (answer: StoreAnswer) => void,
  ): void {
    this.#verify(copy, (record) => {
      if (typeof record === 'string') {
        done({ code: record, sequence: 0 });
        return;
      }
      const { now } = this.#host.ctx;
      const { role, giver, cas } = how;
      const lifeMs =
        Math.min(copy.lifeMs, record.lifeMs) / (role === 'cache' ? 2 ** this.#between(record.key) : 1);
      const account = record.kind === 'immutable' ? giver.origin : record.publisher;
      const held: Held = {
        record,
        role,
        expiresAt: now + lifeMs,
        publishedAt: now - copy.ageMs,
        storedAt: now,
        refreshedAt: now,
        account: mapKey(account),
        via: giver.via,
      };
      const { outcome, current, evicted } = this.table.put(held, now, cas);
      for (const one of evicted) this.#persist(one.record, undefined);
      if (outcome === 'stored' || outcome === 'refreshed') {
        const kept = this.table.get(record.slot)!;
        this.#persist(record, kept);
        if (outcome === 'stored') {
          this.#tell(kept);
          this.#hooks.onStored(kept, giver.origin);
        } else this.#hooks.onSeen(record.slot, giver.origin);
        done({ code: 'stored', sequence: record.sequence });
      } else done({ code: outcome, sequence: current?.record.sequence ?? 0 });
    });
  }

  /** Takes back what was kept over a reload. */
  restore(record: StoreRecord, { role, lifeMs, ageMs, account }: KeptRecord): void {
    const { now } = this.#host.ctx;
    const times = { expiresAt: now + lifeMs, publishedAt: now - ageMs, storedAt: now, refreshedAt: now };
    this.table.put({ record, role, ...times, account, via: '' }, now);
  }

  expire(): void {
    for (const { record } of this.table.takeExpired(this.#host.ctx.now)) this.#persist(record, undefined);
  }

  /** A copy that others have where it belongs is a cached one from now on. */
  demote(held: Held): void {
    const { now } = this.#host.ctx;
    const lifeMs = (held.expiresAt - now) / 2 ** this.#between(held.record.key);
    this.table.setRole(held.record.slot, 'cache', now + lifeMs);
    this.#persist(held.record, this.table.get(held.record.slot));
  }

  #onChanged(copy: Copy): void {
    const pushed = decodeRecord(copy.record, this.#host.ctx.ports);
    if (typeof pushed === 'string' || !this.#hooks.isWatched(pushed.key)) return;
    this.#verify(copy, (record) => {
      if (typeof record !== 'string') this.#hooks.onChanged(record, copy);
    });
  }

  #verify({ record: bytes }: Copy, done: (record: StoreRecord | 'rejected' | 'too-large') => void): void {
    const { ctx } = this.#host;
    const record = decodeRecord(bytes, ctx.ports);
    if (typeof record === 'string') {
      done(record === 'too-large' ? record : 'rejected');
      return;
    }
    const held = this.table.get(record.slot);
    const proof = recordProof(record);
    if (proof === undefined || (held !== undefined && sameId(held.record.bytes, record.bytes))) {
      done(record);
      return;
    }
    ctx.crypto({ type: 'verify', items: [proof] }, (result) =>
      done(result.type === 'verified' && result.valid[0] === true ? record : 'rejected'),
    );
  }

  find({ key, want, have }: StoreRequest & { op: 'find' }): FindAnswer {
    const { ctx, config } = this.#host;
    const { geometry, self, now } = ctx;
    const contacts = geometry.closest(key, 2 * config.replicas, true).flatMap((id) => {
      const name = mapKey(id);
      const record = name === self.key ? self.record : geometry.get(name)?.record;
      return record ?? [];
    });
    if (want === 'nodes') return { copies: [], sequences: [], contacts };
    const held = this.table.of(key, now);
    // A cached copy may be older than those where the record belongs: it is given, but not vouched for.
    const sequences = held.filter(({ role }) => role !== 'cache').map(({ record }) => slotState(record));
    if (want === 'sequences') return { copies: [], sequences, contacts };
    const known = new Map(have.map(({ slot, sequence }) => [slotName(slot), sequence]));
    let room = ANSWER_BYTES_MAX;
    const copies = held.flatMap((one) => {
      const { record } = one;
      const knownSequence = known.get(record.slot);
      if (knownSequence !== undefined && knownSequence >= record.sequence) return [];
      room -= record.bytes.length;
      return room < 0 ? [] : [copyOf(one, now)];
    });
    return { copies, sequences, contacts };
  }

  /**
   * The places in an offer of records that this node lacks. Of the others it now knows that somebody looks after them, if
   * that is one of the nearest: nodes far from a key know few of those it belongs to.
   */
  #lacking(slots: readonly SlotState[], by: NodeId): number[] {
    const { ctx, config } = this.#host;
    return slots.flatMap(({ slot, sequence }, place) => {
      const name = slotName(slot);
      const held = this.table.get(name);
      if (held === undefined || held.record.sequence < sequence || held.role === 'cache') {
        ctx.admission?.invite(this.#host, slot, by);
        return [place];
      }
      if (held.record.sequence === sequence) {
        const set = ctx.geometry.closest(held.record.key, config.replicas, true);
        if (set.some((id) => sameId(id, by))) this.table.touch(name, ctx.now);
        this.#hooks.onSeen(name, by);
      }
      return [];
    });
  }

  /** Nodes known to lie between this one and a key, beyond those that hold its records. */
  #between(key: NodeId): number {
    const { geometry, self } = this.#host.ctx;
    const most = 2 * this.#host.config.replicas;
    const nearer = geometry
      .closest(key, most, false)
      .filter((id) => geometry.compare(key, id, self.id) < 0).length;
    return Math.max(0, nearer - this.#host.config.replicas + 1);
  }

  #watch(key: NodeId, id: NodeId, on: boolean): void {
    const name = mapKey(key);
    const watchers = this.#watchers.get(name) ?? new Map();
    watchers.delete(mapKey(id));
    if (on) {
      const until = this.#host.ctx.now + 2.5 * this.#host.config.watchMs;
      watchers.set(mapKey(id), { id, until });
      trimMap(watchers, WATCHERS_PER_KEY_MAX);
    }
    this.#watchers.delete(name);
    if (watchers.size > 0) this.#watchers.set(name, watchers);
    trimMap(this.#watchers, WATCHERS_MAX);
  }

  /** Tells those who watch the key of a record. */
  #tell(held: Held): void {
    const { now } = this.#host.ctx;
    const watchers = this.#watchers.get(mapKey(held.record.key));
    if (watchers === undefined) return;
    const body = writeRequest({ op: 'changed', copy: copyOf(held, now) });
    for (const [name, { id, until }] of watchers) {
      if (until <= now) watchers.delete(name);
      else this.#host.ask(id, body, () => undefined);
    }
  }

  /** What to keep over a reload; `undefined` for what is gone. */
  #persist(record: StoreRecord, held: Held | undefined): void {
    this.#host.ctx.output({ type: 'persist', slot: record.slot, held });
  }
}

const STORED: StoreAnswer = { code: 'stored', sequence: 0 };
