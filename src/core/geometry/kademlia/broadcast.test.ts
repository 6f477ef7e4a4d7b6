import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asNodeId, mapKey, sameId, toHex } from '../../id/node-id.ts';
import { commonPrefixLength } from '../../id/xor.ts';
import { contactOf } from '../test-contacts.ts';
import { KademliaGeometry } from './kademlia.ts';
import { history, replay } from './table-history.ts';
import { TableModel } from './table-model.ts';

describe('broadcast', () => {
  test('[KB42] a part is split by the bits that contacts really share, the largest share first', () => {
    fc.assert(
      fc.property(history, fc.nat(40), (life, part) => {
        const { self, bucketSize, replacementsMax } = life;
        const table = new KademliaGeometry({ self, bucketSize, replacementsMax, refreshMs: Infinity });
        const model = new TableModel(self, bucketSize, replacementsMax);
        replay(life, table, model, () => {});
        const depth = part % (8 * self.length);
        const expected = new Map<number, string[]>();
        for (const id of model.placed()) {
          const shared = commonPrefixLength(self, id);
          if (shared > depth) expected.set(shared, [...(expected.get(shared) ?? []), toHex(id)]);
        }
        const shares = table.broadcastShares(Uint8Array.of(depth), () => false)!;
        const said = shares.map((share) => [share.part[0], share.candidates.map(toHex).sort().join()]);
        const all = [...expected].sort(([a], [b]) => a - b).map(([shared, ids]) => [shared, ids.join()]);
        expect(said).toEqual(all);
        expect(table.broadcastShares(undefined, () => false)!.length).toBeGreaterThanOrEqual(said.length);
      }),
      { numRuns: 500 },
    );
  });

  test('[KB42] a depth beyond the last bit is no part, the last one holds nobody else', () => {
    const self = asNodeId(Uint8Array.of(0));
    const table = new KademliaGeometry({ self, bucketSize: 8, replacementsMax: 0, refreshMs: Infinity });
    table.offer(contactOf(asNodeId(Uint8Array.of(1))), 0, true);
    expect(table.broadcastShares(Uint8Array.of(6), () => false)).toHaveLength(1);
    expect(table.broadcastShares(Uint8Array.of(7), () => false)).toEqual([]);
    for (const bytes of [[], [8], [255], [0, 0]])
      expect(table.broadcastShares(Uint8Array.from(bytes), () => false)).toBeUndefined();
  });

  test('[GE11] of the candidates linked ones come first, then those heard of last', () => {
    const self = asNodeId(Uint8Array.of(0));
    const table = new KademliaGeometry({ self, bucketSize: 8, replacementsMax: 0, refreshMs: Infinity });
    const ids = [0x80, 0x81, 0x82, 0x83].map((byte) => asNodeId(Uint8Array.of(byte)));
    ids.forEach((id, i) => table.offer(contactOf(id), i, true));
    table.touch(mapKey(ids[0]!), 10);
    const shares = table.broadcastShares(undefined, (key) => key === mapKey(ids[1]!))!;
    expect(shares).toHaveLength(1);
    expect(shares[0]!.candidates.map((id) => ids.findIndex((other) => sameId(id, other)))).toEqual([
      1, 0, 3, 2,
    ]);
  });
});
