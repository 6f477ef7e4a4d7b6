/**
 * Goal: in a live network every member of a close group knows the whole group, also after a third of all nodes crashed.
 * Method: nodes with the shipped limits join one after another; the groups of random keys, found by looking at all ids,
 * are compared with what the tables of their members say. Nothing but the nodes' own upkeep fills those tables.
 */

import { contactsOf } from '../core/snapshot.ts';
import { expect, test } from 'vitest';
import { createConfig } from '../core/config.ts';
import { asNodeId, ID_BYTES, toHex, type NodeId } from '../core/id/node-id.ts';
import { compareXor } from '../core/id/xor.ts';
import { SeededRandom } from './random.ts';
import { Simulation } from './simulator.ts';

const GROUP_SIZE = 8;
const KEYS = 300;

const nearest = (ids: readonly NodeId[], key: NodeId): NodeId[] =>
  [...ids].sort((a, b) => compareXor(key, a, b)).slice(0, GROUP_SIZE);
const hexes = (ids: readonly NodeId[]): string => ids.map(toHex).join();

/** Members of groups of random keys whose table names other members than there are; dead contacts do not count. */
function mistaken(simulation: Simulation, random: SeededRandom): string[] {
  const alive = simulation.nodes.filter(({ life }) => life === 'running');
  const ids = alive.map(({ id }) => id);
  const living = new Set(ids.map(toHex));
  const known = new Map(
    alive.map(({ id, core }) => {
      const contacts = contactsOf(core!.snapshot()).map((contact) => contact.id);
      return [toHex(id), [id, ...contacts.filter((contact) => living.has(toHex(contact)))]];
    }),
  );
  const found: string[] = [];
  for (let i = 0; i < KEYS; i++) {
    const key = asNodeId(random.bytes(ID_BYTES));
    const group = nearest(ids, key);
    for (const member of group) {
      if (hexes(nearest(known.get(toHex(member))!, key)) !== hexes(group)) found.push(toHex(member));
    }
  }
  return found;
}

test.each([1, 7])(
  'every member of a close group knows all of it, before and after a crash; seed %i',
  (seed) => {
    const simulation = new Simulation({ seed });
    const random = new SeededRandom(seed, 1);
    for (let i = 0; i < 60; i++) {
      simulation.start(simulation.addNode({ config: createConfig('browser') }));
      simulation.runUntil(simulation.now + 100);
    }
    simulation.runUntil(simulation.now + 5_000);
    expect(mistaken(simulation, random)).toEqual([]);
    for (const node of simulation.nodes.filter((_, i) => i % 3 === 0)) simulation.crash(node, 'slowly');
    simulation.runUntil(simulation.now + 30_000);
    expect(mistaken(simulation, random)).toEqual([]);
  },
);
