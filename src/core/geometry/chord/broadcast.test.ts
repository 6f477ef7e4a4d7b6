import { expect, test } from 'vitest';

import { asNodeId, ID_BYTES, mapKey, toHex, type NodeId } from '../../id/node-id.ts';
import { contactOf } from '../test-contacts.ts';
import { ChordGeometry } from './chord.ts';

const at = (place: number): NodeId => asNodeId(new Uint8Array(ID_BYTES).fill(place, 0, 1));

function knowing(self: number, others: readonly number[]): ChordGeometry {
  const geometry = new ChordGeometry({ self: at(self), listSize: 3, cells: 2, refreshMs: 600_000 });
  for (const place of others) geometry.offer(contactOf(at(place), 1, 'chord'), 0, true);
  return geometry;
}
const partOf = (after: number, upTo: number): Uint8Array => {
  const part = new Uint8Array(2 * ID_BYTES);
  part.set(at(after));
  part.set(at(upTo), ID_BYTES);
  return part;
};

test('[CH12] shares are intervals one after the other that end before this node', () => {
  const geometry = knowing(0, [1, 2, 5, 40, 70, 130, 200]);
  const shares = geometry.broadcastShares(undefined, () => false)!;
  const named = shares.map(({ candidates }) => candidates.map((id) => id[0]).toSorted((a, b) => a! - b!));
  expect(named).toEqual([[130, 200], [70], [40], [5], [2], [1]]);
  // Each begins where the one before it on the circle ends, and the last ends just before the own id.
  const bounds = shares.map(({ part }) => [part.subarray(0, ID_BYTES), part.subarray(ID_BYTES)].map(toHex));
  for (let i = 0; i + 1 < bounds.length; i++) expect(bounds[i]![0]).toBe(bounds[i + 1]![1]);
  expect(bounds.at(-1)![0]).toBe(toHex(at(0)));
  expect(bounds[0]![1]).toBe('ff'.repeat(ID_BYTES));
});

test('[CH12] whoever covers a part from its middle hands those behind it a share each', () => {
  const geometry = knowing(100, [80, 90, 110, 120, 200]);
  const shares = geometry.broadcastShares(partOf(70, 130), (key) => key === mapKey(at(120)))!;
  expect(shares.map(({ candidates }) => candidates.map((id) => id[0]))).toEqual([[120, 110], [80], [90]]);
  const last = shares.at(-1)!.part;
  expect(toHex(last.subarray(0, ID_BYTES))).toBe(toHex(shares[1]!.part.subarray(ID_BYTES)));
  expect(geometry.broadcastShares(partOf(70, 100), () => false)!.length).toBe(2);
});

test('[CH12] a part that this node does not lie in, or that is no interval, is none', () => {
  const geometry = knowing(100, [80, 90]);
  expect(geometry.broadcastShares(partOf(100, 130), () => false)).toBeUndefined();
  expect(geometry.broadcastShares(partOf(70, 70), () => false)).toBeUndefined();
  expect(geometry.broadcastShares(partOf(70, 130).subarray(1), () => false)).toBeUndefined();
});

test('[CH12] every piece begins with a linked contact, but for those before the first', () => {
  const geometry = knowing(0, [1, 2, 5, 40, 70, 130, 200]);
  const linked = new Set([2, 70].map((place) => mapKey(at(place))));
  const shares = geometry.broadcastShares(undefined, (key) => linked.has(key))!;
  expect(shares.map(({ candidates }) => candidates.map((id) => id[0]))).toEqual([
    [70, 130, 200],
    [2, 1, 5, 40],
  ]);
});
