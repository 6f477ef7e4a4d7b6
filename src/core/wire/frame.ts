/**
 * Routed frames: a fixed header, a short extension area, the body. A hop reads and patches the header and never
 * decodes the body. Rules WR1-WR9.
 *
 *  0 version   1 kind      2 flags     3 service   4 hops*     5 hopLimit  6 route     7 budget*
 *  8 lifeMs* (2)          10 fragment 11 fragments 12 messageId (16)
 * 28 origin (32)          60 target (32)
 * 92 visitedCount*        93 pathCount*    94 group size (0: not a group message)
 * 95 auth (96, flag 1): public key 32, signature 64
 *    visited* (8 each): 7 bytes of an id the message passed, or tried in vain (flag 1 in the 8th byte)
 *    path* (32 each): ids that an answer passed on its way back
 *    body
 *
 * Fields marked * may be changed by a hop; the origin signs all others and the hash of the whole body.
 */

import { asNodeId, ID_BYTES, sameId, type NodeId } from '../id/node-id.ts';
import { takeBytes } from '../util/byte-slab.ts';

export const WIRE_VERSION = 1;
export const HEADER_BYTES = 95;
export const AUTH_BYTES = 96;
export const VISITED_BYTES = 8;
/** Bytes of an id in an entry of the visited list: two of 10,000 ids share as many in one network of a billion. */
const PREFIX_BYTES = VISITED_BYTES - 1;
export const MESSAGE_ID_BYTES = 16;

/** Routed kinds. Control kinds (below 0x10) are in control.ts. */
export const FRAME_KINDS = {
  neighbour: 0x10,
  broadcast: 0x11,
  closest: 0x12,
  direct: 0x13,
  answer: 0x14,
  group: 0x15,
} as const;
export type FrameKind = keyof typeof FRAME_KINDS;
const KIND_NAMES: readonly (FrameKind | undefined)[] = [
  'neighbour',
  'broadcast',
  'closest',
  'direct',
  'answer',
  'group',
];

export const SERVICES = [
  'app',
  'lookup',
  'signal',
  'ping',
  'group',
  'spread',
  'vote',
  'store',
  'ring',
] as const;
export type FrameService = (typeof SERVICES)[number];

/** True for what an application sends; the rest is the node's upkeep, or a copy of what came in another message. */
export function isOfApp(service: FrameService): boolean {
  return service === 'app' || service === 'vote';
}

/** Flag bits. */
export const FLAG_AUTH = 1; // the auth block is present (first fragment of a signed message)
export const FLAG_REQUEST = 2; // the receiver's handler is asked for a reply
export const FLAG_RECEIPT = 4; // the sender wants a receipt
export const FLAG_SKIP_ORIGIN = 8; // the origin does not count as a holder of the target (it looks itself up)
const FLAGS_KNOWN = 15;

/** A routed frame as a hop sees it: a view on the received bytes, nothing copied. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly kind: FrameKind;
  readonly flags: number;
  readonly service: FrameService;
  readonly hops: number;
  readonly hopLimit: number;
  /** Which of the ways of a message that is sent over several. */
  readonly route: number;
  readonly budget: number;
  readonly lifeMs: number;
  readonly fragment: number;
  readonly fragments: number;
  /** Members a `group` message is for; 0 in any other. */
  readonly groupSize: number;
  /** The message id as a map key. */
  readonly message: string;
  readonly origin: NodeId;
  readonly target: NodeId;
  readonly visitedCount: number;
  readonly pathCount: number;
  readonly visitedAt: number;
  readonly bodyAt: number;
}

/** Reads a routed frame, or says what is wrong with it. Never throws. */
export function readFrame(bytes: Uint8Array, fragmentsMax: number, hopsMax: number): Frame | string {
  if (bytes.length < HEADER_BYTES) return 'short frame';
  const kind = KIND_NAMES[bytes[1]! - FRAME_KINDS.neighbour];
  if (kind === undefined) return 'unknown kind';
  const flags = bytes[2]!;
  if ((flags & ~FLAGS_KNOWN) !== 0) return 'unknown flag';
  const service = SERVICES[bytes[3]!];
  if (service === undefined) return 'unknown service';
  const hops = bytes[4]!;
  const hopLimit = bytes[5]!;
  if (hopLimit > hopsMax || hops > hopLimit) return 'hops above limit';
  const fragment = bytes[10]!;
  const fragments = bytes[11]!;
  if (fragments === 0 || fragments > fragmentsMax || fragment >= fragments) return 'bad fragment';
  const hasAuth = (flags & FLAG_AUTH) !== 0;
  // A message of one hop needs none: the link itself proves who sent it.
  if (hasAuth ? fragment > 0 : fragment === 0 && hopLimit > 1) return 'auth block misplaced';
  const groupSize = bytes[94]!;
  if ((kind === 'group') !== groupSize > 0) return 'bad group size';
  const visitedAt = HEADER_BYTES + (hasAuth ? AUTH_BYTES : 0);
  const visitedCount = bytes[92]!;
  const pathCount = bytes[93]!;
  const bodyAt = visitedAt + visitedCount * VISITED_BYTES + pathCount * ID_BYTES;
  if (bodyAt > bytes.length) return 'extension past the end';
  return {
    bytes,
    kind,
    flags,
    service,
    hops,
    hopLimit,
    route: bytes[6]!,
    budget: bytes[7]!,
    lifeMs: (bytes[8]! << 8) | bytes[9]!,
    fragment,
    fragments,
    groupSize,
    message: messageKey(bytes, 12),
    origin: asNodeId(bytes.subarray(28, 60)),
    target: asNodeId(bytes.subarray(60, 92)),
    visitedCount,
    pathCount,
    visitedAt,
    bodyAt,
  };
}

