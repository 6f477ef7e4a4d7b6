/**
 * XOR geometry of ids: distance comparison, common prefixes, bucket addresses. Kademlia §2.1. Rules ID1 and ID7.
 * Nothing here allocates a distance: two ids are compared against a target byte by byte.
 */

import { asNodeId, type MapKey, type NodeId } from './node-id.ts';

/** Negative when `a` is nearer to `target` than `b`, positive when farther, 0 when `a` equals `b`. */
export function compareXor(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < target.length; i++) {
    const t = target[i]!;
    const difference = (a[i]! ^ t) - (b[i]! ^ t);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `compareXor` of two ids that lie anywhere in larger arrays, such as packed lists; as long as `target`. */
export function compareXorAt(
  target: Uint8Array,
  a: Uint8Array,
  aAt: number,
  b: Uint8Array,
  bAt: number,
): number {
  for (let i = 0; i < target.length; i++) {
    const t = target[i]!;
    const difference = (a[aAt + i]! ^ t) - (b[bAt + i]! ^ t);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The first 32 bits of the id at `at`, as a signed integer (V8 keeps those unboxed); missing bytes of a short id are 0.
 * XOR two of them and take `>>> 0` for the leading part of a distance: unequal parts decide, equal ones need all bytes.
 */
export function firstWord(bytes: Uint8Array, at = 0): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Number of leading bits that `a` and `b` share: the bucket index of one in the other's table. */
export function commonPrefixLength(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const x = a[i]! ^ b[i]!;
    if (x !== 0) return 8 * i + Math.clz32(x) - 24;
  }
  return 8 * a.length;
}

/** `commonPrefixLength` of the ids behind two map keys; at least the length of an id when they are equal. */
export function commonPrefixOfKeys(a: MapKey, b: MapKey): number {
  for (let i = 0; i < a.length; i++) {
    const x = a.charCodeAt(i) ^ b.charCodeAt(i);
    if (x !== 0) return 16 * i + Math.clz32(x) - 16;
  }
  return 16 * a.length;
}

/** Bit `index` of `id`, counted from the most significant one: 0 or 1. */
export function bitAt(id: Uint8Array, index: number): 0 | 1 {
  return ((id[index >> 3]! >> (7 - (index & 7))) & 1) as 0 | 1;
}

/** A copy of `id` with bit `index` flipped: the address of bucket `index` of `id`. */
export function flipBit(id: Uint8Array, index: number): NodeId {
  const copy = id.slice();
  copy[index >> 3]! ^= 0x80 >> (index & 7);
  return asNodeId(copy);
}

/** The XOR distance as bytes, for the screen and for tests. Protocol code compares instead. */
export function xorDistance(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}

/** An id that shares exactly `index` leading bits with `self`; the rest comes from `random` bytes of the same length. */
export function idInBucket(self: Uint8Array, index: number, random: Uint8Array): NodeId {
  const id = random.slice();
  for (let bit = 0; bit <= index; bit++) {
    const wanted = bit === index ? 1 - bitAt(self, bit) : bitAt(self, bit);
    const mask = 0x80 >> (bit & 7);
    if (wanted === 1) id[bit >> 3]! |= mask;
    else id[bit >> 3]! &= ~mask;
  }
  return asNodeId(id);
}
