/**
 * What every geometry must satisfy (rules GE1-GE16), whatever its notion of distance: only `compare` is used to judge.
 * Call `describeGeometry` from a test file with a factory.
 */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../sim/random.ts';
import { packIds } from '../id/id-list.ts';
import { asNodeId, ID_BYTES, mapKey, sameId, toHex, type MapKey, type NodeId } from '../id/node-id.ts';
import { PART_BYTES_MAX, type Geometry, type LinkPreference, type PeerView } from './geometry.ts';
import { contactOf } from './test-contacts.ts';

/** Makes a geometry that knows nobody, with the shipped limits. */
export type GeometryFactory = (self: NodeId) => Geometry;

const SEED = 7;
const EVERY_LINK: LinkPreference = {
  linksWanted: 24,
  siblings: 8,
  linkEveryContact: true,
  isLinked: () => false,
  isShunned: () => false,
};

const anyId = fc
  .tuple(fc.constantFrom(0, 0, 1, 5, 31), fc.uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES }))
  .map(([alike, bytes]) => asNodeId(bytes.fill(0x5a, 0, alike)));
const someIds = fc.uniqueArray(anyId, { minLength: 2, maxLength: 60, selector: mapKey, size: 'max' });

/** Leaves out a third of the peers. */
const skip = ({ key }: PeerView): boolean => key.charCodeAt(15) % 3 === 0;
const idsOf = (geometry: Geometry): NodeId[] => Array.from(geometry.contacts(), (contact) => contact.id);
const candidatesOf = (geometry: Geometry): readonly NodeId[] => {
  const snapshot = geometry.snapshot(() => false);
  if (snapshot.geometry === 'chord') return snapshot.candidates;
  return snapshot.buckets.flatMap(({ candidates }) => candidates);
};
const hexes = (ids: readonly Uint8Array[]): string[] => ids.map(toHex);

/** Registers the contract's tests for one geometry. */
export function describeGeometry(name: string, create: GeometryFactory): void {
  const knowing = (self: NodeId, ids: readonly NodeId[]): Geometry => {
    const geometry = create(self);
    for (const id of ids) geometry.offer(contactOf(id, 1, geometry.name), 0, true);
    return geometry;
  };
  describe(`geometry ${name}`, () => {
    describeOrder(create, knowing);
    describeKnowledge(knowing);
    describeLinks(knowing);
    describeShares(knowing);
    describeNetwork(create, name);
  });
}

type Knowing = (self: NodeId, ids: readonly NodeId[]) => Geometry;

