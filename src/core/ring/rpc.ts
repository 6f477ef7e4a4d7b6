/**
 * GetNode, GetValue, InsertValue and SplitNode as bytes, each with its answer, and the two that keep ranges where they
 * are when nodes are silent or leave. Bodies of request messages and of their answers, deterministic CBOR. Rule RG1.
 */

import { DEMAND_BYTES, SOLUTION_BYTES } from '../admission/ask.ts';
import { asNodeId, type NodeId } from '../id/node-id.ts';
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
} from '../store/fields.ts';
import { SLOTS_MAX } from '../store/rpc.ts';
import { decodePayload, type Payload } from '../wire/codec.ts';
import { CONTACT_BYTES } from '../wire/contact.ts';

export type RingRequest =
  /** Who is the first node at or after each of these keys? For anybody to resolve. */
  | { readonly op: 'get-node'; readonly keys: readonly NodeId[] }
  /** The records under a key, but for those that the asker has. */
  | { readonly op: 'get-value'; readonly key: NodeId; readonly have: readonly SlotState[] }
  /** Keep this, for everybody. `cas`: only if the slot has this sequence now, 0 for none. */
  | {
      readonly op: 'insert-value';
      readonly copy: Copy;
      readonly cas: number | undefined;
      /** Of the work that was demanded; goes along only then. */
      readonly solution?: Uint8Array;
    }
  /**
   * The node of this record has come in before you: give it what is now its own. `page`: it has what came on all pages
   * before. `visit` tells this request from one of an earlier life of the same node; 8 bytes.
   */
  | {
      readonly op: 'split-node';
      readonly record: Uint8Array;
      readonly visit: Uint8Array;
      readonly page: number;
      /** Of the work that was demanded; goes along from then on. */
      readonly solution?: Uint8Array;
    }
  /** I own what lies between the owner before me and myself: agree. */
  | { readonly op: 'renew'; readonly record: Uint8Array }
  /** I leave, and what I had from this id on is yours. */
  | { readonly op: 'inherit'; readonly after: NodeId };

/** What the node that was asked says. */
export const RING_CODES = [
  'ok',
  'not-responsible', // the key is not this node's; the answer names whose it is, unless it is changing hands
  'no-range', // the node asked has no range itself; the answer names who follows it
  'not-found', // it is this node's, and nothing stands there
  'unsure', // a renewal: it may be right, but the node asked is not sure of its own claim
  'lost', // others have the asker's range
  'stale', // these are as in the store
  'conflict',
  'over-quota',
  'expired',
  'too-large',
  'rejected',
  'work', // only for work
] as const;
export type RingCode = (typeof RING_CODES)[number];

export interface RingAnswer {
  readonly code: RingCode;
  /** Contact record of who should be asked instead. */
  readonly owner: Uint8Array | undefined;
  /** What has to be worked out, with `work` and only then: in the place of the owner. */
  readonly demand?: Uint8Array;
}

export interface ValueAnswer extends RingAnswer {
  readonly copies: readonly Copy[];
  /** What there is, with or without its copy in this answer. */
  readonly sequences: readonly SlotState[];
}

export interface InsertAnswer extends RingAnswer {
  readonly sequence: number;
  /** Nodes that have it. */
  readonly held: number;
}

/** A page of records; or, with `after`, nothing is left and the range from that id on is the asker's. */
export interface SplitAnswer extends RingAnswer {
  readonly page: number;
  readonly copies: readonly Copy[];
  readonly after: NodeId | undefined;
}

const OPS = ['get-node', 'get-value', 'insert-value', 'split-node', 'renew', 'inherit'] as const;
/** Keys of one GetNode: a joiner asks for all its fingers at once. */
export const KEYS_MAX = 64;
/** Copies in one answer: more do not fit its bytes either. */
const COPIES_MAX = 256;
export const VISIT_BYTES = 8;

export function writeRing(request: RingRequest): Uint8Array {
  const op = OPS.indexOf(request.op);
  switch (request.op) {
    case 'get-node':
      return bytesOf([op, [...request.keys]]);
    case 'get-value':
      return bytesOf([op, request.key, request.have.map(slotOut)]);
    case 'insert-value':
      return bytesOf([op, copyOut(request.copy), request.cas ?? null, ...solutionOut(request)]);
    case 'split-node':
      return bytesOf([op, request.record, request.visit, request.page, ...solutionOut(request)]);
    case 'renew':
      return bytesOf([op, request.record]);
    case 'inherit':
      return bytesOf([op, request.after]);
  }
}

