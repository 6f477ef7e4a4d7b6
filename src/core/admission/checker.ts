/**
 * Admission work, the checker's half: decides who has to work before something is done for them, and whether they have.
 * Keeps nothing about who asks: a challenge is a keyed hash that can be made again. Rules AW2-AW6 and AW11-AW13.
 */

import type { NodeContext } from '../context.ts';
import { asNodeId, ID_BYTES, mapKey, sameId, type MapKey, type NodeId } from '../id/node-id.ts';
import type { StoreHost } from '../store/host.ts';
import { decodeRecord, type StoreRecord } from '../store/record.ts';
import type { RecordTable } from '../store/record-table.ts';
import type { SlotBytes } from '../store/fields.ts';
import type { StoreRequest } from '../store/rpc.ts';
import { slotName } from '../store/slots.ts';
import { concat } from '../util/pieces.ts';
import { trimMap } from '../util/trim-map.ts';
import { FOR_INSERT, FOR_LINK, FOR_SPLIT, FOR_STORE, SOLUTION_BYTES } from './ask.ts';
import { hasZeroBits, puzzleOf, type Bound } from './work.ts';

/** A challenge is good in the window of the checker's own clock in which it was given, and in the next one; ms. */
export const WINDOW_MS = 60_000;
/** Records that this node asked for and that may come without work: at most so many, for so long (ms). */
const INVITED_MAX = 8_192;
const INVITED_MS = 60_000;

export class Admission {
  #secret: Uint8Array | undefined;
  /** Until when a record may come from a node, by slot and node. */
  readonly #invited = new Map<string, number>();

  /** `undefined` when the solution is good; else what the requester has to be told. Any bytes may be a solution. */
  demand(
    ctx: NodeContext,
    asked: Omit<Bound, 'checker'>,
    solution: Uint8Array | undefined,
  ): Uint8Array | undefined {
    const { config, now, ports, self } = ctx;
    const bits = config.admissionBits;
    const window = Math.floor(now / WINDOW_MS);
    const request = { ...asked, checker: self.id };
    if (solution?.length === SOLUTION_BYTES)
      for (const at of [window, window - 1]) {
        const puzzle = puzzleOf(request, this.#challenge(ctx, request, at), ports);
        if (hasZeroBits(ports.hash(concat([puzzle, solution])), bits)) return undefined;
      }
    return concat([this.#challenge(ctx, request, window), Uint8Array.of(bits)]);
  }

  /** The same for the offer of a link, whose name is the solution. Who is a contact, or would be one if there were room, is not asked. */
  demandForLink(
    ctx: NodeContext,
    { peer, key, attempt }: { readonly peer: NodeId; readonly key: MapKey; readonly attempt: Uint8Array },
  ): Uint8Array | undefined {
    if (ctx.geometry.get(key) !== undefined) return undefined;
    return this.demand(ctx, { purpose: FOR_LINK, requester: peer }, attempt);
  }

  /** The same for a request to store a record. What no record is, is refused elsewhere. */
  demandForStore(
    { ctx }: StoreHost,
    table: RecordTable,
    request: StoreRequest & { op: 'store' },
    requester: NodeId,
  ): Uint8Array | undefined {
    const record = decodeRecord(request.copy.record, ctx.ports);
    if (typeof record === 'string') return undefined;
    return this.#demandForRecord(ctx, table, FOR_STORE, { record, requester }, request.solution);
  }

  /** The same for an InsertValue, once it is known that the key is this node's; the same records come free. */
  demandForInsert(
    ctx: NodeContext,
    table: RecordTable,
    asked: { readonly record: StoreRecord; readonly requester: NodeId },
    solution: Uint8Array | undefined,
  ): Uint8Array | undefined {
    return this.#demandForRecord(ctx, table, FOR_INSERT, asked, solution);
  }

  /** The same for a SplitNode that would be served. Who asks is a contact by then, which opens nothing here. */
  demandForSplit(ctx: NodeContext, joiner: NodeId, solution: Uint8Array | undefined): Uint8Array | undefined {
    return this.demand(ctx, { purpose: FOR_SPLIT, requester: joiner }, solution);
  }

  /** This node lacks the record of a slot that was offered: from one of its replica set it may come without work. */
  invite({ ctx, config }: StoreHost, slot: SlotBytes, from: NodeId): void {
    const key = asNodeId(slot.subarray(0, ID_BYTES));
    if (!ctx.geometry.closest(key, config.replicas, true).some((id) => sameId(id, from))) return;
    const name = slotName(slot) + mapKey(from);
    this.#invited.delete(name);
    this.#invited.set(name, ctx.now + INVITED_MS);
    trimMap(this.#invited, INVITED_MAX);
  }

  #demandForRecord(
    ctx: NodeContext,
    table: RecordTable,
    purpose: number,
    { record, requester }: { readonly record: StoreRecord; readonly requester: NodeId },
    solution: Uint8Array | undefined,
  ): Uint8Array | undefined {
    const { slot, bytes } = record;
    const held = table.get(slot);
    if (held !== undefined && sameId(held.record.bytes, bytes)) return undefined;
    const until = this.#invited.get(slot + mapKey(requester)) ?? -Infinity;
    if (until > ctx.now) return undefined;
    return this.demand(ctx, { purpose, requester, subject: ctx.ports.hash(bytes) }, solution);
  }

  #challenge({ ports }: NodeContext, { purpose, requester }: Bound, window: number): Uint8Array {
    this.#secret ??= ports.random.bytes(32);
    const head = new DataView(new ArrayBuffer(9));
    head.setUint8(0, purpose);
    head.setFloat64(1, window);
    return ports.hash(concat([this.#secret, new Uint8Array(head.buffer), requester]));
  }
}
