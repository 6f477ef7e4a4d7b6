/**
 * Control frames between linked peers: heartbeats, credit, peer lists, news of nodes, goodbyes, no-route answers.
 * They travel one hop and are never forwarded. Rules WR10-WR16, WR25-WR28.
 */

import { asNodeId, ID_BYTES, type NodeId } from '../id/node-id.ts';
import { readIdList, type IdList } from '../id/id-list.ts';
import { concat, cut } from '../util/pieces.ts';
import { CONTACT_BYTES } from './contact.ts';
import { MESSAGE_ID_BYTES, messageIdBytes, messageKey, VISITED_BYTES, WIRE_VERSION } from './frame.ts';

export const CONTROL_KINDS = {
  ping: 0x01,
  pong: 0x02,
  credit: 0x03,
  links: 0x04,
  news: 0x05,
  gone: 0x06,
  want: 0x07,
  bye: 0x08,
  unneeded: 0x09,
  noRoute: 0x0a,
  progress: 0x0b,
  linksChanged: 0x0c,
  stabilize: 0x0d,
  neighbours: 0x0e,
} as const;

export type Control =
  /** A pong has the sequence of the ping that it answers. */
  | { readonly type: 'ping' | 'pong'; readonly sequence: number }
  /** Cumulative totals of messages and bytes (in KiB) that the receiver of this frame may have sent on the link. */
  | { readonly type: 'credit'; readonly messages: number; readonly kibibytes: number }
  /** Everybody the sender is linked to. */
  | { readonly type: 'links'; readonly list: IdList }
  /** What changed of that since the sender last told the receiver. */
  | { readonly type: 'links-changed'; readonly added: IdList; readonly removed: IdList }
  /** Contact records the receiver may lack. */
  | { readonly type: 'news'; readonly records: readonly Uint8Array[] }
  /** Nodes that the sender saw leave or fall silent: a hint, to be checked. */
  | { readonly type: 'gone'; readonly ids: readonly NodeId[] }
  /** Please send the records of these ids. */
  | { readonly type: 'want'; readonly ids: readonly NodeId[] }
  /** The sender leaves the network (`leaving`) or only this link. */
  | { readonly type: 'bye'; readonly leaving: boolean }
  /** The sender has no need of this link; the receiver closes it if it has none either. */
  | { readonly type: 'unneeded' }
  /** The message could not get further: the receiver tries its next candidate. */
  | {
      readonly type: 'no-route';
      readonly message: string;
      /** Copies that may still be sent. */
      readonly budget: number;
      readonly cause: NoRouteCause;
      /** Entries of the visited list: nodes passed or tried. */
      readonly visited: readonly Uint8Array[];
    }
  /** On a ring: please say whom you are certain of. */
  | { readonly type: 'stabilize' }
  /** Whom the sender is certain of: a byte and up to 33 ids, which geometry/chord/neighbours.ts reads; nothing: as before. */
  | { readonly type: 'neighbours'; readonly body: Uint8Array }
  /** How messages fare that the receiver of this frame passed on. */
  | { readonly type: 'progress'; readonly marks: readonly ProgressMark[] };

export const NO_ROUTE_CAUSES = [
  'no-route', // every way from here was tried
  'hop-limit', // it may go no further
  'overloaded', // no room
  'duplicate', // it came before, by another way
  'silent', // the ways from here say nothing: one may still answer, but try another
  'absent', // here all nodes near the target are known, and it is not among them
  'rejected', // it does not verify: somebody on the way altered it
] as const;
export type NoRouteCause = (typeof NO_ROUTE_CAUSES)[number];

/** got: it arrived here. passed: the hop after the sender of this frame has it, or it ended there. arrived: its receiver has it and works on an answer. */
export const PROGRESS_STAGES = ['got', 'passed', 'arrived'] as const;
export interface ProgressMark {
  readonly stage: (typeof PROGRESS_STAGES)[number];
  readonly message: string;
}

/** Marks in one `progress` frame: what fits a control message. */
export const PROGRESS_MAX = 64;

