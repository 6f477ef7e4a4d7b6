/** Everything about messages in one place: what is sent, passed on, received; wires router, sender and receiver. */

import type { NodeContext } from '../context.ts';
import type { Reason } from '../events.ts';
import { mapKey, sameId, type NodeId } from '../id/node-id.ts';
import type { Command, CommandId } from '../io.ts';
import type { Link } from '../membership/link.ts';
import type { LinkTable } from '../membership/link-table.ts';
import { concat, cut } from '../util/pieces.ts';
import { CONTACT_BYTES } from '../wire/contact.ts';
import type { Control } from '../wire/control.ts';
import { FLAG_SKIP_ORIGIN, type Frame, type FrameService } from '../wire/frame.ts';
import { GROUP_SIZE_MAX, writeVote } from '../wire/vote.ts';
import { Groups } from './groups.ts';
import { MessageCheck } from './message-check.ts';
import { Receiver } from './receiver.ts';
import { Router } from './router.ts';
import { Sender, type Draft, type Outcome } from './sender.ts';
import { Spread } from './spread.ts';
import { Votes } from './votes.ts';
import type { Wrapped } from './wrapping.ts';

export interface MessagesHooks {
  onSignal(origin: NodeId, sealed: Uint8Array): void;
  readonly onForged: (from: Link) => void;
  /** The node is in the network and its table lacks nothing it knows of. */
  isComplete(): boolean;
  /** A request for a record passes by: what the store has to say to it, if anything. */
  answerPassing(body: Uint8Array): Uint8Array | undefined;
  /** A request to the store or the ring came from `origin` over the link of `via`; `answer` takes what goes back. */
  onRequest(body: Uint8Array, from: Asker, answer: (payload: Uint8Array | undefined) => void): void;
  /** Somebody sent its contact record with a lookup. */
  onRecord(record: Uint8Array): void;
}

/** Who sent a request, and the linked peer that passed it on last (map key; empty for this node itself). */
export interface Asker {
  readonly service: FrameService;
  readonly origin: NodeId;
  readonly via: string;
}

type SendCommand = Extract<Command, { type: 'send' }>;

export class Messages {
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #router: Router;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #groups: Groups;
  readonly #spread: Spread;
  readonly #votes: Votes;

