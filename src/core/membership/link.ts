/**
 * One proven link: its peer, what the peer is linked to, its send queue and both credit windows. Rules LI1-LI8.
 * Control frames always go out at once. Messages wait while the channel is congested or the peer's credit is used up;
 * own messages go before those of others, and when the queue is full those of others are dropped first.
 */

import type { OverlayConfig } from '../config.ts';
import type { PeerView } from '../geometry/geometry.ts';
import { EMPTY_ID_LIST, type IdList } from '../id/id-list.ts';
import type { MapKey, NodeId } from '../id/node-id.ts';
import type { LinkId } from '../io.ts';
import type { Contact } from '../wire/contact.ts';
import { writeControl } from '../wire/control.ts';

/** Whose message it is: decides who waits and who is dropped. */
export type Precedence = 'answer' | 'own' | 'forwarded';

/** Messages of each kind, in the order they came. */
interface Queues {
  readonly answers: Uint8Array[];
  readonly own: Uint8Array[];
  readonly forwarded: Uint8Array[];
}

/** What a link does with the outside world: bytes out, counted by the node. */
export type Transmit = (link: Link, bytes: Uint8Array) => void;

export class Link implements PeerView {
  readonly link: LinkId;
  readonly contact: Contact;
  readonly id: NodeId;
  readonly key: MapKey;
  readonly outgoing: boolean;
  readonly startedAt: number;
  readonly upAt: number;
  linked: IdList = EMPTY_ID_LIST;
  /** The list of links of this node that the peer was told. */
  toldLinks: IdList = EMPTY_ID_LIST;
  role: 'bucket' | 'sibling' | 'extra' | 'none' = 'none';

  // Liveness, kept by liveness.ts.
  rttMs: number | undefined;
  rttDeviationMs = 0;
  lastHeardAt: number;
  pingSequence = 0;
  /** When each ping was sent since one was answered, the last one at the end; bounded by liveness.ts. */
  readonly pingTimes: number[] = [];
  /** The last ping on the link was the peer's. */
  isPingedLast = false;
  misses = 0;
  suspect = false;
  /** When the table last heard of it, by its contact. */
  touchedAt = -Infinity;

  // As a forwarder, kept by routing/doubt.ts and routing/progress.ts.
  doubt = 0;
  doubtAt = 0;
  answersProven = 0;
  /** From sending a message until the peer said that it went on: mean and deviation, ms; `undefined` before the first. */
  progressMs: number | undefined;
  progressDeviationMs = 0;

  // What the two ends said of their need of the link.
  unneededSentAt = -Infinity;
  peerCanSpare = false;

  framesIn = 0;
  framesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  malformed = 0;
  malformedSince: number;

  #congested = false;
  /** What waits; most links never queue anything. */
  #waiting: Queues | undefined;
  readonly #config: OverlayConfig;
  readonly #transmit: Transmit;

  // Outbound credit: totals allowed and used.
  #messagesAllowed: number;
  #kibibytesAllowed: number;
  #messagesSent = 0;
  #bytesSent = 0;
  // Inbound credit: totals granted and received.
  #messagesGranted: number;
  #kibibytesGranted: number;
  #messagesReceived = 0;
  #bytesReceived = 0;
  #grantedAt: number;

  constructor(options: {
    readonly link: LinkId;
    readonly contact: Contact;
    readonly outgoing: boolean;
    readonly startedAt: number;
    readonly now: number;
    readonly config: OverlayConfig;
    readonly transmit: Transmit;
  }) {
    this.link = options.link;
    this.contact = options.contact;
    this.id = options.contact.id;
    this.key = options.contact.key;
    this.outgoing = options.outgoing;
    this.startedAt = options.startedAt;
    this.upAt = options.now;
    this.lastHeardAt = options.now;
    this.malformedSince = options.now;
    this.#grantedAt = options.now;
    this.#config = options.config;
    this.#transmit = options.transmit;
    this.#messagesAllowed = this.#config.creditMessages;
    this.#kibibytesAllowed = this.#config.creditBytes >> 10;
    this.#messagesGranted = this.#messagesAllowed;
    this.#kibibytesGranted = this.#kibibytesAllowed;
  }

  get queued(): number {
    const waiting = this.#waiting;
    return waiting === undefined ? 0 : waiting.answers.length + waiting.own.length + waiting.forwarded.length;
  }

  sendControl(bytes: Uint8Array): void {
    this.#transmit(this, bytes);
  }

