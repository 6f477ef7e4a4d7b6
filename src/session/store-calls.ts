/** The calls to the store: checks them, keeps their promises, and turns records into what the application sees. */

import type { NodeEvent } from '../core/events.ts';
import { toHex, type NodeId } from '../core/id/node-id.ts';
import type { Command, CommandId } from '../core/io.ts';
import { SALT_BYTES_MAX, type StoreRecord } from '../core/store/record.ts';
import { NO_RESULT, type HeldView, type StoreResult } from '../core/store/store-io.ts';
import { decodePayload, encodePayload } from '../core/wire/codec.ts';
import { idOfKey } from '../identity/hash.ts';
import type { Key, Payload } from './api.ts';
import { toKey } from './keys.ts';
import { checkGetOptions, checkPutOptions } from './store-options.ts';
import { reduceRecords } from './reducers.ts';
import type {
  GetOptions,
  GetResult,
  HeldRecordView,
  LookupStepView,
  PutOptions,
  PutResult,
  RecordStore,
  RecordView,
  WatchHandler,
} from './store-api.ts';

/** What the calls stand on. */
export interface StoreNode {
  command(command: Command): void;
  stopped(): boolean;
  /** Of calls that name none, ms. */
  readonly timeoutMs: number;
  /** A handler threw; the sentence says what. */
  onFault(problem: string): void;
}

interface Watch {
  readonly target: NodeId;
  readonly handlers: Set<WatchHandler>;
}

export class StoreCalls implements Omit<RecordStore, 'records'> {
  readonly #open = new Map<CommandId, (result: StoreResult) => void>();
  readonly #watches = new Map<string, Watch>();
  readonly #node: StoreNode;
  #next: CommandId = 1;

  constructor(node: StoreNode) {
    this.#node = node;
  }

  async put(key: Key | null, value: Payload, options?: PutOptions): Promise<PutResult> {
    const body = encodePayload(value);
    if (body === undefined)
      throw new TypeError(
        'A value is bytes, text or plain data: numbers, arrays, records, true, false and null.',
      );
    return this.#put(key, body, false, options);
  }

  async forget(key: Key, options?: PutOptions): Promise<PutResult> {
    return this.#put(key, new Uint8Array(0), true, options);
  }

  async get(key: Key, options?: GetOptions): Promise<GetResult> {
    const target = toKey(key);
    const { reduce, ...checked } = checkGetOptions(options, this.#node.timeoutMs);
    const result = await this.#call((id) => ({ type: 'get', id, key: target, ...checked }));
    const records = result.found
      .map(({ record, lifeMs, ageMs, holder }) => ({
        ...viewOf(record, lifeMs, ageMs),
        holder: toHex(holder),
      }))
      .toSorted((a, b) => a.ageMs - b.ageMs);
    const { reason, requests, tookMs } = result;
    return {
      ok: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      key: toHex(target),
      ...(records.length === 0 ? {} : { value: reduceRecords(records, reduce) }),
      records,
      requests,
      steps: stepsOf(result),
      tookMs,
    };
  }

  watch(key: Key, handler: WatchHandler): () => void {
    const target = toKey(key);
    const name = toHex(target);
    const watch = this.#watches.get(name) ?? { target, handlers: new Set() };
    if (watch.handlers.size === 0) {
      this.#watches.set(name, watch);
      this.#node.command({ type: 'watch', key: target, on: true });
    }
    // One function may be given twice: each call ends on its own.
    const own: WatchHandler = (record) => handler(record);
    watch.handlers.add(own);
    return () => {
      if (!watch.handlers.delete(own) || watch.handlers.size > 0) return;
      this.#watches.delete(name);
      this.#node.command({ type: 'watch', key: target, on: false });
    };
  }

  onEvent(event: NodeEvent & { type: 'store-result' | 'store-change' }): void {
    if (event.type === 'store-result') {
      const done = this.#open.get(event.command);
      this.#open.delete(event.command);
      done?.(event.result);
      return;
    }
    const { record, lifeMs, ageMs } = event;
    const view = viewOf(record, lifeMs, ageMs);
    for (const handler of this.#watches.get(view.key)?.handlers ?? []) {
      try {
        handler(view);
      } catch (error) {
        this.#node.onFault(`A watch handler of the application failed: ${String(error)}`);
      }
    }
  }

  endAll(): void {
    for (const done of this.#open.values()) done({ ...NO_RESULT, reason: 'left' });
    this.#open.clear();
  }

  async #put(
    key: Key | null,
    value: Uint8Array,
    forget: boolean,
    options: PutOptions | undefined,
  ): Promise<PutResult> {
    const { own, ...checked } = checkPutOptions(options, this.#node.timeoutMs);
    const kind = key === null ? 'immutable' : own ? 'own' : 'shared';
    if (kind === 'immutable' && (forget || own || checked.cas !== undefined))
      throw new TypeError(
        'A value under its own hash is the same for ever: it has no owner, sequence or end.',
      );
    const place =
      kind === 'own'
        ? { key: NO_KEY, salt: saltOf(key) }
        : { key: key === null ? NO_KEY : toKey(key), salt: new Uint8Array(0) };
    const result = await this.#call((id) => ({ type: 'put', id, kind, ...place, value, forget, ...checked }));
    const { reason, sequence, requests, tookMs } = result;
    return {
      ok: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      key: toHex(result.key ?? place.key),
      sequence,
      acknowledgedBy: result.acknowledged.map(toHex),
      refusedBy: result.refused.map(({ node, reason: why }) => ({ node: toHex(node), reason: why })),
      requests,
      steps: stepsOf(result),
      tookMs,
    };
  }

  #call(command: (id: CommandId) => Command): Promise<StoreResult> {
    if (this.#node.stopped()) return Promise.resolve({ ...NO_RESULT, reason: 'left' });
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#open.set(id, resolve);
      this.#node.command(command(id));
    });
  }
}

const NO_KEY = new Uint8Array(32) as NodeId;

/** A held record for the screen; `now` in the node's time. */
export function heldViewOf({ record, role, publishedAt, expiresAt }: HeldView, now: number): HeldRecordView {
  return { ...viewOf(record, expiresAt - now, now - publishedAt), role };
}

export function viewOf(record: StoreRecord, lifeMs: number, ageMs: number): RecordView {
  const value = record.forgotten ? undefined : decodePayload(record.value);
  return {
    key: toHex(record.key),
    kind: record.kind,
    ...(record.publisher.length === 0 ? {} : { publisher: toHex(idOfKey(record.publisher)) }),
    sequence: record.sequence,
    ...(value === undefined ? {} : { value }),
    bytes: record.bytes.length,
    ageMs: Math.round(ageMs),
    lifeMs: Math.round(lifeMs),
  };
}

function stepsOf({ steps }: StoreResult): LookupStepView[] {
  return steps.map(({ id, state, by, round }) => ({
    id: toHex(id),
    state,
    ...(by === undefined ? {} : { by: toHex(by) }),
    round,
  }));
}

function saltOf(key: Key | null): Uint8Array {
  const text = typeof key === 'string' ? key : (key as { text?: unknown } | null)?.text;
  const salt = typeof text === 'string' ? new TextEncoder().encode(text) : undefined;
  if (salt === undefined || salt.length > SALT_BYTES_MAX)
    throw new TypeError(`The key of an own record is a name: text of at most ${SALT_BYTES_MAX} bytes.`);
  return salt;
}
