/**
 * Records: what the store keeps. Rules RE1-RE9. All begin with the version (1) and the kind.
 *
 * immutable (1)   2 value
 * own (2)         2 flags   3 sequence (6)   9 life in s (4)   13 publisher (32)   45 salt length   46 salt   value   signature (64)
 * shared (3)      2 flags   3 sequence (6)   9 life in s (4)   13 publisher (32)   45 key (32)      77 value   signature (64)
 *
 * The value takes what room there is, so that no bytes can follow it. Flag 1: forgotten.
 */

import { asNodeId, ID_BYTES, mapKey, type NodeId } from '../id/node-id.ts';
import type { SignedBytes } from '../io.ts';
import type { Ports } from '../ports.ts';
import { assert } from '../util/assert.ts';
import { concat } from '../util/pieces.ts';

export const VALUE_BYTES_MAX = 32 * 1024;
export const SALT_BYTES_MAX = 64;
/** The longest life of a copy; that of every immutable one. */
export const LIFE_MS_MAX = 24 * 3_600_000;
export const SEQUENCE_MAX = 2 ** 48 - 1;

export type RecordKind = 'immutable' | 'own' | 'shared';

/** A record as it was read. Immutable; shared freely. */
export interface StoreRecord {
  readonly kind: RecordKind;
  /** Where it is stored. Immutable: follows from the value; own: from publisher and salt; shared: any key. */
  readonly key: NodeId;
  /** Ed25519 public key, 32 bytes; empty for immutable ones. */
  readonly publisher: Uint8Array;
  /** Tells the own records of one publisher apart, at most `SALT_BYTES_MAX`; empty for other kinds. */
  readonly salt: Uint8Array;
  /** 1 … `SEQUENCE_MAX`; 0 for immutable ones. */
  readonly sequence: number;
  /** How long a copy lives after it was published, ms: whole seconds, at most `LIFE_MS_MAX`. */
  readonly lifeMs: number;
  /** A tombstone: without a value, and replaces what had a lower sequence. */
  readonly forgotten: boolean;
  /** At most `VALUE_BYTES_MAX`. */
  readonly value: Uint8Array;
  /** Map key of (key, publisher): of two records in one slot the one with the higher sequence holds. */
  readonly slot: string;
  /** The record itself, encoded. */
  readonly bytes: Uint8Array;
}

/** What a publisher signs. A life is cut to whole seconds. */
export type SignedFields = Pick<StoreRecord, 'publisher' | 'sequence' | 'lifeMs' | 'forgotten' | 'value'> &
  ({ readonly kind: 'own'; readonly salt: Uint8Array } | { readonly kind: 'shared'; readonly key: NodeId });

export type RecordProblem = 'malformed' | 'too-large';

type Hash = Pick<Ports, 'hash'>;

/**
 * Reads a record. The signature is not checked here (that takes a crypto job over `recordProof`); keys of immutable and
 * own records are derived, so they cannot lie. Never throws and keeps no hold on the bytes.
 */
export function decodeRecord(bytes: Uint8Array, ports: Hash): StoreRecord | RecordProblem {
  if (bytes[0] !== VERSION) return 'malformed';
  if (bytes[1] === IMMUTABLE) {
    return bytes.length - 2 > VALUE_BYTES_MAX ? 'too-large' : immutableRecord(bytes.subarray(2), ports);
  }
  const own = bytes[1] === OWN;
  const saltBytes = own ? (bytes[PLACE_AT] ?? 0) : 0;
  const valueAt = PLACE_AT + (own ? 1 + saltBytes : ID_BYTES);
  const valueBytes = bytes.length - SIGNATURE_BYTES - valueAt;
  if (!(own || bytes[1] === SHARED) || saltBytes > SALT_BYTES_MAX || valueBytes < 0) return 'malformed';
  if (valueBytes > VALUE_BYTES_MAX) return 'too-large';
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const flags = view.getUint8(2);
  const sequence = view.getUint16(3) * 2 ** 32 + view.getUint32(5);
  const lifeMs = view.getUint32(9) * 1000;
  if (flags > (valueBytes > 0 ? 0 : FORGOTTEN) || sequence === 0 || lifeMs === 0 || lifeMs > LIFE_MS_MAX)
    return 'malformed';
  const copy = new Uint8Array(bytes);
  const publisher = copy.subarray(13, PLACE_AT);
  const place = copy.subarray(own ? PLACE_AT + 1 : PLACE_AT, valueAt);
  const key = own ? keyOfOwn(publisher, place, ports) : asNodeId(place);
  return {
    kind: own ? 'own' : 'shared',
    key,
    publisher,
    salt: own ? place : NONE,
    sequence,
    lifeMs,
    forgotten: flags === FORGOTTEN,
    value: copy.subarray(valueAt, valueAt + valueBytes),
    slot: mapKey(key) + mapKey(publisher),
    bytes: copy,
  };
}

