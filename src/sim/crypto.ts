/**
 * Stand-ins for cryptography: as quick as a checksum, and true to the contract. A signature is a keyed mix over the
 * public key and the bytes, so an altered text, another key or an invented signature fails; a sealed text opens only for
 * the node whose key it was sealed to. Not cryptography: whoever holds a `SimCrypto` can sign for anybody.
 */

import { findSolution } from '../core/admission/work.ts';
import { asNodeId, type NodeId } from '../core/id/node-id.ts';
import type { CryptoRequest, CryptoResult, SignedBytes } from '../core/io.ts';

const SIGNATURE_BYTES = 64;
const TAG_BYTES = 16;
/** What sealing adds: the receiver's key and a tag over the text. Real sealing adds as much. */
export const SEAL_BYTES = 32 + TAG_BYTES;

/** What a crypto job needs to know about the node that asks. */
export interface SimKeys {
  /** The signing key, which is also the node's id. */
  readonly id: NodeId;
  readonly sealingKey: Uint8Array;
}

export class SimCrypto {
  /** Hashes that work took so far. */
  workHashes = 0;
  readonly #secret: number;
  readonly #words = new Int32Array(SIGNATURE_BYTES / 4);
  readonly #bytes = new Uint8Array(this.#words.buffer);

  /** `secret` is any whole number; signatures made with one do not verify with another. */
  constructor(secret: number) {
    this.#secret = secret | 0;
  }

  /** 64 bytes that only `verify` of the same key and bytes accepts. */
  sign(publicKey: Uint8Array, bytes: Uint8Array): Uint8Array {
    mix(this.#words, this.#secret, publicKey, bytes);
    return this.#bytes.slice();
  }

  /** True when the signature was made over these bytes for this key. */
  verify(item: SignedBytes): boolean {
    const { signature } = item;
    if (signature.length !== SIGNATURE_BYTES) return false;
    mix(this.#words, this.#secret, item.publicKey, item.bytes);
    for (let i = 0; i < SIGNATURE_BYTES; i++) if (this.#bytes[i] !== signature[i]) return false;
    return true;
  }

  /** The sealing key that goes with an id. */
  sealingKeyOf(id: NodeId): Uint8Array {
    return id.map((byte) => byte ^ 0xa5);
  }

  /** Answers a crypto output of the node that holds `keys`. */
  answer(request: CryptoRequest, keys: SimKeys): CryptoResult {
    switch (request.type) {
      case 'sign':
        return { type: 'signed', signature: this.sign(keys.id, request.bytes) };
      case 'verify':
        return { type: 'verified', valid: request.items.map((item) => this.verify(item)) };
      case 'seal':
        return { type: 'sealed', bytes: this.#seal(request.sealingKey, request.bytes) };
      case 'work':
        return findSolution(request, keys.id, {
          hash: (bytes) => {
            this.workHashes++;
            return quickHash(bytes);
          },
        });
      case 'cancel':
        return { type: 'failed' };
      case 'open':
        break;
    }
    const bytes = this.#open(keys.sealingKey, request.bytes);
    return bytes === undefined ? { type: 'failed' } : { type: 'opened', bytes };
  }

  #seal(sealingKey: Uint8Array, text: Uint8Array): Uint8Array {
    const sealed = new Uint8Array(SEAL_BYTES + text.length);
    sealed.set(sealingKey);
    mix(this.#words, ~this.#secret, sealingKey, text);
    sealed.set(this.#bytes.subarray(0, TAG_BYTES), 32);
    sealed.set(text, SEAL_BYTES);
    return sealed;
  }

  #open(sealingKey: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length < SEAL_BYTES) return undefined;
    for (let i = 0; i < 32; i++) if (sealed[i] !== sealingKey[i]) return undefined;
    const text = sealed.slice(SEAL_BYTES);
    mix(this.#words, ~this.#secret, sealingKey, text);
    for (let i = 0; i < TAG_BYTES; i++) if (sealed[32 + i] !== this.#bytes[i]) return undefined;
    return text;
  }
}

/** A 32-byte digest for the core's `hash` port. Fast, spread out, not secure. */
export function quickHash(bytes: Uint8Array): Uint8Array {
  const words = new Int32Array(8);
  mix(words, 0x51ed270b, bytes, EMPTY);
  return new Uint8Array(words.buffer);
}

/** The id of a key in simulations: the key itself, in the same memory, so that a scenario can choose ids. */
export function idOfKey(publicKey: Uint8Array): NodeId {
  return asNodeId(publicKey);
}

/** Four 32-bit lanes over the words of both texts, then as many words of output as `out` takes. */
function mix(out: Int32Array, secret: number, first: Uint8Array, second: Uint8Array): void {
  LANES[0] = secret ^ 0x243f6a88;
  LANES[1] = 0x85a308d3;
  LANES[2] = 0x13198a2e ^ first.length;
  LANES[3] = 0x03707344 ^ second.length;
  absorb(first);
  absorb(second);
  let a = LANES[0]!;
  let b = LANES[1]!;
  let c = LANES[2]!;
  let d = LANES[3]!;
  for (let i = -2; i < out.length; i++) {
    a = Math.imul(a ^ (d >>> 15) ^ i, 0x85ebca6b);
    b = Math.imul(b ^ (a >>> 13), 0xc2b2ae35);
    c = Math.imul(c ^ (b >>> 16), 0x27d4eb2f);
    d = Math.imul(d ^ (c >>> 14), 0x165667b1);
    if (i >= 0) out[i] = a ^ d;
  }
}

function absorb(bytes: Uint8Array): void {
  let a = LANES[0]!;
  let b = LANES[1]!;
  let c = LANES[2]!;
  let d = LANES[3]!;
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    const t = Math.imul(a ^ word, 0x9e3779b1);
    a = b;
    b = c;
    c = d;
    d = ((t << 13) | (t >>> 19)) + a + (d ^ word);
  }
  let rest = 0x80;
  for (let i = whole; i < bytes.length; i++) rest = (rest << 8) | bytes[i]!;
  LANES[0] = b;
  LANES[1] = c;
  LANES[2] = Math.imul(a ^ rest, 0x9e3779b1);
  LANES[3] = d ^ rest;
}

const LANES = new Int32Array(4);
const EMPTY = new Uint8Array(0);
