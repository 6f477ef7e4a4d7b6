/**
 * Attempts to link: dials at a bounded pace, accepts offers within the cap, carries the transport's signals through
 * the overlay (sealed to the receiver) or, for a node without links, through the server. Rules DI1-DI11.
 */

import { cancelWork, doWork, FOR_LINK } from '../admission/ask.ts';
import type { NodeContext } from '../context.ts';
import { compareIds, mapKey, toHex, type MapKey, type NodeId } from '../id/node-id.ts';
import type { JobId, LinkEndReason, LinkId } from '../io.ts';
import { DeadlineTable } from '../util/deadline-table.ts';
import type { Contact } from '../wire/contact.ts';
import {
  ATTEMPT_BYTES,
  readEnvelope,
  writeEnvelope,
  type Envelope,
  type EnvelopeType,
} from '../wire/envelope.ts';
import type { ContactBook } from './contact-book.ts';
import type { LinkTable } from './link-table.ts';

export type Via = 'overlay' | 'server';

/** One attempt, from either side, until it is a link or has failed. */
export interface Attempt {
  readonly link: LinkId;
  readonly peer: NodeId;
  readonly key: MapKey;
  readonly outgoing: boolean;
  /** The name both sides know it by. */
  attempt: Uint8Array;
  readonly via: Via;
  readonly startedAt: number;
  /** The other side's sealing key, as soon as it is known. */
  sealingKey: Uint8Array | undefined;
  /** What was sent of an own offer: it goes out again when the peer asks for work. */
  readonly signals: Uint8Array[];
  /** The work that the peer asked for. */
  job?: JobId;
}

/** What the dialer asks of its surroundings. */
export interface DialerHooks {
  /** Sends a sealed envelope as a direct message; `failed` when it found no way. `absent`: a node vouches that there is no such node. */
  sendSealed(to: NodeId, sealed: Uint8Array, failed: (absent: boolean) => void): void;
  isServerConnected(): boolean;
  /** May this newcomer be accepted? Decided by links, cap and use. */
  mayAccept(peer: NodeId, inNeed: boolean): boolean;
  nextLink(): LinkId;
  /** An attempt of this node came to nothing. `absent`: the network does not know the peer. */
  onFailed(attempt: Attempt, reason: LinkEndReason, absent: boolean): void;
}

/** With this few links, and so many offers through the overlay unanswered, a node is hard to find: the next go through the server. */
const FEW_LINKS = 2;
const UNANSWERED_MAX = 2;
/** A peer that could not be linked is left alone this long at first; doubling. */
const SHUN_MS_MIN = 2_000;
const SHUN_MS_MAX = 60_000;
const SHUNNED_MAX = 1_024;
/** A peer that said it is full counts as full this long at first; doubling. Its links last as long as sessions do. */
const FULL_MS_MIN = 30_000;
const FULL_MS_MAX = 8 * 60_000;
/**
 * Two offers cross within a round trip and the time it takes to gather candidates. An own attempt that is unanswered
 * after this long was lost on its way, and no reason to refuse the other side's.
 */
const CROSSING_MS = 2_000;

/** While handshakes take no longer than this, as many are open as the configuration allows; of slower ones fewer, ms. */
const BRISK_MS = 1_000;
const OPEN_MIN = 2;
/** What was slow this long ago says nothing any more, ms. */
const SLOW_MS = 10_000;

/** How attempts with a peer ended, and so how long it is left alone; times and spans in ms. */
interface Shun {
  /** Not to be dialled before. */
  until: number;
  ms: number;
  /** Said that it is full. */
  fullUntil: number;
  fullMs: number;
  /** Said that its own offer is on the way. */
  awaitedUntil: number;
}

export class Dialer {
  readonly #attempts = new Map<LinkId, Attempt>();
  readonly #deadlines = new DeadlineTable<LinkId>();
  readonly #shunned = new Map<MapKey, Shun>();
  /** How long own handshakes took of late, those that came to nothing by their time-out; ms. */
  #handshakeMs = 0;
  #tookAt = -Infinity;
  /** Own offers through the overlay that nobody answered, since the last link. */
  #unanswered = 0;
  #tokens: number;
  #tokensAt = 0;
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #book: ContactBook;
  readonly #hooks: DialerHooks;

  constructor(ctx: NodeContext, links: LinkTable, book: ContactBook, hooks: DialerHooks) {
    this.#ctx = ctx;
    this.#links = links;
    this.#book = book;
    this.#hooks = hooks;
    this.#tokens = ctx.config.dialBurst;
  }

  nextAt(): number {
    return this.#deadlines.nextAt();
  }

