/**
 * Sends application messages through a simulated network and keeps the account of each: who handled it, how often, what
 * the sender learned. The oracle says who should have handled it.
 */

import type { NodeEvent } from '../../core/events.ts';
import { asNodeId, type NodeId } from '../../core/id/node-id.ts';
import type { Finding } from '../checkers/finding.ts';
import { maxOf, meanOf, percentDown, percentile, rounded } from '../figures.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import type { ResultValue } from './scenario.ts';

export interface TrafficOptions {
  readonly messages: number;
  readonly kind: 'closest' | 'direct' | 'mixed';
  readonly requests: boolean;
  /** Messages a second of the whole network. */
  readonly perSecond: number;
  /** When a sender gives up, ms. */
  readonly timeoutMs: number;
}

/** What happened to one message. */
interface Account {
  readonly kind: 'closest' | 'direct';
  readonly sender: SimNode;
  readonly target: NodeId;
  /** Index of the receiver of a `direct` message; -1 for `closest`, whose receiver the oracle names on delivery. */
  readonly receiver: number;
  readonly sentAt: number;
  deliveries: number;
  /** Deliveries at the node that the oracle names, with the body intact. */
  rightDeliveries: number;
  hops: number;
  /** When the result came, ms; -1 before. */
  settledAt: number;
  isAccepted: boolean;
  reason: string | undefined;
}

export class Traffic {
  readonly #simulation: Simulation;
  readonly #options: TrafficOptions;
  readonly #random: SeededRandom;
  readonly #accounts: Account[] = [];
  #senders: readonly SimNode[] = [];
  #open = 0;

  constructor(simulation: Simulation, options: TrafficOptions) {
    this.#simulation = simulation;
    this.#options = options;
    this.#random = new SeededRandom(simulation.seed, TRAFFIC_STREAM);
    simulation.onEvent = (node, event) => this.#onEvent(node, event);
  }

