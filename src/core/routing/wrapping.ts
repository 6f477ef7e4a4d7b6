/**
 * A message of one node inside a message of another: header and signature as the origin made them, then the whole body.
 * Whoever unwraps it can check its origin as if it had come directly.
 */

import type { OverlayConfig } from '../config.ts';
import { AUTH_BYTES, FLAG_AUTH, HEADER_BYTES, readFrame, type Frame } from '../wire/frame.ts';

/** What wrapping adds to a body. */
export const WRAP_BYTES = HEADER_BYTES + AUTH_BYTES;

export interface Wrapped {
  /** Header and signature. */
  readonly first: Frame;
  /** The body of all fragments together. */
  readonly body: Uint8Array;
}

export function wrap({ first, body }: Wrapped): Uint8Array {
  const bytes = new Uint8Array(WRAP_BYTES + body.length);
  bytes.set(first.bytes.subarray(0, WRAP_BYTES));
  // What hops noted on its way here means nothing inside.
  bytes.fill(0, 92, 94);
  bytes.set(body, WRAP_BYTES);
  return bytes;
}

/** The message inside, or `undefined` when there is none. Its signature is not checked. */
export function unwrap(bytes: Uint8Array, config: OverlayConfig): Wrapped | undefined {
  if (bytes.length < WRAP_BYTES) return undefined;
  const first = readFrame(bytes, config.fragmentsMax, config.hopLimit);
  if (typeof first === 'string' || (first.flags & FLAG_AUTH) === 0 || first.bodyAt !== WRAP_BYTES)
    return undefined;
  return { first, body: bytes.subarray(WRAP_BYTES) };
}
