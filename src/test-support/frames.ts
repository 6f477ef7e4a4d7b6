/** Builders of routed frames as some node would send them, with every field to choose and real (test) signatures. */

import { sha256 } from '@noble/hashes/sha2.js';
import type { NodeId } from '../core/id/node-id.ts';
import { writeAnswer, type AnswerCode } from '../core/wire/answer.ts';
import {
  AUTH_BYTES,
  createFrame,
  FLAG_AUTH,
  HEADER_BYTES,
  messageKey,
  readFrame,
  signedBytes,
  visitedEntry,
  type Frame,
  type FrameKind,
  type FrameService,
} from '../core/wire/frame.ts';
import { sign, type TestKeys } from './keys.ts';

/** Fields of a message; what is left out has the value of an ordinary one. */
export interface MessageFields {
  readonly kind: FrameKind;
  readonly target: NodeId;
  readonly flags?: number;
  readonly service?: FrameService;
  readonly hopLimit?: number;
  readonly hops?: number;
  readonly budget?: number;
  readonly lifeMs?: number;
  /** 16 bytes. */
  readonly message?: Uint8Array;
  readonly body?: Uint8Array;
  /** Body bytes in one fragment. */
  readonly chunkBytes?: number;
  /** Ids passed so far. */
  readonly visited?: readonly NodeId[];
}

let nextMessage = 1;

/** A message id that no other test message of this process has. */
export function freshMessage(): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(12, nextMessage++);
  bytes[0] = 0xab;
  return bytes;
}

/** The frames of a message of `from`, first fragment first. */
export function messageFrames(from: TestKeys, fields: MessageFields): Uint8Array[] {
  const body = fields.body ?? Uint8Array.of(1, 2, 3);
  const size = fields.chunkBytes ?? 15_000;
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < Math.max(1, body.length); at += size) chunks.push(body.subarray(at, at + size));
  const message = messageKey(fields.message ?? freshMessage(), 0);
  const frameOf = (fragment: number, auth: Uint8Array | undefined): Uint8Array =>
    createFrame({
      kind: fields.kind,
      flags: fields.flags ?? 0,
      service: fields.service ?? 'app',
      hopLimit: fields.hopLimit ?? 20,
      budget: fields.budget ?? 64,
      lifeMs: fields.lifeMs ?? 10_000,
      fragment,
      fragments: chunks.length,
      message,
      origin: from.id,
      target: fields.target,
      auth,
      body: chunks[fragment]!,
    });
  const header = frameOf(0, undefined);
  header[2]! |= FLAG_AUTH;
  const auth = new Uint8Array(AUTH_BYTES);
  auth.set(from.signingKey);
  auth.set(sign(from.signingKey, signedBytes(header, sha256(body))), 32);
  return chunks.map((_, i) => travelled(frameOf(i, i === 0 ? auth : undefined), fields));
}

/** A message that fits one frame. */
export function messageFrame(from: TestKeys, fields: MessageFields): Uint8Array {
  return messageFrames(from, fields)[0]!;
}

/** What an answer says besides its addresses. */
export interface AnswerFields {
  readonly code?: AnswerCode;
  readonly payload?: Uint8Array;
  readonly onTheWay?: boolean;
  readonly complete?: boolean;
  readonly siblings?: readonly Uint8Array[];
  readonly ruledOut?: readonly Uint8Array[];
  /** The body the answer claims to answer; the request's own when left out. */
  readonly bodyHash?: Uint8Array;
  /** The record inside; the signer's own when left out. */
  readonly record?: Uint8Array;
}

/** The answer of `from` to a message that a node received. */
export function answerFrame(from: TestKeys, asked: Frame, fields: AnswerFields = {}): Uint8Array {
  const body = writeAnswer({
    code: fields.code ?? 'ok',
    onTheWay: fields.onTheWay ?? false,
    complete: fields.complete ?? true,
    hops: asked.hops,
    ruledOut: fields.ruledOut ?? [],
    record: fields.record ?? from.record,
    bodyHash: fields.bodyHash ?? sha256(asked.bytes.subarray(asked.bodyAt)),
    siblings: fields.siblings ?? [],
    payload: fields.payload,
  });
  const message = asked.bytes.slice(12, 28);
  const frame = messageFrame(from, {
    kind: 'answer',
    target: asked.origin,
    service: asked.service,
    message,
    body,
  });
  return withPath(frame, from.id);
}

/** Reads bytes that must be a routed frame. */
export function parseFrame(bytes: Uint8Array): Frame {
  const frame = readFrame(bytes, 6, 20);
  if (typeof frame === 'string') throw new Error(`not a frame: ${frame}`);
  return frame;
}

/** The frame with hops counted and ids visited, as if it had travelled. */
function travelled(frame: Uint8Array, { hops = 0, visited = [] }: MessageFields): Uint8Array {
  const at = HEADER_BYTES + ((frame[2]! & FLAG_AUTH) !== 0 ? AUTH_BYTES : 0);
  const list = visited.flatMap((id) => [...visitedEntry(id, 'passed')]);
  const bytes = new Uint8Array(frame.length + list.length);
  bytes.set(frame.subarray(0, at));
  bytes.set(list, at);
  bytes.set(frame.subarray(at), at + list.length);
  bytes[4] = hops;
  bytes[92] = visited.length;
  return bytes;
}

/** An answer as the answerer's first hop gets it: the answerer's id on the path. */
function withPath(frame: Uint8Array, id: NodeId): Uint8Array {
  const at = HEADER_BYTES + AUTH_BYTES;
  const bytes = new Uint8Array(frame.length + 32);
  bytes.set(frame.subarray(0, at));
  bytes.set(id, at);
  bytes.set(frame.subarray(at), at + 32);
  bytes[4] = 1;
  bytes[93] = 1;
  return bytes;
}