  onTime(): void {
    for (;;) {
      const link = this.#deadlines.takeDue(this.#ctx.now);
      if (link === undefined) return;
      const attempt = this.#attempts.get(link);
      if (attempt === undefined) continue;
      if (attempt.outgoing) this.#tookMs(this.#ctx.now - attempt.startedAt);
      this.#giveUp(attempt, 'timeout', false);
    }
  }

  get(link: LinkId): Attempt | undefined {
    return this.#attempts.get(link);
  }

  ofPeer(key: MapKey): Attempt | undefined {
    for (const attempt of this.#attempts.values()) if (attempt.key === key) return attempt;
    return undefined;
  }

  values(): IterableIterator<Attempt> {
    return this.#attempts.values();
  }

  count(outgoing: boolean): number {
    let count = 0;
    for (const attempt of this.#attempts.values()) if (attempt.outgoing === outgoing) count++;
    return count;
  }

  isShunned(key: MapKey): boolean {
    const shun = this.#shunned.get(key);
    return shun !== undefined && shun.until > this.#ctx.now;
  }

  /** True when there are peers that were left alone, or still are. */
  get hasShunned(): boolean {
    return this.#shunned.size > 0;
  }

  /** True while the peer, by its own word, has no room. */
  isFull(key: MapKey): boolean {
    const shun = this.#shunned.get(key);
    return shun !== undefined && shun.fullUntil > this.#ctx.now;
  }

  /** True while an attempt with the peer is under way, or its own offer is to come. */
  isUnderWay(key: MapKey): boolean {
    return (
      (this.#shunned.get(key)?.awaitedUntil ?? -Infinity) > this.#ctx.now || this.ofPeer(key) !== undefined
    );
  }

  /** When the next dial is allowed by the pace and the number of open handshakes; `Infinity` while those are full. */
  mayDialAt(): number {
    if (this.count(true) >= this.#openMax()) return Infinity;
    this.#refill();
    return this.#tokens >= 1
      ? this.#ctx.now
      : this.#ctx.now + ((1 - this.#tokens) * 1000) / this.#ctx.config.dialsPerSecond;
  }

  /** Rule DI2: how many attempts of this node may be unfinished. */
  #openMax(): number {
    // A node with few links may open few at a time: while a network forms, offers would wander about looking for their way.
    const few = Math.min(this.#ctx.config.handshakesMax, 2 + 2 * this.#links.size);
    // On a machine that is short of time, more at once only means that more run out of time.
    const slow = Math.floor(
      (this.#ctx.config.handshakesMax * BRISK_MS) / Math.max(BRISK_MS, this.#handshakeMs),
    );
    return Math.max(OPEN_MIN, Math.min(few, slow));
  }

  /** Mean by 1/4: the first few already tell. */
  #tookMs(ms: number): void {
    this.#handshakeMs += (ms - this.#handshakeMs) / 4;
    this.#tookAt = this.#ctx.now;
  }

  /** True while own handshakes take long: links that can wait should. */
  get isSlow(): boolean {
    return this.#handshakeMs > BRISK_MS && this.#ctx.now - this.#tookAt < SLOW_MS;
  }

  /** Begins an attempt. The caller has checked `mayDialAt`. */
  dial(peer: NodeId, wantedVia: Via, contact: Contact | undefined): void {
    const isLost = this.#unanswered >= UNANSWERED_MAX && this.#links.size <= FEW_LINKS;
    const via = isLost && this.#hooks.isServerConnected() ? 'server' : wantedVia;
    this.#refill();
    this.#tokens -= 1;
    this.#ctx.counters.dials++;
    const attempt = this.#attempt(
      peer,
      via,
      contact?.sealingKey,
      true,
      this.#ctx.ports.random.bytes(ATTEMPT_BYTES),
    );
    this.#open(attempt);
    this.#ctx.output({ type: 'dial', link: attempt.link, peer });
    this.#ctx.event({ type: 'link', link: attempt.link, peer, state: 'dialling' });
  }

  /** The transport has something for the other end. */
  onSignalOut(link: LinkId, data: Uint8Array): void {
    const attempt = this.#attempts.get(link);
    if (attempt === undefined) return;
    attempt.signals.push(data);
    this.#send(attempt, attempt.outgoing ? 'offer' : 'answer', data);
  }

  /** A sealed envelope arrived through the overlay, from a node whose signature was checked. */
  onSealed(origin: NodeId, sealed: Uint8Array): void {
    this.#ctx.crypto({ type: 'open', bytes: sealed }, (result) => {
      if (result.type === 'opened') this.onEnvelope(origin, result.bytes, 'overlay');
      else this.#ctx.counters.malformed++;
    });
  }

  /** An envelope arrived, by the way named, from a node that proved its id to whoever brought it. */
  onEnvelope(from: NodeId, bytes: Uint8Array, via: Via): void {
    const envelope = readEnvelope(bytes);
    if (envelope === undefined) {
      this.#ctx.counters.malformed++;
      return;
    }
    const known = this.#find(from, envelope.attempt);
    if (known !== undefined) {
      this.#onKnown(known, envelope);
    } else if (envelope.type === 'offer') {
      this.#book.verifyOne(envelope.record, (contact) => {
        if (contact !== undefined && contact.key === mapKey(from)) this.#onOffer(contact, envelope, via);
      });
    }
  }

  /** The server says that the peer of an attempt is not there. */
  onUndeliverable(to: NodeId): void {
    const attempt = this.ofPeer(mapKey(to));
    if (attempt !== undefined && attempt.via === 'server') this.#giveUp(attempt, 'failed', true);
  }

  /** The attempt became a link. */
  onLinked(link: LinkId): Attempt | undefined {
    const attempt = this.#attempts.get(link);
    if (attempt !== undefined) {
      if (attempt.outgoing) this.#tookMs(this.#ctx.now - attempt.startedAt);
      this.#unanswered = 0;
      this.#close(attempt);
      this.#shunned.delete(attempt.key);
    }
    return attempt;
  }

  /** The transport gave the attempt up. True when there was one. */
  onLinkDown(link: LinkId, reason: LinkEndReason): boolean {
    const attempt = this.#attempts.get(link);
    if (attempt === undefined) return false;
    this.#fail(attempt, reason, false);
    return true;
  }

  /** Ends every attempt; the node leaves. */
  stop(): void {
    for (const attempt of [...this.#attempts.values()]) {
      this.#close(attempt);
      this.#ctx.output({ type: 'hang-up', link: attempt.link, reason: 'leaving' });
    }
  }

  #onKnown(attempt: Attempt, { type, data }: Envelope): void {
    // Only the side that was dialled gets offers, and it gets nothing else.
    if ((type === 'offer') === attempt.outgoing) return;
    if (type === 'busy' || type === 'crossed') this.#giveUp(attempt, type, false);
    else if (type === 'work') this.#onDemand(attempt, data);
    else this.#ctx.output({ type: 'signal', link: attempt.link, data });
  }

  /** Rule AW5: the peer asks for work before it takes the offer. The solution is the attempt's new name. */
  #onDemand(attempt: Attempt, demand: Uint8Array): void {
    const task = { demand, purpose: FOR_LINK, checker: attempt.peer, start: attempt.attempt };
    attempt.job ??= doWork(this.#ctx, task, (result) => {
      if (!this.#attempts.has(attempt.link)) return;
      if (typeof result === 'string') {
        this.#giveUp(attempt, result, false);
        return;
      }
      attempt.attempt = result;
      for (const data of attempt.signals) this.#send(attempt, 'offer', data);
    });
  }

  #onOffer(contact: Contact, envelope: Envelope, via: Via): void {
    if (this.#find(contact.id, envelope.attempt) !== undefined) return;
    const attempt = this.#attempt(contact.id, via, contact.sealingKey, false, envelope.attempt);
    // Offers come through the server only from newcomers, or from nodes that found no way through the overlay.
    const refusal = this.#refusalOf(attempt, envelope.joining || via === 'server');
    // Whom there is no room for need not work.
    const answer =
      refusal === undefined ? this.#ctx.admission?.demandForLink(this.#ctx, attempt) : new Uint8Array(0);
    if (answer !== undefined) {
      this.#send(attempt, refusal ?? 'work', answer);
      return;
    }
    const own = this.ofPeer(contact.key);
    if (own !== undefined) this.#abandon(own, own.outgoing ? 'crossed' : 'replaced');
    this.#open(attempt);
    this.#ctx.output({ type: 'accept', link: attempt.link, peer: attempt.peer });
    this.#ctx.output({ type: 'signal', link: attempt.link, data: envelope.data });
    this.#ctx.event({ type: 'link', link: attempt.link, peer: attempt.peer, state: 'answering' });
  }

  /** Rules DI4 and DI10: two that dial each other keep the offer of the smaller id. Rule DI5: the cap. */
  #refusalOf(attempt: Attempt, inNeed: boolean): 'busy' | 'crossed' | undefined {
    const own = this.ofPeer(attempt.key);
    const mayCross = own?.outgoing === true && this.#ctx.now - own.startedAt < CROSSING_MS;
    if (mayCross && compareIds(this.#ctx.self.id, attempt.peer) < 0) return 'crossed';
    const handshakes = this.count(false) - (own?.outgoing === false ? 1 : 0);
    if (handshakes >= this.#ctx.config.handshakesMax) return 'busy';
    if (!this.#ctx.config.repair) return 'busy';
    return this.#hooks.mayAccept(attempt.peer, inNeed) ? undefined : 'busy';
  }

  #send(attempt: Attempt, type: EnvelopeType, data: Uint8Array): void {
    const { self } = this.#ctx;
    const joining = this.#links.size === 0;
    const bytes = writeEnvelope({ type, joining, attempt: attempt.attempt, record: self.record, data });
    if (attempt.via === 'server') {
      this.#ctx.output({ type: 'server-signal', to: attempt.peer, data: bytes });
      return;
    }
    if (attempt.sealingKey === undefined) return;
    this.#ctx.crypto({ type: 'seal', sealingKey: attempt.sealingKey, bytes }, (result) => {
      if (result.type !== 'sealed') return;
      this.#hooks.sendSealed(attempt.peer, result.bytes, (absent) => {
        if (this.#attempts.has(attempt.link)) this.#giveUp(attempt, 'failed', absent);
      });
    });
  }

  /** Ends an attempt that this node no longer believes in. */
  #giveUp(attempt: Attempt, reason: LinkEndReason, absent: boolean): void {
    this.#ctx.output({ type: 'hang-up', link: attempt.link, reason });
    this.#fail(attempt, reason, absent);
  }

  /** Ends an attempt in favour of another one with the same peer: nobody is to blame. */
  #abandon(attempt: Attempt, reason: LinkEndReason): void {
    this.#close(attempt);
    this.#ctx.output({ type: 'hang-up', link: attempt.link, reason });
    this.#ctx.event({ type: 'link', link: attempt.link, peer: attempt.peer, state: 'down', reason });
  }

  #fail(attempt: Attempt, reason: LinkEndReason, absent: boolean): void {
    this.#close(attempt);
    this.#ctx.event({ type: 'link', link: attempt.link, peer: attempt.peer, state: 'down', reason });
    if (!attempt.outgoing) return;
    this.#ctx.counters.dialsFailed++;
    if (attempt.via === 'overlay' && (reason === 'failed' || reason === 'timeout')) this.#unanswered++;
    // A crossed attempt is replaced by the peer's own: that one is waited for.
    if (reason === 'crossed') this.#shunOf(attempt.key).awaitedUntil = this.#ctx.now + CROSSING_MS;
    else this.#shun(attempt.key, reason === 'busy');
    this.#hooks.onFailed(attempt, reason, absent);
  }

  #shun(key: MapKey, full: boolean): void {
    const { now } = this.#ctx;
    const shun = this.#shunOf(key);
    shun.ms = Math.min(SHUN_MS_MAX, 2 * shun.ms);
    shun.until = now + shun.ms;
    if (!full) return;
    shun.fullMs = Math.min(FULL_MS_MAX, 2 * shun.fullMs);
    shun.fullUntil = now + shun.fullMs;
  }

  /** What is known of a peer, as the newest entry. */
  #shunOf(key: MapKey): Shun {
    const shun = this.#shunned.get(key) ?? {
      until: -Infinity,
      ms: SHUN_MS_MIN / 2,
      fullUntil: -Infinity,
      fullMs: FULL_MS_MIN / 2,
      awaitedUntil: -Infinity,
    };
    this.#shunned.delete(key);
    this.#shunned.set(key, shun);
    for (const oldest of this.#shunned.keys()) {
      if (this.#shunned.size <= SHUNNED_MAX) break;
      this.#shunned.delete(oldest);
    }
    return shun;
  }

  #find(peer: NodeId, attempt: Uint8Array): Attempt | undefined {
    const key = mapKey(peer);
    const name = toHex(attempt);
    for (const candidate of this.#attempts.values()) {
      if (candidate.key === key && toHex(candidate.attempt) === name) return candidate;
    }
    return undefined;
  }

  #attempt(
    peer: NodeId,
    via: Via,
    sealingKey: Uint8Array | undefined,
    outgoing: boolean,
    attempt: Uint8Array,
  ): Attempt {
    const link = this.#hooks.nextLink();
    const startedAt = this.#ctx.now;
    return { link, peer, key: mapKey(peer), outgoing, attempt, via, startedAt, sealingKey, signals: [] };
  }

  #open(attempt: Attempt): void {
    this.#attempts.set(attempt.link, attempt);
    this.#deadlines.set(attempt.link, this.#ctx.now + this.#ctx.config.handshakeTimeoutMs);
  }

  #close(attempt: Attempt): void {
    cancelWork(this.#ctx, attempt.job);
    this.#attempts.delete(attempt.link);
    this.#deadlines.delete(attempt.link);
  }

  #refill(): void {
    const { config, now } = this.#ctx;
    this.#tokens = Math.min(
      config.dialBurst,
      this.#tokens + ((now - this.#tokensAt) * config.dialsPerSecond) / 1000,
    );
    this.#tokensAt = now;
  }
}
