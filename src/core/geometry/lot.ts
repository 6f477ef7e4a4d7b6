/** Lots drawn without a random source: the same pair of nodes always draws the same. Rules KB28, CH24. */

import { compareIds, type NodeId } from '../id/node-id.ts';
import { firstWord } from '../id/xor.ts';
import type { Contact } from '../wire/contact.ts';
import type { LinkPreference } from './geometry.ts';

/** Contacts of the same use, best first: linked, then not shunned, then by a lot that differs from node to node. */
export function rankByLot<T extends { readonly contact: Contact }>(
  entries: readonly T[],
  self: NodeId,
  preference: LinkPreference,
): T[] {
  const own = firstWord(self);
  const scored = entries.map((entry) => {
    const { key, id } = entry.contact;
    const group = preference.isLinked(key) ? 0 : preference.isShunned(key) ? 2 : 1;
    return { entry, group, lot: lotOf(own, firstWord(id)) };
  });
  scored.sort(
    (a, b) => a.group - b.group || a.lot - b.lot || compareIds(a.entry.contact.id, b.entry.contact.id),
  );
  return scored.map(({ entry }) => entry);
}

/**
 * A number that seems random but always is the same for one pair. Nodes that know the same contacts then choose
 * different ones: by age or distance all would crowd onto a few, or close up in small circles.
 */
function lotOf(own: number, other: number): number {
  let x = Math.imul(own ^ 0x9e3779b9, 0x85ebca6b) ^ other;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
