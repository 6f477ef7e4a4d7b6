/**
 * Identities for tests: ids by real SHA-256, signatures and seals by keyed SHA-256 stand-ins that keep the contract (an
 * altered text, another key, an invented signature all fail; only the receiver opens a seal) but sign for anybody.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { findSolution } from '../core/admission/work.ts';
import { asNodeId, mapKey, type MapKey, type NodeId } from '../core/id/node-id.ts';
import { commonPrefixLength } from '../core/id/xor.ts';
import type { CryptoRequest, CryptoResult, SignedBytes } from '../core/io.ts';
import { CONTACT_BYTES, contactSignedBytes, encodeContact, type GeometryName } from '../core/wire/contact.ts';
import type { Ports, Random } from '../core/ports.ts';

const ID_DOMAIN = new TextEncoder().encode('hopline/id/1');
const SIGN_SECRET = new TextEncoder().encode('test signatures');
const SEAL_SECRET = new TextEncoder().encode('test seals');
const TAG_BYTES = 16;

/** One identity. */
export interface TestKeys {
  readonly signingKey: Uint8Array;
  readonly sealingKey: Uint8Array;
  readonly id: NodeId;
  readonly key: MapKey;
  /** The signed contact record. */
  readonly record: Uint8Array;
}

export function idOfKey(publicKey: Uint8Array): NodeId {
  return asNodeId(sha256.create().update(ID_DOMAIN).update(publicKey).digest());
}

/** What a node is given besides its record. */
export function testPorts(random: Random): Ports {
  return { random, hash: (bytes) => sha256(bytes), idOfKey };
}

/** A new identity; `sequence` and `geometry` go into its record. */
export function createKeys(random: Random, sequence = 1, geometry: GeometryName = 'kademlia'): TestKeys {
  const signingKey = random.bytes(32);
  return keysOf(signingKey, sequence, geometry);
}

/** The identity of a signing key; the same key gives the same one, but for the record's sequence. */
export function keysOf(signingKey: Uint8Array, sequence = 1, geometry: GeometryName = 'kademlia'): TestKeys {
  const sealingKey = sha256(signingKey);
  const text = contactSignedBytes({ geometry, sequence, signingKey, sealingKey });
  const id = idOfKey(signingKey);
  return { signingKey, sealingKey, id, key: mapKey(id), record: encodeContact(text, sign(signingKey, text)) };
}

/** An identity whose id shares exactly `bits` leading bits with `target`. Tries 2^bits keys on average. */
export function keysNear(random: Random, target: NodeId, bits: number): TestKeys {
  for (;;) {
    const signingKey = random.bytes(32);
    if (commonPrefixLength(idOfKey(signingKey), target) === bits) return keysOf(signingKey);
  }
}

/** 64 bytes that `verify` accepts for this key and these bytes only. */
export function sign(publicKey: Uint8Array, bytes: Uint8Array): Uint8Array {
  const first = sha256.create().update(SIGN_SECRET).update(publicKey).update(bytes).digest();
  const signature = new Uint8Array(64);
  signature.set(first);
  signature.set(sha256(first), 32);
  return signature;
}

export function verify(item: SignedBytes): boolean {
  return Buffer.from(sign(item.publicKey, item.bytes)).equals(item.signature);
}

/** A sealed text, as the sender of an envelope makes it. */
export function seal(sealingKey: Uint8Array, text: Uint8Array): Uint8Array {
  const tag = sha256
    .create()
    .update(SEAL_SECRET)
    .update(sealingKey)
    .update(text)
    .digest()
    .subarray(0, TAG_BYTES);
  return Buffer.concat([sealingKey, tag, text]).subarray();
}

export function open(sealingKey: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < 32 + TAG_BYTES) return undefined;
  const text = Uint8Array.from(sealed.subarray(32 + TAG_BYTES));
  return Buffer.from(seal(sealingKey, text)).equals(sealed) ? text : undefined;
}

/** Answers a crypto output of the node that holds `keys`. */
export function answerCrypto(request: CryptoRequest, keys: TestKeys): CryptoResult {
  switch (request.type) {
    case 'sign':
      return { type: 'signed', signature: sign(keys.signingKey, request.bytes) };
    case 'verify':
      return { type: 'verified', valid: request.items.map(verify) };
    case 'seal':
      return { type: 'sealed', bytes: seal(request.sealingKey, request.bytes) };
    case 'open': {
      const bytes = open(keys.sealingKey, request.bytes);
      return bytes === undefined ? { type: 'failed' } : { type: 'opened', bytes };
    }
    case 'work':
      return findSolution(request, keys.id, { hash: (bytes) => sha256(bytes) });
    case 'cancel':
      return { type: 'failed' };
  }
}

/** A record that reads well and has a signature nobody made. */
export function forgedRecord(random: Random): Uint8Array {
  const { record } = createKeys(random);
  const forged = Uint8Array.from(record);
  forged[CONTACT_BYTES - 1]! ^= 1;
  return forged;
}
