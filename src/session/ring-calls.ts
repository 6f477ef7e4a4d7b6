/** The calls of a ring: checks them, keeps their promises, shows their results. Loaded with the ring. */

import type { NodeEvent } from '../core/events.ts';
import { toHex, type NodeId } from '../core/id/node-id.ts';
import type { CommandId } from '../core/io.ts';
import { NO_RING_RESULT, type RingAsk, type RingResult } from '../core/ring/ring-io.ts';
import { encodePayload } from '../core/wire/codec.ts';
import type { Id, Key, Payload } from './api.ts';
import { toKey, toNodeId } from './keys.ts';
import { checkTimeout, refuseUnknown } from './options.ts';
import type {
  InsertOptions,
  RingApi,
  RingInsertion,
  RingOutcome,
  RingReasonCode,
  RingValue,
} from './ring-api.ts';
import type { RecordView } from './store-api.ts';
import { viewOf, type StoreNode } from './store-calls.ts';
import { checkPutOptions } from './store-options.ts';

const NODE_OPTIONS: ReadonlySet<string> = new Set(['via', 'timeoutMs']);
const VALUE_OPTIONS: ReadonlySet<string> = new Set(['at', 'timeoutMs']);
const NO_KEY = new Uint8Array(32) as NodeId;

export class RingCalls implements RingApi {
  readonly #open = new Map<CommandId, (result: RingResult) => void>();
  readonly #node: StoreNode;
  #next: CommandId = 1;

  constructor(node: StoreNode) {
    this.#node = node;
  }

  async getNode(
    key: Key,
    options: { readonly via?: Id; readonly timeoutMs?: number } = {},
  ): Promise<RingOutcome> {
    refuseUnknown('A getNode', options, NODE_OPTIONS);
    const via = options.via === undefined ? {} : { via: toNodeId(options.via) };
    const target = toKey(key);
    const ask = { op: 'get-node', key: target, ...via } as const;
    return outcomeOf(target, await this.#call(ask, checkTimeout(options.timeoutMs, this.#node.timeoutMs)));
  }

  async getValue(
    key: Key,
    options: { readonly at?: Id; readonly timeoutMs?: number } = {},
  ): Promise<RingValue> {
    refuseUnknown('A getValue', options, VALUE_OPTIONS);
    const at = options.at === undefined ? {} : { at: toNodeId(options.at) };
    const target = toKey(key);
    const ask = { op: 'get-value', key: target, ...at } as const;
    const result = await this.#call(ask, checkTimeout(options.timeoutMs, this.#node.timeoutMs));
    const records = result.found
      .map(({ record, lifeMs, ageMs, holder }): RecordView => ({
        ...viewOf(record, lifeMs, ageMs),
        holder: toHex(holder),
      }))
      .toSorted((a, b) => a.ageMs - b.ageMs);
    const value = records[0]?.value;
    return { ...outcomeOf(target, result), ...(value === undefined ? {} : { value }), records };
  }

  async insertValue(key: Key | null, value: Payload, options: InsertOptions = {}): Promise<RingInsertion> {
    const body = encodePayload(value);
    if (body === undefined)
      throw new TypeError(
        'A value is bytes, text or plain data: numbers, arrays, records, true, false and null.',
      );
    const { at, ...rest } = options;
    const { timeoutMs, lifeMs, cas } = checkPutOptions(rest, this.#node.timeoutMs);
    const target = key === null ? NO_KEY : toKey(key);
    const ask: RingAsk = {
      op: 'insert-value',
      kind: key === null ? 'immutable' : 'shared',
      key: target,
      salt: new Uint8Array(0),
      value: body,
      lifeMs,
      ...(at === undefined ? {} : { at: toNodeId(at) }),
      ...(cas === undefined ? {} : { cas }),
    };
    const result = await this.#call(ask, timeoutMs);
    return { ...outcomeOf(target, result), sequence: result.sequence, copies: result.copies };
  }

  onEvent({ command, result }: NodeEvent & { type: 'ring-result' }): void {
    const done = this.#open.get(command);
    this.#open.delete(command);
    done?.(result);
  }

  endAll(): void {
    for (const done of this.#open.values()) done(LEFT);
    this.#open.clear();
  }

  #call(ask: RingAsk, timeoutMs: number): Promise<RingResult> {
    if (this.#node.stopped()) return Promise.resolve(LEFT);
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#open.set(id, resolve);
      this.#node.command({ type: 'ring', id, ask, timeoutMs });
    });
  }
}

const LEFT: RingResult = { ...NO_RING_RESULT, reason: 'left' };
/** What requests for a range end with; calls of the application never do. */
const INNER: ReadonlySet<string> = new Set(['no-range', 'unsure', 'lost']);

function outcomeOf(target: NodeId, { reason, key, owner, asked, tookMs }: RingResult): RingOutcome {
  const code =
    reason !== undefined && INNER.has(reason) ? 'rejected' : (reason as RingReasonCode | undefined);
  return {
    ok: code === undefined,
    ...(code === undefined ? {} : { reason: code }),
    key: toHex(key ?? target),
    ...(owner === undefined ? {} : { owner: toHex(owner) }),
    asked: asked.map(toHex),
    tookMs,
  };
}