/** The record of a value of at most `VALUE_BYTES_MAX`; keeps no hold on it. */
export function immutableRecord(value: Uint8Array, ports: Hash): StoreRecord {
  assert(value.length <= VALUE_BYTES_MAX, 'a value fits into a record');
  const bytes = concat([Uint8Array.of(VERSION, IMMUTABLE), value]);
  const key = keyOfValue(value, ports);
  return {
    kind: 'immutable',
    key,
    publisher: NONE,
    salt: NONE,
    sequence: 0,
    lifeMs: LIFE_MS_MAX,
    forgotten: false,
    value: bytes.subarray(2),
    slot: mapKey(key) + mapKey(NONE),
    bytes,
  };
}

/**
 * The part of a record that its publisher signs, domain included. Limits are not checked: `decodeRecord` reads no record
 * that is beyond them.
 */
export function recordSignedBytes(fields: SignedFields): Uint8Array {
  const { kind, publisher, sequence, lifeMs, forgotten, value } = fields;
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, kind === 'own' ? OWN : SHARED);
  view.setUint8(2, forgotten ? FORGOTTEN : 0);
  view.setUint16(3, sequence / 2 ** 32);
  view.setUint32(5, sequence);
  view.setUint32(9, lifeMs / 1000);
  const place = kind === 'own' ? [Uint8Array.of(fields.salt.length), fields.salt] : [fields.key];
  return concat([DOMAIN, head, publisher, ...place, value]);
}

/** Puts signed bytes and their signature together into a record. */
export function encodeRecord(signedBytes: Uint8Array, signature: Uint8Array): Uint8Array {
  return concat([signedBytes.subarray(DOMAIN.length), signature]);
}

/** What has to verify before a record may be believed; `undefined` for an immutable one, which its key proves. */
export function recordProof({ kind, publisher, bytes }: StoreRecord): SignedBytes | undefined {
  if (kind === 'immutable') return undefined;
  const signatureAt = bytes.length - SIGNATURE_BYTES;
  return {
    publicKey: publisher,
    bytes: concat([DOMAIN, bytes.subarray(0, signatureAt)]),
    signature: bytes.subarray(signatureAt),
  };
}

/** Where the immutable record of a value is stored. */
export function keyOfValue(value: Uint8Array, { hash }: Hash): NodeId {
  return asNodeId(hash(concat([VALUE_DOMAIN, value])));
}

/** Where a publisher's own record is stored. */
export function keyOfOwn(publisher: Uint8Array, salt: Uint8Array, { hash }: Hash): NodeId {
  return asNodeId(hash(concat([OWN_DOMAIN, publisher, salt])));
}

const VERSION = 1;
const IMMUTABLE = 1;
const OWN = 2;
const SHARED = 3;
const FORGOTTEN = 1;
/** Where the salt's length or the key is. */
const PLACE_AT = 45;
const SIGNATURE_BYTES = 64;
const NONE = new Uint8Array(0);
const text = new TextEncoder();
const DOMAIN = text.encode('hopline/record/1');
const VALUE_DOMAIN = text.encode('hopline/value/1');
const OWN_DOMAIN = text.encode('hopline/own/1');
