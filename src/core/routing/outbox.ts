/** Makes frames of a message of this node: signs it once, cuts it into fragments. Rules FW8, FW10, WR6. */

import type { NodeContext } from '../context.ts';
import { asNodeId, type NodeId } from '../id/node-id.ts';
import { cut } from '../util/pieces.ts';
import {
  AUTH_BYTES,
  createFrame,
  FLAG_AUTH,
  HEADER_BYTES,
  isOfApp,
  messageKey,
  readFrame,
  signedBytes,
  VISITED_BYTES,
  type Frame,
  type FrameFields,
  type FrameKind,
  type FrameService,
} from '../wire/frame.ts';
import type { Wrapped } from './wrapping.ts';

export interface Outgoing {
  readonly kind: FrameKind;
  readonly service: FrameService;
  readonly flags: number;
  readonly message: string;
  readonly target: NodeId;
  readonly body: Uint8Array;
  readonly lifeMs: number;
  /** With 1 the message needs no signature: the link that it goes over proves who sent it. */
  readonly hopLimit: number;
  /** Members of a `group` message. */
  readonly groupSize?: number;
  /** Which of several ways this copy takes. */
  readonly route?: number;
  /** Copies that it may cost; by its service when left out. */
  readonly budget?: number;
}

/** A new message id as a map key. */
export function newMessage(ctx: NodeContext): string {
  return messageKey(ctx.ports.random.bytes(16), 0);
}

/** Signs a message, unless it goes one hop, and hands its frames to `done`, first one first; `undefined` when it could not be signed. */
export function makeFrames(
  ctx: NodeContext,
  outgoing: Outgoing,
  done: (frames: readonly Frame[] | undefined) => void,
): void {
  const { body } = outgoing;
  const chunks = body.length === 0 ? [body] : cut(body, chunkBytes(ctx));
  const fields = (fragment: number, auth: Uint8Array | undefined): FrameFields => ({
    kind: outgoing.kind,
    flags: outgoing.flags,
    service: outgoing.service,
    hopLimit: outgoing.hopLimit,
    route: outgoing.route ?? 0,
    groupSize: outgoing.groupSize ?? 0,
    budget: outgoing.budget ?? budgetOf(ctx, outgoing.service),
    lifeMs: Math.min(outgoing.lifeMs, ctx.config.messageLifeMsMax),
    fragment,
    fragments: chunks.length,
    message: outgoing.message,
    origin: ctx.self.id,
    target: outgoing.target,
    auth,
    body: chunks[fragment]!,
  });
  if (outgoing.hopLimit === 1) {
    done(chunks.map((_, i) => parse(ctx, createFrame(fields(i, undefined)))));
    return;
  }
  const unsigned = createFrame({ ...fields(0, undefined), flags: outgoing.flags | FLAG_AUTH });
  const bytes = signedBytes(unsigned, ctx.ports.hash(outgoing.body));
  ctx.crypto({ type: 'sign', bytes }, (result) => {
    if (result.type !== 'signed') {
      done(undefined);
      return;
    }
    const auth = new Uint8Array(AUTH_BYTES);
    auth.set(ctx.self.signingKey);
    auth.set(result.signature, 32);
    done(chunks.map((_, i) => parse(ctx, createFrame(fields(i, i === 0 ? auth : undefined)))));
  });
}

/** Signs a message to everybody as one piece, for wrapping; `undefined` when it could not be signed. */
export function signWhole(
  ctx: NodeContext,
  message: string,
  body: Uint8Array,
  done: (whole: Wrapped | undefined) => void,
): void {
  const fields = {
    kind: 'broadcast',
    flags: FLAG_AUTH,
    service: 'app',
    hopLimit: ctx.config.hopLimit,
    budget: 0,
    lifeMs: 0,
    fragment: 0,
    fragments: 1,
    message,
    origin: ctx.self.id,
    target: asNodeId(new Uint8Array(32)),
    body,
  } as const;
  const auth = new Uint8Array(AUTH_BYTES);
  const bytes = signedBytes(createFrame({ ...fields, auth }), ctx.ports.hash(body));
  ctx.crypto({ type: 'sign', bytes }, (result) => {
    if (result.type !== 'signed') {
      done(undefined);
      return;
    }
    auth.set(ctx.self.signingKey);
    auth.set(result.signature, 32);
    done({ first: parse(ctx, createFrame({ ...fields, auth })), body });
  });
}

/** Copies that a message of this node may cost when it sets out. */
function budgetOf(ctx: NodeContext, service: FrameService): number {
  if (service === 'ping') return PING_BUDGET;
  return isOfApp(service) ? ctx.config.transmissionsMax : UPKEEP_BUDGET;
}

/** Copies that a message of the node's own upkeep may cost: it can be tried again later. */
const UPKEEP_BUDGET = 24;
/** The same of a ping: most pings ask after a node that is gone, among peers that may not know it yet and pass it round. */
const PING_BUDGET = 12;

/** Body bytes in one fragment: what is left when header, auth, a full visited list and a full path are in. */
function chunkBytes(ctx: NodeContext): number {
  const { frameBytesMax, visitedMax, hopLimit } = ctx.config;
  return frameBytesMax - HEADER_BYTES - AUTH_BYTES - visitedMax * VISITED_BYTES - (hopLimit + 1) * 32;
}

function parse(ctx: NodeContext, bytes: Uint8Array): Frame {
  const frame = readFrame(bytes, ctx.config.fragmentsMax, ctx.config.hopLimit);
  if (typeof frame === 'string') throw new Error(`own frame is unreadable: ${frame}`);
  return frame;
}
