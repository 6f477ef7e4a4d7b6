/**
 * Payloads as deterministic CBOR (RFC 8949 §4.2): the same value gives the same bytes, and only plain data comes out.
 * The one place where the core uses a package. Rules WR23 and WR24.
 */

import { decode, encode } from 'cborg';

/** What a payload can be. */
export type Payload =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Payload[]
  | { readonly [name: string]: Payload };

/** How deep arrays and records may nest. Bytes that nest far deeper end the decoder's stack, which it reports as an error. */
export const PAYLOAD_DEPTH_MAX = 64;

/** The bytes of a payload, or `undefined` when it holds something that is not plain data (functions, cycles, …). */
export function encodePayload(payload: unknown): Uint8Array | undefined {
  if (!isPlain(payload, 0)) return undefined;
  return encode(payload);
}

/** The payload in the bytes, or `undefined` when they are not canonical CBOR of plain data. Never throws. */
export function decodePayload(bytes: Uint8Array): Payload | undefined {
  try {
    const value: unknown = decode(bytes, {
      strict: true,
      useMaps: false,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowNaN: true,
      allowInfinity: true,
      allowBigInt: false,
    });
    return isPlain(value, 0) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isPlain(value: unknown, depth: number): value is Payload {
  if (depth > PAYLOAD_DEPTH_MAX) return false;
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return true;
  if (value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1));
  if (typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((item) => isPlain(item, depth + 1));
}
