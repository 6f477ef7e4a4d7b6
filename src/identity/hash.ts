/** The synchronous digests the core is given: SHA-256 in plain JavaScript, faster than WebCrypto for short inputs. */

import { sha256 } from '@noble/hashes/sha2.js';
import { asNodeId, type NodeId } from '../core/id/node-id.ts';

const ID_DOMAIN = new TextEncoder().encode('hopline/id/1');

/** The SHA-256 digest, 32 bytes. */
export function hash(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/** The id that belongs to a public signing key: SHA-256("hopline/id/1" ‖ key). */
export function idOfKey(publicKey: Uint8Array): NodeId {
  return asNodeId(sha256.create().update(ID_DOMAIN).update(publicKey).digest());
}

/** The id of a text key: SHA-256 of its UTF-8. */
export function idOfText(text: string): NodeId {
  return asNodeId(sha256(new TextEncoder().encode(text)));
}
