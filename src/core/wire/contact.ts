/**
 * The contact record: what a node is, in 134 self-certifying bytes without any address. Rules ID4-ID6.
 * Layout: version 1, geometry 1, sequence 4, Ed25519 key 32, X25519 key 32, signature 64 (over the 70 bytes before it).
 */

import { mapKey, type MapKey, type NodeId } from '../id/node-id.ts';
import type { SignedBytes } from '../io.ts';
import type { Ports } from '../ports.ts';

export const CONTACT_BYTES = 134;
const SIGNED_BYTES = 70;
const VERSION = 1;
const DOMAIN = new TextEncoder().encode('hopline/contact/1');

/** Geometry codes in records: a network runs one geometry, and a record says which one its node speaks. */
export const GEOMETRY_CODES = { kademlia: 1, chord: 2 } as const;
export type GeometryName = keyof typeof GEOMETRY_CODES;

/** A node as others know it. Immutable; shared freely. */
export interface Contact {
  readonly id: NodeId;
  readonly key: MapKey;
  readonly geometry: GeometryName;
  /** Higher replaces lower. */
  readonly sequence: number;
  /** Ed25519 public key, 32 bytes. */
  readonly signingKey: Uint8Array;
  /** X25519 public key, 32 bytes: offers and answers are sealed to it. */
  readonly sealingKey: Uint8Array;
  /** The record itself, 134 bytes. */
  readonly record: Uint8Array;
}

/** The part of a record that its owner signs, domain included. `fields` needs no signature yet. */
export function contactSignedBytes(fields: {
  readonly geometry: GeometryName;
  readonly sequence: number;
  readonly signingKey: Uint8Array;
  readonly sealingKey: Uint8Array;
}): Uint8Array {
  const bytes = new Uint8Array(DOMAIN.length + SIGNED_BYTES);
  bytes.set(DOMAIN);
  const view = new DataView(bytes.buffer, DOMAIN.length);
  view.setUint8(0, VERSION);
  view.setUint8(1, GEOMETRY_CODES[fields.geometry]);
  view.setUint32(2, fields.sequence);
  bytes.set(fields.signingKey, DOMAIN.length + 6);
  bytes.set(fields.sealingKey, DOMAIN.length + 38);
  return bytes;
}

/** Puts signed bytes and their signature together into a record. */
export function encodeContact(signedBytes: Uint8Array, signature: Uint8Array): Uint8Array {
  const record = new Uint8Array(CONTACT_BYTES);
  record.set(signedBytes.subarray(DOMAIN.length));
  record.set(signature, SIGNED_BYTES);
  return record;
}

/**
 * Reads a record, or returns `undefined` when it is not one. The signature is not checked here (that takes a crypto
 * job over `contactProof`); the id is derived from the key, so it cannot lie. Keeps no hold on the bytes.
 */
export function decodeContact(
  bytes: Uint8Array,
  ports: Pick<Ports, 'idOfKey' | 'sharedContact'>,
): Contact | undefined {
  const shared = ports.sharedContact?.(bytes);
  if (shared !== undefined) return shared;
  if (bytes.length !== CONTACT_BYTES || bytes[0] !== VERSION) return undefined;
  const geometry = bytes[1] === 1 ? 'kademlia' : bytes[1] === 2 ? 'chord' : undefined;
  if (geometry === undefined) return undefined;
  const record = bytes.slice();
  const signingKey = record.subarray(6, 38);
  const id = ports.idOfKey(signingKey);
  return {
    id,
    key: mapKey(id),
    geometry,
    sequence: new DataView(record.buffer).getUint32(2),
    signingKey,
    sealingKey: record.subarray(38, 70),
    record,
  };
}

/** What has to verify before a contact may be believed. */
export function contactProof(contact: Contact): SignedBytes {
  const bytes = new Uint8Array(DOMAIN.length + SIGNED_BYTES);
  bytes.set(DOMAIN);
  bytes.set(contact.record.subarray(0, SIGNED_BYTES), DOMAIN.length);
  return { publicKey: contact.signingKey, bytes, signature: contact.record.subarray(SIGNED_BYTES) };
}