/** 16 bytes at `at` as a string of eight 16-bit units. */
export function messageKey(b: Uint8Array, at: number): string {
  return String.fromCharCode(
    (b[at]! << 8) | b[at + 1]!,
    (b[at + 2]! << 8) | b[at + 3]!,
    (b[at + 4]! << 8) | b[at + 5]!,
    (b[at + 6]! << 8) | b[at + 7]!,
    (b[at + 8]! << 8) | b[at + 9]!,
    (b[at + 10]! << 8) | b[at + 11]!,
    (b[at + 12]! << 8) | b[at + 13]!,
    (b[at + 14]! << 8) | b[at + 15]!,
  );
}

/** The 16 bytes of a message key. */
export function messageIdBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_ID_BYTES);
  for (let i = 0; i < 8; i++) {
    const unit = key.charCodeAt(i);
    bytes[2 * i] = unit >> 8;
    bytes[2 * i + 1] = unit & 0xff;
  }
  return bytes;
}

/** The message id of a message key as lower-case hexadecimal. */
export function messageHex(key: string): string {
  return hexOfUnits(key, 0) + hexOfUnits(key, 4);
}

/** Four units of a key: one string made at once is several times quicker than joining pairs of digits. */
function hexOfUnits(key: string, at: number): string {
  const a = key.charCodeAt(at);
  const b = key.charCodeAt(at + 1);
  const c = key.charCodeAt(at + 2);
  const d = key.charCodeAt(at + 3);
  return String.fromCharCode(
    DIGITS[a >> 12]!,
    DIGITS[(a >> 8) & 15]!,
    DIGITS[(a >> 4) & 15]!,
    DIGITS[a & 15]!,
    DIGITS[b >> 12]!,
    DIGITS[(b >> 8) & 15]!,
    DIGITS[(b >> 4) & 15]!,
    DIGITS[b & 15]!,
    DIGITS[c >> 12]!,
    DIGITS[(c >> 8) & 15]!,
    DIGITS[(c >> 4) & 15]!,
    DIGITS[c & 15]!,
    DIGITS[d >> 12]!,
    DIGITS[(d >> 8) & 15]!,
    DIGITS[(d >> 4) & 15]!,
    DIGITS[d & 15]!,
  );
}

const DIGITS = new TextEncoder().encode('0123456789abcdef');

/** What makes a new frame. Lists may be empty; `auth` is the public key and signature, on the first fragment only. */
export interface FrameFields {
  readonly kind: FrameKind;
  readonly flags: number;
  readonly service: FrameService;
  readonly hopLimit: number;
  readonly route?: number;
  readonly groupSize?: number;
  readonly budget: number;
  readonly lifeMs: number;
  readonly fragment: number;
  readonly fragments: number;
  readonly message: string;
  readonly origin: NodeId;
  readonly target: NodeId;
  readonly auth: Uint8Array | undefined;
  readonly body: Uint8Array;
}

/** A frame as its origin sends it: no hops yet, nobody visited. */
export function createFrame(fields: FrameFields): Uint8Array {
  const authBytes = fields.auth === undefined ? 0 : AUTH_BYTES;
  const bytes = new Uint8Array(HEADER_BYTES + authBytes + fields.body.length);
  bytes[0] = WIRE_VERSION;
  bytes[1] = FRAME_KINDS[fields.kind];
  bytes[2] = fields.auth === undefined ? fields.flags & ~FLAG_AUTH : fields.flags | FLAG_AUTH;
  bytes[3] = SERVICES.indexOf(fields.service);
  bytes[5] = fields.hopLimit;
  bytes[6] = fields.route ?? 0;
  bytes[7] = fields.budget;
  bytes[8] = fields.lifeMs >> 8;
  bytes[9] = fields.lifeMs & 0xff;
  bytes[10] = fields.fragment;
  bytes[11] = fields.fragments;
  bytes.set(messageIdBytes(fields.message), 12);
  bytes.set(fields.origin, 28);
  bytes.set(fields.target, 60);
  bytes[94] = fields.groupSize ?? 0;
  if (fields.auth !== undefined) bytes.set(fields.auth, HEADER_BYTES);
  bytes.set(fields.body, HEADER_BYTES + authBytes);
  return bytes;
}

