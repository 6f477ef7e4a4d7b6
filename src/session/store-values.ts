/** What a value comes to as a part of a record. */

import { VALUE_BYTES_MAX } from '../core/store/record.ts';
import { encodePayload } from '../core/wire/codec.ts';
import type { Payload } from './api.ts';

/** Bytes of a value in a record, at most. */
export const VALUE_BYTES = VALUE_BYTES_MAX;

/** Bytes that a value takes in a record; `undefined` for what no record can carry. */
export function valueBytesOf(value: Payload): number | undefined {
  return encodePayload(value)?.length;
}
