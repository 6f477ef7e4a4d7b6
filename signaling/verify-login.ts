/** Checks the proof of a login with Node's crypto and derives the id. Part of the adapter; the hub stays pure. */

import { createHash, createPublicKey, verify } from 'node:crypto';

/** The id of a 32-byte Ed25519 key, SHA-256("hopline/id/1" ‖ key), or `undefined` when the signature is not valid. */
export function verifyLogin(
  publicKey: Uint8Array,
  signature: Uint8Array,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const settle = (valid: boolean): void => resolve(valid ? idOfKey(publicKey) : undefined);
    try {
      const x = Buffer.from(publicKey).toString('base64url');
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      // The callback form works in the thread pool, so that a crowd that logs in does not hold up the signals.
      verify(null, bytes, key, signature, (error, valid) => settle(error === null && valid));
    } catch {
      // Not a point of the curve.
      settle(false);
    }
  });
}

function idOfKey(publicKey: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update('hopline/id/1').update(publicKey).digest());
}