export interface HopPatch {
  /** This node's id: added to the visited list, or to the path of an answer. */
  readonly self: NodeId;
  readonly budget: number;
  readonly lifeMs: number;
  readonly visitedMax: number;
  /** Entries of the visited list that the frame does not carry yet: what a failed try brought back. */
  readonly visited?: readonly Uint8Array[];
}

/** The frame as the next hop gets it: one more hop, this node among the visited. One copy, the body untouched. */
export function patchFrame(frame: Frame, patch: HopPatch): Uint8Array {
  const extra = patch.visited ?? NO_PREFIXES;
  const keepFrom = frame.visitedCount + extra.length + 1 - patch.visitedMax;
  const bytes = keepFrom <= 0 && extra.length === 0 ? insertRoom(frame) : withVisited(frame, extra, keepFrom);
  const at = bytes.length - frame.bytes.length + frame.visitedAt + (frame.visitedCount - 1) * VISITED_BYTES;
  for (let i = 0; i < PREFIX_BYTES; i++) bytes[at + i] = patch.self[i]!;
  bytes[at + PREFIX_BYTES] = VISIT_PASSED;
  bytes[4] = frame.hops + 1;
  bytes[7] = patch.budget;
  bytes[8] = patch.lifeMs >> 8;
  bytes[9] = patch.lifeMs & 0xff;
  bytes[92] = (at - frame.visitedAt) / VISITED_BYTES + 1;
  return bytes;
}

/** The frame with room for one more prefix: the usual case, in two moves of memory and without views. */
function insertRoom(frame: Frame): Uint8Array {
  const old = frame.bytes;
  const bytes = takeBytes(old.length + VISITED_BYTES);
  bytes.set(old, VISITED_BYTES);
  bytes.copyWithin(0, VISITED_BYTES, VISITED_BYTES + frame.visitedAt + frame.visitedCount * VISITED_BYTES);
  return bytes;
}

/** The frame with `extra` prefixes and room for one more; the first `drop` of all of them are left out. */
function withVisited(frame: Frame, extra: readonly Uint8Array[], drop: number): Uint8Array {
  const all = [...visitedEntries(frame), ...extra].slice(Math.max(0, drop));
  const old = frame.bytes;
  const bodyAt = frame.visitedAt + frame.visitedCount * VISITED_BYTES;
  const bytes = takeBytes(old.length + (all.length + 1 - frame.visitedCount) * VISITED_BYTES);
  bytes.set(old.subarray(0, frame.visitedAt));
  for (const [i, entry] of all.entries()) {
    bytes.set(entry, frame.visitedAt + i * VISITED_BYTES);
  }
  bytes.set(old.subarray(bodyAt), frame.visitedAt + (all.length + 1) * VISITED_BYTES);
  return bytes;
}

const NO_PREFIXES: readonly Uint8Array[] = [];

/** An answer one hop further on its way back: this node's id joins the path. */
export function extendPath(frame: Frame, self: NodeId, lifeMs: number): Uint8Array {
  const old = frame.bytes;
  const bytes = new Uint8Array(old.length + ID_BYTES);
  bytes.set(old.subarray(0, frame.bodyAt));
  bytes.set(self, frame.bodyAt);
  bytes.set(old.subarray(frame.bodyAt), frame.bodyAt + ID_BYTES);
  bytes[4] = frame.hops + 1;
  bytes[8] = lifeMs >> 8;
  bytes[9] = lifeMs & 0xff;
  bytes[93] = frame.pathCount + 1;
  return bytes;
}

const VISIT_PASSED = 0;
const VISIT_SILENT = 1;
const VISIT_MISSED = 2;
const VISIT_REJECTED = 3;

/** The entries of a frame's visited list, as views. */
export function visitedEntries(frame: Frame): Uint8Array[] {
  const list: Uint8Array[] = [];
  for (let i = 0; i < frame.visitedCount; i++) {
    const at = frame.visitedAt + i * VISITED_BYTES;
    list.push(frame.bytes.subarray(at, at + VISITED_BYTES));
  }
  return list;
}

