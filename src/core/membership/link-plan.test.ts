/** Goal: which links a node has. Method: one node among scripted peers, and networks in a box and in the simulator. */

import { describe, expect, test } from 'vitest';
import { Box } from '../../test-support/box.ts';
import { createKeys, keysNear, type TestKeys } from '../../test-support/keys.ts';
import { Solo, type ScriptedPeer } from '../../test-support/solo.ts';

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
    const known = solo.node.snapshot().geometry.buckets.flatMap(({ contacts }) => contacts);
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
