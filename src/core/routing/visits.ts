/**
 * Whom a message has visited, as one node knows it: the entries its frame carries, those that tries from here brought
 * back, and the peers this node misses. Rules FW20, FW35.
 */

import type { NodeContext } from '../context.ts';
import { sameId, type NodeId } from '../id/node-id.ts';
import type { Link } from '../membership/link.ts';
import type { LinkTable } from '../membership/link-table.ts';
import type { Contact } from '../wire/contact.ts';
import {
  isMissedEntry,
  isRejectedEntry,
  visitedEntries,
  visitedEntry,
  visitedPrefix,
  type Frame,
} from '../wire/frame.ts';
import type { Trail } from './trails.ts';

/** How long, and how many, peers are remembered that went away, ms. */
const LOST_MS = 15_000;
const LOST_MAX = 32;

/** Entries of the visited list: the frame's own and those that came to light here. */
export function visitedOf(frame: Frame, trail: Trail): readonly Uint8Array[] {
  if (frame.visitedCount === 0) return trail.visited;
  return trail.visited.length === 0 ? visitedEntries(frame) : [...visitedEntries(frame), ...trail.visited];
}

/** Adds entries to a message's visited list, each node once; of more than `max` the newest stay. */
export function addVisits(
  trail: Trail,
  frame: Frame | undefined,
  entries: readonly Uint8Array[],
  max: number,
): void {
  if (entries.length === 0) return;
  const known = frame === undefined ? [...trail.visited] : [...visitedOf(frame, trail)];
  const fresh: Uint8Array[] = [];
  for (const entry of entries) {
    if (known.some((other) => saysAsMuch(other, entry))) continue;
    known.push(entry);
    fresh.push(entry);
  }
  if (fresh.length > 0) trail.visited = [...trail.visited, ...fresh].slice(-max);
}

/** True when `known` is about the same node and says at least as much: who was tried in vain is not just missed. */
function saysAsMuch(known: Uint8Array, entry: Uint8Array): boolean {
  const isFinal = !isMissedEntry(known) && !isRejectedEntry(known);
  return sameId(known, entry) || (isFinal && sameId(visitedPrefix(known), visitedPrefix(entry)));
}

/**
 * Peers that went silent or away. Others may still list them, and a message that goes from one to the next of those
 * would find nobody who is linked to them.
 */
export class MissedPeers {
  readonly #lost: { readonly contact: Contact; readonly until: number }[] = [];
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;

  constructor(ctx: NodeContext, links: LinkTable) {
    this.#ctx = ctx;
    this.#links = links;
  }

  /** The peer of a link went away. */
  add({ contact }: Link): void {
    this.#lost.push({ contact, until: this.#ctx.now + LOST_MS });
    if (this.#lost.length > LOST_MAX) this.#lost.shift();
  }

  /** Entries for those that lie nearer to the target of a message than this node, other than the target itself. */
  entriesFor({ target }: Frame): readonly Uint8Array[] {
    const { geometry, now } = this.#ctx;
    while (this.#lost[0] !== undefined && this.#lost[0].until <= now) this.#lost.shift();
    // At almost every hop of almost every message.
    if (this.#lost.length === 0 && !this.#links.all.some(({ suspect }) => suspect)) return NONE;
    const entries: Uint8Array[] = [];
    const isOnTheWay = (id: NodeId): boolean => geometry.leadsOn(target, id) && !sameId(id, target);
    for (const { contact } of this.#lost)
      if (isOnTheWay(contact.id) && !this.#isBack(contact)) entries.push(visitedEntry(contact.id, 'missed'));
    for (const { id, suspect } of this.#links.all)
      if (suspect && isOnTheWay(id)) entries.push(visitedEntry(id, 'missed'));
    return entries;
  }

  /** Linked again, or known by a newer record. */
  #isBack({ key, sequence }: Contact): boolean {
    return this.#links.ofPeer(key) !== undefined || (this.#ctx.geometry.get(key)?.sequence ?? 0) > sequence;
  }
}

const NONE: readonly Uint8Array[] = [];
