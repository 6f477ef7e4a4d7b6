/**
 * Where messages end: puts them together, checks them, hands them to the application or to the node's own services,
 * and answers. Rules FW9, FW10, RC1-RC8.
 */

import type { NodeContext } from '../context.ts';
import { mapKey, sameId } from '../id/node-id.ts';
import type { LinkId } from '../io.ts';
import type { Link } from '../membership/link.ts';
import type { LinkTable } from '../membership/link-table.ts';
import { trimMap } from '../util/trim-map.ts';
import { writeAnswer, type AnswerCode } from '../wire/answer.ts';
import { FLAG_RECEIPT, FLAG_REQUEST, messageHex, type Frame } from '../wire/frame.ts';
import type { MessageCheck } from './message-check.ts';
import { makeFrames } from './outbox.ts';
import { Reassembly } from './reassembly.ts';
import { NO_LINK } from './trails.ts';
import type { Wrapped } from './wrapping.ts';

/** What the receiver asks of its surroundings. */
export interface ReceiverHooks {
  sendAnswer(frame: Frame): void;
  /** A signal envelope of another node, still sealed. */
  onSignal(frame: Frame, body: Uint8Array): void;
  /** A contact record that somebody sent of itself. */
  onRecord(record: Uint8Array): void;
  /** The node is in the network and its table lacks nothing it knows of. */
  isComplete(): boolean;
  /** The contact records nearest to a lookup's key, the node's own among them. */
  recordsNear(frame: Frame): Uint8Array;
  /** A group message reached this node first of its members. */
  onGroup(frame: Frame, body: Uint8Array): void;
  /** A group message from its coordinator, or a share of a broadcast: in a message of the node that passed it on. */
  onWrapped(frame: Frame, body: Uint8Array): void;
  /** A request to the store or the ring, from `peer` or this node itself. */
  onStore(frame: Frame, body: Uint8Array, peer: Link | undefined): void;
  /** A member's vote for a message from its group. */
  onVote(frame: Frame, body: Uint8Array): void;
  /** A message does not verify: whoever passed it on should know. */
  disown(message: string): void;
}

interface Given {
  readonly frames: readonly Frame[];
  readonly expiresAt: number;
}

interface Asked {
  readonly frame: Frame;
  readonly body: Uint8Array;
  readonly expiresAt: number;
}

/** Contact records an answer of `closest` carries, so that the sender can judge it. */
const ANSWER_SIBLINGS = 3;
const GIVEN_MAX = 1_024;
const ASKED_MAX = 1_024;

export class Receiver {
  readonly #reassembly: Reassembly;
  /** Answers given, for a message that comes once more. */
  readonly #given = new Map<string, Given>();
  /** Silent nodes nearer to the targets of messages that ended here; only of messages that have some. */
  readonly #ruledOut = new Map<string, readonly Uint8Array[]>();
  /** Requests that wait for the application. */
  readonly #asked = new Map<string, Asked>();
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #check: MessageCheck;
  readonly #hooks: ReceiverHooks;

  constructor(ctx: NodeContext, links: LinkTable, check: MessageCheck, hooks: ReceiverHooks) {
    this.#ctx = ctx;
    this.#links = links;
    this.#check = check;
    this.#hooks = hooks;
    this.#reassembly = new Reassembly(ctx.config.reassembliesMax);
  }

