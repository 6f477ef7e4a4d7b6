/** Records as messages name and carry them: a place is a key, and the publisher where several may stand under one key. */

import { ID_BYTES, mapKey } from '../id/node-id.ts';
import { concat } from '../util/pieces.ts';
import type { StoreRecord } from './record.ts';
import type { Held } from './record-table.ts';
import type { Copy, SlotBytes, SlotState } from './fields.ts';

export function slotBytes({ key, publisher }: StoreRecord): SlotBytes {
  return publisher.length === 0 ? key : concat([key, publisher]);
}

/** The slot as records name it. */
export function slotName(slot: SlotBytes): string {
  return mapKey(slot.subarray(0, ID_BYTES)) + mapKey(slot.subarray(ID_BYTES));
}

/** A held record as it goes out at a time. */
export function copyOf({ record, expiresAt, publishedAt }: Held, now: number): Copy {
  return { record: record.bytes, lifeMs: expiresAt - now, ageMs: now - publishedAt };
}

export function slotState(record: StoreRecord): SlotState {
  return { slot: slotBytes(record), sequence: record.sequence };
}
