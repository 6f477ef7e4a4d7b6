/** Turns what a node says and knows (ids in bytes, driver time) into the public form (hexadecimal, epoch time). */

import type { NodeEvent, NodeReceipt } from '../core/events.ts';
import { toHex, type NodeId } from '../core/id/node-id.ts';
import {
  bucketsOf,
  type ChordSnapshot,
  type ContactSnapshot,
  type LinkSnapshot,
  type NodeSnapshot,
} from '../core/snapshot.ts';
import { decodePayload } from '../core/wire/codec.ts';
import type {
  ContactView,
  FromGroup,
  Id,
  LinkView,
  OverlayEvent,
  Receipt,
  RingView,
  Snapshot,
} from './api.ts';

/** What the session adds to the node's own knowledge. */
export type SessionFacts = Pick<
  Snapshot,
  | 'room'
  | 'startedAt'
  | 'takenAt'
  | 'signaling'
  | 'signalingUrl'
  | 'signalingProblem'
  | 'networkGeometry'
  | 'identity'
  | 'linksMax'
  | 'recordsProblem'
  | 'work'
  | 'problem'
>;

/** The public snapshot. `toEpoch` converts the driver's time. */
export function toSnapshot(
  node: NodeSnapshot,
  facts: SessionFacts,
  toEpoch: (time: number) => number,
): Snapshot {
  const { geometry } = node;
  return {
    ...facts,
    id: toHex(node.id),
    geometry: geometry.geometry,
    state: node.state,
    complete: node.complete,
    networkSizeEstimate: node.networkSizeEstimate,
    bucketSize: geometry.geometry === 'kademlia' ? geometry.bucketSize : geometry.listSize,
    buckets: bucketsOf(node).map(({ index, contacts, candidates, full, gap }) => ({
      index,
      full,
      gap,
      contacts: contacts.map((contact) => toContactView(contact, toEpoch)),
      candidates: candidates.map(toHex),
    })),
    ...(geometry.geometry === 'chord' ? { ring: toRingView(geometry, toEpoch) } : {}),
    links: node.links.map((link) => toLinkView(link, toEpoch)),
    counters: { ...node.counters },
  };
}

function toContactView(
  { id, linked, lastSeenAt }: ContactSnapshot,
  toEpoch: (time: number) => number,
): ContactView {
  return { id: toHex(id), linked, lastSeenAt: toEpoch(lastSeenAt) };
}

function toRingView(ring: ChordSnapshot, toEpoch: (time: number) => number): RingView {
  const { listSize, gap, stabilizing, stabilizedAt } = ring;
  const view = (contact: ContactSnapshot): ContactView => toContactView(contact, toEpoch);
  return {
    listSize,
    predecessors: ring.predecessors.map(view),
    successors: ring.successors.map(view),
    gap,
    fingers: ring.fingers.map(({ exponent, start, contact, gap }) => ({
      exponent,
      start: toHex(start),
      ...(contact === undefined ? {} : { contact: view(contact) }),
      gap,
    })),
    candidates: ring.candidates.map(toHex),
    ...(stabilizedAt === undefined ? {} : { stabilizedAt: toEpoch(stabilizedAt) }),
    stabilizing,
  };
}

function toLinkView(link: LinkSnapshot, toEpoch: (time: number) => number): LinkView {
  const { link: _number, peer, rttMs, startedAt, upAt, ...rest } = link;
  return {
    ...rest,
    peer: toHex(peer),
    startedAt: toEpoch(startedAt),
    ...(rttMs === undefined ? {} : { rttMs }),
    ...(upAt === undefined ? {} : { upAt: toEpoch(upAt) }),
  };
}

