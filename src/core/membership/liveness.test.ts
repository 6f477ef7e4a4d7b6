/** Goal: who is taken for alive, suspect, dead. Method: one node among scripted peers that answer heartbeats or do not. */

import { contactsOf } from '../snapshot.ts';
import { describe, expect, test } from 'vitest';
import { Box } from '../../test-support/box.ts';
import { keysNear } from '../../test-support/keys.ts';
import { Solo, type ScriptedPeer } from '../../test-support/solo.ts';
import type { LinkState } from '../events.ts';
import { CONTROL_KINDS } from '../wire/control.ts';

function linked(count = 1): { solo: Solo; peers: ScriptedPeer[]; peer: ScriptedPeer } {
  const solo = new Solo();
  const peers = Array.from({ length: count }, () => solo.link(keysNear(solo.random, solo.keys.id, 0)));
  solo.completeTable();
  return { solo, peers, peer: peers[0]! };
}

const states = (solo: Solo, peer: ScriptedPeer): (LinkState | undefined)[] =>
  solo.node
    .snapshot()
    .links.filter(({ link }) => link === peer.link)
    .map(({ state }) => state);
type Ping = ReturnType<typeof firstPing>;
const firstPing = (peer: ScriptedPeer) => peer.controls('ping')[0]!;
const pings = (peer: ScriptedPeer): number => peer.controls('ping').length;

describe('heartbeats', () => {
  test('[LV1] a new link is pinged at once, an idle one every two seconds, a busy one not', () => {
    const solo = new Solo();
    const peer = solo.link();
    expect(pings(peer)).toBe(1);
    solo.completeTable();
    solo.pass(20_000);
    expect(pings(peer)).toBeGreaterThanOrEqual(8);
    expect(pings(peer)).toBeLessThanOrEqual(11);
    solo.clear();
    for (let i = 0; i < 40; i++) {
      solo.pass(500);
      peer.tellLinks();
    }
    expect(pings(peer)).toBeLessThanOrEqual(1);
  });

  test('[WR11] a ping is answered with its own sequence', () => {
    const { peer } = linked();
    peer.sendControl({ type: 'ping', sequence: 77 });
    expect(peer.controls('pong')).toEqual([{ type: 'pong', sequence: 77 }]);
  });

  test('[LV9] the ends of an idle link take turns, and neither waits longer than 2 s', () => {
    const box = new Box({ seed: 5 });
    box.openAll(2);
    box.pass(10_000);
    const pinged: { by: number; at: number }[] = [];
    box.filter = (from, _to, bytes) => {
      if (bytes[1] === CONTROL_KINDS.ping) pinged.push({ by: from.index, at: box.now });
      return bytes;
    };
    box.pass(60_000);
    for (const [i, { by, at }] of pinged.entries()) {
      const before = pinged[i - 1];
      if (before === undefined) continue;
      expect(by).not.toBe(before.by);
      expect(at - before.at).toBeGreaterThanOrEqual(1_500);
      expect(at - before.at).toBeLessThanOrEqual(2_250);
    }
    expect(pinged.length).toBeGreaterThan(25);
  });

  test('[LV6] the round trip is measured by a pong that is waited for; invented and repeated ones count for nothing', () => {
    const solo = new Solo();
    const peer = solo.link();
    peer.mute = true;
    const rtt = (): number | undefined => solo.node.snapshot().links[0]!.rttMs;
    solo.now = 80;
    const { sequence } = peer.controls('ping')[0]!;
    peer.sendControl({ type: 'pong', sequence: sequence + 1 });
    peer.sendControl({ type: 'pong', sequence: (sequence - 1) & 0xffff });
    expect(rtt()).toBeUndefined();
    peer.sendControl({ type: 'pong', sequence });
    expect(rtt()).toBe(80);
    peer.sendControl({ type: 'pong', sequence });
    solo.now = 90;
    solo.command({ type: 'ping', peer: peer.id });
    solo.now = 250;
    const late = peer.controls('ping').at(-1)!;
    peer.sendControl({ type: 'pong', sequence: late.sequence });
    expect(rtt()).toBe(90);
  });

  test('[LV6] a peer that became slower than its time-out is measured by pongs that come late', () => {
    const { solo, peer } = linked();
    const rtt = (): number => solo.node.snapshot().links[0]!.rttMs!;
    expect(rtt()).toBeLessThan(50);
    peer.mute = true;
    solo.clear();
    while (pings(peer) < 2) solo.pass(1);
    const [first, second] = peer.controls('ping') as [Ping, Ping];
    solo.pass(100);
    peer.sendControl({ type: 'pong', sequence: first.sequence - 1 });
    expect(rtt()).toBeLessThan(50);
    peer.sendControl({ ...first, type: 'pong' });
    const slower = rtt();
    expect(slower).toBeGreaterThan(40);
    peer.sendControl({ ...second, type: 'pong' });
    expect(rtt()).toBe(slower);
  });
});

