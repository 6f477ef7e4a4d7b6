/** Goal: what a node knows reaches callers whole, in text and in epoch time. Method: a snapshot of a ring made by hand. */

import { expect, test } from 'vitest';
import { createCounters } from '../core/context.ts';
import { asNodeId, toHex } from '../core/id/node-id.ts';
import type { ChordSnapshot, ContactSnapshot, GeometrySnapshot } from '../core/snapshot.ts';
import { toSnapshot } from './views.ts';

const id = (byte: number) => asNodeId(new Uint8Array(32).fill(byte));
const hex = (byte: number): string => toHex(id(byte));
const contact = (byte: number, linked = false): ContactSnapshot => ({
  id: id(byte),
  linked,
  lastSeenAt: 5,
});

const RING: ChordSnapshot = {
  geometry: 'chord',
  listSize: 16,
  predecessors: [contact(9, true), contact(8)],
  successors: [contact(11, true)],
  gap: 'contact-lost',
  fingers: [
    { exponent: 254, start: id(74), contact: contact(80), gap: 'none' },
    { exponent: 255, start: id(138), contact: undefined, gap: 'not-looked-up' },
  ],
  candidates: [id(200)],
  stabilizedAt: 7,
  stabilizing: true,
};

function shown(geometry: GeometrySnapshot) {
  const counters = createCounters();
  const node = { id: id(10), state: 'ready', complete: false, links: [], networkSizeEstimate: 5 } as const;
  const facts = {
    room: 'r',
    startedAt: 0,
    takenAt: 0,
    signaling: 'online',
    signalingUrl: 'ws://a',
    linksMax: 48,
    identity: { kept: true },
  } as const;
  return toSnapshot({ ...node, counters, geometry }, facts, (time) => time + 1_000);
}

test('[SE12] a ring is shown as a ring, with ids in text and times of the epoch', () => {
  const { geometry, ring, buckets, bucketSize } = shown(RING);
  expect({ geometry, buckets, bucketSize }).toEqual({ geometry: 'chord', buckets: [], bucketSize: 16 });
  const viewOf = (byte: number, linked = false) => ({ id: hex(byte), linked, lastSeenAt: 1_005 });
  expect(ring).toEqual({
    listSize: 16,
    predecessors: [viewOf(9, true), viewOf(8)],
    successors: [viewOf(11, true)],
    gap: 'contact-lost',
    fingers: [
      { exponent: 254, start: hex(74), contact: viewOf(80), gap: 'none' },
      { exponent: 255, start: hex(138), gap: 'not-looked-up' },
    ],
    candidates: [hex(200)],
    stabilizedAt: 1_007,
    stabilizing: true,
  });
  expect(shown({ ...RING, stabilizedAt: undefined }).ring).not.toHaveProperty('stabilizedAt');
});

test('[SE12] Kademlia is shown by its buckets and has no ring', () => {
  const bucket = { index: 0, contacts: [contact(9)], candidates: [id(8)], full: false, gap: 'none' } as const;
  const snapshot = shown({ geometry: 'kademlia', bucketSize: 8, buckets: [bucket] });
  expect(snapshot).toMatchObject({ geometry: 'kademlia', bucketSize: 8 });
  expect(snapshot.buckets[0]).toMatchObject({
    candidates: [hex(8)],
    contacts: [{ id: hex(9), lastSeenAt: 1_005 }],
  });
  expect(snapshot).not.toHaveProperty('ring');
});
