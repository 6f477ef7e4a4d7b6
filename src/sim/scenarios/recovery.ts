/** When do messages arrive again? Judged by the seconds in which they were sent. */

import type { Traffic } from './traffic.ts';

interface Span {
  /** When the trouble happened, and the end of the last whole second that is looked at; virtual ms. */
  readonly from: number;
  readonly until: number;
  /** The least share of a second's messages that must arrive. */
  readonly percent: number;
}

/** Time from `from` to the start of the first second after which every second had its share; `null` for never. */
export function findRecovery(traffic: Traffic, { from, until, percent }: Span): number | null {
  let recovered: number | null = null;
  for (let at = Math.floor((until - from - 1) / WINDOW_MS) * WINDOW_MS; at >= 0; at -= WINDOW_MS) {
    const delivered = traffic.deliveredPercentBetween(from + at, from + at + WINDOW_MS);
    if (delivered !== null && delivered < percent) break;
    if (delivered !== null) recovered = at;
  }
  return recovered;
}

/** The smallest share of a second's messages that arrived within a span; `null` when none were sent. */
export function worstSecond(traffic: Traffic, from: number, until: number): number | null {
  let worst: number | null = null;
  for (let at = from; at < until; at += WINDOW_MS) {
    const delivered = traffic.deliveredPercentBetween(at, at + WINDOW_MS);
    if (delivered !== null && (worst === null || delivered < worst)) worst = delivered;
  }
  return worst;
}

const WINDOW_MS = 1_000;