  /** Sends all messages, one after another at even distances, and runs until each has its result or is overdue. */
  run(progress: (line: string) => void): void {
    const simulation = this.#simulation;
    this.#senders = simulation.liveNodes();
    simulation.meter.reset();
    this.#sendNext(simulation.now);
    const limitMs =
      simulation.now +
      (1_000 * this.#options.messages) / this.#options.perSecond +
      this.#options.timeoutMs +
      OVERDUE_MS;
    simulation.runWhile(
      () => {
        progress(`${this.#accounts.length} of ${this.#options.messages} messages sent, ${this.#open} open`);
        return this.#open > 0 || this.#accounts.length < this.#options.messages;
      },
      10,
      limitMs,
    );
  }

  /** Messages sent so far that the right node handled once and whose sender accepted a receipt or reply. */
  get deliveredCount(): number {
    return this.#accounts.filter(isDelivered).length;
  }

  /** A finding for commands that never ended, whatever their result should have been. */
  findings(): Finding[] {
    if (this.#open === 0) return [];
    const first = this.#accounts.findIndex((account) => account.settledAt < 0);
    const sentence = `${this.#open} messages have no result after their time-out, the first is number ${first}`;
    return [{ family: 'liveness', at: this.#simulation.now, sentence }];
  }

  /** Share of the messages sent in a span of virtual time that were delivered, percent; `null` when there were none. */
  deliveredPercentBetween(from: number, to: number): number | null {
    const sent = this.#accounts.filter((account) => account.sentAt >= from && account.sentAt < to);
    return percentDown(sent.filter(isDelivered).length, sent.length);
  }

  /** The numbers of the whole run, as targets are worded. */
  numbers(): Record<string, ResultValue> {
    const { meter } = this.#simulation;
    const sent = this.#accounts.length;
    const delivered = this.#accounts.filter(isDelivered);
    const closest = this.#accounts.filter((account) => account.kind === 'closest');
    const atTrueNearest = delivered.filter((account) => account.kind === 'closest').length;
    const directSent = sent - closest.length;
    const hops = delivered.map((account) => account.hops);
    const latencies = this.#accounts.filter((a) => a.isAccepted).map((a) => a.settledAt - a.sentAt);
    return {
      sent,
      delivered: delivered.length,
      deliveredPercent: percentDown(delivered.length, sent),
      closestSent: closest.length,
      atTrueNearest,
      atTrueNearestPercent: percentDown(atTrueNearest, closest.length),
      handledTwice: this.#accounts.filter((account) => account.deliveries > 1).length,
      handledWrong: this.#accounts.filter((account) => account.deliveries > account.rightDeliveries).length,
      failures: this.#failures(),
      hopsMean: meanOf(hops),
      hopsMax: maxOf(hops),
      transmissionsMean: perMessage(meter.closestCopies + meter.directCopies, sent),
      transmissionsMeanClosest: perMessage(meter.closestCopies, closest.length),
      transmissionsMeanDirect: perMessage(meter.directCopies, directSent),
      acksMean: perMessage(meter.acks, sent),
      bytesMean: perMessage(meter.appBytes, sent),
      latencyMsP50: percentile(latencies, 0.5),
      latencyMsP99: percentile(latencies, 0.99),
    };
  }

  /** What senders were told of messages that failed, `timeout 3, unreachable 1`; empty when none did. */
  #failures(): string {
    const counts = new Map<string, number>();
    for (const account of this.#accounts) {
      if (account.isAccepted) continue;
      const reason = account.settledAt < 0 ? 'none' : (account.reason ?? 'wrong reply');
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return [...counts].map(([reason, count]) => `${reason} ${count}`).join(', ');
  }

  #sendNext(at: number): void {
    if (this.#accounts.length >= this.#options.messages) return;
    this.#simulation.schedule(at - this.#simulation.now, () => {
      this.#send();
      this.#sendNext(at + 1_000 / this.#options.perSecond);
    });
  }

  #send(): void {
    const senders = this.#senders;
    const number = this.#accounts.length;
    const sender = senders[this.#random.below(senders.length)]!;
    const isDirect = this.#options.kind === 'direct' || (this.#options.kind === 'mixed' && number % 2 === 1);
    const receiver = isDirect ? this.#drawOther(sender) : undefined;
    const target = receiver?.id ?? asNodeId(this.#random.bytes(32));
    const kind = isDirect ? 'direct' : 'closest';
    this.#accounts.push({
      kind,
      sender,
      target,
      receiver: receiver?.index ?? -1,
      sentAt: this.#simulation.now,
      deliveries: 0,
      rightDeliveries: 0,
      hops: 0,
      settledAt: -1,
      isAccepted: false,
      reason: undefined,
    });
    this.#open++;
    this.#simulation.command(sender, {
      type: 'send',
      id: number,
      kind,
      target,
      body: writeBody(number, MESSAGE_MARK),
      request: this.#options.requests,
      receipt: true,
      timeoutMs: this.#options.timeoutMs,
    });
  }

  #drawOther(self: SimNode): SimNode {
    for (;;) {
      const other = this.#senders[this.#random.below(this.#senders.length)]!;
      if (other !== self) return other;
    }
  }

  #onEvent(node: SimNode, event: NodeEvent): void {
    if (event.type === 'delivered') {
      if (event.service === 'app') this.#onDelivered(node, event);
    } else if (event.type === 'result') {
      this.#onResult(node, event);
    }
  }

  #onDelivered(node: SimNode, event: NodeEvent & { type: 'delivered' }): void {
    const number = readBody(event.body, MESSAGE_MARK);
    const account = this.#accounts[number];
    if (account === undefined) return;
    const receiver =
      account.receiver >= 0 ? account.receiver : this.#simulation.oracle.nearest(account.target);
    account.deliveries++;
    if (node.index === receiver) {
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

  #onResult(node: SimNode, event: NodeEvent & { type: 'result' }): void {
    const account = this.#accounts[event.command];
    if (account === undefined || account.sender !== node || account.settledAt >= 0) return;
    const isReplyRight =
      !this.#options.requests ||
      (event.reply !== undefined && readBody(event.reply, REPLY_MARK) === event.command);
    account.settledAt = this.#simulation.now;
    account.isAccepted = event.receipt.ok && isReplyRight;
    account.reason = event.receipt.reason;
    this.#open--;
  }
}

/** The sender accepted a receipt, and the right node handled the message, once. */
function isDelivered(account: Account): boolean {
  return account.isAccepted && account.deliveries === 1 && account.rightDeliveries === 1;
}

function perMessage(total: number, count: number): number | null {
  return count === 0 ? null : rounded(total / count);
}

/** A body that names its message and can be checked byte by byte. */
function writeBody(number: number, mark: number): Uint8Array {
  const body = new Uint8Array(BODY_BYTES);
  new DataView(body.buffer).setUint32(0, number);
  for (let i = 4; i < BODY_BYTES; i++) body[i] = number * 31 + i * mark;
  return body;
}

/** The message that a body names, or -1 when any byte of it is not as it was written. */
function readBody(body: Uint8Array, mark: number): number {
  if (body.length !== BODY_BYTES) return -1;
  const number = new DataView(body.buffer, body.byteOffset).getUint32(0);
  for (let i = 4; i < BODY_BYTES; i++) if (body[i] !== ((number * 31 + i * mark) & 0xff)) return -1;
  return number;
}

const BODY_BYTES = 64;
const MESSAGE_MARK = 7;
const REPLY_MARK = 13;
const TRAFFIC_STREAM = 20;
/** A result may come this much after the time-out that was asked for. */
const OVERDUE_MS = 1_000;
