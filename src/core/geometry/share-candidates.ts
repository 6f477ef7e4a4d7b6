/** In which order the contacts of a broadcast's share are asked to take it, whatever the geometry. Rule GE11. */

import type { MapKey, NodeId } from '../id/node-id.ts';
import type { Contact } from '../wire/contact.ts';

/** Linked ones first, then those heard of last: they are the likeliest to be there. */
export function shareCandidates(
  entries: readonly { readonly contact: Contact; readonly lastSeenAt: number }[],
  isLinked: (key: MapKey) => boolean,
): readonly NodeId[] {
  return entries
    .map(({ contact, lastSeenAt }) => ({ contact, lastSeenAt, linked: isLinked(contact.key) ? 1 : 0 }))
    .sort((a, b) => b.linked - a.linked || b.lastSeenAt - a.lastSeenAt)
    .map(({ contact }) => contact.id);
}
