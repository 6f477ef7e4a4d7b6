/**
 * Where every contact is linked, a link is kept for each end that has the other in its table. Two nodes that each chose
 * one another need one link, two that each chose somebody else need two: so a node that is linked by somebody it has no
 * place for gives that peer the place of a contact that can do without it. Every bucket stays full, and a table costs
 * about half the links. Rules PL8 and PL9.
 *
 * A peer told that a link is unneeded may close it at any time, so it can be counted on no more. Lots decide for each
 * link which end offers it up at once and which end holds it back as a stand-in; otherwise both ends would count on
 * links that are just being closed.
 */

import type { NodeContext } from '../context.ts';
import { compareIds, type NodeId } from '../id/node-id.ts';
import type { Contact } from '../wire/contact.ts';
import type { Link } from './link.ts';

/** A link that was held back is offered up as well when nothing came of it in this time. */
const HOLD_MS = 30_000;

/** True while a link without a role may yet stand in for another one. */
export function isHeldBack(self: NodeId, link: Link, now: number): boolean {
  return now - link.upAt < HOLD_MS && drewHold(self, link.id);
}

/**
 * Gives the place of a contact in the table to a linked peer that has none and that was not told of it; `undefined`, and
 * nothing changed, where there is no such peer.
 */
export function takeStandIn(ctx: NodeContext, links: readonly Link[], contact: Contact): Link | undefined {
  return links.find(
    (link) =>
      link.role === 'none' &&
      link.key !== contact.key &&
      link.unneededSentAt === -Infinity &&
      !link.peerCanSpare &&
      !link.suspect &&
      ctx.geometry.exchange(contact.key, link.contact, ctx.now),
  );
}

/** The lot: true for exactly one of two ends. All ids of a bucket lie on one side, so their order alone would not do. */
function drewHold(self: NodeId, peer: NodeId): boolean {
  const last = self.length - 1;
  const isEven = ((self[last]! ^ peer[last]!) & 1) === 0;
  return isEven === compareIds(self, peer) < 0;
}