/** The public receipt; `message` is the id of the message in hexadecimal. */
export function toReceipt(receipt: NodeReceipt, message: string | undefined): Receipt {
  const { ok, reason, by, onTheWay, hops, transmissions, rttMs, path, certainty, tried, ruledOut } = receipt;
  return {
    ok,
    ...(reason === undefined ? {} : { reason }),
    by: by.map(toHex),
    onTheWay,
    hops,
    transmissions,
    rttMs,
    path: path.map(toHex),
    certainty,
    ...(receipt.reached === undefined ? {} : { reached: receipt.reached }),
    tried: tried.map((hop) => ({ peer: toHex(hop.peer), reason: hop.reason })),
    ruledOut: ruledOut.map(toHex),
    ...(message === undefined ? {} : { message }),
  };
}

/** The public event, or `undefined` for what only the session itself needs. `at` is epoch time. */
export function toEvent(event: NodeEvent, at: number): OverlayEvent | undefined {
  switch (event.type) {
    case 'result':
    case 'store-result':
    case 'store-change':
    case 'ring-result':
      return undefined;
    case 'sent': {
      const { message, kind, service, target, nextHop, bytes } = event;
      return {
        at,
        type: 'sent',
        message,
        kind,
        service,
        target: toHex(target),
        ...optional('nextHop', nextHop),
        bytes,
      };
    }
    case 'settled': {
      const { message, kind, service, target, receipt } = event;
      return {
        at,
        type: 'settled',
        message,
        kind,
        service,
        target: toHex(target),
        receipt: toReceipt(receipt, message),
      };
    }
    case 'delivered':
      return toDelivered(event, at);
    case 'routing':
      return toRouting(event, at);
    case 'retry': {
      const { message, service, failedHop, nextHop, reason } = event;
      return {
        at,
        type: 'retry',
        message,
        service,
        failedHop: toHex(failedHop),
        ...optional('nextHop', nextHop),
        reason,
      };
    }
    case 'nodes':
      return { at, type: 'nodes', added: event.added.map(toHex), removed: event.removed.map(toHex) };
    case 'link': {
      const { peer, state, reason } = event;
      return { at, type: 'link', peer: toHex(peer), state, ...(reason === undefined ? {} : { reason }) };
    }
    case 'state':
      return { at, type: 'state', state: event.state, complete: event.complete };
    case 'malformed':
      break;
  }
  return { at, type: 'malformed', peer: toHex(event.peer), problem: event.problem };
}

function toDelivered(event: NodeEvent & { type: 'delivered' }, at: number): OverlayEvent {
  const { message, kind, service, origin, lastHop, target, exact, hops, body, fromGroup } = event;
  const payload = service === 'app' ? decodePayload(body) : undefined;
  return {
    at,
    type: 'delivered',
    message,
    kind,
    service,
    origin: toHex(origin),
    ...optional('lastHop', lastHop),
    target: toHex(target),
    exact,
    hops,
    bytes: body.length,
    ...(payload === undefined ? {} : { payload }),
    ...(fromGroup === undefined ? {} : { fromGroup: toFromGroup(fromGroup) }),
  };
}

/** The public form of the group that a message is from. */
export function toFromGroup({
  key,
  size,
  members,
}: NonNullable<(NodeEvent & { type: 'delivered' })['fromGroup']>): FromGroup {
  return { key: toHex(key), size, members: members.map(toHex) };
}

function toRouting(event: NodeEvent & { type: 'routing' }, at: number): OverlayEvent {
  const { message, kind, service, origin, target, lastHop, nextHop, hops, bytes, held } = event;
  const payload = held === undefined ? undefined : decodePayload(held);
  return {
    at,
    type: 'routing',
    message,
    kind,
    service,
    origin: toHex(origin),
    target: toHex(target),
    lastHop: toHex(lastHop),
    ...optional('nextHop', nextHop),
    hops,
    bytes,
    ...(payload === undefined ? {} : { payload }),
  };
}

function optional<Name extends string>(name: Name, id: NodeId | undefined): { readonly [key in Name]?: Id } {
  return (id === undefined ? {} : { [name]: toHex(id) }) as { readonly [key in Name]?: Id };
}
