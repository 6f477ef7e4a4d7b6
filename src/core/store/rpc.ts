/**
 * What nodes ask each other about records: Kademlia's FIND_NODE, FIND_VALUE and STORE (PING is a service of its own), and
 * what keeps copies where they belong. Bodies of request messages and of their answers, deterministic CBOR. Rules KV1, KV2.
 */

import { DEMAND_BYTES, SOLUTION_BYTES } from '../admission/ask.ts';
import { asNodeId, type NodeId } from '../id/node-id.ts';
import { concat, cut } from '../util/pieces.ts';
import { decodePayload } from '../wire/codec.ts';
import { CONTACT_BYTES } from '../wire/contact.ts';
import {
  bytesOf,
  copyIn,
  copyOut,
  isBytes,
  isCount,
  isId,
  isList,
  listOf,
  slotIn,
  slotOut,
  type Copy,
  type SlotState,
} from './fields.ts';

export type StoreRequest =
  /** The contacts nearest to a key. `values`: its records as well, but for those that the asker has; `sequences`: what they are. */
  | {
      readonly op: 'find';
      readonly want: 'nodes' | 'values' | 'sequences';
      readonly key: NodeId;
      readonly have: readonly SlotState[];
      /** The asker's contact record: whoever is asked learns the asker. */
      readonly asker: Uint8Array;
    }
  /** Keep this. `cas`: only if the slot has this sequence now, 0 for none. */
  | {
      readonly op: 'store';
      readonly copy: Copy;
      readonly role: 'replica' | 'cache';
      readonly cas: number | undefined;
      /** Of the work that was demanded; goes along only then. */
      readonly solution?: Uint8Array;
    }
  /** I hold these: which do you lack? */
  | { readonly op: 'offer'; readonly slots: readonly SlotState[] }
  /** Tell me of changes under this key from now on, or no more. */
  | { readonly op: 'watch'; readonly key: NodeId; readonly on: boolean }
  /** A record that you watch changed. */
  | { readonly op: 'changed'; readonly copy: Copy };

export interface FindAnswer {
  readonly copies: readonly Copy[];
  readonly sequences: readonly SlotState[];
  /** Contact records, nearest to the key first. */
  readonly contacts: readonly Uint8Array[];
}

/** What a node says to a STORE, or to a watch. */
export const STORE_CODES = [
  'stored',
  'stale', // it has a newer one, or another of the same sequence
  'conflict', // compare-and-set: the slot has another sequence
  'over-quota', // no room for more of this publisher, from this link, or at all
  'expired',
  'too-large',
  'rejected', // not a record, or not signed by its publisher
  'work', // only for work
] as const;
export type StoreCode = (typeof STORE_CODES)[number];

export interface StoreAnswer {
  readonly code: StoreCode;
  /** The sequence that the slot has there now; 0 for none. */
  readonly sequence: number;
  /** What has to be worked out, with `work` and only then. */
  readonly demand?: Uint8Array;
}

const OPS = ['find', 'store', 'offer', 'watch', 'changed'] as const;
const WANTS = ['nodes', 'values', 'sequences'] as const;
const ROLES = ['replica', 'cache'] as const;
/** Slots in one offer, and in what an asker says it has. */
export const SLOTS_MAX = 256;
/** Copies in one answer: more do not fit its bytes either. */
const COPIES_MAX = 256;
const CONTACTS_MAX = 32;

export function writeRequest(request: StoreRequest): Uint8Array {
  const op = OPS.indexOf(request.op);
  switch (request.op) {
    case 'find': {
      const { want, key, have, asker } = request;
      return bytesOf([op, WANTS.indexOf(want), key, have.map(slotOut), asker]);
    }
    case 'store': {
      const { copy, role, cas = null, solution } = request;
      return bytesOf([
        op,
        copyOut(copy),
        ROLES.indexOf(role),
        cas,
        ...(solution === undefined ? [] : [solution]),
      ]);
    }
    case 'offer':
      return bytesOf([op, request.slots.map(slotOut)]);
    case 'watch':
      return bytesOf([op, request.key, request.on]);
    case 'changed':
      return bytesOf([op, copyOut(request.copy)]);
  }
}

/** Reads a request, or `undefined` when it is none. Never throws. */
export function readRequest(bytes: Uint8Array): StoreRequest | undefined {
  const list = decodePayload(bytes);
  if (!isList(list)) return undefined;
  const [, a, b, c, d] = list;
  const op = OPS[list[0] as number];
  if (op === 'find' && list.length === 5) {
    const want = WANTS[a as number];
    const have = listOf(c, slotIn, SLOTS_MAX);
    if (want === undefined || !isId(b) || have === undefined || !isBytes(d, CONTACT_BYTES)) return undefined;
    return { op, want, key: asNodeId(b), have, asker: d };
  }
  if (op === 'store' && (list.length === 4 || (list.length === 5 && isBytes(d, SOLUTION_BYTES)))) {
    const copy = copyIn(a);
    const role = ROLES[b as number];
    if (copy === undefined || role === undefined || !(c === null || isCount(c))) return undefined;
    const request = { op, copy, role, cas: c ?? undefined } as const;
    return d === undefined ? request : { ...request, solution: d as Uint8Array };
  }
  if (op === 'offer' && list.length === 2) {
    const slots = listOf(a, slotIn, SLOTS_MAX);
    return slots && { op, slots };
  }
  if (op === 'watch' && list.length === 3)
    return isId(a) && typeof b === 'boolean' ? { op, key: asNodeId(a), on: b } : undefined;
  if (op === 'changed' && list.length === 2) {
    const copy = copyIn(a);
    return copy && { op, copy };
  }
  return undefined;
}

export function writeFindAnswer({ copies, sequences, contacts }: FindAnswer): Uint8Array {
  return bytesOf([copies.map(copyOut), sequences.map(slotOut), concat([...contacts])]);
}

export function readFindAnswer(bytes: Uint8Array): FindAnswer | undefined {
  const list = decodePayload(bytes);
  if (!isList(list) || list.length !== 3) return undefined;
  const copies = listOf(list[0], copyIn, COPIES_MAX);
  const sequences = listOf(list[1], slotIn, COPIES_MAX);
  const records = list[2];
  if (copies === undefined || sequences === undefined || !(records instanceof Uint8Array)) return undefined;
  if (records.length % CONTACT_BYTES !== 0 || records.length > CONTACTS_MAX * CONTACT_BYTES) return undefined;
  return { copies, sequences, contacts: cut(records, CONTACT_BYTES) };
}

/** The sequence, or the demand in its place. */
export function writeStoreAnswer({ code, sequence, demand }: StoreAnswer): Uint8Array {
  return bytesOf([STORE_CODES.indexOf(code), demand ?? sequence]);
}

export function readStoreAnswer(bytes: Uint8Array): StoreAnswer | undefined {
  const list = decodePayload(bytes);
  if (!isList(list) || list.length !== 2) return undefined;
  const [at, said] = list;
  const code = STORE_CODES[at as number];
  if (code === 'work') return isBytes(said, DEMAND_BYTES) ? { code, sequence: 0, demand: said } : undefined;
  return code === undefined || !isCount(said) ? undefined : { code, sequence: said };
}

/** The places in an offer of what is wanted. */
export function writeWanted(places: readonly number[]): Uint8Array {
  return bytesOf([...places]);
}

export function readWanted(bytes: Uint8Array): number[] | undefined {
  return listOf(
    decodePayload(bytes),
    (one) => (isCount(one) && one < SLOTS_MAX ? one : undefined),
    SLOTS_MAX,
  );
}
