/** Ed25519 keys of Node's own crypto, for tests that speak to the signaling server without a browser. */

import { createPrivateKey, createPublicKey, randomBytes, type KeyObject } from 'node:crypto';

/** What stands before the 32 bytes of a private Ed25519 key in PKCS #8 (RFC 8410 §7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_KEY_BYTES = 32;

/**
 * A key pair from random bytes. Not by `generateKeyPairSync` and export as JWK: where garbage is collected in the middle
 * of that export, Node 20 waits for itself for ever.
 */
export function createNodeKeys(): { readonly publicKey: Uint8Array; readonly privateKey: KeyObject } {
  const key = Buffer.concat([PKCS8, randomBytes(32)]);
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { publicKey: new Uint8Array(spki.subarray(-PUBLIC_KEY_BYTES)), privateKey };
}
