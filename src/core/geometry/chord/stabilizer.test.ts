/** How a node of a ring compares what it is certain of with its neighbours': one real node, its peers say what the test makes them say. */

import { expect, test } from 'vitest';
import { createKeys, type TestKeys } from '../../../test-support/keys.ts';
import { SeededRandom } from '../../../test-support/seeded-random.ts';
import { Solo, type ScriptedPeer } from '../../../test-support/solo.ts';
import { compareClockwise } from '../../id/ring.ts';
import { toHex, type NodeId } from '../../id/node-id.ts';
import type { ChordSnapshot } from '../../snapshot.ts';
import { createChord } from './chord.ts';
import { readNeighbours, writeNeighbours } from './neighbours.ts';

const random = new SeededRandom(11);

/** A node with lists of 2, and some identities clockwise from it. */
function ringOf(count: number): { solo: Solo; others: TestKeys[] } {
  const keys = createKeys(random, 1, 'chord');
  const solo = new Solo({ keys, geometry: createChord, config: { successors: 2 } });
  const others = Array.from({ length: count }, () => createKeys(random, 1, 'chord'));
  others.sort((a, b) => compareClockwise(keys.id, a.id, b.id));
  solo.command({ type: 'start' });
  return { solo, others };
}

function shown(solo: Solo): ChordSnapshot {
  const { geometry } = solo.node.snapshot();
  if (geometry.geometry !== 'chord') throw new Error('no ring');
  return geometry;
}

const hexes = (ids: readonly { readonly id: NodeId }[]): string[] => ids.map(({ id }) => toHex(id));

/** The peer says whom it is certain of: itself and these. */
function tell(peer: ScriptedPeer, others: readonly TestKeys[], isClosed: boolean): void {
  const ids = [peer.keys, ...others]
    .map(({ id }) => id)
    .sort((a, b) => compareClockwise(others[0]?.id ?? peer.id, a, b));
  peer.sendControl({ type: 'neighbours', body: writeNeighbours({ ids, isClosed }, peer.id) });
}

function asked(peer: ScriptedPeer): number {
  return peer.controls('stabilize').length;
}

/** A node that has joined a ring of itself and one peer. */
function joinedWithOne(count: number): { solo: Solo; others: TestKeys[]; peer: ScriptedPeer } {
  const { solo, others } = ringOf(count);
  const peer = solo.link(others[0]!);
  solo.pass(200);
  expect(asked(peer)).toBe(1);
  tell(peer, [], true);
  return { solo, others, peer };
}

test('[CM2] [CM12] a new neighbour is asked at once, and its answer makes the node a member', () => {
  const { solo, others } = ringOf(2);
  expect(shown(solo).stabilizedAt).toBeUndefined();
  const peer = solo.link(others[0]!);
  solo.pass(200);
  expect(asked(peer)).toBe(1);
  expect(shown(solo)).toMatchObject({ stabilizing: true, successors: [] });
  tell(peer, [], true);
  expect(shown(solo)).toMatchObject({ stabilizing: false, stabilizedAt: solo.now });
  expect(hexes(shown(solo).successors)).toEqual([toHex(peer.id)]);
  const nearer = solo.link(others[1]!);
  solo.pass(700);
  expect(asked(nearer)).toBe(1);
});

test('[CM1] the neighbours are asked every 10 to 15 s', () => {
  const { solo, peer } = joinedWithOne(1);
  const times: number[] = [];
  for (let seconds = 0; seconds < 60; seconds++) {
    const before = asked(peer);
    solo.pass(1_000);
    if (asked(peer) === before) continue;
    times.push(solo.now);
    tell(peer, [], true);
  }
  expect(times.length).toBeGreaterThanOrEqual(3);
  const gaps = times.slice(1).map((time, i) => time - times[i]!);
  for (const gap of gaps) expect(gap >= 9_000 && gap <= 16_000).toBe(true);
});