  constructor(ctx: NodeContext, links: LinkTable, hooks: MessagesHooks) {
    this.#ctx = ctx;
    this.#links = links;
    const check = new MessageCheck(ctx, hooks.onForged);
    this.#receiver = new Receiver(ctx, links, check, {
      ...hooks,
      sendAnswer: (frame) => this.#router.onAnswer(frame, undefined),
      onSignal: (frame, body) => hooks.onSignal(frame.origin, body),
      recordsNear: ({ target, origin, flags }) =>
        this.#recordsNear(target, (flags & FLAG_SKIP_ORIGIN) !== 0 && sameId(target, origin)),
      disown: (message) => this.#router.disown(message),
      onGroup: (frame, body) => this.#groups.coordinate(frame, body),
      onWrapped: (frame, body) =>
        frame.service === 'group' ? this.#groups.onCopy(frame, body) : this.#spread.onCopy(frame, body),
      onVote: (frame, body) => this.#votes.onVote(frame, body),
      onStore: (frame, body, peer) =>
        hooks.onRequest(body, { ...frame, via: peer?.key ?? '' }, (payload) =>
          this.#receiver.answerWrapped(frame, body, payload),
        ),
    });
    const wrapping = {
      send: (draft: Draft) => this.#sender.send(draft),
      deliver: (message: Wrapped) => this.#receiver.deliverWrapped(message),
      answer: (frame: Frame, body: Uint8Array, payload: Uint8Array | undefined) =>
        this.#receiver.answerWrapped(frame, body, payload),
    };
    this.#groups = new Groups(ctx, check, wrapping);
    this.#spread = new Spread(ctx, links, check, wrapping);
    this.#votes = new Votes(ctx, {
      lookup: (key, done) => this.lookup(key, ctx.config.lookupTimeoutMs, done, false),
      answer: (frame, body, code) => this.#receiver.answerWrapped(frame, body, undefined, code),
    });
    this.#sender = new Sender(ctx, check, () => this.#router);
    this.#router = new Router(ctx, links, check, {
      ...hooks,
      deliver: (frame, from, ruledOut) => this.#receiver.onFrame(frame, from, ruledOut),
      answer: (frame, payload) => this.#receiver.answerOnTheWay(frame, payload),
      repeatAnswer: (message) => this.#receiver.repeat(message),
      answered: (frame, from) => this.#sender.onAnswer(frame, from),
      failed: (message, reason, absent) => this.#sender.onFailed(message, reason, absent),
      launched: (message, next) => this.#sender.onLaunched(message, next),
      tried: (message, peer, reason) => this.#sender.onTried(message, peer, reason),
      altered: (from) => hooks.onForged(from),
    });
  }

  /** True when nothing is left that time could end. */
  get idle(): boolean {
    return this.#router.idle && this.#receiver.idle && this.#spread.idle && this.#votes.idle;
  }

  nextAt(): number {
    return Math.min(this.#sender.nextAt(), this.#router.nextAt());
  }

  onTime(): void {
    this.#sender.onTime();
    this.#router.onTime();
  }

  sweep(): void {
    this.#router.sweep();
    this.#receiver.sweep();
    this.#groups.sweep();
    this.#spread.sweep();
    this.#votes.sweep();
    this.#sender.sweep();
  }

  /** A routed frame from a link. False: it was not for this node to take. */
  onFrame(frame: Frame, from: Link): boolean {
    switch (frame.kind) {
      case 'closest':
      case 'direct':
      case 'group':
        this.#router.onMessage(frame, from);
        return true;
      case 'answer':
        this.#router.onAnswer(frame, from);
        return true;
      case 'broadcast':
        this.#router.onOneHop(frame, from);
        return true;
      case 'neighbour':
        if (mapKey(frame.target) !== this.#ctx.self.key) return false;
        this.#router.onOneHop(frame, from);
        return true;
    }
  }

  /** What a peer says about messages that were sent to it. */
  onControl(control: Extract<Control, { type: 'no-route' | 'progress' }>, from: Link): void {
    this.#router.onControl(control, from);
  }

  onLinkLost(link: Link, reason: 'link-down' | 'suspect', gone: boolean): void {
    this.#router.onLinkLost(link, reason, gone);
  }

  /** The application sends. */
  send(command: SendCommand): void {
    const done = (outcome: Outcome): void => this.#report(command.id, outcome);
    const { kind, target, body, request, receipt, timeoutMs, fromGroup: key } = command;
    if (kind === 'broadcast') {
      if (command.scope === 'network') this.#sender.broadcastToAll(body, timeoutMs, this.#spread, done);
      else this.#sender.broadcast(body, [...this.#links.all], timeoutMs, done);
      return;
    }
    const groupSize = Math.max(1, Math.min(command.groupSize ?? 8, GROUP_SIZE_MAX));
    // What a member of a group sends is a vote.
    if (key !== undefined && !this.#ctx.geometry.isCloseTo(key, groupSize)) {
      done({ receipt: this.#sender.failure('not-member', 0) });
      return;
    }
    const draft = {
      kind,
      service: key === undefined ? 'app' : 'vote',
      target,
      body: key === undefined ? body : writeVote({ key, size: groupSize, payload: body }),
      request,
      receipt,
      timeoutMs,
      command: command.id,
      done,
    } as const;
    const limited = {
      ...draft,
      ...(command.hopLimit === undefined ? {} : { hopLimit: command.hopLimit }),
      ...(kind === 'group' ? { groupSize } : {}),
      ...(command.routes === undefined
        ? {}
        : { routes: Math.min(command.routes, this.#ctx.config.routesMax) }),
    };
    if (kind !== 'neighbour') {
      this.#sender.send(limited);
      return;
    }
    const link = this.#links.ofPeer(mapKey(target));
    if (link === undefined) done({ receipt: this.#sender.failure('not-linked', 0) });
    else this.#sender.send({ ...limited, link, hopLimit: 1 });
  }

  /** Ends a command before it began. */
  refuse(command: CommandId, reason: Reason): void {
    this.#report(command, { receipt: this.#sender.failure(reason, 0) });
  }

  reply(message: string, payload: Uint8Array | undefined): void {
    this.#receiver.reply(message, payload);
  }

  setIntercept(on: boolean): void {
    this.#router.intercepting = on;
  }

  release(message: string, payload: Uint8Array | undefined): void {
    this.#router.release(message, payload);
  }

  lookupForUser(command: CommandId, key: NodeId, timeoutMs: number): void {
    this.lookup(
      key,
      timeoutMs,
      (outcome, records) => {
        const found = records.map((record) => this.#ctx.ports.idOfKey(record.subarray(6, 38)));
        this.#ctx.event({ type: 'result', command, receipt: outcome.receipt, found });
      },
      false,
    );
  }

  /** Asks the node nearest to `target` for the contacts it knows nearest to it. Upkeep leaves this node itself out. */
  lookup(
    target: NodeId,
    timeoutMs: number,
    done: (outcome: Outcome, records: readonly Uint8Array[]) => void,
    skipOrigin = true,
  ): void {
    this.#sender.send({
      kind: 'closest',
      service: 'lookup',
      target,
      // Whoever answers learns the asker.
      body: this.#ctx.self.record,
      request: true,
      receipt: true,
      timeoutMs,
      skipOrigin,
      done: (outcome) => done(outcome, splitRecords(outcome.payload)),
    });
  }

  /** Asks whether a node is there, with at most so many copies where a number is given. */
  ping(target: NodeId, timeoutMs: number, done: (outcome: Outcome) => void, copies?: number): void {
    const body = new Uint8Array(0);
    this.#sender.send({
      kind: 'direct',
      service: 'ping',
      target,
      body,
      request: false,
      receipt: true,
      timeoutMs,
      ...(copies === undefined ? {} : { budget: copies }),
      done,
    });
  }

  /** Sends a request to the store or ring of a node, or of the one nearest to a key; `undefined` when no answer came in time. */
  ask(
    service: 'store' | 'ring',
    kind: 'direct' | 'closest',
    target: NodeId,
    body: Uint8Array,
    timeoutMs: number,
    done: (answer: Uint8Array | undefined, by: NodeId | undefined) => void,
  ): void {
    this.#sender.send({
      kind,
      service,
      target,
      body,
      request: true,
      receipt: true,
      timeoutMs,
      done: ({ payload, answerer }) => done(payload, answerer?.id),
    });
  }

  /** Brings a sealed envelope to a node. `failed` only when the network knows no way to it. */
  sendSignal(target: NodeId, body: Uint8Array, failed: (absent: boolean) => void): void {
    this.#sender.send({
      kind: 'direct',
      service: 'signal',
      target,
      body,
      request: false,
      receipt: false,
      silent: true,
      timeoutMs: this.#ctx.config.lookupTimeoutMs,
      done: ({ receipt, absent }) => {
        if (receipt.reason !== undefined) failed(absent === true);
      },
    });
  }

  stop(): void {
    this.#sender.stop();
  }

  #report(command: CommandId, outcome: Outcome): void {
    const { receipt, payload } = outcome;
    this.#ctx.event({
      type: 'result',
      command,
      receipt,
      ...(payload === undefined ? {} : { reply: payload }),
    });
  }

  #recordsNear(target: NodeId, own: boolean): Uint8Array {
    const { geometry, config, self } = this.#ctx;
    const ids = geometry.answer(target, config.lookupCount, own);
    const records = ids.flatMap((id) => {
      const key = mapKey(id);
      const record = key === self.key ? self.record : geometry.get(key)?.record;
      return record === undefined ? [] : [record];
    });
    return concat(records);
  }
}

function splitRecords(payload: Uint8Array | undefined): Uint8Array[] {
  return payload === undefined || payload.length % CONTACT_BYTES !== 0 ? [] : cut(payload, CONTACT_BYTES);
}
