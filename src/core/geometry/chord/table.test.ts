import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { asNodeId, mapKey, toHex, type NodeId } from '../../id/node-id.ts';
import { contactOf } from '../test-contacts.ts';
import { clockwise, placesOf } from './ring-model.ts';
import { RingTable } from './table.ts';

const NEAR = 3;
const anyId = fc
  .oneof(
    fc.uint8Array({ minLength: 2, maxLength: 2 }),
    fc.nat(255).map((low) => Uint8Array.of(0x80, low)),
  )
  .map(asNodeId);
const someIds = fc.uniqueArray(anyId, { minLength: 2, maxLength: 80, selector: mapKey, size: 'max' });
const anyCells = fc.constantFrom(1, 2, 8, 20);

const offer = (table: RingTable, id: NodeId): string => table.offer(contactOf(id, 1, 'chord'), 0, true);
const held = (table: RingTable): string[] => table.entries.map(({ contact }) => toHex(contact.id));

describe('contacts of a node on a ring', () => {
  test('[CH4] [CH6] the table holds exactly those with a place, in clockwise order', () => {
    fc.assert(
      fc.property(someIds, anyCells, ([self, ...ids], cells) => {
        const table = new RingTable(self!, NEAR, cells);
        for (const id of ids) offer(table, id);
        const held = table.entries.map(({ contact }) => toHex(contact.id));
        // The nearest of a cell stays when later ones come, and those near may come and go: the end is the same.
        expect(held).toEqual(placesOf(self!, ids, NEAR, cells).map(toHex));
      }),
      { numRuns: 1_000 },
    );
  });

  test('[CH5] who is wanted is taken, and nobody else', () => {
    fc.assert(
      fc.property(someIds, anyCells, ([self, ...ids], cells) => {
        const table = new RingTable(self!, NEAR, cells);
        for (const id of [...ids, ...ids]) {
          const isKnown = table.find(mapKey(id)) !== undefined;
          const isWanted = table.wants(id, mapKey(id));
          expect(isWanted && isKnown).toBe(false);
          expect(offer(table, id)).toBe(isKnown ? 'known' : isWanted ? 'added' : 'refused');
        }
      }),
      { numRuns: 500 },
    );
  });

  test('[CH7] the first contact at or after an id is found across zero', () => {
    fc.assert(
      fc.property(someIds, anyId, anyCells, fc.nat(), ([self, ...ids], key, cells, pick) => {
        const table = new RingTable(self!, NEAR, cells);
        for (const id of ids) offer(table, id);
        table.remove(mapKey(ids[pick % ids.length]!));
        const known = table.entries.map(({ contact }) => contact.id);
        const [first] = clockwise(key, known);
        const found = table.successorOf(key)?.contact.id;
        expect(found && toHex(found)).toBe(first && toHex(first));
        expect(held(table)).not.toContain(toHex(ids[pick % ids.length]!));
      }),
      { numRuns: 500 },
    );
  });
});
