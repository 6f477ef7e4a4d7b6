/** What the application does with records: put, get, forget, watch. Each call ends in exactly one result. Rules KV6-KV11, KV22. */

import { cancelWork, doWork, FOR_STORE } from '../admission/ask.ts';
import { sameId, type NodeId } from '../id/node-id.ts';
import type { CommandId, JobId } from '../io.ts';
import { concat } from '../util/pieces.ts';
import type { Holder } from './holder.ts';
import type { StoreHost } from './host.ts';
import {
  encodeRecord,
  immutableRecord,
  decodeRecord,
  keyOfOwn,
  recordSignedBytes,
  SEQUENCE_MAX,
  VALUE_BYTES_MAX,
  type StoreRecord,
} from './record.ts';
import type { Copy } from './fields.ts';
import { readStoreAnswer, readWanted, writeRequest, type StoreAnswer, type StoreRequest } from './rpc.ts';
import { copyOf, slotName, slotState } from './slots.ts';
import type { FoundRecord, Searches, SearchOptions, SearchResult, SearchTrace } from './search.ts';
import { NO_RESULT, type StoreCommand, type StoreReason, type StoreResult } from './store-io.ts';

/** What came of storing a record somewhere. */
type StoreOutcome = Omit<StoreAnswer, 'code'> & { readonly code: StoreAnswer['code'] | 'too-hard' };

type Put = Extract<StoreCommand, { type: 'put' }>;

/** What a node may claim a record's sequence to have risen by: a liar could use all of them up. */
const SEQUENCE_LEAP_MAX = 1_000_000;
/** Records found that are cached where they were missed. */
const CACHED_MAX = 8;

/** A call without a result yet. */
interface OpenCall {
  readonly startedAt: number;
  readonly dueAt: number;
  /** Work for others' demands that is under way. */
  readonly jobs: JobId[];
  /** How far its lookup has come. */
  trace: (() => SearchTrace) | undefined;
}

export class Operations {
  readonly #open = new Map<CommandId, OpenCall>();
  readonly #host: StoreHost;
  readonly #holder: Holder;
  readonly #searches: Searches;
  readonly #onCopy: (slot: string, at: NodeId) => void;

  /** `onCopy`: a record as it is here lies at that node too. */
  constructor(
    host: StoreHost,
    holder: Holder,
    searches: Searches,
    onCopy: (slot: string, at: NodeId) => void,
  ) {
    this.#host = host;
    this.#holder = holder;
    this.#searches = searches;
    this.#onCopy = onCopy;
  }