/** Ids in one `gone` or `want`, records in one `news`: what fits a control message of 1,200 bytes. */
export const CONTROL_IDS_MAX = 32;
export const NEWS_MAX = 8;
/** Ids in one `neighbours`, and its bytes with the one before them. */
export const NEIGHBOURS_MAX = 33;
const NEIGHBOURS_BYTES_MAX = 1 + NEIGHBOURS_MAX * ID_BYTES;

/** Ids in one `links` list: what fits a frame. Never the reader's own cap: tabs of one room may run with different ones. */
export const LINKS_LIST_MAX = 511;

/** Reads a control frame, or says what is wrong with it. Never throws. */
export function readControl(bytes: Uint8Array): Control | string {
  const kind = bytes[1];
  const body = kind === CONTROL_KINDS.ping || kind === CONTROL_KINDS.pong ? bytes : bytes.subarray(2);
  switch (kind) {
    case CONTROL_KINDS.ping:
    case CONTROL_KINDS.pong: {
      if (bytes.length !== 4) return 'bad heartbeat';
      const sequence = (bytes[2]! << 8) | bytes[3]!;
      return { type: kind === CONTROL_KINDS.ping ? 'ping' : 'pong', sequence };
    }
    case CONTROL_KINDS.credit: {
      if (bytes.length !== 12) return 'bad credit';
      const view = viewOf(bytes);
      return { type: 'credit', messages: view.getUint32(4), kibibytes: view.getUint32(8) };
    }
    case CONTROL_KINDS.links: {
      const list = readIdList(body);
      if (list === undefined || list.count > LINKS_LIST_MAX) return 'bad links list';
      return { type: 'links', list };
    }
    case CONTROL_KINDS.linksChanged:
      return readLinksChanged(body);
    case CONTROL_KINDS.news:
      return readNews(body);
    case CONTROL_KINDS.gone:
    case CONTROL_KINDS.want: {
      if (body.length % ID_BYTES !== 0 || body.length > CONTROL_IDS_MAX * ID_BYTES) return 'bad id list';
      const ids: NodeId[] = [];
      for (let at = 0; at < body.length; at += ID_BYTES) ids.push(asNodeId(body.slice(at, at + ID_BYTES)));
      return { type: kind === CONTROL_KINDS.gone ? 'gone' : 'want', ids };
    }
    case CONTROL_KINDS.neighbours:
      if (body.length > 0 && (body.length % ID_BYTES !== 1 || body.length > NEIGHBOURS_BYTES_MAX))
        return 'bad neighbours';
      return { type: 'neighbours', body };
    case CONTROL_KINDS.bye:
      return bytes.length === 3 ? { type: 'bye', leaving: body[0] === 1 } : 'bad bye';
    case CONTROL_KINDS.unneeded:
    case CONTROL_KINDS.stabilize: {
      const type = kind === CONTROL_KINDS.unneeded ? 'unneeded' : 'stabilize';
      return bytes.length === 2 ? { type } : `bad ${type}`;
    }
    case CONTROL_KINDS.noRoute:
      return readNoRoute(body);
    case CONTROL_KINDS.progress:
      return readProgress(body);
    default:
      return 'unknown kind';
  }
}

function readLinksChanged(body: Uint8Array): Control | string {
  if (body.length < 2) return 'bad change of links';
  const removedAt = 2 + ((body[0]! << 8) | body[1]!) * ID_BYTES;
  const added = readIdList(body.subarray(2, removedAt));
  const removed = removedAt <= body.length ? readIdList(body.subarray(removedAt)) : undefined;
  if (added === undefined || removed === undefined) return 'bad change of links';
  if (added.count + removed.count === 0 || added.count + removed.count > LINKS_LIST_MAX) {
    return 'bad change of links';
  }
  return { type: 'links-changed', added, removed };
}

function readNews(body: Uint8Array): Control | string {
  if (body.length % CONTACT_BYTES !== 0 || body.length > NEWS_MAX * CONTACT_BYTES) return 'bad news';
  return { type: 'news', records: cut(body, CONTACT_BYTES) };
}

