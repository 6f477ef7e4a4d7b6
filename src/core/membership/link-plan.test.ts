/** Goal: which links a node has. Method: one node among scripted peers, and networks in a box and in the simulator. */

import { bucketsOf, contactsOf } from '../snapshot.ts';
import { describe, expect, test } from 'vitest';
import { Box } from '../../test-support/box.ts';
import { createKeys, keysNear, type TestKeys } from '../../test-support/keys.ts';
import { Solo, type ScriptedPeer } from '../../test-support/solo.ts';
import { toHex } from '../id/node-id.ts';
import { frameBody } from '../wire/frame.ts';

const far = (solo: Solo): TestKeys => keysNear(solo.random, solo.keys.id, 0);
const upLinks = (solo: Solo) => solo.node.snapshot().links.filter(({ upAt }) => upAt !== undefined);

/** A node at its cap; every peer says it is linked to all the others as well. */
function full(config: { linksMax: number; linksWanted: number; siblings?: number }): {
  solo: Solo;
  peers: ScriptedPeer[];
} {
  const solo = new Solo({ config });
  const peers = Array.from({ length: config.linksMax }, () => solo.link(far(solo)));
  solo.completeTable();
  for (const peer of peers) peer.tellLinks(...peers.filter((other) => other !== peer).map(({ id }) => id));
  solo.pass(200);
  return { solo, peers };
}

describe('links wanted', () => {
  test('[PL1] contacts that are wanted are dialled 100 ms after a change, and never more than the cap', () => {
    const solo = new Solo({ config: { linksMax: 6, linksWanted: 6 } });
    for (let i = 0; i < 4; i++) solo.link(far(solo));
    solo.completeTable();
    solo.pass(1_000);
    solo.input({
      type: 'contacts',
      records: Array.from({ length: 10 }, () => createKeys(solo.random).record),
    });
    solo.pass(99);
    expect(solo.of('dial')).toEqual([]);
    solo.pass(1);
    expect(solo.of('dial').length).toBeGreaterThan(0);
    solo.pass(5_000);
    expect(solo.of('dial').length).toBeLessThanOrEqual(2);
  });

  test('[PL10] a neighbour that a full node has no room for is looked up, once a minute, and learns of it', () => {
    const { solo, peers } = full({ linksMax: 4, linksWanted: 4, siblings: 1 });
    const near = keysNear(solo.random, solo.keys.id, 6);
    const greetings = () => {
      const frames = peers.flatMap((peer) => peer.allFrames());
      return frames.filter(({ service, target }) => service === 'lookup' && toHex(target) === toHex(near.id));
    };
    solo.input({ type: 'contacts', records: [near.record] });
    solo.pass(1_000);
    expect(greetings().length).toBeGreaterThan(0);
    expect(frameBody(greetings()[0]!)).toEqual(solo.keys.record);
    expect(solo.of('dial').filter(({ peer }) => toHex(peer) === toHex(near.id))).toEqual([]);
    solo.pass(50_000);
    expect(new Set(greetings().map(({ message }) => message)).size).toBe(1);
  });

  test('[PL11] while handshakes take long no links are sought beyond siblings and buckets, ten seconds later again', () => {
    const solo = new Solo({ config: { siblings: 0, linksWanted: 12 } });
    solo.link(keysNear(solo.random, solo.keys.id, 6));
    for (let i = 0; i < 4; i++) solo.link(far(solo));
    solo.completeTable();
    const records = Array.from({ length: 8 }, () => far(solo).record);
    solo.input({ type: 'contacts', records });
    solo.pass(1_000);
    const early = solo.of('dial').length;
    expect(early).toBeGreaterThan(0);
    // All of them run out of time.
    solo.pass(10_000);
    const slow = solo.of('dial').length;
    solo.pass(8_000);
    expect(solo.of('dial').length).toBe(slow);
    solo.pass(40_000);
    expect(solo.of('dial').length).toBeGreaterThan(slow);
  });

  test('[PL2] a node dials through the overlay, never through the server, while it has a link', () => {
    const solo = new Solo();
    solo.link();
    solo.completeTable();
    const keys = createKeys(solo.random);
    solo.input({ type: 'contacts', records: [keys.record] });
    solo.pass(200);
    const [dial] = solo.of('dial');
    solo.input({ type: 'signal-out', link: dial!.link, data: Uint8Array.of(1) });
    expect(solo.of('server-signal')).toEqual([]);
  });

  test('[PL3] each link has the role the geometry gives it', () => {
    const { solo, peers } = full({ linksMax: 6, linksWanted: 6 });
    const roles = upLinks(solo).map(({ role }) => role);
    expect(roles.length).toBe(peers.length);
    expect(roles).toContain('sibling');
    expect(roles).not.toContain('none');
  });
});