test('[CM1] [CM6] a member answers with everybody it is certain of, the asker among them; a newcomer does not', () => {
  const { solo, others } = ringOf(1);
  const peer = solo.link(others[0]!);
  peer.sendControl({ type: 'stabilize' });
  expect(peer.controls('neighbours')).toEqual([]);
  solo.pass(200);
  tell(peer, [], true);
  peer.sendControl({ type: 'stabilize' });
  const [answer] = peer.controls('neighbours');
  expect(readNeighbours(answer!.body, solo.keys.id)).toEqual({
    ids: [solo.keys.id, peer.id],
    isClosed: true,
  });
});

test('[CM13] an answer that is as before is empty, and counts as the last one', () => {
  const { solo, others, peer } = joinedWithOne(2);
  const answers = (): number[] => peer.controls('neighbours').map(({ body }) => body.length);
  peer.sendControl({ type: 'stabilize' });
  peer.sendControl({ type: 'stabilize' });
  expect(answers()).toEqual([33, 0]);
  peer.sendControl({ type: 'news', records: [others[1]!.record] });
  peer.sendControl({ type: 'stabilize' });
  expect(answers()).toEqual([33, 0, 65]);

  const before = shown(solo).stabilizedAt;
  const questions = asked(peer);
  while (asked(peer) === questions) solo.pass(100);
  peer.sendControl({ type: 'neighbours', body: new Uint8Array(0) });
  expect(shown(solo)).toMatchObject({ stabilizing: false, stabilizedAt: solo.now });
  expect(shown(solo).stabilizedAt).not.toBe(before);
});

test('[CM13] nothing is as before where nothing was before', () => {
  const { solo, others } = ringOf(1);
  const peer = solo.link(others[0]!);
  solo.pass(200);
  peer.sendControl({ type: 'neighbours', body: new Uint8Array(0) });
  expect(shown(solo)).toMatchObject({ successors: [], stabilizedAt: undefined });
});

test('[CM5] whom an answer names is fetched, and asked about again', () => {
  const { solo, others, peer } = joinedWithOne(2);
  solo.pass(16_000);
  const before = asked(peer);
  expect(before).toBeGreaterThanOrEqual(2);
  tell(peer, [others[1]!], true);
  expect(peer.controls('want').flatMap(({ ids }) => ids.map(toHex))).toContain(toHex(others[1]!.id));
  peer.sendControl({ type: 'news', records: [others[1]!.record] });
  solo.pass(700);
  expect(asked(peer)).toBe(before + 1);
  expect(hexes(shown(solo).successors)).toEqual([others[0]!, others[1]!].map(({ id }) => toHex(id)));
});

test('[CM5] [CM7] a contact that a neighbour passes over is asked itself, and kept when it lives', () => {
  const { solo, others, peer } = joinedWithOne(2);
  peer.sendControl({ type: 'news', records: [others[1]!.record] });
  expect(shown(solo).successors).toHaveLength(2);
  solo.clear();
  while (asked(peer) === 0) solo.pass(100);
  tell(peer, [], true);
  solo.pass(100);
  const pings = peer
    .allFrames()
    .filter(({ service, target }) => service === 'ping' && toHex(target) === toHex(others[1]!.id));
  expect(pings.length).toBeGreaterThanOrEqual(1);
  expect(shown(solo).successors).toHaveLength(2);
});

test('[CM3] an answer to nothing, or out of order, changes nothing', () => {
  const { solo, others } = ringOf(4);
  const peer = solo.link(others[0]!);
  tell(peer, [], true);
  expect(shown(solo).successors).toEqual([]);
  solo.pass(200);
  const ids = [others[2]!, others[1]!, others[3]!].map(({ id }) => id);
  peer.sendControl({ type: 'neighbours', body: Uint8Array.of(0x80, ...ids.flatMap((id) => [...id])) });
  expect(shown(solo)).toMatchObject({ successors: [], stabilizedAt: undefined });
});

test('[CM8] while lists are too short others are asked as well, ever less often', () => {
  const { solo, others } = ringOf(3);
  const peers = others.map((keys) => solo.link(keys));
  solo.pass(30_000);
  // The nearest of them never answer; the one in the middle is asked all the same.
  expect(asked(peers[1]!)).toBeGreaterThanOrEqual(2);
  const early = asked(peers[0]!);
  solo.pass(30_000);
  expect(asked(peers[0]!) - early).toBeLessThanOrEqual(early);
});
