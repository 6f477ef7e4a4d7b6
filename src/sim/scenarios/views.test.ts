/** Goal: what nodes are told is what they would keep of full knowledge. Method: draws beside the ids of all nodes. */

import { expect, test } from 'vitest';
import { createConfig } from '../../core/config.ts';
import { RingTable } from '../../core/geometry/chord/table.ts';
import { contactOf } from '../../core/geometry/test-contacts.ts';
import { mapKey, type MapKey } from '../../core/id/node-id.ts';
import { commonPrefixLength } from '../../core/id/xor.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import { Simulation } from '../simulator.ts';
import { Views } from './views.ts';

const KEY_AT = 6;

function network(count: number, bucketSize: number): { nodes: SimNode[]; views: Views } {
  const simulation = new Simulation({ seed: 5 });
  const config = createConfig('browser', { bucketSize });
  const nodes = Array.from({ length: count }, () => simulation.addNode({ config }));
  return { nodes, views: new Views(nodes, new SeededRandom(5, 1)) };
}

const keysOf = (records: readonly Uint8Array[]): MapKey[] =>
  records.map((record) => mapKey(record.subarray(KEY_AT, KEY_AT + 32)));

test('with full knowledge a node is told of everybody in a small part of the ids, and of eight bucketfuls of a large one', () => {
  const { nodes, views } = network(600, 4);
  for (const self of nodes.slice(0, 20)) {
    const told = new Set(keysOf(views.draw(self, 1)));
    expect(told.has(mapKey(self.id))).toBe(false);
    for (let bits = 0; bits < 16; bits++) {
      const part = nodes.filter((node) => node !== self && commonPrefixLength(self.id, node.id) === bits);
      const known = part.filter((node) => told.has(mapKey(node.id)));
      expect(known.length, `${bits} bits`).toBe(Math.min(32, part.length));
    }
  }
});

test('on a ring, told of everything, a node keeps what it would keep of everybody', () => {
  const { nodes, views } = network(600, 8);
  for (const self of nodes.slice(0, 20)) {
    const keptOf = (told: readonly SimNode[]): MapKey[] => {
      const table = new RingTable(self.id, 20, 8);
      for (const { id } of told) table.offer(contactOf(id, 1, 'chord'), 0, true);
      return table.entries.map(({ contact }) => contact.key);
    };
    const keys = new Set(keysOf(views.drawRing(self, 1)));
    const told = nodes.filter((node) => keys.has(mapKey(node.id)));
    expect(keys.has(mapKey(self.id))).toBe(false);
    expect(told.length).toBeLessThan(nodes.length - 1);
    expect(keptOf(told)).toEqual(keptOf(nodes.filter((node) => node !== self)));
  }
});

test('with a partial view each node is known with that probability, and none twice', () => {
  const { nodes, views } = network(300, 100);
  let told = 0;
  for (const self of nodes) {
    const keys = keysOf(views.draw(self, 0.2));
    expect(new Set(keys).size).toBe(keys.length);
    told += keys.length;
  }
  // 89,700 draws: four standard deviations are 480.
  expect(Math.abs(told - 0.2 * 300 * 299)).toBeLessThan(480);
});
