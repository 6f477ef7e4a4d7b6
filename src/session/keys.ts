/** Keys and ids as the application writes them, turned into points of the key space. Misuse is a `TypeError`. */

import { asNodeId, fromHex, ID_BYTES, type NodeId } from '../core/id/node-id.ts';
import { idOfText } from '../identity/hash.ts';
import type { Id, Key } from './api.ts';

const HEX_ID = /^[0-9a-f]{64}$/i;

/** 64 hex digits or 32 bytes are an id; any other text is hashed; `{ text }` is hashed whatever it looks like. */
export function toKey(key: Key): NodeId {
  if (typeof key === 'string') return HEX_ID.test(key) ? fromHex(key)! : idOfText(key);
  if (key instanceof Uint8Array) {
    if (key.length !== ID_BYTES) throw new TypeError(`A key in bytes has 32 of them, not ${key.length}.`);
    return asNodeId(key.slice());
  }
  const text: unknown = (key as { text?: unknown } | null | undefined)?.text;
  if (typeof text !== 'string') throw new TypeError('A key is text, 32 bytes, or { text }.');
  return idOfText(text);
}

/** An id of exactly one node: 64 hexadecimal digits. */
export function toNodeId(id: Id): NodeId {
  if (typeof id !== 'string' || !HEX_ID.test(id))
    throw new TypeError('A node id is text of 64 hexadecimal digits.');
  return fromHex(id)!;
}
