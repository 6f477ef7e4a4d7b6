/** A copy of what a node knows, for the screen and for tests. Plain data; ids are bytes. */

import { mapKey, type NodeId } from './id/node-id.ts';
import type { LinkState, NodeState } from './events.ts';
import type { LinkId } from './io.ts';

export interface NodeSnapshot {
  readonly id: NodeId;
  readonly state: NodeState;
  /** True when, as far as the node can tell, every bucket is full or holds every node that belongs there. */
  readonly complete: boolean;
  readonly geometry: GeometrySnapshot;
  readonly links: readonly LinkSnapshot[];
  readonly counters: Counters;
  /** How many nodes the network seems to have, itself included; from the density of the nearest contacts. */
  readonly networkSizeEstimate: number;
}

export type GeometrySnapshot = KademliaSnapshot | ChordSnapshot;

/** What a node of a ring knows. */
export interface ChordSnapshot {
  readonly geometry: 'chord';
  /** Nodes that a node wants to know in each direction. */
  readonly listSize: number;
  /** Counter-clockwise from the own id, nearest first: the first one is the predecessor. */
  readonly predecessors: readonly ContactSnapshot[];
  /** Clockwise from the own id, nearest first. */
  readonly successors: readonly ContactSnapshot[];
  /** Why the two lists may lack nodes; `none` when they hold every node there is or as many as wanted. */
  readonly gap: Gap;
  /** Those that point beyond the successors, the shortest first. */
  readonly fingers: readonly FingerSnapshot[];
  /** Known nodes that serve no list and no finger. */
  readonly candidates: readonly NodeId[];
  /** When the node last compared its lists with its successor's, in the driver's time (ms). */
  readonly stabilizedAt: number | undefined;
  /** True while it waits for the successor's answer. */
  readonly stabilizing: boolean;
}

export interface FingerSnapshot {
  /** The finger points to the first node at or after the own id + 2^exponent. */
  readonly exponent: number;
  readonly start: NodeId;
  readonly contact: ContactSnapshot | undefined;
  readonly gap: Gap;
}

export interface KademliaSnapshot {
  readonly geometry: 'kademlia';
  readonly bucketSize: number;
  /** From the farthest half of the key space to the own neighbourhood; the last one covers the own id. */
  readonly buckets: readonly BucketSnapshot[];
}

export interface BucketSnapshot {
  /** Leading bits its contacts share with the own id (exactly; for the last bucket: at least). */
  readonly index: number;
  readonly contacts: readonly ContactSnapshot[];
  /** The replacement cache: known nodes that wait for a place. */
  readonly candidates: readonly NodeId[];
  readonly full: boolean;
  /**
   * Why the bucket may lack nodes that belong in it; `none` when it is full or was looked up since the last change. The
   * bucket beside the last may have to hold all of its range: then it can be full and still lack some.
   */
  readonly gap: Gap;
}

/** Why a part of a table may lack nodes. */
export type Gap = 'none' | 'not-looked-up' | 'contact-lost';

export interface ContactSnapshot {
  readonly id: NodeId;
  readonly linked: boolean;
  /** When the node was last known to be alive, in the driver's time (ms). */
  readonly lastSeenAt: number;
}

export interface LinkSnapshot {
  readonly link: LinkId;
  readonly peer: NodeId;
  readonly state: LinkState;
  /** True when this node dialled. */
  readonly outgoing: boolean;
  /** Why the node keeps it. */
  readonly role: 'bucket' | 'sibling' | 'extra' | 'none';
  /** Smoothed round trip, ms; `undefined` before the first heartbeat came back. */
  readonly rttMs: number | undefined;
  /** When the attempt began and when it became a link, in the driver's time (ms). */
  readonly startedAt: number;
  readonly upAt: number | undefined;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly queued: number;
  /** How many links the peer says it has. */
  readonly peerLinks: number;
}

/** Totals since the node started. */
export interface Counters {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Messages of the application: sent, delivered here, passed on for others. */
  readonly sent: number;
  readonly delivered: number;
  readonly forwarded: number;
  /** Data copies sent over links, own and forwarded, retries included. */
  readonly transmissions: number;
  /** Receipt, reply and no-route frames sent. */
  readonly acks: number;
  readonly retries: number;
  readonly duplicates: number;
  readonly droppedForwarded: number;
  readonly droppedOwn: number;
  readonly malformed: number;
  readonly dials: number;
  readonly dialsFailed: number;
}

/** The buckets of a node's table; none on a ring. */
export function bucketsOf({ geometry }: Pick<NodeSnapshot, 'geometry'>): readonly BucketSnapshot[] {
  return geometry.geometry === 'kademlia' ? geometry.buckets : [];
}

/** Everybody with a place in a node's table, each once. */
export function contactsOf({ geometry }: Pick<NodeSnapshot, 'geometry'>): readonly ContactSnapshot[] {
  if (geometry.geometry === 'kademlia') return geometry.buckets.flatMap(({ contacts }) => contacts);
  const fingers = geometry.fingers.flatMap(({ contact }) => contact ?? []);
  const all = [...geometry.successors, ...geometry.predecessors, ...fingers];
  return [...new Map(all.map((contact) => [mapKey(contact.id), contact])).values()];
}
