/** Ed25519 checks with a bounded cache of imported keys: a node hears from the same few dozen peers again and again. */

import { mapKey, type MapKey } from '../core/id/node-id.ts';
import type { SignedBytes } from '../core/io.ts';
import { asBuffer } from './bytes.ts';

const CACHED_KEYS_MAX = 512;

/** Checks signatures. Never rejects: a key or signature that makes no sense is simply not valid. */
export class Verifier {
  /** Insertion order is age: the first key is the one unused for longest. */
  readonly #keys = new Map<MapKey, Promise<CryptoKey>>();

  /** True when `signature` is the key owner's over exactly these bytes. */
  async verify({ publicKey, bytes, signature }: SignedBytes): Promise<boolean> {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    try {
      const key = await this.#import(publicKey);
      return await crypto.subtle.verify({ name: 'Ed25519' }, key, asBuffer(signature), asBuffer(bytes));
    } catch {
      return false;
    }
  }

  #import(publicKey: Uint8Array): Promise<CryptoKey> {
    const name = mapKey(publicKey);
    const cached = this.#keys.get(name);
    if (cached !== undefined) {
      this.#keys.delete(name);
      this.#keys.set(name, cached);
      return cached;
    }
    const imported = crypto.subtle.importKey('raw', asBuffer(publicKey), { name: 'Ed25519' }, true, [
      'verify',
    ]);
    this.#keys.set(name, imported);
    if (this.#keys.size > CACHED_KEYS_MAX) {
      for (const oldest of this.#keys.keys()) {
        this.#keys.delete(oldest);
        break;
      }
    }
    return imported;
  }
}
