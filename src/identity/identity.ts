/**
 * Who this node is: an Ed25519 key to sign with, an X25519 key that others seal to, the id and the contact record that
 * follow from them. Private keys never leave WebCrypto (non-extractable). Rules IK1-IK6.
 */

import { contactSignedBytes, encodeContact, type GeometryName } from '../core/wire/contact.ts';
import type { NodeId } from '../core/id/node-id.ts';
import type { KeyValueStorage } from '../storage/storage.ts';
import { asBuffer } from './bytes.ts';
import { idOfKey } from './hash.ts';

/** A ready identity. */
export interface Identity {
  readonly id: NodeId;
  /** The signed contact record, 134 bytes. */
  readonly record: Uint8Array;
  /** The record's sequence. */
  readonly sequence: number;
  /** Ed25519 public key, 32 bytes. */
  readonly signingKey: Uint8Array;
  /** X25519 public key, 32 bytes. */
  readonly sealingKey: Uint8Array;
  /** Signs with the node's key: 64 bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** The 32 secret bytes that this node shares with the holder of `publicKey` (X25519). Rejects for a bad key. */
  agree(publicKey: CryptoKey): Promise<ArrayBuffer>;
}

/** An identity and whether it will be there after a reload. */
export interface LoadedIdentity {
  readonly identity: Identity;
  /** Why it is not kept, as a sentence; `undefined` when it is. */
  readonly problem?: string;
}

/** What is kept in storage. Anything else found there is replaced. */
interface StoredIdentity {
  readonly version: 1;
  readonly signing: CryptoKeyPair;
  readonly sealing: CryptoKeyPair;
}

/** A fresh identity that nothing remembers. Rejects where the browser lacks Ed25519 or X25519. */
export async function createIdentity(geometry: GeometryName): Promise<Identity> {
  return fromKeys(await generateKeys(), geometry);
}

/**
 * The identity kept under `key`, or a fresh one that is kept there from now on. Never rejects because of the storage or
 * of what it holds: then `problem` says why nothing is kept.
 */
export async function loadIdentity(
  storage: KeyValueStorage,
  key: string,
  geometry: GeometryName,
): Promise<LoadedIdentity> {
  try {
    const kept = await restore(await storage.get(key), geometry);
    if (kept !== undefined) return { identity: kept };
  } catch {
    return { identity: await createIdentity(geometry), problem: NOT_READABLE };
  }
  const keys = await generateKeys();
  const identity = await fromKeys(keys, geometry);
  try {
    await storage.set(key, keys);
  } catch {
    return { identity, problem: NOT_WRITABLE };
  }
  return { identity };
}

const NOT_READABLE =
  'This browser does not let the page read its storage, so this id lasts until the tab is closed.';
const NOT_WRITABLE =
  'This browser does not let the page keep keys, so this id lasts until the tab is closed.';

async function generateKeys(): Promise<StoredIdentity> {
  const signing = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
  const sealing = await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
  return { version: 1, signing: signing as CryptoKeyPair, sealing: sealing as CryptoKeyPair };
}

/** `undefined` for anything that is not a working identity. */
async function restore(value: unknown, geometry: GeometryName): Promise<Identity | undefined> {
  if (!isStoredIdentity(value)) return undefined;
  try {
    const identity = await fromKeys(value, geometry);
    const works = await crypto.subtle.verify(
      { name: 'Ed25519' },
      value.signing.publicKey,
      asBuffer(identity.record.subarray(70)),
      asBuffer(contactSignedBytes({ geometry, ...identity })),
    );
    return works ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds since 1970: the record of a later page is newer, so that a reload is told from stale hearsay about the page before. */
function recordSequence(): number {
  return Math.floor(Date.now() / 1000);
}

async function fromKeys(keys: StoredIdentity, geometry: GeometryName): Promise<Identity> {
  const signingKey = new Uint8Array(await crypto.subtle.exportKey('raw', keys.signing.publicKey));
  const sealingKey = new Uint8Array(await crypto.subtle.exportKey('raw', keys.sealing.publicKey));
  const sign = async (bytes: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, keys.signing.privateKey, asBuffer(bytes)));
  const sequence = recordSequence();
  const signed = contactSignedBytes({ geometry, sequence, signingKey, sealingKey });
  return {
    sequence,
    id: idOfKey(signingKey),
    record: encodeContact(signed, await sign(signed)),
    signingKey,
    sealingKey,
    sign,
    agree: (publicKey) =>
      crypto.subtle.deriveBits({ name: 'X25519', public: publicKey }, keys.sealing.privateKey, 256),
  };
}

function isStoredIdentity(value: unknown): value is StoredIdentity {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as Partial<Record<keyof StoredIdentity, unknown>>;
  return (
    candidate.version === 1 && isPair(candidate.signing, 'Ed25519') && isPair(candidate.sealing, 'X25519')
  );
}

function isPair(value: unknown, algorithm: string): value is CryptoKeyPair {
  if (typeof value !== 'object' || value === null) return false;
  const { publicKey, privateKey } = value as Partial<Record<keyof CryptoKeyPair, unknown>>;
  return (
    publicKey instanceof CryptoKey &&
    privateKey instanceof CryptoKey &&
    publicKey.type === 'public' &&
    privateKey.type === 'private' &&
    !privateKey.extractable &&
    publicKey.algorithm.name === algorithm &&
    privateKey.algorithm.name === algorithm
  );
}

/**
 * What keeps a node from running here, as a sentence; `undefined` when nothing does. Makes one throw-away key of each
 * kind, because no browser lists its algorithms.
 */
export async function cryptoProblem(): Promise<string | undefined> {
  if (globalThis.crypto?.subtle === undefined) return INSECURE;
  try {
    await generateKeys();
    return undefined;
  } catch {
    return OUTDATED;
  }
}

const INSECURE =
  'Hopline needs a secure page: open it over https or from localhost. Over plain http from another machine the browser switches its cryptography off.';
const OUTDATED =
  'This browser lacks the signatures (Ed25519) or the key agreement (X25519) that Hopline needs. Chrome 137, Firefox 132 and Safari 18 or later have both.';
