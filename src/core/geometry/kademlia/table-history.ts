/** Random lives of a table: nodes that come, are seen again and go. For tests that compare a table with its model. */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import { asNodeId, mapKey, type NodeId } from '../../id/node-id.ts';
import { contactOf } from '../test-contacts.ts';
import type { KademliaGeometry } from './kademlia.ts';
import type { TableModel } from './table-model.ts';

type Step =
  | { readonly do: 'offer'; readonly id: NodeId; readonly alive: boolean }
  | { readonly do: 'touch' | 'remove'; readonly id: NodeId }
  | { readonly do: 'own-lookup' };

/** Ids of 1 byte collide and fill all prefixes; ids of 8 bytes that begin alike need deep tables and full comparison. */
export const anyId = (length: number): fc.Arbitrary<NodeId> =>
  length === 1
    ? fc.nat(255).map((byte) => asNodeId(Uint8Array.of(byte)))
    : fc
        .tuple(fc.nat(8 * length), fc.uint8Array({ minLength: length, maxLength: length }), fc.nat(3))
        .map(([zeroBits, bytes, pool]) =>
          asNodeId(
            bytes.map((byte, i) =>
              pool > 0 ? (i * 8 < zeroBits ? 0 : byte & (pool === 1 ? 0x81 : 0xff)) : byte,
            ),
          ),
        );

const stepOf = (id: fc.Arbitrary<NodeId>): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('offer' as const), id, alive: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('touch' as const), id }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('remove' as const), id }) },
    { weight: 1, arbitrary: fc.constant({ do: 'own-lookup' as const }) },
  );

/** A pool of ids that come, are seen again and go, in an order that shrinks. */
export const history = fc
  .constantFrom(1, 8, 32)
  .chain((length) => fc.array(anyId(length), { minLength: 4, maxLength: 40, size: 'max' }))
  .chain((pool) => {
    const member = fc.nat(pool.length - 1).map((index) => pool[index]!);
    return fc.record({
      self: fc.constant(pool[0]!),
      bucketSize: fc.constantFrom(1, 2, 3, 8),
      replacementsMax: fc.constantFrom(0, 1, 3),
      steps: fc.array(stepOf(member), { maxLength: 60, size: 'max' }),
      keys: fc.tuple(anyId(pool[0]!.length), member, member),
    });
  });

/** Does every step to both and compares what comes back; `check` runs after each. */
export function replay(
  { steps, bucketSize }: { readonly steps: readonly Step[]; readonly bucketSize: number },
  table: KademliaGeometry,
  model: TableModel,
  check: () => void,
): void {
  steps.forEach((step, now) => {
    if (step.do === 'offer') {
      const before = model.wants(step.id);
      expect(table.wants(step.id)).toBe(before);
      const outcome = table.offer(contactOf(step.id), now, step.alive);
      expect(outcome).toBe(model.offer(step.id, now, step.alive));
      expect(outcome === 'added').toBe(before);
    } else if (step.do === 'touch') {
      table.touch(mapKey(step.id), now);
      model.touch(step.id, now);
    } else if (step.do === 'remove') {
      const had = model.has(step.id);
      const placed = model.isPlaced(step.id);
      const removed = table.remove(mapKey(step.id), now);
      model.remove(step.id);
      expect(removed?.contact.id).toEqual(had ? step.id : undefined);
      expect(removed?.refill !== undefined).toBe(placed && model.countAt(step.id) < bucketSize);
      expect(table.get(mapKey(step.id))).toBeUndefined();
    } else {
      table.lookupDone(8 * table.self.length, now, true);
    }
    check();
  });
}
