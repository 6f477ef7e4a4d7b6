/** Believable snapshots, links and events for the unit tests of the screen. Only tests import it. */

import type {
  BucketView,
  ContactView,
  CountersView,
  Id,
  LinkView,
  OverlayEvent,
  Receipt,
  RingView,
  Snapshot,
} from '../session/api.ts';

/** An id that begins with these digits and goes on with zeros. */
export function idOf(digits: string): Id {
  return digits.padEnd(64, '0');
}

/** Counters at zero but for what is given. */
export function countersOf(changes: Partial<CountersView> = {}): CountersView {
  return {
    framesIn: 0,
    framesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    sent: 0,
    delivered: 0,
    forwarded: 0,
    transmissions: 0,
    acks: 0,
    retries: 0,
    duplicates: 0,
    droppedForwarded: 0,
    droppedOwn: 0,
    malformed: 0,
    dials: 0,
    dialsFailed: 0,
    ...changes,
  };
}

/** A link that is up. */
export function linkOf(peer: Id, changes: Partial<LinkView> = {}): LinkView {
  return {
    peer,
    state: 'up',
    outgoing: true,
    role: 'bucket',
    rttMs: 5,
    startedAt: 1_000,
    upAt: 1_100,
    framesIn: 0,
    framesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    queued: 0,
    peerLinks: 1,
    ...changes,
  };
}

/** A bucket with these contacts, none linked. */
export function bucketOf(
  index: number,
  contacts: readonly Id[],
  changes: Partial<BucketView> = {},
): BucketView {
  return {
    index,
    contacts: contacts.map((id) => contactOf(id)),
    candidates: [],
    full: false,
    gap: 'none',
    ...changes,
  };
}

/** A node in the table, not linked. */
export function contactOf(id: Id, changes: Partial<ContactView> = {}): ContactView {
  return { id, linked: false, lastSeenAt: 2_000, ...changes };
}

/** What a node knows that is alone on its ring but for what is given. */
export function ringOf(changes: Partial<RingView> = {}): RingView {
  return {
    listSize: 16,
    predecessors: [],
    successors: [],
    gap: 'none',
    fingers: [],
    candidates: [],
    stabilizedAt: 9_000,
    stabilizing: false,
    ...changes,
  };
}

/** A snapshot of a node that is alone but for what is given. */
export function snapshotOf(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    id: idOf('a'),
    room: 'demo',
    takenAt: 10_000,
    startedAt: 1_000,
    geometry: 'kademlia',
    state: 'ready',
    complete: true,
    signaling: 'online',
    signalingUrl: 'ws://localhost:8080/signaling',
    identity: { kept: true },
    networkSizeEstimate: 1,
    bucketSize: 8,
    linksMax: 48,
    buckets: [],
    links: [],
    counters: countersOf(),
    ...changes,
  };
}

/** A receipt of a delivered message. */
export function receiptOf(changes: Partial<Receipt> = {}): Receipt {
  return {
    ok: true,
    by: [idOf('b')],
    onTheWay: false,
    hops: 1,
    transmissions: 1,
    rttMs: 12,
    path: [idOf('a'), idOf('b')],
    certainty: 'complete',
    tried: [],
    ruledOut: [],
    ...changes,
  };
}

/** A message of this node that set out. */
export function sentOf(
  message: string,
  changes: Partial<Extract<OverlayEvent, { type: 'sent' }>> = {},
): OverlayEvent {
  return {
    at: 1,
    type: 'sent',
    message,
    kind: 'direct',
    service: 'app',
    target: idOf('b'),
    nextHop: idOf('b'),
    bytes: 100,
    ...changes,
  };
}

/** The end of a message of this node. */
export function settledOf(message: string, receipt: Receipt = receiptOf()): OverlayEvent {
  return { at: 2, type: 'settled', message, kind: 'direct', service: 'app', target: idOf('b'), receipt };
}
