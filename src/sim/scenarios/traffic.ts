/**
 * Sends application messages through a simulated network and keeps the account of each: who handled it, how often, what
 * the sender learned. The oracle says who should have handled it.
 */

import type { NodeEvent } from '../../core/events.ts';
import { asNodeId, type NodeId } from '../../core/id/node-id.ts';
import type { Finding } from '../checkers/finding.ts';
import { percentDown } from '../figures.ts';
import { choice, flag } from '../options.ts';
import { SeededRandom } from '../random.ts';
import { isAlive, type SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import {
  isDelivered,
  MESSAGE_MARK,
  NOBODY,
  openAccount,
  readBody,
  REPLY_MARK,
  STRANGER,
  writeBody,
  type Account,
} from './account.ts';
import { messageNumbers } from './message-numbers.ts';
import type { ResultValue } from './scenario.ts';

/** Options of the scenarios that send messages from one node to another. */
export const TRAFFIC_OPTIONS = {
  kind: choice('kind of messages; mixed: half closest, half direct', ['mixed', 'closest', 'direct']),
  requests: flag('messages ask for a reply, which must come back'),
} as const;

/** When senders give up, ms. */
export const MESSAGE_TIMEOUT_MS = 10_000;
/** A result may come this much after the time-out that was asked for, ms. */
export const OVERDUE_MS = 1_000;

export interface TrafficOptions {
  readonly messages: number;
  readonly kind: 'closest' | 'direct' | 'mixed';
  readonly requests: boolean;
  /** Messages a second of the whole network. */
  readonly perSecond: number;
  /** When a sender gives up, ms. */
  readonly timeoutMs: number;
  /** Ways that each message takes at once; 1 when left out. */
  readonly routes?: number;
  /** Who may send and receive, asked when a message is sent; every live node when left out. */
  readonly isEndpoint?: (node: SimNode) => boolean;
  /** Which of them may send; all when left out. */
  readonly isSender?: (node: SimNode) => boolean;
  /** Which of them a sender may reach; all when left out. */
  readonly isReceiver?: (receiver: SimNode, sender: SimNode) => boolean;
  /** Messages count only when both endpoints are ready, without a break, from sending to deadline. */
  readonly readyThroughout?: boolean;
}

export class Traffic {
  readonly accounts: Account[] = [];
  /** Bodies that no honest node sent in that form, handled or accepted as a reply. */
  alteredAccepted = 0;
  readonly #simulation: Simulation;
  readonly #options: TrafficOptions;
  readonly #random: SeededRandom;
  readonly #byMessage = new Map<string, Account>();
  #isHonest: (node: SimNode) => boolean = yes;
  #open = 0;
  /** Sendings for which no pair of endpoints was found. */
  #skipped = 0;

  constructor(simulation: Simulation, options: TrafficOptions) {
    this.#simulation = simulation;
    this.#options = options;
    this.#random = new SeededRandom(simulation.seed, TRAFFIC_STREAM);
    const before = simulation.onEvent;
    simulation.onEvent = (node, event) => {
      before(node, event);
      this.#onEvent(node, event);
    };
  }

  /** Sends all messages, one after another at even distances, and runs until each has its result or is overdue. */
  run(progress: (line: string) => void): void {
    const simulation = this.#simulation;
    this.begin();
    const limitMs =
      simulation.now +
      (1_000 * this.#options.messages) / this.#options.perSecond +
      this.#options.timeoutMs +
      OVERDUE_MS;
    simulation.runWhile(
      () => {
        progress(`${this.accounts.length} of ${this.#options.messages} messages sent, ${this.#open} open`);
        return !this.isOver;
      },
      10,
      limitMs,
    );
  }

  /** Sends all messages while the caller lets time pass. */
  begin(): void {
    this.#simulation.meter.reset();
    this.#sendNext(this.#simulation.now);
  }

  /** All messages were sent and have their results. */
  get isOver(): boolean {
    return this.#open === 0 && this.accounts.length + this.#skipped >= this.#options.messages;
  }

  /** Only bodies that these nodes sent are judged: others may send what they like. */
  trustOnly(isHonest: (node: SimNode) => boolean): void {
    this.#isHonest = isHonest;
  }

  /** The account of a message by its id in hexadecimal. */
  accountOf(message: string): Account | undefined {
    return this.#byMessage.get(message);
  }

  /** A finding for commands that never ended, whatever their result should have been. */
  findings(): Finding[] {
    const open = this.accounts.filter(({ settledAt, sender }) => settledAt < 0 && isAlive(sender));
    const first = open[0];
    if (first === undefined) return [];
    const number = this.accounts.indexOf(first);
    const sentence = `${open.length} messages have no result after their time-out, the first is number ${number}`;
    return [{ family: 'liveness', at: this.#simulation.now, sentence }];
  }

  /** Share of the messages sent in a span of virtual time that were delivered, percent; `null` when there were none. */
  deliveredPercentBetween(from: number, to: number): number | null {
    const sent = this.accounts.filter(
      (account) => account.counts && account.sentAt >= from && account.sentAt < to,
    );
    return percentDown(sent.filter(isDelivered).length, sent.length);
  }

  /** The numbers of the whole run, as targets are worded. */
  numbers(): Record<string, ResultValue> {
    return messageNumbers(this.accounts, this.#simulation.meter);
  }

  #sendNext(at: number): void {
    if (this.accounts.length + this.#skipped >= this.#options.messages) return;
    this.#simulation.schedule(at - this.#simulation.now, () => {
      this.#send();
      this.#sendNext(at + 1_000 / this.#options.perSecond);
    });
  }

  #send(): void {
    const { kind, requests, timeoutMs, routes } = this.#options;
    const isDirect =
      kind === 'direct' || (kind === 'mixed' && (this.accounts.length + this.#skipped) % 2 === 1);
    const sender = this.#draw(this.#options.isSender ?? yes);
    const end = sender && (isDirect ? this.#drawReceiver(sender) : this.#drawKey(sender));
    if (sender === undefined || end === undefined) {
      this.#skipped++;
      return;
    }
    const number = this.accounts.length;
    const { target, receiver } = end;
    const sentAt = this.#simulation.now;
    const account = openAccount({ kind: isDirect ? 'direct' : 'closest', sender, target, receiver, sentAt });
    this.accounts.push(account);
    this.#open++;
    if (this.#options.readyThroughout === true) this.#watchEndpoints(account);
    this.#simulation.command(sender, {
      type: 'send',
      id: number,
      kind: account.kind,
      target,
      body: writeBody(number, MESSAGE_MARK),
      request: requests,
      receipt: true,
      timeoutMs,
      ...(routes === undefined || routes === 1 ? {} : { routes }),
    });
  }

  #drawReceiver(sender: SimNode): { target: NodeId; receiver: SimNode } | undefined {
    const receiver = this.#draw((node) => node !== sender && this.#isReceiver(node, sender));
    return receiver && { target: receiver.id, receiver };
  }

  /** A key whose true nearest node may receive. */
  #drawKey(sender: SimNode): { target: NodeId; receiver: SimNode } | undefined {
    const { nodes, oracle } = this.#simulation;
    for (let tries = 0; tries < DRAWS_MAX; tries++) {
      const target = asNodeId(this.#random.bytes(32));
      const receiver = nodes[oracle.nearest(target)];
      if (receiver !== undefined && this.#isEndpoint(receiver) && this.#isReceiver(receiver, sender))
        return { target, receiver };
    }
    return undefined;
  }

  #draw(isFit: (node: SimNode) => boolean): SimNode | undefined {
    const { nodes } = this.#simulation;
    for (let tries = 0; tries < DRAWS_MAX; tries++) {
      const node = nodes[this.#random.below(nodes.length)];
      if (node !== undefined && this.#isEndpoint(node) && isFit(node)) return node;
    }
    return undefined;
  }

  #isEndpoint(node: SimNode): boolean {
    return isAlive(node) && (this.#options.isEndpoint?.(node) ?? true);
  }

  #isReceiver(receiver: SimNode, sender: SimNode): boolean {
    return this.#options.isReceiver?.(receiver, sender) ?? true;
  }

  #watchEndpoints(account: Account): void {
    this.#simulation.schedule(this.#options.timeoutMs, () => {
      const { sender, receiver, sentAt } = account;
      account.counts = [sender, receiver].every(({ readySince }) => readySince >= 0 && readySince <= sentAt);
    });
  }

  #onEvent(node: SimNode, event: NodeEvent): void {
    if (event.type === 'delivered') {
      if (event.service === 'app') this.#onDelivered(node, event);
    } else if (event.type === 'result') {
      this.#onResult(node, event);
    } else if (event.type === 'sent' && event.command !== undefined) {
      const account = this.accounts[event.command];
      if (account === undefined || account.sender !== node) return;
      account.message = event.message;
      this.#byMessage.set(event.message, account);
    }
  }

  #onDelivered(node: SimNode, event: NodeEvent & { type: 'delivered' }): void {
    const number = readBody(event.body, MESSAGE_MARK);
    const account = this.accounts[number];
    if (account === undefined) {
      const origin = this.#simulation.network.find(event.origin);
      if (origin === undefined || this.#isHonest(origin)) this.alteredAccepted++;
      return;
    }
    account.deliveries++;
    account.handlers = [...account.handlers, node.index];
    if (this.#isRightHandler(account, node)) {
      account.rightDeliveries++;
      account.hops = event.hops;
    }
    if (!event.wantsReply) return;
    this.#simulation.command(node, {
      type: 'reply',
      message: event.message,
      body: writeBody(number, REPLY_MARK),
    });
  }

  /** The node named when it was sent; of `closest` also one that came since and is nearer, or follows one that went. */
  #isRightHandler({ kind, receiver, target }: Account, node: SimNode): boolean {
    if (node === receiver) return true;
    if (kind === 'direct') return false;
    const { oracle } = this.#simulation;
    return oracle.isNearer(target, node.index, receiver.index) || oracle.nearest(target) === node.index;
  }

  #onResult(node: SimNode, event: NodeEvent & { type: 'result' }): void {
    const account = this.accounts[event.command];
    if (account === undefined || account.sender !== node || account.settledAt >= 0) return;
    const { receipt, reply } = event;
    const isReplyRight =
      !this.#options.requests || (reply !== undefined && readBody(reply, REPLY_MARK) === event.command);
    const by = receipt.ok ? receipt.by[0] : undefined;
    account.settledAt = this.#simulation.now;
    account.isAccepted = receipt.ok && isReplyRight;
    account.acceptedBy = by === undefined ? NOBODY : (this.#simulation.network.find(by)?.index ?? STRANGER);
    account.isWrongNearest = this.#isWrongNearest(account);
    account.reason = receipt.reason;
    this.#open--;
    if (receipt.ok && !isReplyRight && by !== undefined && this.#isTrusted(by)) this.alteredAccepted++;
  }

  #isWrongNearest(account: Account): boolean {
    const { kind, acceptedBy } = account;
    if (kind !== 'closest' || acceptedBy === NOBODY) return false;
    const by = this.#simulation.nodes[acceptedBy];
    return by === undefined || !this.#isRightHandler(account, by);
  }

  #isTrusted(id: NodeId): boolean {
    const node = this.#simulation.network.find(id);
    return node !== undefined && this.#isHonest(node);
  }
}

function yes(): boolean {
  return true;
}

/** How often a pair of endpoints is drawn before one message is left out. */
const DRAWS_MAX = 10_000;
const TRAFFIC_STREAM = 20;