  nextAt(): number {
    let at = Infinity;
    for (const { dueAt } of this.#open.values()) at = Math.min(at, dueAt);
    return at;
  }

  onTime(): void {
    for (const [id, { dueAt, trace }] of this.#open)
      if (dueAt <= this.#host.ctx.now) this.#end(id, { reason: 'timeout', ...trace?.() });
  }

  stop(): void {
    for (const id of [...this.#open.keys()]) this.#end(id, { reason: 'left' });
  }

  put(command: Put): void {
    const { id, value, kind, forget } = command;
    this.#begin(command);
    const { ports, self } = this.#host.ctx;
    if (value.length > VALUE_BYTES_MAX) {
      this.#end(id, { reason: 'too-large' });
      return;
    }
    if (kind === 'immutable') {
      const record = immutableRecord(value, ports);
      this.#searchFor(id, record.key, 'nodes', (result) => this.#write(command, record, result));
      return;
    }
    const key = kind === 'own' ? keyOfOwn(self.signingKey, command.salt, ports) : command.key;
    this.#searchFor(id, key, 'sequences', (result) => {
      const slot = slotName(concat([key, self.signingKey]));
      const known = this.#holder.table.get(slot)?.record.sequence ?? 0;
      const claimed = result.sequences.get(slot) ?? 0;
      const sequence = Math.max(known, Math.min(claimed, known + SEQUENCE_LEAP_MAX)) + 1;
      if (command.cas !== undefined && command.cas !== sequence - 1) {
        this.#end(id, { reason: 'conflict', sequence: sequence - 1, ...traceOf(result) });
        return;
      }
      if (forget && sequence === 1) {
        this.#end(id, { reason: 'not-found', ...traceOf(result) });
        return;
      }
      const fields = {
        kind,
        key,
        publisher: self.signingKey,
        salt: kind === 'own' ? command.salt : NONE,
        sequence: Math.min(sequence, SEQUENCE_MAX),
        lifeMs: command.lifeMs,
        forgotten: forget,
        value,
      };
      const signed = recordSignedBytes(fields);
      this.#host.ctx.crypto({ type: 'sign', bytes: signed }, (crypto) => {
        const record =
          crypto.type === 'signed'
            ? decodeRecord(encodeRecord(signed, crypto.signature), ports)
            : 'malformed';
        if (typeof record === 'string') this.#end(id, { reason: 'rejected' });
        else this.#write(command, record, result);
      });
    });
  }

  get({ id, key, timeoutMs, recursive }: Extract<StoreCommand, { type: 'get' }>): void {
    this.#begin({ id, timeoutMs });
    const done = (result: SearchResult): void => {
      const found = result.found.filter(({ record }) => !record.forgotten);
      this.#cache(result);
      this.#end(id, {
        ...(found.length === 0 ? { reason: 'not-found' } : {}),
        found,
        ...traceOf(result),
      });
    };
    this.#searchFor(id, key, 'values', done, recursive);
  }

  /**
   * Stores a record at a node, for as long as it may live. Work that it asks for is done, but not for a cached copy (AW6);
   * `jobs` gets what there is to cancel.
   */
  store(
    to: NodeId,
    copy: Copy,
    how: Pick<StoreRequest & { op: 'store' }, 'role' | 'solution'> & { readonly cas?: number | undefined },
    done: (answer: StoreOutcome | undefined) => void,
    jobs: JobId[] = [],
  ): void {
    const { ctx } = this.#host;
    if (sameId(to, ctx.self.id)) {
      this.#holder.accept(copy, { ...how, giver: { origin: ctx.self.id, via: '' } }, done);
      return;
    }
    this.#host.ask(to, writeRequest({ cas: undefined, ...how, op: 'store', copy }), (bytes) => {
      const answer = bytes && readStoreAnswer(bytes);
      const demand = answer?.demand;
      if (demand === undefined || how.role === 'cache' || how.solution !== undefined) {
        done(answer);
        return;
      }
      const task = { demand, purpose: FOR_STORE, checker: to, subject: ctx.ports.hash(copy.record) };
      const job = doWork(ctx, task, (result) => {
        if (typeof result !== 'string') this.store(to, copy, { ...how, solution: result }, done);
        else done(result === 'failed' ? answer : { code: result, sequence: 0 });
      });
      jobs.push(job);
    });
  }

  /** Stores a record of whose replica set this node is one: what was offered and is wanted needs no work (AW6). */
  offer(to: NodeId, record: StoreRecord, copy: Copy, done: (answer: StoreOutcome | undefined) => void): void {
    this.#host.ask(to, writeRequest({ op: 'offer', slots: [slotState(record)] }), (bytes) => {
      const wanted = bytes && readWanted(bytes);
      if (wanted?.length === 1) this.store(to, copy, { role: 'replica' }, done);
      else done(wanted && { code: 'stored', sequence: record.sequence });
    });
  }

  /** The nodes nearest to a key, as a lookup finds them now. */
  nearest(key: NodeId, done: (nodes: readonly NodeId[]) => void): void {
    this.#search(key, 'nodes', ({ nodes }) => done(nodes));
  }

  /** The lookup of a call, which tells what it did should the call end first. */
  #searchFor(
    id: CommandId,
    key: NodeId,
    want: SearchOptions['want'],
    done: (result: SearchResult) => void,
    recursive = false,
  ): void {
    const trace = this.#search(key, want, done, recursive);
    const open = this.#open.get(id);
    if (open !== undefined) open.trace = trace;
  }

  #search(
    key: NodeId,
    want: SearchOptions['want'],
    done: (result: SearchResult) => void,
    recursive = false,
  ): () => SearchTrace {
    const { now, self } = this.#host.ctx;
    const held = this.#holder.table.of(key, now);
    const own = held.map((one): FoundRecord => ({
      ...copyOf(one, now),
      record: one.record,
      holder: self.id,
    }));
    const isHolder = held.some(({ role }) => role !== 'cache');
    return this.#searches.start({ key, want, recursive, own, isHolder, done });
  }

  /** Writes a record to the nearest nodes; with compare-and-set to the nearest first, whose word decides. */
  #write(command: Put, record: StoreRecord, search: SearchResult): void {
    const jobs = this.#open.get(command.id)?.jobs;
    if (jobs === undefined) return;
    const { ctx } = this.#host;
    const { cas, lifeMs } = command;
    const copy = { record: record.bytes, lifeMs, ageMs: 0 };
    const giver = { origin: ctx.self.id, via: '' };
    const acknowledged: NodeId[] = [];
    const refused: { node: NodeId; reason: StoreReason; sequence: number }[] = [];
    let open = 0;
    const finish = (): void => {
      if (open > 0) return;
      const remote = acknowledged.filter((id) => !sameId(id, ctx.self.id));
      const first = refused.find(({ reason }) => reason !== 'timeout') ?? refused[0];
      const reason = remote.length > 0 ? undefined : (first?.reason ?? 'alone');
      this.#end(command.id, {
        ...(reason === undefined ? {} : { reason }),
        key: record.key,
        // A conflict tells what there is instead.
        sequence: reason === 'conflict' ? first!.sequence : record.sequence,
        acknowledged,
        refused,
        ...traceOf(search),
      });
    };
    const writeTo = (id: NodeId, next: () => void): void => {
      open++;
      const onAnswer = (answer: StoreOutcome | undefined): void => {
        open--;
        if (answer?.code === 'stored') {
          acknowledged.push(id);
          this.#onCopy(record.slot, id);
        } else refused.push({ node: id, reason: answer?.code ?? 'timeout', sequence: answer?.sequence ?? 0 });
        next();
      };
      this.store(id, copy, { role: 'replica', cas }, onAnswer, jobs);
    };
    const nodes = search.nodes;
    const writeToAll = (from: number): void => {
      // Some answer at once: it is over only when all were asked.
      open++;
      for (const id of nodes.slice(from)) writeTo(id, finish);
      open--;
      finish();
    };
    // The publisher keeps its own, to publish it again; a conflict elsewhere still decides.
    const keep = (): void => this.#holder.accept(copy, { role: 'own', giver }, () => undefined);
    if (cas === undefined || nodes.length === 0) {
      keep();
      writeToAll(0);
      return;
    }
    writeTo(nodes[0]!, () => {
      if (acknowledged.length > 0) {
        keep();
        writeToAll(1);
      } else finish();
    });
  }

  /** Kademlia §2.3: what was found is stored at the nearest node that did not have it. */
  #cache({ found, lacking }: SearchResult): void {
    if (lacking === undefined) return;
    for (const { record, lifeMs, ageMs } of found.slice(0, CACHED_MAX))
      this.store(lacking, { record: record.bytes, lifeMs, ageMs }, { role: 'cache' }, () => undefined);
  }

  #begin({ id, timeoutMs }: { readonly id: CommandId; readonly timeoutMs: number }): void {
    const { now } = this.#host.ctx;
    this.#open.set(id, { startedAt: now, dueAt: now + timeoutMs, jobs: [], trace: undefined });
  }

  #end(id: CommandId, result: Partial<StoreResult>): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    for (const job of open.jobs) cancelWork(this.#host.ctx, job);
    const tookMs = this.#host.ctx.now - open.startedAt;
    this.#host.ctx.event({ type: 'store-result', command: id, result: { ...NO_RESULT, ...result, tookMs } });
  }
}

const NONE = new Uint8Array(0);

function traceOf({ requests, steps }: SearchResult): SearchTrace {
  return { requests, steps };
}
