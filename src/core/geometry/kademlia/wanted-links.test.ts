import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../sim/random.ts';
import { asNodeId, compareIds, mapKey, sameId, type MapKey, type NodeId } from '../../id/node-id.ts';
import { commonPrefixLength, compareXor } from '../../id/xor.ts';
import type { LinkPreference, WantedLink } from '../geometry.ts';
import { contactOf } from '../test-contacts.ts';
import { KademliaGeometry } from './kademlia.ts';

const NONE: LinkPreference = {
  linksWanted: 24,
  siblings: 8,
  linkEveryContact: false,
  isLinked: () => false,
  isShunned: () => false,
};

function networkOf(count: number, seed: number): NodeId[] {
  const random = new SeededRandom(seed, 0);
  return Array.from({ length: count }, () => asNodeId(random.bytes(32)));
}

function tableOf(self: NodeId, network: readonly NodeId[], bucketSize = 8): KademliaGeometry {
  const table = new KademliaGeometry({ self, bucketSize, replacementsMax: 8, refreshMs: Infinity });
  for (const id of network) table.offer(contactOf(id), 0, true);
  return table;
}

const bucketOf = (table: KademliaGeometry, { contact }: WantedLink): number =>
  Math.min(commonPrefixLength(table.self, contact.id), table.snapshot(() => false).buckets.length - 1);

const keys = (links: readonly WantedLink[]): MapKey[] => links.map(({ contact }) => contact.key);