  /** Sends or queues a message. `full`: no room for it. `displaced`: queued, but one of others' messages was dropped. */
  sendMessage(bytes: Uint8Array, precedence: Precedence): 'sent' | 'queued' | 'displaced' | 'full' {
    if (this.queued === 0 && this.#maySend(bytes.length)) {
      this.#spend(bytes);
      return 'sent';
    }
    let displaced = false;
    const { answers, own, forwarded } = (this.#waiting ??= { answers: [], own: [], forwarded: [] });
    if (precedence === 'answer') {
      if (answers.length >= ANSWERS_PER_QUEUE * this.#config.queueMax) return 'full';
      answers.push(bytes);
      return 'queued';
    }
    if (own.length + forwarded.length >= this.#config.queueMax) {
      if (precedence === 'forwarded' || forwarded.length === 0) return 'full';
      forwarded.pop();
      displaced = true;
    }
    (precedence === 'own' ? own : forwarded).push(bytes);
    return displaced ? 'displaced' : 'queued';
  }

  /** The channel's buffer rose above its high-water mark, or sank below the low one. */
  setCongested(congested: boolean): void {
    this.#congested = congested;
    if (!congested) this.#drain();
  }

  /** The peer allows more. Totals only grow: an older frame changes nothing. */
  onCredit(messages: number, kibibytes: number): void {
    this.#messagesAllowed = Math.max(this.#messagesAllowed, messages);
    this.#kibibytesAllowed = Math.max(this.#kibibytesAllowed, kibibytes);
    this.#drain();
  }

  /** Counts a received message against the credit granted. False: the peer sent more than it may. */
  receive(byteCount: number, now: number): boolean {
    this.#messagesReceived++;
    this.#bytesReceived += byteCount;
    if (this.#messagesReceived > this.#messagesGranted) return false;
    if (this.#bytesReceived > (this.#kibibytesGranted + 16) * 1024) return false;
    this.grant(now);
    return true;
  }

  /** When a grant that was held back for its rate becomes due; `Infinity` when none is. */
  grantDueAt(): number {
    return this.#shortOfCredit() ? this.#grantedAt + GRANT_INTERVAL_MS : Infinity;
  }

  /**
   * Grants more once half of the window is used, but never faster than the rate: a peer that floods is slowed down
   * to it, and loses nothing.
   */
  grant(now: number): void {
    if (!this.#shortOfCredit() || now - this.#grantedAt < GRANT_INTERVAL_MS) return;
    const seconds = Math.min(1, (now - this.#grantedAt) / 1000);
    const { creditMessages, creditBytes } = this.#config;
    const messageRoom = creditMessages - (this.#messagesGranted - this.#messagesReceived);
    const kibibyteRoom = (creditBytes >> 10) - (this.#kibibytesGranted - (this.#bytesReceived >> 10));
    this.#messagesGranted += Math.max(0, Math.min(messageRoom, Math.floor(creditMessages * seconds)));
    this.#kibibytesGranted += Math.max(0, Math.min(kibibyteRoom, Math.floor((creditBytes >> 10) * seconds)));
    this.#grantedAt = now;
    this.sendControl(
      writeControl({ type: 'credit', messages: this.#messagesGranted, kibibytes: this.#kibibytesGranted }),
    );
  }

  #shortOfCredit(): boolean {
    return (
      this.#messagesGranted - this.#messagesReceived < this.#config.creditMessages >> 1 ||
      this.#kibibytesGranted - this.#bytesReceived / 1024 < this.#config.creditBytes >> 11
    );
  }

  #maySend(byteCount: number): boolean {
    return (
      !this.#congested &&
      this.#messagesSent < this.#messagesAllowed &&
      this.#bytesSent + byteCount <= this.#kibibytesAllowed * 1024
    );
  }

  #spend(bytes: Uint8Array): void {
    this.#messagesSent++;
    this.#bytesSent += bytes.length;
    this.#transmit(this, bytes);
  }

  #drain(): void {
    if (this.#waiting === undefined) return;
    const { answers, own, forwarded } = this.#waiting;
    for (;;) {
      const queue = [answers, own, forwarded].find(({ length }) => length > 0) ?? own;
      const first = queue[0];
      if (first === undefined || !this.#maySend(first.length)) return;
      queue.shift();
      this.#spend(first);
    }
  }
}

/**
 * Answers have a queue of their own, this many times as long: each stands for a message that was accepted within its
 * credit, and losing it would leave the sender waiting for nothing.
 */
const ANSWERS_PER_QUEUE = 4;

/** Grants are collected this long, so that credit frames stay few. */
const GRANT_INTERVAL_MS = 100;