function describeOrder(create: GeometryFactory, knowing: Knowing): void {
  test('[GE1] compare is a total order', () => {
    fc.assert(
      fc.property(fc.tuple(anyId, anyId, anyId, anyId), ([target, a, b, c]) => {
        const geometry = create(target);
        const order = (x: NodeId, y: NodeId): number => Math.sign(geometry.compare(target, x, y));
        expect(order(a, b) === 0).toBe(sameId(a, b));
        expect(order(a, b) + order(b, a)).toBe(0);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
        expect(order(target, a)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('[GE2] closest is ordered, exact over the contacts held, and without duplicates', () => {
    fc.assert(
      fc.property(someIds, anyId, fc.nat(70), fc.boolean(), ([self, ...ids], key, count, withSelf) => {
        const geometry = knowing(self!, ids);
        const all = withSelf ? [...idsOf(geometry), self!] : idsOf(geometry);
        const expected = all.sort((a, b) => geometry.compare(key, a, b)).slice(0, count);
        expect(hexes(geometry.closest(key, count, withSelf))).toEqual(hexes(expected));
      }),
      { numRuns: 500 },
    );
  });

  test('[GE10] a node is close to a key when it is among the best that it knows', () => {
    fc.assert(
      fc.property(someIds, anyId, fc.nat(70), ([self, ...ids], key, size) => {
        const geometry = knowing(self!, ids);
        const group = geometry.closest(key, size, true);
        expect(geometry.isCloseTo(key, size)).toBe(group.some((id) => sameId(id, self!)));
        expect(geometry.isCloseTo(key, 1)).toBe(geometry.isResponsible(key));
      }),
      { numRuns: 500 },
    );
  });

  test('[GE16] compareKeys is a total order that begins with the own id', () => {
    fc.assert(
      fc.property(fc.tuple(anyId, anyId, anyId, anyId), ([self, a, b, c]) => {
        const geometry = create(self);
        const order = (x: NodeId, y: NodeId): number =>
          Math.sign(geometry.compareKeys?.(x, y) ?? geometry.compare(self, x, y));
        expect(order(a, b) === 0).toBe(sameId(a, b));
        expect(order(a, b) + order(b, a)).toBe(0);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
        expect(order(self, a)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('[GE4] next hops are few enough, different, not skipped, and extend each other', () => {
    fc.assert(
      fc.property(someIds, anyId, fc.nat(6), ([self, ...ids], target, count) => {
        const geometry = knowing(self!, ids);
        const peers = ids.slice(0, 20).map((id, i): PeerView => {
          return { id, key: mapKey(id), linked: packIds(ids.slice(i, 2 * i)) };
        });
        const hops = geometry.nextHops(target, peers, { count, skip, ignore: [] });
        expect(hops.length).toBe(Math.min(count, peers.filter((peer) => !skip(peer)).length));
        expect(new Set(hops).size).toBe(hops.length);
        for (const hop of hops) expect(skip(peers[hop]!)).toBe(false);
        if (count > 1)
          expect(geometry.nextHops(target, peers, { count: 1, skip, ignore: [] })).toEqual(hops.slice(0, 1));
        for (const hop of hops) expect(geometry.bestVia(target, peers[hop]!, [])).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });
}

function describeKnowledge(knowing: Knowing): void {
  test('[GE6] a removed contact is nowhere any more', () => {
    fc.assert(
      fc.property(someIds, fc.nat(), ([self, ...ids], pick) => {
        const geometry = knowing(self!, ids);
        const gone = ids[pick % ids.length]!;
        const known = geometry.get(mapKey(gone)) !== undefined;
        const before = geometry.size;
        expect(geometry.remove(mapKey(gone), 1)?.contact.id).toEqual(known ? gone : undefined);
        expect(geometry.get(mapKey(gone))).toBeUndefined();
        expect(geometry.remove(mapKey(gone), 1)).toBeUndefined();
        expect(geometry.size).toBeGreaterThanOrEqual(before - 1);
        const everywhere = [
          ...idsOf(geometry),
          ...geometry.closest(gone, 100, true),
          ...geometry.stale(Infinity).map((contact) => contact.id),
          ...geometry.wantedLinks(EVERY_LINK).map(({ contact }) => contact.id),
          ...candidatesOf(geometry),
        ];
        expect(hexes(everywhere)).not.toContain(toHex(gone));
      }),
      { numRuns: 500 },
    );
  });

  test('[GE15] what must be refilled after a removal is looked up next', () => {
    fc.assert(
      fc.property(someIds, fc.nat(), ([self, ...ids], pick) => {
        const geometry = knowing(self!, ids);
        const removed = geometry.remove(mapKey(ids[pick % ids.length]!), 1);
        const due = geometry.lookupsDue(1, (count) => new Uint8Array(count));
        if (removed?.refill !== undefined) expect(due).toContainEqual(removed.refill);
      }),
      { numRuns: 300 },
    );
  });

  test('[GE7] offering again changes nothing but times and newer records', () => {
    fc.assert(
      fc.property(someIds, ([self, ...ids]) => {
        const geometry = knowing(self!, ids);
        const before = hexes(idsOf(geometry));
        for (const id of ids) {
          const held = geometry.get(mapKey(id));
          if (held === undefined) continue;
          const outcome = geometry.offer(contactOf(id, 1, geometry.name), 1, false);
          expect(outcome).toBe(before.includes(toHex(id)) ? 'known' : 'candidate');
          expect(geometry.get(mapKey(id))).toBe(held);
          expect(geometry.wants(id)).toBe(false);
          const newer = contactOf(id, 2, geometry.name);
          geometry.offer(newer, 2, true);
          geometry.offer(held, 3, true);
          expect(geometry.get(mapKey(id))).toBe(newer);
        }
        expect(hexes(idsOf(geometry))).toEqual(before);
        expect(geometry.size).toBe(before.length);
      }),
      { numRuns: 300 },
    );
  });

  test('[GE7] the own id and other geometries are refused', () => {
    fc.assert(
      fc.property(someIds, ([self, other]) => {
        const geometry = knowing(self!, []);
        const foreign = geometry.name === 'kademlia' ? 'chord' : 'kademlia';
        expect(geometry.offer(contactOf(self!, 1, geometry.name), 0, true)).toBe('refused');
        expect(geometry.offer(contactOf(other!, 1, foreign), 0, true)).toBe('refused');
        expect(geometry.wants(self!)).toBe(false);
        expect(geometry.size).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
}

function describeLinks(knowing: Knowing): void {
  test('[GE8] wanted links are contacts, each once, no more than wanted', () => {
    fc.assert(
      fc.property(
        someIds,
        fc.nat(30),
        fc.nat(10),
        fc.nat(),
        ([self, ...ids], linksWanted, siblings, salt) => {
          const geometry = knowing(self!, ids);
          const odd = (key: MapKey): boolean => (key.charCodeAt(15) ^ salt) % 2 === 1;
          const preference = {
            ...EVERY_LINK,
            linksWanted,
            siblings,
            linkEveryContact: false,
            isLinked: (key: MapKey) => odd(key),
            isShunned: (key: MapKey) => !odd(key) && (salt & 2) === 0,
          };
          const wanted = geometry.wantedLinks(preference).map(({ contact }) => toHex(contact.id));
          const held = hexes(idsOf(geometry));
          expect(new Set(wanted).size).toBe(wanted.length);
          expect(wanted.every((id) => held.includes(id))).toBe(true);
          expect(wanted.length).toBe(Math.min(linksWanted, held.length));
          const all = geometry.wantedLinks({ ...preference, linkEveryContact: true });
          expect(hexes(all.map(({ contact }) => contact.id)).sort()).toEqual(held.sort());
        },
      ),
      { numRuns: 300 },
    );
  });
}

function describeShares(knowing: Knowing): void {
  /** Odd ones are linked. */
  const isLinked = (key: MapKey): boolean => key.charCodeAt(15) % 2 === 1;

  test('[GE11] the shares of a broadcast hold every contact once, linked ones first', () => {
    fc.assert(
      fc.property(someIds, ([self, ...ids]) => {
        const geometry = knowing(self!, ids);
        const shares = geometry.broadcastShares(undefined, isLinked)!;
        const candidates = shares.map((share) => hexes(share.candidates));
        expect(candidates.flat().sort()).toEqual(hexes(idsOf(geometry)).sort());
        for (const { part, candidates: ranked } of shares) {
          expect(part.length).toBeLessThanOrEqual(PART_BYTES_MAX);
          expect(ranked.length).toBeGreaterThan(0);
          const linked = ranked.map((id) => (isLinked(mapKey(id)) ? 1 : 0));
          expect(linked).toEqual(linked.toSorted((a, b) => b - a));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('[GE12] within a part nobody but the contacts that lie in it is given a share', () => {
    fc.assert(
      fc.property(someIds, fc.nat(), ([self, ...ids], pick) => {
        const whole = knowing(self!, ids).broadcastShares(undefined, isLinked)!;
        const { part, candidates } = whole[pick % whole.length]!;
        const taker = candidates[pick % candidates.length]!;
        const everybody = [self!, ...ids].filter((id) => !sameId(id, taker));
        const within = knowing(taker, everybody).broadcastShares(part, isLinked)!;
        const given = new Set(within.flatMap((share) => hexes(share.candidates)));
        expect(given.has(toHex(self!))).toBe(false);
        for (const id of whole.filter((share) => share.part !== part).flatMap((share) => share.candidates))
          expect(given.has(toHex(id))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('[GE14] bytes that name no part are undefined, and no bytes throw', () => {
    fc.assert(
      fc.property(someIds, fc.uint8Array({ maxLength: 80 }), ([self, ...ids], bytes) => {
        const geometry = knowing(self!, ids);
        const shares = geometry.broadcastShares(bytes, isLinked);
        if (bytes.length === 0 || bytes.length > PART_BYTES_MAX) expect(shares).toBeUndefined();
        const held = hexes(idsOf(geometry));
        for (const { candidates } of shares ?? [])
          expect(candidates.every((id) => held.includes(toHex(id)))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
}

/** Bytes that hold an id where a record has its key. */
function recordOf(id: NodeId): Uint8Array {
  return Uint8Array.of(...new Uint8Array(6), ...id);
}

/** Lets a node ask the whole network until it asks no more, and returns it. */
function settled(
  create: GeometryFactory,
  self: NodeId,
  network: readonly NodeId[],
  random: SeededRandom,
): Geometry {
  const geometry = create(self);
  const others = network.filter((id) => !sameId(id, self));
  geometry.offer(contactOf(others[0]!, 1, geometry.name), 0, true);
  for (let round = 0; round < 200; round++) {
    const tasks = geometry.lookupsDue(0, (count) => random.bytes(count));
    if (tasks.length === 0) break;
    for (const { slot, target } of tasks) {
      // Who holds the target names those that hold it after itself; the successor of a node on a ring also those before.
      const ranked = others.sort((a, b) => geometry.compare(target, a, b));
      const isOwn = geometry.name === 'chord' && sameId(target, self);
      const found = [...(isOwn ? ranked.slice(20).slice(-20) : []), ...ranked.slice(0, 20)];
      for (const id of found) geometry.offer(contactOf(id, 1, geometry.name), 0, false);
      // All of them are known: the first one comes again at the end.
      if (isOwn) {
        const named = found.length < others.length ? found : [...ranked, ranked[0]!];
        geometry.onAnswer?.(named.map(recordOf), { idOfKey: (key) => asNodeId(key) });
      }
      geometry.lookupDone(slot, 0, true);
    }
  }
  return geometry;
}

function describeNetwork(create: GeometryFactory, name: string): void {
  describe.each([2, 3, 20, 200])(`network of %i, ${name}, seed ${SEED}`, (count) => {
    const random = new SeededRandom(SEED, count);
    const network = Array.from({ length: count }, () => asNodeId(random.bytes(ID_BYTES)));
    const nodes = new Map(network.map((id) => [mapKey(id), settled(create, id, network, random)]));
    const linksOf = new Map(network.map((id) => [mapKey(id), packIds(idsOf(nodes.get(mapKey(id))!))]));
    const keys = [
      ...Array.from({ length: 100 }, () => asNodeId(random.bytes(ID_BYTES))),
      ...network.slice(0, 100),
    ];
    const ownerOf = (key: NodeId): NodeId =>
      network.toSorted((a, b) => nodes.get(mapKey(a))!.compare(key, a, b))[0]!;

    test('[GE3] exactly one node is responsible for a key', () => {
      for (const key of keys) {
        const responsible = network.filter((id) => nodes.get(mapKey(id))!.isResponsible(key));
        expect(hexes(responsible)).toEqual([toHex(ownerOf(key))]);
      }
    });

    test('[GE5] hop by hop every key is reached, soon', () => {
      const hopsMax = Math.log2(count) + 3;
      for (const [i, key] of keys.entries()) {
        let at = network[(7 * i) % count]!;
        let hops = 0;
        for (; !nodes.get(mapKey(at))!.isResponsible(key); hops++) {
          expect(hops).toBeLessThan(hopsMax);
          const geometry = nodes.get(mapKey(at))!;
          const peers = idsOf(geometry).map((id) => ({
            id,
            key: mapKey(id),
            linked: linksOf.get(mapKey(id))!,
          }));
          at = peers[geometry.nextHops(key, peers, { count: 1, skip: () => false, ignore: [] })[0]!]!.id;
        }
        expect(toHex(at)).toBe(toHex(ownerOf(key)));
      }
    });

    test.each([0, 1, 2])(
      '[GE13] a broadcast reaches every node once, soon (candidate %i of each share)',
      (choice) => {
        for (const origin of network.slice(0, 20)) {
          const reached = new Map([[mapKey(origin), 0]]);
          const shares: { readonly node: NodeId; readonly part: Uint8Array | undefined }[] = [
            { node: origin, part: undefined },
          ];
          for (let at = shares.shift(); at !== undefined; at = shares.shift()) {
            const depth = reached.get(mapKey(at.node))! + 1;
            const within = nodes.get(mapKey(at.node))!.broadcastShares(at.part, () => false)!;
            for (const { part, candidates } of within) {
              const node = candidates[choice % candidates.length]!;
              expect(reached.has(mapKey(node))).toBe(false);
              reached.set(mapKey(node), depth);
              shares.push({ node, part });
            }
          }
          expect(reached.size).toBe(count);
          expect(Math.max(...reached.values())).toBeLessThanOrEqual(2 * Math.log2(count));
        }
      },
    );

    test('[GE9] all are complete and nothing is due before it is said to be', () => {
      for (const geometry of nodes.values()) {
        expect(geometry.isComplete()).toBe(true);
        expect(geometry.sizeEstimate()).toBeGreaterThan(geometry.size);
        const next = geometry.nextMaintenanceAt();
        expect(next).toBeGreaterThan(0);
        expect(geometry.lookupsDue(next - 1, (bytes) => random.bytes(bytes))).toEqual([]);
      }
    });
  });

  test('[GE9] a lookup is handed out once, and again later when it failed', () => {
    const random = new SeededRandom(SEED, 1);
    const geometry = create(asNodeId(random.bytes(ID_BYTES)));
    geometry.offer(contactOf(asNodeId(random.bytes(ID_BYTES)), 1, geometry.name), 0, true);
    expect(geometry.isComplete()).toBe(false);
    const tasks = geometry.lookupsDue(0, (count) => random.bytes(count));
    expect(tasks.length).toBeGreaterThan(0);
    expect(geometry.lookupsDue(0, (count) => random.bytes(count))).toEqual([]);
    for (const { slot } of tasks) geometry.lookupDone(slot, 0, false);
    const next = geometry.nextMaintenanceAt();
    expect(next).toBeGreaterThan(0);
    expect(geometry.lookupsDue(next, (count) => random.bytes(count)).length).toBeGreaterThan(0);
  });
}