describe('links to spare', () => {
  test('[PL4] above the wanted number links without a role are offered up and closed when both agree', () => {
    const { solo, peers } = full({ linksMax: 8, linksWanted: 3, siblings: 1 });
    solo.pass(12_000);
    const asked = peers.filter((peer) => peer.controls('unneeded').length > 0);
    expect(asked.length).toBeGreaterThan(0);
    expect(upLinks(solo).length).toBe(8);
    asked[0]!.sendControl({ type: 'unneeded' });
    expect(solo.hungUp(asked[0]!.link)).toBe('unneeded');
    expect(asked[0]!.controls('bye')).toEqual([{ type: 'bye', leaving: false }]);
    const kept = peers.find((peer) =>
      upLinks(solo).some(({ link, role }) => link === peer.link && role !== 'none'),
    )!;
    kept.sendControl({ type: 'unneeded' });
    expect(solo.hungUp(kept.link)).toBeUndefined();
  });

  test('[PL4] a link closed by agreement leaves the contact in the table', () => {
    const { solo, peers } = full({ linksMax: 4, linksWanted: 4 });
    peers[0]!.sendControl({ type: 'bye', leaving: false });
    const known = contactsOf(solo.node.snapshot());
    expect(known.length).toBe(4);
    expect(upLinks(solo).length).toBe(3);
  });

  test('[PL5] a full node lets a newcomer without links in, for a link that can be spared', () => {
    const { solo } = full({ linksMax: 6, linksWanted: 6, siblings: 1 });
    const newcomer = solo.link(far(solo));
    expect(solo.hungUp(newcomer.link)).toBeUndefined();
    expect(upLinks(solo).length).toBe(6);
    expect(solo.of('hang-up').filter(({ reason }) => reason === 'unneeded').length).toBe(1);
  });

  test('[PL6] a link is not given up when its peer has no other, or when nobody else is linked to it', () => {
    const solo = new Solo({ config: { linksMax: 4, linksWanted: 4, siblings: 1 } });
    const peers = Array.from({ length: 4 }, () => solo.link(far(solo)));
    solo.completeTable();
    for (const peer of peers) peer.tellLinks(createKeys(solo.random).id);
    solo.pass(200);
    const before = upLinks(solo).map(({ link }) => link);
    solo.offer(createKeys(solo.random));
    expect(upLinks(solo).map(({ link }) => link)).toEqual(before);
  });
});

describe('links to nodes that are full', () => {
  test('[PL7] a peer that is full is asked again after 30 s, if a linked peer is linked to it', () => {
    for (const reached of [false, true]) {
      const solo = new Solo({ config: { siblings: 0, bucketSize: 1 } });
      const peer = solo.link(far(solo));
      solo.link(far(solo));
      solo.completeTable();
      const wanted = keysNear(solo.random, solo.keys.id, 3);
      peer.tellLinks(...(reached ? [wanted.id] : []));
      solo.input({ type: 'contacts', records: [wanted.record] });
      const times: number[] = [];
      let known = 0;
      while (solo.now < 40_000) {
        solo.pass(250);
        for (const { link } of solo.of('dial').slice(known)) {
          times.push(solo.now);
          solo.input({ type: 'link-down', link, reason: 'busy' });
        }
        known = solo.of('dial').length;
      }
      const early = times.filter((at) => at > times[0]! && at < times[0]! + 30_000);
      expect(early.length > 0, String(reached)).toBe(!reached);
      expect(times.length).toBeGreaterThan(1);
    }
  });
});

