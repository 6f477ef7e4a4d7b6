import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idAt, packIds } from '../../id/id-list.ts';
import { asNodeId, ID_BYTES, mapKey, sameId, toHex, type NodeId } from '../../id/node-id.ts';
import { compareXor } from '../../id/xor.ts';
import type { PeerView } from '../geometry.ts';
import { KademliaGeometry } from './kademlia.ts';

/** Ids that share 0 to 255 leading bits with each other: ties in the first 32 bits have to be as common as none. */
const anyId = fc
  .tuple(fc.constantFrom(0, 0, 1, 4, 5, 31), fc.uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES }))
  .map(([alike, bytes]) => asNodeId(bytes.fill(0x5a, 0, alike)));

const setup = fc
  .uniqueArray(anyId, { minLength: 3, maxLength: 60, selector: mapKey, size: 'max' })
  .chain((pool) => {
    const member = fc.nat(pool.length - 1).map((index) => pool[index]!);
    return fc.record({
      target: fc.oneof(anyId, member),
      self: fc.constant(pool[0]!),
      peers: fc
        .uniqueArray(
          fc.record({
            id: member,
            links: fc.uniqueArray(member, { maxLength: 50, selector: mapKey, size: 'max' }),
            skipped: fc.boolean(),
          }),
          { maxLength: 12, selector: ({ id }) => mapKey(id) },
        )
        .map((peers) => peers.filter(({ id }) => !sameId(id, pool[0]!))),
      count: fc.constantFrom(0, 1, 1, 2, 4, 100),
      ignore: fc.oneof(
        fc.constant([]),
        fc.array(
          fc.tuple(member, fc.constantFrom(8, 32)).map(([id, length]) => id.subarray(0, length)),
          { maxLength: 8 },
        ),
      ),
    });
  });

interface Judged {
  readonly index: number;
  readonly peer: PeerView;
  readonly best: NodeId;
}

function judge(
  self: NodeId,
  target: NodeId,
  peers: readonly PeerView[],
  ignore: readonly Uint8Array[],
): Judged[] {
  return peers.flatMap((peer, index) => {
    const listed = Array.from({ length: peer.linked.count }, (_, i) => idAt(peer.linked, i));
    const counted = [peer.id, ...listed].filter(
      (id) => !sameId(id, self) && !ignore.some((prefix) => sameId(id.subarray(0, prefix.length), prefix)),
    );
    const best = counted.sort((a, b) => compareXor(target, a, b))[0];
    return best === undefined ? [] : [{ index, peer, best }];
  });
}

/** 0 for a peer that is its own best id. */
const through = ({ peer, best }: Judged): number => (sameId(peer.id, best) ? 0 : 1);

function byMerit(target: NodeId): (a: Judged, b: Judged) => number {
  return (a, b) =>
    compareXor(target, a.best, b.best) || through(a) - through(b) || compareXor(target, a.peer.id, b.peer.id);
}

const geometryOf = (self: NodeId): KademliaGeometry =>
  new KademliaGeometry({ self, bucketSize: 8, replacementsMax: 8, refreshMs: Infinity });

const viewOf = (id: NodeId, links: readonly NodeId[]): PeerView => ({
  id,
  key: mapKey(id),
  linked: packIds(links),
});

const id = (first: number): NodeId => asNodeId(new Uint8Array(ID_BYTES).fill(first, 0, 1));

describe('next hops', () => {
  test('[KB13] [KB14] [KB15] [KB16] [KB17] are those that judging every peer by every id gives', () => {
    fc.assert(
      fc.property(setup, ({ self, target, peers, count, ignore }) => {
        const geometry = geometryOf(self);
        const views = peers.map(({ id, links }) => viewOf(id, links));
        const skipped = new Set(peers.filter((peer) => peer.skipped).map(({ id }) => mapKey(id)));
        const judged = judge(self, target, views, ignore);
        const expected = judged
          .filter(({ peer }) => !skipped.has(peer.key))
          .sort(byMerit(target))
          .slice(0, count)
          .map(({ index }) => index);
        const skip = (peer: PeerView): boolean => skipped.has(peer.key);
        expect(geometry.nextHops(target, views, { count, skip, ignore })).toEqual(expected);
        views.forEach((view, index) => {
          const best = judged.find((one) => one.index === index)?.best;
          const via = geometry.bestVia(target, view, ignore);
          expect(via && toHex(via)).toBe(best && toHex(best));
        });
      }),
      { numRuns: 5_000 },
    );
  });

  test('[KB13] finds the nearest id of a sorted list, which need not be beside the place of the target', () => {
    const peer = viewOf(id(0x01), [id(0xc0), id(0xf0)]);
    // 1011… : 0xc0 follows it, 0xf0 is nearer.
    expect(geometryOf(id(0)).bestVia(id(0xb0), peer, [])).toEqual(id(0xf0));
    expect(geometryOf(id(0)).bestVia(id(0xb0), peer, [id(0xf0).subarray(0, 8)])).toEqual(id(0xc0));
  });

  test('[KB15] a peer whose ids are all ignored is left out', () => {
    const [self, a, b] = [1, 2, 3].map((byte) => asNodeId(new Uint8Array(ID_BYTES).fill(byte))) as [
      NodeId,
      NodeId,
      NodeId,
    ];
    const peer = viewOf(a, [self, b]);
    const options = { count: 3, skip: () => false, ignore: [a, b.subarray(0, 8)] };
    expect(geometryOf(self).nextHops(b, [peer], options)).toEqual([]);
    expect(geometryOf(self).bestVia(b, peer, options.ignore)).toBeUndefined();
  });
});