function readNoRoute(body: Uint8Array): Control | string {
  const fixed = MESSAGE_ID_BYTES + 2;
  if (body.length < fixed || (body.length - fixed) % VISITED_BYTES !== 0) return 'bad no-route';
  const cause = NO_ROUTE_CAUSES[body[MESSAGE_ID_BYTES + 1]!];
  if (cause === undefined || body.length > fixed + 32 * VISITED_BYTES) return 'bad no-route';
  const visited = cut(body.subarray(fixed), VISITED_BYTES);
  return { type: 'no-route', message: messageKey(body, 0), budget: body[MESSAGE_ID_BYTES]!, cause, visited };
}

function readProgress(body: Uint8Array): Control | string {
  const count = body.length / MARK_BYTES;
  if (!Number.isInteger(count) || count === 0 || count > PROGRESS_MAX) return 'bad progress';
  const marks: ProgressMark[] = [];
  for (let at = 0; at < body.length; at += MARK_BYTES) {
    const stage = PROGRESS_STAGES[body[at]!];
    if (stage === undefined) return 'bad progress';
    marks.push({ stage, message: messageKey(body, at + 1) });
  }
  return { type: 'progress', marks };
}

const MARK_BYTES = 1 + MESSAGE_ID_BYTES;

function markBytes({ stage, message }: ProgressMark): Uint8Array {
  const bytes = new Uint8Array(MARK_BYTES);
  bytes[0] = PROGRESS_STAGES.indexOf(stage);
  bytes.set(messageIdBytes(message), 1);
  return bytes;
}

/** The bytes of a control frame. */
export function writeControl(control: Control): Uint8Array {
  switch (control.type) {
    case 'ping':
    case 'pong': {
      const bytes = new Uint8Array(4);
      start(bytes, CONTROL_KINDS[control.type]);
      bytes[2] = control.sequence >>> 8;
      bytes[3] = control.sequence;
      return bytes;
    }
    case 'credit': {
      const bytes = new Uint8Array(12);
      start(bytes, CONTROL_KINDS.credit);
      const view = viewOf(bytes);
      view.setUint32(4, control.messages);
      view.setUint32(8, control.kibibytes);
      return bytes;
    }
    case 'links':
      return framed(CONTROL_KINDS.links, [control.list.bytes]);
    case 'links-changed': {
      const { added, removed } = control;
      const counted = Uint8Array.of(added.count >> 8, added.count & 0xff);
      return framed(CONTROL_KINDS.linksChanged, [counted, added.bytes, removed.bytes]);
    }
    case 'news':
      return framed(CONTROL_KINDS.news, control.records);
    case 'gone':
    case 'want':
      return framed(CONTROL_KINDS[control.type], control.ids);
    case 'bye':
      return framed(CONTROL_KINDS.bye, [Uint8Array.of(control.leaving ? 1 : 0)]);
    case 'unneeded':
    case 'stabilize':
      return framed(CONTROL_KINDS[control.type], []);
    case 'neighbours':
      return framed(CONTROL_KINDS.neighbours, [control.body]);
    case 'no-route':
      return framed(CONTROL_KINDS.noRoute, [
        messageIdBytes(control.message),
        Uint8Array.of(control.budget, NO_ROUTE_CAUSES.indexOf(control.cause)),
        ...control.visited.slice(-32),
      ]);
    case 'progress':
      return framed(CONTROL_KINDS.progress, control.marks.map(markBytes));
  }
}

/** True when the bytes are a control frame (as opposed to a routed one). Only for frames of this version. */
export function isControl(bytes: Uint8Array): boolean {
  return bytes[1]! < 0x10;
}

function start(bytes: Uint8Array, kind: number): void {
  bytes[0] = WIRE_VERSION;
  bytes[1] = kind;
}

function framed(kind: number, parts: readonly Uint8Array[]): Uint8Array {
  return concat([Uint8Array.of(WIRE_VERSION, kind), ...parts]);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
