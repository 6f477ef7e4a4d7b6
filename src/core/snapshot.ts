/** A copy of what a node knows, for the screen and for tests. Plain data; ids are bytes. */

import type { NodeId } from './id/node-id.ts';
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

export type GeometrySnapshot = KademliaSnapshot;

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
  readonly gap: 'none' | 'not-looked-up' | 'contact-lost';
}

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
