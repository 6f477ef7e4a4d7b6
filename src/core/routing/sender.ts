/**
 * The messages of this node: sends them, waits for what comes back, judges it, and reports. Every message ends in
 * exactly one outcome. Rules SN1-SN14.
 */

import type { NodeContext } from '../context.ts';
import type { Certainty, NodeReceipt, Reason, RetryReason, Service, TriedHop } from '../events.ts';
import { PART_BYTES_MAX } from '../geometry/geometry.ts';
import { asNodeId, sameId, type NodeId } from '../id/node-id.ts';
import type { CommandId } from '../io.ts';
import type { Link } from '../membership/link.ts';
import { DeadlineTable } from '../util/deadline-table.ts';
import { readAnswer, type Answer } from '../wire/answer.ts';
import { decodeContact, type Contact } from '../wire/contact.ts';
import {
  FLAG_RECEIPT,
  FLAG_REQUEST,
  FLAG_SKIP_ORIGIN,
  isOfApp,
  messageHex as hexOf,
  pathIds,
  type Frame,
} from '../wire/frame.ts';
import { VOTE_BYTES } from '../wire/vote.ts';
import type { MessageCheck } from './message-check.ts';
import { readAcks } from './groups.ts';
import { makeFrames, newMessage, type Outgoing } from './outbox.ts';
import { Reassembly } from './reassembly.ts';
import type { Router } from './router.ts';
import type { Spread } from './spread.ts';
import { WRAP_BYTES } from './wrapping.ts';

/** How a message ended. */
export interface Outcome {
  readonly receipt: NodeReceipt;
  readonly payload?: Uint8Array;
  /** The node that answered. */
  readonly answerer?: Contact;
  /** The nodes around the target of a `direct` message do not know it. */
  readonly absent?: boolean;
}

export interface Draft {
  readonly kind: 'closest' | 'direct' | 'group' | 'neighbour';
  readonly service: Service;
  readonly target: NodeId;
  readonly body: Uint8Array;
  readonly request: boolean;
  readonly receipt: boolean;
  readonly timeoutMs: number;
  readonly hopLimit?: number;
  /** Members that a `group` message is for. */
  readonly groupSize?: number;
  /** Copies that set out at once, over ways that share no node; 1 when left out. */
  readonly routes?: number;
  /** Copies that it may cost; by its service when left out. */
  readonly budget?: number;
  /** The node looks itself up: it does not count as a holder of the target. */
  readonly skipOrigin?: boolean;
  /** Where a neighbour message goes. */
  readonly link?: Link;
  readonly command?: CommandId;
  /** Only failure is answered: when nothing came back in time, all is well. */
  readonly silent?: boolean;
  readonly done: (outcome: Outcome) => void;
}

interface Pending {
  readonly draft: Draft;
  readonly message: string;
  readonly startedAt: number;
  readonly bodyHash: Uint8Array;
  /** Bytes of all its frames, for the log. */
  bytes: number;
  announced: boolean;
  /** Copies sent to next hops. */
  copies: number;
  /** Next hops that came to nothing. */
  readonly tried: TriedHop[];
  /** Takes the answer that was refused at first. */
  acceptRefused: (() => void) | undefined;
}

export class Sender {
  readonly #pending = new Map<string, Pending>();
  readonly #deadlines = new DeadlineTable<string>();
  readonly #reassembly: Reassembly;
  readonly #ctx: NodeContext;
  readonly #check: MessageCheck;
  readonly #router: () => Router;

  constructor(ctx: NodeContext, check: MessageCheck, router: () => Router) {
    this.#ctx = ctx;
    this.#check = check;
    this.#router = router;
    this.#reassembly = new Reassembly(ctx.config.reassembliesMax);
  }

  nextAt(): number {
    return this.#deadlines.nextAt();
  }