describe('silence', () => {
  test('[LV2] [LV3] the time-out is the mean and four deviations, between 250 ms and 2 s; three misses make a peer suspect', () => {
    for (const [rttMs, timeoutMs] of [
      [1, 250],
      [100, 300],
      [1_500, 2_000],
    ] as const) {
      const solo = new Solo();
      const peer = solo.link();
      peer.mute = true;
      solo.now = rttMs;
      const { sequence } = peer.controls('ping')[0]!;
      peer.sendControl({ type: 'pong', sequence });
      const heard = solo.now;
      let suspectAt = 0;
      while (suspectAt === 0 && solo.now < 20_000) {
        solo.pass(1);
        if (solo.events('link').some(({ state }) => state === 'suspect')) suspectAt = solo.now;
      }
      // Idle for 2 s, then three pings unanswered; work is done on a grid of 250 ms.
      const least = heard + 2_000 + 3 * timeoutMs;
      expect(suspectAt, `rtt ${rttMs}`).toBeGreaterThanOrEqual(Math.min(least, 10_000) - 250);
      expect(suspectAt, `rtt ${rttMs}`).toBeLessThanOrEqual(least + 4 * 250);
    }
  });

  test('[LV3] anything heard clears the suspicion', () => {
    const { solo, peer } = linked();
    peer.mute = true;
    solo.pass(5_000);
    expect(states(solo, peer)).toEqual(['suspect']);
    peer.tellLinks();
    expect(states(solo, peer)).toEqual(['up']);
  });

  test('[LV4] [MB4] a peer silent for ten seconds is hung up and forgotten, and those it concerns are told', () => {
    const { solo, peers } = linked(2);
    const [peer, other] = peers as [ScriptedPeer, ScriptedPeer];
    peer.mute = true;
    solo.pass(9_000);
    expect(solo.hungUp(peer.link)).toBeUndefined();
    solo.pass(1_500);
    expect(solo.hungUp(peer.link)).toBe('timeout');
    expect(solo.events('nodes').at(-1)).toMatchObject({ removed: [peer.id] });
    const known = contactsOf(solo.node.snapshot());
    expect(known.map(({ id }) => id)).toEqual([other.id]);
    expect(other.controls('gone')).toMatchObject([{ ids: [peer.id] }]);
  });

  test('[LV5] a tab that slept for an hour blames nobody, and hears who is really gone ten seconds later', () => {
    const { solo, peers } = linked(2);
    const [peer, other] = peers as [ScriptedPeer, ScriptedPeer];
    solo.pass(3_000);
    other.mute = true;
    solo.now += 3_600_000;
    solo.input({ type: 'wake' });
    expect([states(solo, peer), states(solo, other)]).toEqual([['up'], ['up']]);
    solo.pass(12_000);
    expect([states(solo, peer), states(solo, other)]).toEqual([['up'], []]);
  });

  test('[LV5] frames that piled up during the sleep are heard before anybody is judged', () => {
    const box = new Box({ seed: 3 });
    const nodes = box.openAll(4);
    const before = nodes.map((node) => node.node.snapshot().links.length);
    box.freeze(nodes[0]!);
    box.pass(4_000);
    box.thaw(nodes[0]!);
    box.pass(5_000);
    expect(nodes.map((node) => node.node.snapshot().links.length)).toEqual(before);
  });

  test('[LV7] a wake a little late lets in what was waiting before it judges, and the next one judges late or not', () => {
    for (const speaks of [true, false]) {
      const { solo, peers } = linked(2);
      const peer = peers[0]!;
      peer.tellLinks();
      const heardAt = solo.now;
      peer.mute = true;
      solo.pass(9_700);
      const late = (): void => {
        solo.now = Math.max(solo.node.nextTimeout(), heardAt + 10_000) + 400;
        solo.input({ type: 'wake' });
      };
      late();
      expect(solo.hungUp(peer.link)).toBeUndefined();
      if (speaks) peer.tellLinks();
      late();
      expect(solo.hungUp(peer.link)).toBe(speaks ? undefined : 'timeout');
    }
  });
});