describe('wanted links', () => {
  const network = networkOf(1_000, 7);
  const table = tableOf(network[0]!, network);
  const nearest = table.closest(table.self, 8, false).map(mapKey);
  const ascending = [...table.contacts()].sort((a, b) => compareIds(a.id, b.id));
  const successor = (ascending.find(({ id }) => compareIds(id, table.self) > 0) ?? ascending[0]!).key;
  const others = nearest.filter((key) => key !== successor);

  test('[KB25] the successor is the next contact round the circle of ids', () => {
    const some = networkOf(40, 3).sort(compareIds);
    some.forEach((self, i) => {
      const first = tableOf(self, some, 40).wantedLinks({ ...NONE, linksWanted: 1 })[0]!;
      expect(first.contact.key).toBe(mapKey(some[(i + 1) % some.length]!));
    });
  });

  test('[KB25] near and far take turns, every bucket and the siblings are in, the rest is spread', () => {
    const links = table.wantedLinks(NONE);
    expect(links).toHaveLength(24);
    expect(new Set(keys(links)).size).toBe(24);
    expect(links[0]!.contact.key).toBe(successor);
    expect(bucketOf(table, links[1]!)).toBe(0);
    expect(links[2]!.contact.key).toBe(others[0]);
    expect(bucketOf(table, links[3]!)).toBe(1);
    expect(keys(links.filter(({ role }) => role === 'sibling'))).toEqual([successor, ...others]);
    const covered = new Set(links.map((link) => bucketOf(table, link)));
    const { buckets } = table.snapshot(() => false);
    for (const { index, contacts } of buckets) expect(covered.has(index)).toBe(contacts.length > 0);
    const extras = links.filter(({ role }) => role === 'extra').map((link) => bucketOf(table, link));
    const most = Math.max(...buckets.map(({ index }) => extras.filter((at) => at === index).length));
    expect(most).toBeLessThanOrEqual(Math.ceil(extras.length / 5));
  });

  test('[KB25] no more than wanted, the most important first', () => {
    const all = keys(table.wantedLinks(NONE));
    for (const linksWanted of [0, 1, 2, 3, 7, 16]) {
      expect(keys(table.wantedLinks({ ...NONE, linksWanted }))).toEqual(all.slice(0, linksWanted));
    }
  });

  test('[GE8] every contact when every contact is wanted', () => {
    const links = table.wantedLinks({
      ...NONE,
      linkEveryContact: true,
      isShunned: () => true,
      linksWanted: 1,
    });
    expect(new Set(keys(links))).toEqual(new Set(Array.from(table.contacts(), (contact) => contact.key)));
    expect(links).toHaveLength(table.size);
  });

  test('[KB26] what is linked stays wanted, so that links do not flap', () => {
    const first = table.wantedLinks(NONE);
    const linked = new Set(keys(first));
    const again = table.wantedLinks({ ...NONE, isLinked: (key) => linked.has(key) });
    expect(new Set(keys(again))).toEqual(linked);
  });

  test('[KB26] a linked contact stands for its bucket', () => {
    const far = table.snapshot(() => false).buckets[0]!.contacts;
    for (const { id } of far) {
      const links = table.wantedLinks({ ...NONE, linksWanted: 2, isLinked: (key) => key === mapKey(id) });
      expect(links[1]!.contact.key).toBe(mapKey(id));
    }
  });

  test('[KB26] shunned contacts are passed over while there are others', () => {
    const shunned = new Set(keys(table.wantedLinks(NONE)));
    const isShunned = (key: MapKey): boolean => shunned.has(key);
    const instead = table.wantedLinks({ ...NONE, isShunned });
    const able = instead.filter(({ contact }) => !isShunned(contact.key));
    expect(able.length).toBe(Math.min(24, table.size - shunned.size));
    const everybody = table.wantedLinks({ ...NONE, linksWanted: 1_000, isShunned });
    expect(everybody).toHaveLength(table.size);
    expect(everybody.slice(-8).every(({ contact }) => isShunned(contact.key))).toBe(true);
  });

  test('[KB27] nodes that know the same contacts choose different ones', () => {
    const half = network.filter((id) => id[0]! >= 128).slice(0, 8);
    const choosers = network.filter((id) => id[0]! < 128).slice(0, 200);
    const chosen = new Map<MapKey, number>();
    for (const self of choosers) {
      const far = tableOf(self, half).wantedLinks({ ...NONE, siblings: 0, linksWanted: 1 })[0]!;
      chosen.set(far.contact.key, (chosen.get(far.contact.key) ?? 0) + 1);
    }
    expect(chosen.size).toBe(8);
    expect(Math.max(...chosen.values())).toBeLessThan(60);
  });

  test.each([
    [1, [2, 3, 5, 8]],
    [2, [2, 3, 5, 8, 12, 30, 100]],
  ])('[KB28] with %i wanted links a node, networks are in one piece', (linksWanted, counts) => {
    const pieces: string[] = [];
    for (let seed = 1; seed <= 40; seed++) {
      for (const count of counts) {
        const nodes = networkOf(count, seed);
        const preference = { ...NONE, linksWanted, siblings: 1 };
        const edges = nodes.flatMap((self) =>
          tableOf(self, nodes)
            .wantedLinks(preference)
            .map(({ contact }) => [self, contact.id] as const),
        );
        if (reachable(nodes, edges) !== count) pieces.push(`seed ${seed}, ${count} nodes`);
      }
    }
    expect(pieces).toEqual([]);
  });

  test('[KB25] the siblings are the nearest by XOR', () => {
    const expected = network
      .filter((id) => !sameId(id, table.self))
      .sort((a, b) => compareXor(table.self, a, b))
      .slice(0, 8)
      .map(mapKey);
    expect(nearest).toEqual(expected);
  });
});

/** How many nodes can be reached from the first one; links work both ways. */
function reachable(nodes: readonly NodeId[], edges: readonly (readonly [NodeId, NodeId])[]): number {
  const links = new Map<MapKey, NodeId[]>(nodes.map((id) => [mapKey(id), []]));
  for (const [a, b] of edges) {
    links.get(mapKey(a))!.push(b);
    links.get(mapKey(b))!.push(a);
  }
  const seen = new Set([mapKey(nodes[0]!)]);
  const queue = [nodes[0]!];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const next of links.get(mapKey(at))!) {
      if (seen.has(mapKey(next))) continue;
      seen.add(mapKey(next));
      queue.push(next);
    }
  }
  return seen.size;
}
