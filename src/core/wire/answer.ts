/**
 * The body of an `answer` frame: a receipt, and the reply's payload if there is one. Rules WR17 and WR18.
 *
 *  0 code   1 flags   2 hops (of the message answered)   3 ruled-out count   4 answerer's record (134)
 * 138 hash of the message's body (32)   170 sibling count   171 ruled-out prefixes (7 each)   sibling records   … payload
 *
 * The frame's auth block signs domain ‖ message id ‖ target ‖ hash of this body, so that every hop can check it.
 */

import { cut } from '../util/pieces.ts';
import { CONTACT_BYTES } from './contact.ts';

export const ANSWER_CODES = [
  'ok',
  'no-reply',
  'unreachable',
  'rejected',
  'overloaded',
  'hop-limit',
  'too-large',
] as const;
export type AnswerCode = (typeof ANSWER_CODES)[number];

const FLAG_PAYLOAD = 1;
const FLAG_ON_THE_WAY = 2;
const FLAG_COMPLETE = 4;
const FIXED_BYTES = 171;
export const SIBLINGS_MAX = 8;
export const RULED_OUT_MAX = 8;
const PREFIX_BYTES = 7;

export interface Answer {
  readonly code: AnswerCode;
  /** A node on the way answered, not the nearest one. */
  readonly onTheWay: boolean;
  /** The answerer's table is complete as far as it can tell. */
  readonly complete: boolean;
  readonly hops: number;
  /** First bytes of the ids of nodes nearer to the target that said nothing when the message was tried there. */
  readonly ruledOut: readonly Uint8Array[];
  readonly record: Uint8Array;
  readonly bodyHash: Uint8Array;
  /** The answerer's contacts nearest to the target, nearest first: what the sender judges the answer by. */
  readonly siblings: readonly Uint8Array[];
  readonly payload: Uint8Array | undefined;
}

export function writeAnswer(answer: Answer): Uint8Array {
  const payload = answer.payload ?? new Uint8Array(0);
  const listsBytes = answer.ruledOut.length * PREFIX_BYTES + answer.siblings.length * CONTACT_BYTES;
  const bytes = new Uint8Array(FIXED_BYTES + listsBytes + payload.length);
  bytes[0] = ANSWER_CODES.indexOf(answer.code);
  bytes[1] =
    (answer.payload === undefined ? 0 : FLAG_PAYLOAD) |
    (answer.onTheWay ? FLAG_ON_THE_WAY : 0) |
    (answer.complete ? FLAG_COMPLETE : 0);
  bytes[2] = answer.hops;
  bytes[3] = answer.ruledOut.length;
  bytes.set(answer.record, 4);
  bytes.set(answer.bodyHash, 4 + CONTACT_BYTES);
  bytes[FIXED_BYTES - 1] = answer.siblings.length;
  let at = FIXED_BYTES;
  for (const prefix of answer.ruledOut) {
    bytes.set(prefix.subarray(0, PREFIX_BYTES), at);
    at += PREFIX_BYTES;
  }
  for (const sibling of answer.siblings) {
    bytes.set(sibling, at);
    at += CONTACT_BYTES;
  }
  bytes.set(payload, at);
  return bytes;
}

/** Reads an answer's whole body, or returns `undefined` when it is not one. Never throws. */
export function readAnswer(bytes: Uint8Array): Answer | undefined {
  if (bytes.length < FIXED_BYTES) return undefined;
  const code = ANSWER_CODES[bytes[0]!];
  const flags = bytes[1]!;
  const siblingCount = bytes[FIXED_BYTES - 1]!;
  const ruledOutCount = bytes[3]!;
  const siblingsAt = FIXED_BYTES + ruledOutCount * PREFIX_BYTES;
  const payloadAt = siblingsAt + siblingCount * CONTACT_BYTES;
  if (ruledOutCount > RULED_OUT_MAX) return undefined;
  if (code === undefined || flags > 7 || siblingCount > SIBLINGS_MAX || payloadAt > bytes.length)
    return undefined;
  const hasPayload = (flags & FLAG_PAYLOAD) !== 0;
  if (!hasPayload && payloadAt !== bytes.length) return undefined;
  const siblings = cut(bytes.subarray(siblingsAt, payloadAt), CONTACT_BYTES);
  return {
    code,
    onTheWay: (flags & FLAG_ON_THE_WAY) !== 0,
    complete: (flags & FLAG_COMPLETE) !== 0,
    hops: bytes[2]!,
    ruledOut: ruledOutBy(bytes),
    record: bytes.subarray(4, 4 + CONTACT_BYTES),
    bodyHash: bytes.subarray(4 + CONTACT_BYTES, 4 + CONTACT_BYTES + 32),
    siblings,
    payload: hasPayload ? bytes.subarray(payloadAt) : undefined,
  };
}

/** True when the first bytes of an answer's body say that its sender is the nearest node, not one on the way. */
export function claimsNearest(body: Uint8Array): boolean {
  return body.length >= FIXED_BYTES && (body[1]! & FLAG_ON_THE_WAY) === 0;
}

/** The nodes that an answer rules out, from the first fragment of its body, as views. */
export function ruledOutBy(body: Uint8Array): Uint8Array[] {
  const count = Math.min(RULED_OUT_MAX, body[3] ?? 0);
  const prefixes: Uint8Array[] = [];
  for (let at = FIXED_BYTES; prefixes.length < count && at + PREFIX_BYTES <= body.length; at += PREFIX_BYTES)
    prefixes.push(body.subarray(at, at + PREFIX_BYTES));
  return prefixes;
}
