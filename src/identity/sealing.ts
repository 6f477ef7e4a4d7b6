/**
 * Sealing: bytes that only the holder of one X25519 key can read. Ephemeral X25519 → HKDF-SHA-256 → AES-256-GCM;
 * sealed = ephemeral public key (32) ‖ ciphertext with its tag (16). Both public keys enter the key derivation and the
 * associated data, so a sealed text cannot be passed off as meant for somebody else. Rules IS1-IS3.
 */

import { asBuffer, concat } from './bytes.ts';
import type { Identity } from './identity.ts';

/** How much longer the sealed form is than the bytes inside. */
export const SEAL_OVERHEAD_BYTES = 48;

/** Encrypts for the holder of `sealingKey` (32 bytes), or `undefined` when that is no usable key. */
export async function seal(sealingKey: Uint8Array, bytes: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const receiver = await importSealingKey(sealingKey);
    const pair = (await crypto.subtle.generateKey({ name: 'X25519' }, false, [
      'deriveBits',
    ])) as CryptoKeyPair;
    const ephemeral = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    const shared = await crypto.subtle.deriveBits({ name: 'X25519', public: receiver }, pair.privateKey, 256);
    const context = concat(DOMAIN, ephemeral, sealingKey);
    const key = await deriveKey(shared, context, 'encrypt');
    const sealed = await crypto.subtle.encrypt(gcm(context), key, asBuffer(bytes));
    return concat(ephemeral, new Uint8Array(sealed));
  } catch {
    return undefined;
  }
}

/** Decrypts something sealed to this node, or `undefined` when it was altered or meant for another. */
export async function unseal(
  identity: Pick<Identity, 'agree' | 'sealingKey'>,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (bytes.length < SEAL_OVERHEAD_BYTES) return undefined;
  try {
    const ephemeral = bytes.slice(0, 32);
    const shared = await identity.agree(await importSealingKey(ephemeral));
    const context = concat(DOMAIN, ephemeral, identity.sealingKey);
    const key = await deriveKey(shared, context, 'decrypt');
    return new Uint8Array(await crypto.subtle.decrypt(gcm(context), key, asBuffer(bytes.subarray(32))));
  } catch {
    return undefined;
  }
}

const DOMAIN = new TextEncoder().encode('hopline/seal/1');

function importSealingKey(bytes: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', asBuffer(bytes), { name: 'X25519' }, true, []);
}

async function deriveKey(
  shared: ArrayBuffer,
  context: Uint8Array<ArrayBuffer>,
  use: 'encrypt' | 'decrypt',
): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: context },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    [use],
  );
}

/** Each key encrypts exactly one text, so a fixed nonce never repeats under a key. */
function gcm(context: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: context };
}