describe('where every contact is linked', () => {
  /** Seven peers in one bucket with room for one; which of them were offered up and which held back. */
  function crowded() {
    const solo = new Solo({ config: { linkEveryContact: true, bucketSize: 1, linksMax: 64, siblings: 1 } });
    const peers = Array.from({ length: 7 }, () => solo.link(far(solo)));
    solo.completeTable();
    for (const peer of peers) peer.tellLinks(...peers.filter((other) => other !== peer).map(({ id }) => id));
    solo.pass(12_000);
    const placed = (): string[] => bucketsOf(solo.node.snapshot())[0]!.contacts.map(({ id }) => toHex(id));
    const owner = peers.find(({ id }) => placed().includes(toHex(id)))!;
    const offered = peers.filter((peer) => peer.controls('unneeded').length > 0);
    const held = peers.filter((peer) => peer !== owner && !offered.includes(peer));
    return { solo, peers, owner, offered, held, placed };
  }

  test('[PL8] a contact whose end can do without the link gives way to a peer that has no place', () => {
    const { solo, owner, held, placed } = crowded();
    owner.sendControl({ type: 'unneeded' });
    expect(solo.hungUp(owner.link)).toBe('unneeded');
    expect(placed().length).toBe(1);
    expect(held.map(({ id }) => toHex(id))).toContain(placed()[0]);
    expect(bucketsOf(solo.node.snapshot())[0]!.gap).toBe('none');
  });

  test('[PL8] a contact that is not linked gives way instead of being dialled', () => {
    const solo = new Solo({ config: { linkEveryContact: true, bucketSize: 1, linksMax: 64, siblings: 1 } });
    solo.link(keysNear(solo.random, solo.keys.id, 4));
    solo.completeTable();
    const stranger = far(solo);
    solo.input({ type: 'contacts', records: [stranger.record] });
    solo.link(far(solo));
    solo.pass(1_000);
    expect(solo.of('dial')).toEqual([]);
    const [first] = bucketsOf(solo.node.snapshot());
    expect(first!.contacts.map(({ linked }) => linked)).toEqual([true]);
    expect(first!.candidates.map(toHex)).toEqual([toHex(stranger.id)]);
  });

  test('[PL9] about half of the links without a place are held back for 30 s, and none that was offered up stands in', () => {
    const { solo, peers, owner, offered, held } = crowded();
    expect(offered.length).toBeGreaterThan(0);
    expect(held.length).toBeGreaterThan(0);
    expect(offered).not.toContain(owner);
    solo.pass(30_000);
    for (const peer of peers) expect(peer.controls('unneeded').length > 0).toBe(peer !== owner);
    owner.sendControl({ type: 'unneeded' });
    expect(solo.hungUp(owner.link)).toBeUndefined();
  });
});

test('[PL1] [FW2] twelve nodes with three links and buckets of one: any two reach each other', () => {
  for (const seed of [1, 2, 3, 4]) {
    const box = new Box({ seed, config: { linksMax: 3, bucketSize: 1, siblings: 1 } });
    const nodes = Array.from({ length: 12 }, () => {
      const node = box.open();
      box.pass(300);
      return node;
    });
    box.pass(60_000);
    const missed: string[] = [];
    for (const from of nodes) {
      const links = from.node.snapshot().links.filter(({ upAt }) => upAt !== undefined);
      expect(links.length, `seed ${seed}`).toBeLessThanOrEqual(3);
      const sent = nodes
        .filter((to) => to !== from)
        .map((to) => [to, box.begin(from, 'direct', to.id)] as const);
      box.pass(11_000);
      for (const [to, command] of sent) {
        const receipt = box.resultOf(from, command)?.receipt;
        if (receipt?.ok !== true) missed.push(`${from.index} to ${to.index}: ${receipt?.reason}`);
      }
    }
    expect(missed, `seed ${seed}`).toEqual([]);
  }
});