/** Reads a request, or `undefined` when it is none. Never throws. */
export function readRing(bytes: Uint8Array): RingRequest | undefined {
  const list = decodePayload(bytes);
  if (!isList(list)) return undefined;
  const [code, a, b, c] = list;
  const op = OPS[code as number];
  if (op === undefined) return undefined;
  const more = solutionIn(op, list.slice(LENGTHS[op]));
  if (list.length < LENGTHS[op] || more === undefined) return undefined;
  switch (op) {
    case 'get-node': {
      const keys = listOf(a, (one) => (isId(one) ? asNodeId(one) : undefined), KEYS_MAX);
      return keys && { op, keys };
    }
    case 'get-value': {
      const have = listOf(b, slotIn, SLOTS_MAX);
      return isId(a) && have !== undefined ? { op, key: asNodeId(a), have } : undefined;
    }
    case 'insert-value': {
      const copy = copyIn(a);
      return copy !== undefined && (b === null || isCount(b))
        ? { op, copy, cas: b ?? undefined, ...more }
        : undefined;
    }
    case 'split-node': {
      if (!isBytes(a, CONTACT_BYTES) || !isBytes(b, VISIT_BYTES) || !isCount(c)) return undefined;
      return { op, record: a, visit: b, page: c, ...more };
    }
    case 'renew':
      return isBytes(a, CONTACT_BYTES) ? { op, record: a } : undefined;
    case 'inherit':
      return isId(a) ? { op, after: asNodeId(a) } : undefined;
  }
}

const LENGTHS = {
  'get-node': 2,
  'get-value': 3,
  'insert-value': 3,
  'split-node': 4,
  renew: 2,
  inherit: 2,
} as const;

function solutionOut({ solution }: { readonly solution?: Uint8Array }): Payload[] {
  return solution === undefined ? [] : [solution];
}

/** What follows the fields of a request: a solution where one may stand, or nothing. */
function solutionIn(
  op: (typeof OPS)[number],
  rest: readonly Payload[],
): { readonly solution?: Uint8Array } | undefined {
  const [solution] = rest;
  if (solution === undefined) return {};
  const isTaken = op === 'insert-value' || op === 'split-node';
  return isTaken && rest.length === 1 && isBytes(solution, SOLUTION_BYTES) ? { solution } : undefined;
}

/** For each key the contact record of its node, or nothing where it could not be resolved. */
export function writeNodes(records: readonly (Uint8Array | undefined)[]): Uint8Array {
  return bytesOf(records.map((record) => record ?? null));
}

export function readNodes(bytes: Uint8Array): (Uint8Array | undefined)[] | undefined {
  const list = decodePayload(bytes);
  if (!isList(list) || list.length > KEYS_MAX) return undefined;
  if (!list.every((one) => one === null || isBytes(one, CONTACT_BYTES))) return undefined;
  return list.map((one) => (one as Uint8Array | null) ?? undefined);
}

/** Of a renewal, of an inheritance, and of whatever is refused. */
export function writeRingAnswer(answer: RingAnswer): Uint8Array {
  return bytesOf(answerOut(answer));
}

export function readRingAnswer(bytes: Uint8Array): RingAnswer | undefined {
  return readAnswerList(bytes, 2)?.answer;
}

export function writeValueAnswer(answer: ValueAnswer): Uint8Array {
  return bytesOf([...answerOut(answer), answer.copies.map(copyOut), answer.sequences.map(slotOut)]);
}

export function readValueAnswer(bytes: Uint8Array): ValueAnswer | undefined {
  const read = readAnswerList(bytes, 4);
  const copies = listOf(read?.rest[0], copyIn, COPIES_MAX);
  const sequences = listOf(read?.rest[1], slotIn, COPIES_MAX);
  return read && copies && sequences && { ...read.answer, copies, sequences };
}

export function writeInsertAnswer(answer: InsertAnswer): Uint8Array {
  return bytesOf([...answerOut(answer), answer.sequence, answer.held]);
}

export function readInsertAnswer(bytes: Uint8Array): InsertAnswer | undefined {
  const read = readAnswerList(bytes, 4);
  if (read === undefined) return undefined;
  const [sequence, held] = read.rest;
  return isCount(sequence) && isCount(held) ? { ...read.answer, sequence, held } : undefined;
}

export function writeSplitAnswer(answer: SplitAnswer): Uint8Array {
  return bytesOf([...answerOut(answer), answer.page, answer.copies.map(copyOut), answer.after ?? null]);
}

export function readSplitAnswer(bytes: Uint8Array): SplitAnswer | undefined {
  const read = readAnswerList(bytes, 5);
  if (read === undefined) return undefined;
  const [page, list, after] = read.rest;
  const copies = listOf(list, copyIn, COPIES_MAX);
  if (!isCount(page) || copies === undefined || !(after === null || isId(after))) return undefined;
  return { ...read.answer, page, copies, after: after === null ? undefined : asNodeId(after) };
}

function answerOut({ code, owner, demand }: RingAnswer): Payload[] {
  return [RING_CODES.indexOf(code), demand ?? owner ?? null];
}

function readAnswerList(
  bytes: Uint8Array,
  length: number,
): { readonly answer: RingAnswer; readonly rest: readonly Payload[] } | undefined {
  const list = decodePayload(bytes);
  if (!isList(list) || list.length !== length) return undefined;
  const [number, owner, ...rest] = list;
  const code = RING_CODES[number as number];
  if (code === 'work')
    return isBytes(owner, DEMAND_BYTES)
      ? { answer: { code, owner: undefined, demand: owner }, rest }
      : undefined;
  if (code === undefined || !(owner === null || isBytes(owner, CONTACT_BYTES))) return undefined;
  return { answer: { code, owner: owner ?? undefined }, rest };
}
