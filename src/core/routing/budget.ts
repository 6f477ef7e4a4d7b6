/** How a message's budget of copies is shared between those that are under way and those that may follow. Rules FW17, FW25. */

import { NO_LINK, type Trail, type Try } from './trails.ts';

/** One part in so many of the budget stays at a hop when it passes a message on. */
const RESERVE_SHARE = 8;
/** Most of the budget that goes with one copy: enough for twice the longest way, so that others can follow it. */
const COPY_BUDGET_MAX = 32;
/** Copies that a node may send of one message, and its origin. */
const TRIES_MAX = 8;
const ORIGIN_TRIES_MAX = 16;

/** The most of the budget goes with a copy; the rest stays for those that may have to follow it, if any may. */
export function shareOf({ budget }: Trail, mayFollow: boolean): number {
  const reserve = mayFollow ? Math.floor(budget / RESERVE_SHARE) : 0;
  return Math.max(1, Math.min(COPY_BUDGET_MAX, budget - reserve));
}

/**
 * The copy may live on, but most likely it does not: a quarter of what it took is given up with it. What a message
 * costs at most is then still bounded, by the tries of a node and by nodes taking a message once.
 */
export function reclaim(trail: Trail, copy: Try): void {
  giveBack(trail, copy, copy.given - (copy.given >> 2));
}

/** A part of what went with a copy is there again. */
export function giveBack(trail: Trail, copy: Try, part: number): void {
  trail.budget += part;
  copy.given -= part;
}

/** The node has sent as many copies of the message as it may. */
export function hasTriedEnough({ from, tried }: Trail): boolean {
  return tried.length >= (from === NO_LINK ? ORIGIN_TRIES_MAX : TRIES_MAX);
}
