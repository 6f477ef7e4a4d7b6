/** What requests about records and their answers are made of: places, copies, lists; out to CBOR, and in again strictly. Rule KV1. */

import { ID_BYTES } from '../id/node-id.ts';
import { encodePayload, type Payload } from '../wire/codec.ts';
import { LIFE_MS_MAX } from './record.ts';

/** Which record: 32 bytes of its key and, where several may stand under one key, 32 of its publisher's signing key. */
export type SlotBytes = Uint8Array;

export interface SlotState {
  readonly slot: SlotBytes;
  readonly sequence: number;
}

/** A record on its way. */
export interface Copy {
  readonly record: Uint8Array;
  /** What is left of its life, and how long ago it was published, ms: no clock of another node is needed for either. */
  readonly lifeMs: number;
  readonly ageMs: number;
}

export function bytesOf(payload: Payload): Uint8Array {
  return encodePayload(payload)!;
}

export function slotOut({ slot, sequence }: SlotState): Payload {
  return [slot, sequence];
}

export function slotIn(value: Payload): SlotState | undefined {
  if (!isList(value) || value.length !== 2) return undefined;
  const [slot, sequence] = value;
  const isSlot = isId(slot) || isBytes(slot, 2 * ID_BYTES);
  return isSlot && isCount(sequence) ? { slot, sequence } : undefined;
}

export function copyOut({ record, lifeMs, ageMs }: Copy): Payload {
  return [record, Math.max(0, Math.floor(lifeMs)), Math.max(0, Math.floor(ageMs))];
}

export function copyIn(value: Payload | undefined): Copy | undefined {
  if (!isList(value) || value.length !== 3) return undefined;
  const [record, lifeMs, ageMs] = value;
  if (!(record instanceof Uint8Array) || !isCount(lifeMs) || lifeMs > LIFE_MS_MAX || !isCount(ageMs))
    return undefined;
  return { record, lifeMs, ageMs };
}

export function listOf<T>(
  value: Payload | undefined,
  read: (one: Payload) => T | undefined,
  max: number,
): T[] | undefined {
  if (!isList(value) || value.length > max) return undefined;
  const items: T[] = [];
  for (const one of value) {
    const item = read(one);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

export function isList(value: Payload | undefined): value is readonly Payload[] {
  return Array.isArray(value);
}

export function isId(value: Payload | undefined): value is Uint8Array {
  return isBytes(value, ID_BYTES);
}

export function isBytes(value: Payload | undefined, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}

export function isCount(value: Payload | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