  /** Gives up what has run out of time. */
  onTime(): void {
    for (;;) {
      const message = this.#deadlines.takeDue(this.#ctx.now);
      if (message === undefined) break;
      if (this.#pending.get(message)?.draft.silent === true) this.#pending.delete(message);
      else this.#fail(message, 'timeout');
    }
  }

  sweep(): void {
    this.#reassembly.sweep(this.#ctx.now);
  }

  /** Sends a message. Its outcome comes to `draft.done`, never before this call returns unless it fails at once. */
  send(draft: Draft): void {
    const { config, now, ports } = this.#ctx;
    const adds = draft.service === 'app' ? 0 : draft.service === 'vote' ? VOTE_BYTES : WRAPPED_BYTES_MAX;
    if (this.#isTooLarge(draft.body, draft.done, adds)) return;
    const message = newMessage(this.#ctx);
    const timeoutMs = this.#lifeOf(draft.timeoutMs);
    const pending: Pending = {
      draft,
      message,
      startedAt: now,
      bodyHash: ports.hash(draft.body),
      bytes: 0,
      announced: false,
      copies: 0,
      tried: [],
      acceptRefused: undefined,
    };
    this.#pending.set(message, pending);
    this.#deadlines.set(message, now + timeoutMs);
    const outgoing = {
      kind: draft.kind,
      service: draft.service,
      flags: flagsOf(draft),
      message,
      target: draft.target,
      body: draft.body,
      lifeMs: timeoutMs,
      hopLimit: Math.min(draft.hopLimit ?? this.#hopLimit(), config.hopLimit),
      ...(draft.groupSize === undefined ? {} : { groupSize: draft.groupSize }),
      ...(draft.budget === undefined ? {} : { budget: draft.budget }),
    } as const;
    this.#sign(pending, outgoing, draft.routes ?? 1, []);
  }

  /** Ends the sending of a body that is too large, with room for `more` than a payload. */
  #isTooLarge(body: Uint8Array, done: (outcome: Outcome) => void, more = 0): boolean {
    if (body.length <= this.#ctx.config.payloadBytesMax + more) return false;
    done({ receipt: this.failure('too-large', 0) });
    return true;
  }

  /** How long a message may take, ms. */
  #lifeOf(timeoutMs: number): number {
    return Math.max(1, Math.min(timeoutMs, this.#ctx.config.messageLifeMsMax));
  }

  /** Signs the copy of each route, since its number is signed too, and launches them together. */
  #sign(pending: Pending, outgoing: Outgoing, routes: number, done: (readonly Frame[])[]): void {
    makeFrames(this.#ctx, { ...outgoing, route: done.length }, (frames) => {
      if (frames === undefined) this.#fail(pending.message, 'rejected');
      else if (done.push(frames) < routes) this.#sign(pending, outgoing, routes, done);
      else this.#launch(pending, done);
    });
  }

  /** Sends one hop to every link, without receipts; says whom it was sent to. */
  broadcast(
    body: Uint8Array,
    links: readonly Link[],
    timeoutMs: number,
    done: (outcome: Outcome) => void,
  ): void {
    if (this.#isTooLarge(body, done)) return;
    const message = newMessage(this.#ctx);
    const outgoing = {
      kind: 'broadcast',
      service: 'app',
      flags: 0,
      message,
      target: EVERYBODY,
      body,
      lifeMs: this.#lifeOf(timeoutMs),
      hopLimit: 1,
    } as const;
    makeFrames(this.#ctx, outgoing, (frames) => {
      const sentTo =
        frames === undefined ? [] : links.filter((link) => this.#router().launchOver(frames, link));
      const by = sentTo.map((link) => link.id);
      const failed =
        by.length === 0 ? ({ reason: links.length === 0 ? 'not-linked' : 'overloaded' } as const) : {};
      this.#announceBroadcast(message, body.length);
      const { reason: _, ...rest } = this.failure('not-linked', 0);
      const ok = by.length > 0;
      const path = [this.#ctx.self.id];
      const hops = 1;
      const receipt = { ...rest, message: hexOf(message), ok, by, hops, transmissions: by.length, path };
      this.#settleBroadcast(message, { ...receipt, ...failed }, done);
    });
  }

  /** Sends to every node of the network; says how many have it. */
  broadcastToAll(
    body: Uint8Array,
    timeoutMs: number,
    spread: Spread,
    done: (outcome: Outcome) => void,
  ): void {
    if (this.#isTooLarge(body, done)) return;
    const message = newMessage(this.#ctx);
    const startedAt = this.#ctx.now;
    this.#announceBroadcast(message, body.length);
    spread.begin(message, body, this.#lifeOf(timeoutMs), (result) => {
      const { reason: _, ...rest } = this.failure('overloaded', this.#ctx.now - startedAt);
      const base = { ...rest, message: hexOf(message), path: [this.#ctx.self.id] };
      const receipt: NodeReceipt =
        result === undefined
          ? { ...base, reason: 'overloaded' }
          : result.reached === 0
            ? { ...base, reason: 'not-linked', reached: 0, transmissions: result.copies }
            : { ...base, ok: true, reached: result.reached, transmissions: result.copies };
      this.#settleBroadcast(message, receipt, done);
    });
  }

  /** The router sent the message to its first hop. */
  onLaunched(message: string, nextHop: NodeId): void {
    const pending = this.#pending.get(message);
    if (pending === undefined) return;
    pending.copies++;
    this.#announceSent(pending, nextHop);
    if (!pending.draft.receipt && !pending.draft.request && pending.draft.silent !== true) {
      this.#settle(pending, {
        receipt: {
          ...this.#base(pending),
          ok: true,
          path: [this.#ctx.self.id],
          transmissions: 1,
          certainty: 'unknown',
        },
      });
    }
  }

  /** A next hop came to nothing. */
  onTried(message: string, peer: NodeId, reason: RetryReason): void {
    const pending = this.#pending.get(message);
    if (pending !== undefined && pending.tried.length < TRIED_MAX) pending.tried.push({ peer, reason });
  }

  /** Every way was tried. `absent`: the nodes around the target do not know it. */
  onFailed(message: string, reason: Reason, absent: boolean): void {
    this.#fail(message, reason, absent);
  }

  /**
   * An answer arrived for a message of this node. What does not prove itself, and what this node can refute, ends the
   * copy that went where the answer came from, and no more.
   */
  onAnswer(frame: Frame, from: Link | undefined): void {
    if (!this.#pending.has(frame.message)) return;
    const whole = this.#reassembly.add(frame, this.#ctx.now);
    if (whole === undefined) return;
    const { first, body } = whole;
    const pending = this.#pending.get(first.message);
    const answer = readAnswer(body);
    const answerer = answer === undefined ? undefined : decodeContact(answer.record, this.#ctx.ports);
    if (pending === undefined) return;
    const judge = (valid: boolean): void => {
      if (!this.#pending.has(pending.message)) return;
      if (!valid || answer === undefined || answerer === undefined) {
        if (from !== undefined) this.#router().refuse(first, from, 'forged');
        return;
      }
      if (from === undefined || !this.#router().isRefutable(first, from)) {
        this.#accept(pending, first, answer, answerer, this.#certaintyOf(pending, answer, answerer));
        return;
      }
      pending.acceptRefused = () => this.#accept(pending, first, answer, answerer, 'unknown');
      this.#router().refuse(first, from, 'refused');
    };
    if (
      answer === undefined ||
      answerer === undefined ||
      !this.#isPlausible(pending, first, answer, answerer)
    )
      judge(false);
    else if (sameId(answerer.id, from?.id ?? this.#ctx.self.id)) judge(true);
    else this.#check.verify(first, body, judge);
  }

  /** This node leaves: everything unfinished ends. */
  stop(): void {
    for (const message of [...this.#pending.keys()]) this.#fail(message, 'left');
  }

  /** The answerer is who it says, answers this message, and may answer it. */
  #isPlausible(pending: Pending, first: Frame, answer: Answer, answerer: Contact): boolean {
    if (!sameId(answerer.id, first.origin) || !sameId(answer.bodyHash, pending.bodyHash)) return false;
    const { kind, target } = pending.draft;
    return kind === 'closest' || kind === 'group' || sameId(answerer.id, target);
  }

  #accept(pending: Pending, first: Frame, answer: Answer, answerer: Contact, certainty: Certainty): void {
    const ok = answer.code === 'ok';
    const receipt: NodeReceipt = {
      ...this.#base(pending),
      ok,
      by: [answerer.id],
      onTheWay: answer.onTheWay,
      hops: answer.hops,
      transmissions: answer.hops + Math.max(0, pending.copies - 1),
      path: this.#pathOf(first, answerer),
      certainty,
      ruledOut: answer.ruledOut,
      ...(answer.code === 'ok' ? {} : { reason: answer.code }),
    };
    if (pending.draft.kind !== 'group' || answer.payload === undefined) {
      const payload = answer.payload === undefined ? {} : { payload: answer.payload };
      this.#settle(pending, { receipt, answerer, ...payload });
      return;
    }
    readAcks(this.#ctx, pending.message, pending.bodyHash, answer.payload, (by) => {
      if (this.#pending.has(pending.message)) {
        this.#settle(pending, { receipt: { ...receipt, ok: by.length > 0, by }, answerer });
      }
    });
  }

  /** The answer's path runs from the answerer back; a receipt shows it from the sender on. */
  #pathOf(first: Frame, answerer: Contact): NodeId[] {
    if (sameId(answerer.id, this.#ctx.self.id)) return [this.#ctx.self.id];
    return [this.#ctx.self.id, ...pathIds(first).reverse()];
  }

  /** How sure it is that nobody is nearer to the target than the answerer. */
  #certaintyOf(pending: Pending, answer: Answer, answerer: Contact): Certainty {
    if (pending.draft.kind !== 'closest') return 'complete';
    if (answer.onTheWay) return 'unknown';
    const { geometry, ports, self } = this.#ctx;
    const { target } = pending.draft;
    const named = answer.siblings.flatMap((record) => decodeContact(record, ports)?.id ?? []);
    const known = geometry.closest(target, 1, !sameId(answerer.id, self.id));
    const nearer = [...named, ...known].some((id) => geometry.compare(target, id, answerer.id) < 0);
    if (nearer) return 'unknown';
    if (answer.complete) return 'complete';
    return named.length + known.length > 0 ? 'likely' : 'unknown';
  }

  #launch(pending: Pending, routes: readonly (readonly Frame[])[]): void {
    if (!this.#pending.has(pending.message)) return;
    const { draft } = pending;
    const frames = routes[0]!;
    pending.bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
    if (isOfApp(draft.service)) this.#ctx.counters.sent++;
    if (draft.kind !== 'neighbour') {
      this.#router().launch(routes);
    } else if (draft.link === undefined || !this.#router().launchOver(frames, draft.link)) {
      this.#fail(pending.message, 'overloaded');
      return;
    }
    const still = this.#pending.get(pending.message);
    if (still !== undefined) this.#announceSent(still, undefined);
  }

  #announceSent(pending: Pending, nextHop: NodeId | undefined): void {
    if (pending.announced) return;
    pending.announced = true;
    const { draft } = pending;
    this.#ctx.event({
      type: 'sent',
      ...(draft.command === undefined ? {} : { command: draft.command }),
      message: hexOf(pending.message),
      kind: draft.kind,
      service: draft.service,
      target: draft.target,
      nextHop,
      bytes: pending.bytes,
    });
  }

  #announceBroadcast(message: string, bytes: number): void {
    this.#ctx.counters.sent++;
    this.#ctx.event({
      type: 'sent',
      message: hexOf(message),
      kind: 'broadcast',
      service: 'app',
      target: EVERYBODY,
      nextHop: undefined,
      bytes,
    });
  }

  #settleBroadcast(message: string, receipt: NodeReceipt, done: (outcome: Outcome) => void): void {
    const event = { message: hexOf(message), kind: 'broadcast', service: 'app', target: EVERYBODY } as const;
    this.#ctx.event({ type: 'settled', ...event, receipt });
    done({ receipt });
  }

  #fail(message: string, reason: Reason, absent = false): void {
    const pending = this.#pending.get(message);
    if (pending === undefined) return;
    if (reason === 'timeout') {
      for (const peer of this.#router().openHops(message)) this.onTried(message, peer, 'unanswered');
    }
    // An answer that may be wrong is better than none; its certainty says so.
    if (pending.acceptRefused !== undefined && reason !== 'left') pending.acceptRefused();
    else this.#settle(pending, { receipt: { ...this.#base(pending), reason }, absent });
  }

  #settle(pending: Pending, outcome: Outcome): void {
    this.#announceSent(pending, undefined);
    this.#pending.delete(pending.message);
    this.#deadlines.delete(pending.message);
    this.#router().settle(pending.message);
    const { draft } = pending;
    this.#ctx.event({
      type: 'settled',
      message: hexOf(pending.message),
      kind: draft.kind,
      service: draft.service,
      target: draft.target,
      receipt: outcome.receipt,
    });
    draft.done(outcome);
  }

  #base(pending: Pending): NodeReceipt {
    const { reason: _, ...rest } = this.failure('timeout', this.#ctx.now - pending.startedAt);
    const transmissions = pending.copies;
    return { ...rest, transmissions, tried: pending.tried, message: hexOf(pending.message) };
  }

  failure(reason: Reason, rttMs: number): NodeReceipt {
    return {
      ok: false,
      reason,
      by: [],
      onTheWay: false,
      hops: 0,
      transmissions: 0,
      rttMs,
      path: [],
      certainty: 'unknown',
      tried: [],
      ruledOut: [],
    };
  }

  /**
   * Four times the depth a network of the estimated size needs. Never under 16: with three links a node, a walk among
   * a dozen nodes may go the long way round. Rule FW13.
   */
  #hopLimit(): number {
    const depth = Math.ceil(4 * Math.log2(Math.max(2, this.#ctx.geometry.sizeEstimate())));
    return Math.max(HOP_LIMIT_MIN, Math.min(depth, this.#ctx.config.hopLimit));
  }
}

/** What wrapping adds at most: header, signature, and the part of a broadcast. */
const WRAPPED_BYTES_MAX = WRAP_BYTES + 1 + PART_BYTES_MAX;
const EVERYBODY = asNodeId(new Uint8Array(32));
const HOP_LIMIT_MIN = 16;
/** Failed next hops that a receipt names. */
const TRIED_MAX = 16;

function flagsOf(draft: Draft): number {
  return (
    (draft.request ? FLAG_REQUEST : 0) |
    (draft.receipt ? FLAG_RECEIPT : 0) |
    (draft.skipOrigin === true ? FLAG_SKIP_ORIGIN : 0)
  );
}
