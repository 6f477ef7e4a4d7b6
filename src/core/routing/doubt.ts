/**
 * What this node thinks of its peers as forwarders: doubt grows when a copy sent to a peer shows no progress or comes
 * to harm, shrinks when one goes on, and fades with time, so that a peer that mended its ways is used again. Rule FW22.
 */

import type { Link } from '../membership/link.ts';

/** Doubt halves in this time, ms. */
const HALF_LIFE_MS = 30_000;
/** From here on other peers are preferred. */
const DOUBTFUL = 0.5;
const DOUBT_MAX = 8;
/** Answers that proved right before a peer's answers are only sampled. */
const TRUSTED_AFTER = 8;

/** The peer did not do what it should have done with a message. */
export function raiseDoubt(link: Link, now: number): void {
  link.doubt = Math.min(DOUBT_MAX, doubtOf(link, now) + 1);
  link.doubtAt = now;
}

/** The peer passed a message on. */
export function easeDoubt(link: Link, now: number): void {
  if (link.doubt === 0) return;
  link.doubt = doubtOf(link, now) / 2;
  link.doubtAt = now;
}

export function isDoubtful(link: Link, now: number): boolean {
  return link.doubt > 0 && doubtOf(link, now) >= DOUBTFUL;
}

/** True while every answer that the peer passes on is to be checked, not only a sample. */
export function isUnproven(link: Link, now: number): boolean {
  return link.answersProven < TRUSTED_AFTER || isDoubtful(link, now);
}

function doubtOf(link: Link, now: number): number {
  return link.doubt * 2 ** ((link.doubtAt - now) / HALF_LIFE_MS);
}