/**
 * What is said of a node: the message passed it, it said nothing when it was tried, its former peer misses it, or it
 * rejected an altered copy and waits for a good one.
 */
export type VisitSaid = 'passed' | 'silent' | 'missed' | 'rejected';

const VISITS: Readonly<Record<VisitSaid, number>> = {
  passed: VISIT_PASSED,
  silent: VISIT_SILENT,
  missed: VISIT_MISSED,
  rejected: VISIT_REJECTED,
};

export function visitedEntry(id: NodeId, said: VisitSaid): Uint8Array {
  const entry = new Uint8Array(VISITED_BYTES);
  entry.set(id.subarray(0, PREFIX_BYTES));
  entry[PREFIX_BYTES] = VISITS[said];
  return entry;
}

/** The part of an entry that belongs to the id. */
export function visitedPrefix(entry: Uint8Array): Uint8Array {
  return entry.subarray(0, PREFIX_BYTES);
}

/** True when the node of an entry said nothing when it was tried, or is missed: dead, hung or unwilling. */
export function isSilentEntry(entry: Uint8Array): boolean {
  return entry[PREFIX_BYTES] === VISIT_SILENT || isMissedEntry(entry);
}

/** True when nothing but a lost link speaks against the node of an entry. */
export function isMissedEntry(entry: Uint8Array): boolean {
  return entry[PREFIX_BYTES] === VISIT_MISSED;
}

/** True when the node of an entry is there and has not had the message. */
export function isRejectedEntry(entry: Uint8Array): boolean {
  return entry[PREFIX_BYTES] === VISIT_REJECTED;
}

/** True when some node rejected a copy of this message: somebody on the way alters it. */
export function wasRejected({ bytes, visitedAt, visitedCount }: Frame): boolean {
  for (let i = 1; i <= visitedCount; i++) {
    if (bytes[visitedAt + i * VISITED_BYTES - 1] === VISIT_REJECTED) return true;
  }
  return false;
}

/**
 * True when two copies of a message differ in what its origin signed, so that one of them was altered. Copies of
 * different routes have different signatures, and are not compared.
 */
export function areAtOdds(one: Frame, other: Frame): boolean {
  const a = one.bytes;
  const b = other.bytes;
  if (a[6] !== b[6]) return false;
  if (SIGNED_BYTES.some((at) => a[at] !== b[at])) return true;
  // Message id, origin and target, then key, signature and body.
  if (!sameId(a.subarray(12, 92), b.subarray(12, 92))) return true;
  if (!sameId(a.subarray(HEADER_BYTES, one.visitedAt), b.subarray(HEADER_BYTES, other.visitedAt)))
    return true;
  return !sameId(frameBody(one), frameBody(other));
}

/** Version, kind, flags, service, hop limit, fragments, group size. */
const SIGNED_BYTES = [0, 1, 2, 3, 5, 11, 94] as const;

/** The ids an answer passed, from the answerer's side, as copies. */
export function pathIds(frame: Frame): NodeId[] {
  const list: NodeId[] = [];
  const start = frame.visitedAt + frame.visitedCount * VISITED_BYTES;
  for (let i = 0; i < frame.pathCount; i++) {
    list.push(asNodeId(frame.bytes.slice(start + i * ID_BYTES, start + (i + 1) * ID_BYTES)));
  }
  return list;
}

export function frameBody(frame: Frame): Uint8Array {
  return frame.bytes.subarray(frame.bodyAt);
}

export function framePublicKey(frame: Frame): Uint8Array {
  return frame.bytes.subarray(HEADER_BYTES, HEADER_BYTES + 32);
}

export function frameSignature(frame: Frame): Uint8Array {
  return frame.bytes.subarray(HEADER_BYTES + 32, HEADER_BYTES + AUTH_BYTES);
}

const DOMAIN = new TextEncoder().encode('hopline/message/1');

/**
 * What the origin signs: domain ‖ version, kind, flags, service, hop limit, route, fragments, group size ‖ message id,
 * origin, target ‖ hash of the whole body.
 */
export function signedBytes(header: Uint8Array, bodyHash: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(DOMAIN.length + 8 + 80 + bodyHash.length);
  bytes.set(DOMAIN);
  let at = DOMAIN.length;
  bytes[at++] = header[0]!;
  bytes[at++] = header[1]!;
  bytes[at++] = header[2]! | FLAG_AUTH;
  bytes[at++] = header[3]!;
  bytes[at++] = header[5]!;
  bytes[at++] = header[6]!;
  bytes[at++] = header[11]!;
  bytes[at++] = header[94]!;
  bytes.set(header.subarray(12, 92), at);
  bytes.set(bodyHash, at + 80);
  return bytes;
}
