/**
 * Ids on a circle: clockwise order, half-open intervals, sums and differences modulo 2^bits, all on bytes of any length
 * (Chord, Stoica et al. 2001, section 4). Rules CH1-CH3.
 */

import { asNodeId, compareIds, sameId, type NodeId } from './node-id.ts';

/** Negative when `a` is met before `b` on the way clockwise from `from`, `from` itself first; 0 for equal ids. */
export function compareClockwise(from: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  const aWraps = compareIds(a, from) < 0;
  if (aWraps !== compareIds(b, from) < 0) return aWraps ? 1 : -1;
  return compareIds(a, b);
}

/** True when `id` lies in (`after`, `upTo`], going clockwise; the interval from an id to itself is the whole circle. */
export function isWithin(id: Uint8Array, after: Uint8Array, upTo: Uint8Array): boolean {
  if (sameId(after, upTo)) return true;
  if (sameId(id, after)) return false;
  return compareClockwise(after, id, upTo) <= 0;
}

/** `id` + 2^`exponent`, modulo the size of the circle. */
export function plusPower(id: Uint8Array, exponent: number): NodeId {
  const sum = id.slice();
  let at = id.length - 1 - (exponent >> 3);
  for (let carry = 1 << (exponent & 7); at >= 0 && carry > 0; at--) {
    carry += sum[at]!;
    sum[at] = carry & 0xff;
    carry >>= 8;
  }
  return asNodeId(sum);
}

/**
 * The exponent of the largest power of two that is not above the way clockwise from one id to another; -1 for equal ids.
 * The node at `to` lies in the interval of that finger of the node at `from`.
 */
export function fingerTo(from: Uint8Array, to: Uint8Array): number {
  let borrow = 0;
  let exponent = -1;
  for (let i = from.length - 1; i >= 0; i--) {
    const difference = to[i]! - from[i]! - borrow;
    borrow = difference < 0 ? 1 : 0;
    const byte = difference & 0xff;
    if (byte !== 0) exponent = 8 * (from.length - 1 - i) + 31 - Math.clz32(byte);
  }
  return exponent;
}

/** How many leading bits of the rest of a distance decide its cell. */
const CELL_BITS = 16;
/** The way clockwise between two ids; used within one call only. */
let distance = new Uint8Array(32);

/**
 * Which of `cells` equal parts of its finger's interval the node at `to` lies in, as seen from `from`, counted from 0.
 * The parts are those of a finger table with more than one finger for each power of two.
 */
export function cellOf(from: Uint8Array, to: Uint8Array, exponent: number, cells: number): number {
  if (cells <= 1 || exponent <= 0) return 0;
  if (distance.length !== from.length) distance = new Uint8Array(from.length);
  let borrow = 0;
  for (let i = from.length - 1; i >= 0; i--) {
    const difference = to[i]! - from[i]! - borrow;
    borrow = difference < 0 ? 1 : 0;
    distance[i] = difference & 0xff;
  }
  const bits = Math.min(CELL_BITS, exponent);
  let rest = 0;
  for (let bit = exponent - 1; bit >= exponent - bits; bit--) {
    rest = 2 * rest + ((distance[from.length - 1 - (bit >> 3)]! >> (bit & 7)) & 1);
  }
  return Math.floor((rest * cells) / 2 ** bits);
}
