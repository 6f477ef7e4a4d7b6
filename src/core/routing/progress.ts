/**
 * Signs of progress: every hop tells the one before that it has a message, and the one before that it went on, so that
 * a hop knows within a round trip or two whether its next hop did its work. Marks are collected for a few
 * milliseconds and dropped when the answer was quicker. Rules FW23 and FW24.
 */

import type { NodeContext } from '../context.ts';
import type { LinkId } from '../io.ts';
import type { Link } from '../membership/link.ts';
import type { LinkTable } from '../membership/link-table.ts';
import { PROGRESS_MAX, writeControl, type ProgressMark } from '../wire/control.ts';
import { NO_LINK } from './trails.ts';

/** Added to what was measured or guessed: marks wait on two hops before they go out. */
const SLACK_MS = 50;

export class ProgressMarks {
  readonly #waiting = new Map<LinkId, ProgressMark[]>();
  #flushAt = Infinity;
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #isAnswered: (message: string) => boolean;

  /** `isAnswered`: the answer to this message went back already, which says more than any mark. */
  constructor(ctx: NodeContext, links: LinkTable, isAnswered: (message: string) => boolean) {
    this.#ctx = ctx;
    this.#links = links;
    this.#isAnswered = isAnswered;
  }

  nextAt(): number {
    return this.#flushAt;
  }

  /** Tells a link how a message fares, soon. */
  add(to: LinkId, mark: ProgressMark): void {
    if (to === NO_LINK || !this.#ctx.config.failover) return;
    const marks = this.#waiting.get(to);
    if (marks === undefined) this.#waiting.set(to, [mark]);
    else marks.push(mark);
    if (marks !== undefined && marks.length >= PROGRESS_MAX) this.#flush(to, marks);
    else this.#flushAt = Math.min(this.#flushAt, this.#ctx.now + this.#ctx.config.progressDelayMs);
  }

  onTime(): void {
    if (this.#ctx.now < this.#flushAt) return;
    for (const [to, marks] of this.#waiting) this.#flush(to, marks);
    this.#flushAt = Infinity;
  }

  #flush(to: LinkId, marks: readonly ProgressMark[]): void {
    this.#waiting.delete(to);
    const link = this.#links.get(to);
    const open = marks.filter(({ message }) => !this.#isAnswered(message));
    if (link === undefined || open.length === 0) return;
    this.#ctx.counters.acks++;
    link.sendControl(writeControl({ type: 'progress', marks: open }));
  }
}

/** How long to wait for the sign that a message sent over a link now went on from its peer, ms. */
export function patienceMs(ctx: NodeContext, link: Link): number {
  const { progressTimeoutMsMin, progressTimeoutMsMax } = ctx.config;
  const { rttMs, progressMs, progressDeviationMs } = link;
  // At least two hops like the one to the peer, and a quarter more.
  const guessed = 2.5 * (rttMs ?? progressTimeoutMsMax);
  const expected =
    progressMs === undefined ? guessed : Math.max(guessed, progressMs + 4 * progressDeviationMs);
  return Math.min(progressTimeoutMsMax, Math.max(progressTimeoutMsMin, expected + SLACK_MS));
}

/** A message sent over the link `sample` ms ago went on. Mean by 1/8, deviation by 1/4, as for round trips (RFC 6298 §2). */
export function measureProgress(link: Link, sample: number): void {
  if (link.progressMs === undefined) {
    link.progressMs = sample;
    // Most of a first sample is delay that does not vary; half of it, as for round trips, would triple the wait.
    link.progressDeviationMs = sample / 8;
    return;
  }
  link.progressDeviationMs += (Math.abs(sample - link.progressMs) - link.progressDeviationMs) / 4;
  link.progressMs += (sample - link.progressMs) / 8;
}
