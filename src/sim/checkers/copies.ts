/** Where the copies of values lie, seen from outside: asks every live node what it holds. */

import { toHex } from '../../core/id/node-id.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';

/** The nodes that hold a value, by the value in hexadecimal. */
export function copiesByValue(simulation: Simulation): Map<string, Set<SimNode>> {
  const copies = new Map<string, Set<SimNode>>();
  for (const node of simulation.liveNodes()) {
    for (const { record, expiresAt } of node.core?.held() ?? []) {
      if (expiresAt <= (node.clock?.read(simulation.now) ?? simulation.now)) continue;
      const name = toHex(record.value);
      const holders = copies.get(name);
      if (holders === undefined) copies.set(name, new Set([node]));
      else holders.add(node);
    }
  }
  return copies;
}

/** How many of the live nodes truly nearest to a key, at most `replicas`, hold its value; and how many there should be. */
export function countCopies(
  simulation: Simulation,
  copies: ReadonlyMap<string, ReadonlySet<SimNode>>,
  place: { readonly key: Uint8Array; readonly value: Uint8Array },
  replicas: number,
): { readonly there: number; readonly wanted: number } {
  const holders = copies.get(toHex(place.value));
  const nearest = simulation.oracle.nearestOf(place.key, replicas);
  const there = nearest.filter((index) => holders?.has(simulation.nodes[index]!) === true).length;
  return { there, wanted: nearest.length };
}
