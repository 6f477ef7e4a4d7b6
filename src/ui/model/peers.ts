/**
 * The nodes a snapshot speaks of, merged: one entry for a node whether it stands in the table, waits as a candidate or
 * is only linked. Ring, table and peers list all draw from this, so their numbers cannot differ. Pure.
 */

import type { ContactView, GeometryName, Id, LinkView, Snapshot } from '../../session/api.ts';
import { clockwiseText, ringContacts } from './ring.ts';

/** What we have to do with a node, strongest first. */
export type Standing =
  | 'linked' // a live channel
  | 'suspect' // a channel that has stopped answering
  | 'linking' // an attempt under way
  | 'contact' // known, not linked
  | 'candidate'; // known, without a place in the table

export interface NodeView {
  readonly id: Id;
  readonly standing: Standing;
  /** Index of its bucket; `undefined` for a linked node that the table does not hold, and on a ring. */
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
  const addContact = ({ id, lastSeenAt }: ContactView, bucket: number | undefined): void => {
    const link = links.get(id);
    const standing = link === undefined ? 'contact' : standingOf(link);
    nodes.set(id, { id, standing, bucket, link, lastSeenAt });
  };
  const addCandidate = (id: Id, bucket: number | undefined): void => {
    if (nodes.has(id)) return;
    const link = links.get(id);
    const standing = link === undefined ? 'candidate' : standingOf(link);
    nodes.set(id, { id, standing, bucket, link, lastSeenAt: undefined });
  };
  const { buckets, ring } = snapshot;
  for (const { contacts, index } of buckets) for (const contact of contacts) addContact(contact, index);
  for (const { candidates, index } of buckets) for (const id of candidates) addCandidate(id, index);
  if (ring !== undefined) {
    for (const contact of ringContacts(ring)) addContact(contact, undefined);
    for (const id of ring.candidates) addCandidate(id, undefined);
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

/** Contacts in the table; candidates, and nodes that are only linked, are peers as well. */
export function countContacts({ buckets, ring }: Snapshot): number {
  if (ring !== undefined) return ringContacts(ring).length;
  return buckets.reduce((sum, bucket) => sum + bucket.contacts.length, 0);
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

/** What sorting goes by. Distances are from `self`: XOR, or the way clockwise on a ring. */
interface Measure {
  readonly geometry: GeometryName;
  readonly self: Id;
  readonly now: number;
}

/** A sorted copy. Unknown values come last in either direction; ties are broken by id. */
export function sortNodes(
  nodes: readonly NodeView[],
  order: Measure & { readonly key: SortKey; readonly descending: boolean },
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

type SortValue = (node: NodeView, order: Measure) => number | string | undefined;

const SORT_VALUES: Readonly<Record<SortKey, SortValue>> = {
  distance: (node, { geometry, self }) =>
    geometry === 'chord' ? clockwiseText(self, node.id) : xorText(node.id, self),
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