  /** A frame whose receiver is this node. `ruledOut`: nodes nearer to its target that said nothing. */
  onFrame(frame: Frame, from: LinkId, ruledOut: readonly Uint8Array[]): void {
    if (ruledOut.length > 0) {
      this.#ruledOut.set(frame.message, ruledOut);
      trimMap(this.#ruledOut, GIVEN_MAX);
    }
    const whole = this.#reassembly.add(frame, this.#ctx.now);
    if (whole === undefined) return;
    const { first, body } = whole;
    // What a peer sends in its own name needs no signature: the proof of the link is one.
    const sender = from === NO_LINK ? this.#ctx.self.id : this.#links.get(from)?.id;
    if (sender !== undefined && sameId(first.origin, sender)) {
      this.#accept(first, body, from);
      return;
    }
    this.#check.verify(first, body, (valid) => {
      if (valid) this.#accept(first, body, from);
      else this.#refuse(first, from);
    });
  }

  /** The application answered a request, or no handler did (`undefined`). */
  reply(message: string, payload: Uint8Array | undefined): void {
    const asked = this.#asked.get(message);
    if (asked === undefined) return;
    this.#asked.delete(message);
    this.#answer(asked.frame, asked.body, payload === undefined ? 'no-reply' : 'ok', { payload });
  }

  /** The application answers a message that does not end here. */
  answerOnTheWay(frame: Frame, payload: Uint8Array): void {
    this.#answer(frame, frame.bytes.subarray(frame.bodyAt), 'ok', { payload, onTheWay: true });
  }

  /** Sends an answer given before once more, for a message that came again. False: none was given. */
  repeat(message: string): boolean {
    const given = this.#given.get(message);
    if (given === undefined) return false;
    for (const frame of given.frames) this.#hooks.sendAnswer(frame);
    return true;
  }

  get idle(): boolean {
    return this.#given.size === 0 && this.#asked.size === 0 && this.#reassembly.size === 0;
  }

  sweep(): void {
    const { now } = this.#ctx;
    this.#reassembly.sweep(now);
    for (const [message, given] of this.#given) if (given.expiresAt <= now) this.#given.delete(message);
    for (const [message, asked] of this.#asked) if (asked.expiresAt <= now) this.#asked.delete(message);
  }

  /** Hands a message to the application that came inside another one. */
  deliverWrapped({ first, body }: Wrapped): void {
    this.#announce(first, body, NO_LINK, false);
  }

  /** Answers what `onGroup`, `onWrapped` or `onVote` was told of; without a payload it is refused, unless `code` says more. */
  answerWrapped(
    frame: Frame,
    body: Uint8Array,
    payload: Uint8Array | undefined,
    code: AnswerCode = payload === undefined ? 'rejected' : 'ok',
  ): void {
    this.#answer(frame, body, code, { payload });
  }

  #accept(frame: Frame, body: Uint8Array, from: LinkId): void {
    if (frame.kind === 'group') {
      this.#hooks.onGroup(frame, body);
      return;
    }
    const wantsReply = (frame.flags & FLAG_REQUEST) !== 0;
    this.#announce(frame, body, from, wantsReply);
    this.#serve(frame, body, wantsReply, from);
  }

  #announce(frame: Frame, body: Uint8Array, from: LinkId, wantsReply: boolean): void {
    if (frame.service === 'app') this.#ctx.counters.delivered++;
    const message = messageHex(frame.message);
    if (frame.service === 'app' && wantsReply) this.#ask(message, frame, body);
    this.#ctx.event({
      type: 'delivered',
      message,
      kind: frame.kind === 'answer' ? 'reply' : frame.kind,
      service: frame.service,
      origin: frame.origin,
      lastHop: this.#links.get(from)?.id,
      target: frame.target,
      exact: sameId(frame.target, this.#ctx.self.id),
      hops: frame.hops,
      body,
      wantsReply,
    });
  }

  #serve(frame: Frame, body: Uint8Array, wantsReply: boolean, from: LinkId): void {
    switch (frame.service) {
      case 'app':
      case 'ping':
        if (!wantsReply && (frame.flags & FLAG_RECEIPT) !== 0) this.#answer(frame, body, 'ok', {});
        return;
      case 'lookup':
        this.#hooks.onRecord(body);
        this.#answer(frame, body, 'ok', { payload: this.#hooks.recordsNear(frame) });
        return;
      case 'signal':
        this.#hooks.onSignal(frame, body);
        return;
      case 'group':
      case 'spread':
        this.#hooks.onWrapped(frame, body);
        return;
      case 'vote':
        this.#hooks.onVote(frame, body);
        return;
      case 'store':
      case 'ring':
        this.#hooks.onStore(frame, body, this.#links.get(from));
    }
  }

  #ask(message: string, frame: Frame, body: Uint8Array): void {
    this.#asked.set(message, { frame, body, expiresAt: this.#ctx.now + frame.lifeMs });
    for (const [oldest, asked] of this.#asked) {
      if (this.#asked.size <= ASKED_MAX) return;
      this.#asked.delete(oldest);
      this.#answer(asked.frame, asked.body, 'overloaded', {});
    }
  }

  #refuse(frame: Frame, from: LinkId): void {
    this.#ctx.counters.malformed++;
    const peer = this.#links.get(from)?.id ?? frame.origin;
    this.#ctx.event({ type: 'malformed', peer, problem: 'message with a wrong signature' });
    this.#hooks.disown(frame.message);
  }

  #answer(
    frame: Frame,
    body: Uint8Array,
    code: AnswerCode,
    more: { readonly payload?: Uint8Array | undefined; readonly onTheWay?: boolean },
  ): void {
    const { self, config, geometry } = this.#ctx;
    const wantsSiblings = frame.kind === 'closest' && frame.service === 'app' && more.onTheWay !== true;
    const siblings = wantsSiblings ? geometry.closest(frame.target, ANSWER_SIBLINGS, false) : [];
    const tooLarge = more.payload !== undefined && more.payload.length > config.payloadBytesMax;
    const answerBody = writeAnswer({
      code: tooLarge ? 'too-large' : code,
      onTheWay: more.onTheWay === true,
      complete: this.#hooks.isComplete(),
      hops: frame.hops,
      ruledOut: this.#ruledOut.get(frame.message) ?? [],
      record: self.record,
      bodyHash: this.#ctx.ports.hash(body),
      siblings: siblings.flatMap((id) => this.#recordOf(id)),
      payload: tooLarge ? undefined : more.payload,
    });
    this.#ruledOut.delete(frame.message);
    const outgoing = {
      kind: 'answer',
      service: frame.service,
      flags: 0,
      message: frame.message,
      target: frame.origin,
      body: answerBody,
      lifeMs: Math.max(frame.lifeMs, ANSWER_LIFE_MS_MIN),
      // What goes to a peer about its own message of one hop goes no further than that.
      hopLimit: frame.hopLimit === 1 ? 1 : config.hopLimit,
    } as const;
    makeFrames(this.#ctx, outgoing, (frames) => {
      if (frames === undefined) return;
      this.#given.set(frame.message, { frames, expiresAt: this.#ctx.now + frame.lifeMs });
      trimMap(this.#given, GIVEN_MAX);
      for (const part of frames) this.#hooks.sendAnswer(part);
    });
  }

  #recordOf(id: Uint8Array): Uint8Array[] {
    const contact = this.#ctx.geometry.get(mapKey(id));
    return contact === undefined ? [] : [contact.record];
  }
}

/** An answer lives at least this long, so that it survives a request that came late. */
const ANSWER_LIFE_MS_MIN = 1_000;
