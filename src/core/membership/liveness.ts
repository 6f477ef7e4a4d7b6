/**
 * Who is alive, by this node's own schedule: heartbeats on idle links, time-outs from measured round trips. Rules
 * LV1-LV9. A browser calls a hung tab connected for 45 s and more, so nothing else is believed.
 */

import type { NodeContext } from '../context.ts';
import { compareIds } from '../id/node-id.ts';
import { writeControl } from '../wire/control.ts';
import type { Link } from './link.ts';
import type { LinkTable } from './link-table.ts';

/** Work is done on a grid, so that a node with many links wakes seldom. */
const GRID_MS = 250;
/** After a wake-up later than this nobody is blamed for the time this tab slept. */
const SLEPT_MS = 1_500;
/** A wake-up later than this may have come before frames that were waiting: they are let in before anybody is judged. */
const LATE_MS = GRID_MS;
/** Pings of which one may still be answered: more than a link lives through in silence. */
const UNANSWERED_MAX = 64;

export class Liveness {
  #at = Infinity;
  /** The last wake-up that came late, ms; and whether nobody was judged at the last one for that. */
  #lateAt = -Infinity;
  #postponed = false;
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #onSuspect: (link: Link) => void;
  readonly #onDead: (link: Link) => void;

  constructor(
    ctx: NodeContext,
    links: LinkTable,
    hooks: { readonly onSuspect: (link: Link) => void; readonly onDead: (link: Link) => void },
  ) {
    this.#ctx = ctx;
    this.#links = links;
    this.#onSuspect = hooks.onSuspect;
    this.#onDead = hooks.onDead;
  }

  nextAt(): number {
    return this.#at;
  }

  /** A link came up: measure its round trip at once. */
  linked(link: Link): void {
    this.ping(link);
    this.#plan();
  }

  /** Anything was heard from a peer. */
  heard(link: Link): void {
    link.lastHeardAt = this.#ctx.now;
    link.misses = 0;
    link.suspect = false;
  }

  /**
   * A heartbeat came back. Rule LV6: the pong of an earlier one counts as long as none since was answered; if only the
   * last one did, a peer that became slower than the time-out would never be measured again.
   */
  onPong(link: Link, sequence: number): void {
    const sentAfterIt = (link.pingSequence - sequence) & 0xffff;
    const sentAt = link.pingTimes[link.pingTimes.length - 1 - sentAfterIt];
    if (sentAt === undefined) return;
    const sample = this.#ctx.now - sentAt;
    link.pingTimes.length = 0;
    if (link.rttMs === undefined) {
      link.rttMs = sample;
      link.rttDeviationMs = sample / 2;
      return;
    }
    // RFC 6298 §2: mean by 1/8, deviation by 1/4.
    link.rttDeviationMs += (Math.abs(sample - link.rttMs) - link.rttDeviationMs) / 4;
    link.rttMs += (sample - link.rttMs) / 8;
  }

  /** A message used up credit: a grant may be due before the next heartbeat. */
  received(link: Link): void {
    this.#at = Math.min(this.#at, link.grantDueAt());
  }

  stop(): void {
    this.#at = Infinity;
  }

  ping(link: Link): void {
    link.pingSequence = (link.pingSequence + 1) & 0xffff;
    link.pingTimes.push(this.#ctx.now);
    if (link.pingTimes.length > UNANSWERED_MAX) link.pingTimes.shift();
    link.isPingedLast = false;
    link.sendControl(writeControl({ type: 'ping', sequence: link.pingSequence }));
  }

  /** The peer wants to know whether this node is there. */
  onPing(link: Link, sequence: number): void {
    // Where two pings crossed, the ids say whose turn it is.
    const isCrossed = link.pingTimes.length > 0;
    link.isPingedLast = !isCrossed || compareIds(this.#ctx.self.id, link.id) < 0;
    link.sendControl(writeControl({ type: 'pong', sequence }));
  }

  onTime(): void {
    const { now, config } = this.#ctx;
    if (now < this.#at) return;
    const lateMs = now - this.#at;
    if (lateMs > LATE_MS) this.#lateAt = now;
    if (lateMs > SLEPT_MS) this.#forgive();
    // Not twice in a row: on a machine that is always late somebody may be dead all the same.
    this.#postponed = lateMs > LATE_MS && !this.#postponed;
    const { all } = this.#links;
    // From the end: a dead link leaves the list.
    for (let i = all.length - 1; i >= 0; i--) {
      const link = all[i]!;
      if (this.#postponed) link.grant(now);
      else if (now - link.lastHeardAt >= config.dropAfterMs) this.#onDead(link);
      else this.#tend(link);
    }
    this.#plan();
  }

  /**
   * Rule LV8: true when silence since then says nothing about others: this node ran late meanwhile, or misses the
   * heartbeats of most of its peers at once.
   */
  isOwnFault(since: number): boolean {
    if (this.#lateAt >= since) return true;
    let silent = 0;
    for (const link of this.#links.all) if (link.misses > 0) silent++;
    return silent >= 2 && 2 * silent > this.#links.size;
  }

  #tend(link: Link): void {
    const { now, config } = this.#ctx;
    link.grant(now);
    const sentAt = link.pingTimes.at(-1);
    if (sentAt !== undefined) {
      if (now < sentAt + this.#timeoutMs(link)) return;
      link.misses++;
      if (link.misses >= config.suspectMisses && !link.suspect) {
        link.suspect = true;
        this.#onSuspect(link);
      }
      this.ping(link);
    } else if (now - link.lastHeardAt >= this.#idleMs(link) - GRID_MS / 2) {
      this.ping(link);
    }
  }

  /** This tab slept: what went unanswered meanwhile says nothing about the peers. */
  #forgive(): void {
    for (const link of this.#links.all) {
      link.lastHeardAt = Math.max(link.lastHeardAt, this.#ctx.now - this.#ctx.config.heartbeatMs);
      link.misses = 0;
      link.pingTimes.length = 0;
    }
  }

  /**
   * How long a peer is silent before it is pinged. Rule LV9: who was pinged last goes first, so that the two ends take
   * turns; with the same deadline both would ping at once, again and again.
   */
  #idleMs(link: Link): number {
    return this.#ctx.config.heartbeatMs - (link.isPingedLast ? GRID_MS : 0);
  }

  #timeoutMs(link: Link): number {
    const { heartbeatTimeoutMsMin, heartbeatTimeoutMsMax } = this.#ctx.config;
    const measured = link.rttMs === undefined ? heartbeatTimeoutMsMax : link.rttMs + 4 * link.rttDeviationMs;
    return Math.min(heartbeatTimeoutMsMax, Math.max(heartbeatTimeoutMsMin, measured));
  }

  #plan(): void {
    const { config } = this.#ctx;
    let at = Infinity;
    for (const link of this.#links.all) {
      const sentAt = link.pingTimes.at(-1);
      const due =
        sentAt === undefined ? link.lastHeardAt + this.#idleMs(link) : sentAt + this.#timeoutMs(link);
      at = Math.min(at, due, link.lastHeardAt + config.dropAfterMs, link.grantDueAt());
    }
    const least = this.#ctx.now + (this.#postponed ? GRID_MS : 1);
    this.#at = at === Infinity ? Infinity : Math.max(least, Math.ceil(at / GRID_MS) * GRID_MS);
  }
}
