import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { packIds } from '../../id/id-list.ts';
import { asNodeId, ID_BYTES, mapKey, sameId, toHex, type NodeId } from '../../id/node-id.ts';
import type { PeerView } from '../geometry.ts';
import { bestIdVia, chooseHops, leadsOn, type Course } from './next-hop.ts';
import { wayFrom } from './ring-model.ts';

/** An id whose first byte says where it stands on the circle. */
const at = (place: number): NodeId => asNodeId(new Uint8Array(ID_BYTES).fill(place & 0xff, 0, 1));
const peer = (place: number, ...linked: number[]): PeerView => ({
  id: at(place),
  key: mapKey(at(place)),
  linked: packIds(linked.map(at)),
});
const all = { count: 99, skip: () => false, ignore: [] };
const places = (course: Course, peers: readonly PeerView[], options = all): number[] =>
  chooseHops(course, peers, options).map((index) => peers[index]!.id[0]!);
const open = (target: number, near = 0): Course => ({
  self: at(10),
  target: at(target),
  isCovered: false,
  near: near * 2 ** 24,
});
const covered = (target: number): Course => ({ ...open(target), isCovered: true });

describe('next hops on a ring', () => {
  test('[CH8] near by, who holds the target comes first, then who follows', () => {
    const peers = [90, 99, 100, 101, 140, 5].map((place) => peer(place));
    expect(places(covered(100), peers)).toEqual([100, 101, 140, 5, 90, 99]);
    expect(places(covered(102), peers)).toEqual([140, 5, 90, 99, 100, 101]);
  });

  test('[CH9] elsewhere the farthest on the way comes first, then who follows the target', () => {
    const peers = [140, 90, 20, 99, 101, 5].map((place) => peer(place));
    expect(places(open(100), peers)).toEqual([99, 90, 20, 101, 140, 5]);
  });

  test('[CH9] a peer is as good as the best it is linked to, and the straight way is better', () => {
    const peers = [peer(20, 98, 150), peer(98), peer(60, 99)];
    expect(places(open(100), peers)).toEqual([60, 98, 20]);
    expect(bestIdVia(open(100), peers[0]!, [])?.[0]).toBe(98);
    expect(bestIdVia(open(100), peers[0]!, [at(98)])?.[0]).toBe(20);
    expect(bestIdVia(open(100), peer(20), [at(20)])).toBeUndefined();
  });

  test('[CH10] one shortly after the target goes before everybody on the way', () => {
    const peers = [99, 104, 101, 110].map((place) => peer(place));
    expect(places(open(100, 5), peers)).toEqual([101, 104, 99, 110]);
  });

  test('[CH11] a message comes nearer to a better holder, or on the way', () => {
    expect([20, 99, 100, 101, 200].map((place) => leadsOn(open(100), at(place)))).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
    // This node is the first one known after the target: only who comes in between is better.
    expect([9, 10, 11, 200].map((place) => leadsOn(covered(8), at(place)))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(leadsOn(open(8), at(11))).toBe(true);
  });

  test('[CH9] [CH10] the order agrees with plain numbers', () => {
    const anyPlace = fc.nat(255);
    fc.assert(
      fc.property(
        fc.uniqueArray(anyPlace, { minLength: 1, maxLength: 20 }),
        anyPlace,
        fc.nat(40),
        (some, target, near) => {
          const course = open(target, near);
          const standing = some.filter((place) => place !== 10);
          const isHolder = (id: NodeId): boolean =>
            wayFrom(course.target, id) < wayFrom(course.target, course.self) &&
            wayFrom(course.target, id) <= BigInt(near) << 248n;
          const score = (place: number): bigint => {
            const id = at(place);
            const after = wayFrom(course.target, id);
            if (isHolder(id)) return after;
            if (wayFrom(course.self, id) < wayFrom(course.self, course.target))
              return (1n << 257n) + wayFrom(id, course.target);
            return (1n << 258n) + after;
          };
          const expected = standing.toSorted((a, b) => (score(a) < score(b) ? -1 : 1));
          expect(
            places(
              course,
              standing.map((place) => peer(place)),
            ),
          ).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('[CH9] the best of a long list is found whatever is ignored', () => {
    const anyId = fc.uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES }).map(asNodeId);
    fc.assert(
      fc.property(
        fc.uniqueArray(anyId, { minLength: 1, maxLength: 30, selector: mapKey }),
        anyId,
        anyId,
        fc.nat(29),
        (ids, self, target, ignored) => {
          const course: Course = { self, target, isCovered: false, near: 0 };
          const ignore = ids.slice(0, ignored);
          const via: PeerView = { id: ids[0]!, key: mapKey(ids[0]!), linked: packIds(ids) };
          const score = (id: NodeId): bigint =>
            wayFrom(self, id) < wayFrom(self, target) && !sameId(self, target)
              ? wayFrom(id, target)
              : (1n << 257n) + wayFrom(target, id);
          const counting = ids.filter((id) => !ignore.includes(id) && !sameId(id, self));
          const [best] = counting.toSorted((a, b) => (score(a) < score(b) ? -1 : 1));
          const found = bestIdVia(course, via, ignore);
          if (best !== undefined && wayFrom(target, best) === 0n) expect(toHex(found!)).toBe(toHex(best));
          else expect(found && toHex(found)).toBe(best && toHex(best));
        },
      ),
      { numRuns: 500 },
    );
  });
});
