/**
 * The nodes a snapshot speaks of, merged: one entry for a node whether it stands in a bucket, waits as a candidate or
 * is only linked. Ring, buckets table and peers list all draw from this, so their numbers cannot differ. Pure.
 */

import type { Id, LinkView, Snapshot } from '../../session/api.ts';

/** What we have to do with a node, strongest first. */
export type Standing =
  | 'linked' // a live channel
  | 'suspect' // a channel that has stopped answering
  | 'linking' // an attempt under way
  | 'contact' // known, not linked
  | 'candidate'; // known, waiting for a place in a full bucket

export interface NodeView {
  readonly id: Id;
  readonly standing: Standing;
  /** Index of its bucket; `undefined` for a linked node that the table does not hold. */
  readonly bucket: number | undefined;
  /** The link or attempt, if there is one. */
  readonly link: LinkView | undefined;
  /** When the node was last known alive, ms since the epoch; contacts only. */
  readonly lastSeenAt: number | undefined;
}

export type SortKey = 'distance' | 'id' | 'state' | 'rtt' | 'age' | 'role' | 'in' | 'out';

const STANDING_ORDER: Readonly<Record<Standing, number>> = {
  linked: 0,
  suspect: 1,
  linking: 2,
  contact: 3,
  candidate: 4,
};

/** Every node of the snapshot except this one, in no promised order. */
export function collectNodes(snapshot: Snapshot): readonly NodeView[] {
  const links = new Map<Id, LinkView>();
  for (const link of snapshot.links) {
    const other = links.get(link.peer);
    // Two attempts to one node can overlap; the better one speaks for it.
    if (link.state !== 'down' && (other === undefined || rankOf(link) < rankOf(other)))
      links.set(link.peer, link);
  }

  const nodes = new Map<Id, NodeView>();
  for (const bucket of snapshot.buckets) {
    for (const contact of bucket.contacts) {
      const link = links.get(contact.id);
      nodes.set(contact.id, {
        id: contact.id,
        standing: link === undefined ? 'contact' : standingOf(link),
        bucket: bucket.index,
        link,
        lastSeenAt: contact.lastSeenAt,
      });
    }
  }
  for (const bucket of snapshot.buckets) {
    for (const id of bucket.candidates) {
      if (nodes.has(id)) continue;
      const link = links.get(id);
      const standing = link === undefined ? 'candidate' : standingOf(link);
      nodes.set(id, { id, standing, bucket: bucket.index, link, lastSeenAt: undefined });
    }
  }
  for (const [id, link] of links) {
    if (nodes.has(id) || id === snapshot.id) continue;
    nodes.set(id, { id, standing: standingOf(link), bucket: undefined, link, lastSeenAt: undefined });
  }
  return [...nodes.values()];
}

/** Links that are up, suspect ones included. */
export function countLinks(snapshot: Snapshot): number {
  return snapshot.links.filter((link) => link.state === 'up' || link.state === 'suspect').length;
}

/** Contacts in the buckets: the peers known. */
export function countContacts(snapshot: Snapshot): number {
  return snapshot.buckets.reduce((sum, bucket) => sum + bucket.contacts.length, 0);
}

/** True for a node with a channel that still counts. */
export function isLinked(node: NodeView): boolean {
  return node.standing === 'linked' || node.standing === 'suspect';
}

/** The nodes whose id begins with the text, or whose standing or role is that word; all of them for an empty text. */
export function searchNodes(nodes: readonly NodeView[], text: string): readonly NodeView[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return nodes;
  return nodes.filter(
    (node) =>
      node.id.includes(wanted) || node.standing.startsWith(wanted) || node.link?.role.startsWith(wanted),
  );
}

/** A sorted copy. Unknown values come last in either direction; ties are broken by id. `self` is needed for distance. */
export function sortNodes(
  nodes: readonly NodeView[],
  order: { readonly key: SortKey; readonly descending: boolean; readonly self: Id; readonly now: number },
): readonly NodeView[] {
  const sign = order.descending ? -1 : 1;
  return nodes
    .map((node) => ({ node, value: SORT_VALUES[order.key](node, order) }))
    .sort((a, b) => compareValues(a.value, b.value, sign) || compareText(a.node.id, b.node.id))
    .map((entry) => entry.node);
}

/** Hexadecimal digits of `a xor b`, for ids of one length: compares as text the way distances compare. */
export function xorText(a: Id, b: Id): string {
  let text = '';
  for (let at = 0; at < a.length; at += 1) {
    text += (Number.parseInt(a.charAt(at), 16) ^ Number.parseInt(b.charAt(at), 16)).toString(16);
  }
  return text;
}

/** Leading bits two ids have in common: 256 for an id and itself. */
export function sharedBits(a: Id, b: Id): number {
  const distance = xorText(a, b);
  const digit = distance.search(/[^0]/);
  if (digit < 0) return distance.length * 4;
  return digit * 4 + Math.clz32(Number.parseInt(distance.charAt(digit), 16)) - 28;
}

function standingOf(link: LinkView): Standing {
  if (link.state === 'up') return 'linked';
  return link.state === 'suspect' ? 'suspect' : 'linking';
}

function rankOf(link: LinkView): number {
  return STANDING_ORDER[standingOf(link)];
}

type SortValue = (
  node: NodeView,
  order: { readonly self: Id; readonly now: number },
) => number | string | undefined;

const SORT_VALUES: Readonly<Record<SortKey, SortValue>> = {
  distance: (node, order) => xorText(node.id, order.self),
  id: (node) => node.id,
  state: (node) => STANDING_ORDER[node.standing],
  rtt: (node) => node.link?.rttMs,
  age: (node, order) => (node.link?.upAt === undefined ? undefined : order.now - node.link.upAt),
  role: (node) => node.link?.role,
  in: (node) => node.link?.bytesIn,
  out: (node) => node.link?.bytesOut,
};

function compareValues(a: number | string | undefined, b: number | string | undefined, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
  return sign * compareText(String(a), String(b));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
