/**
 * A whole network of tables, each complete, and the truth about it from looking at all ids. Messages go from table to
 * table by `nextTargets` alone, without links, time or loss: what the close group guarantees are about.
 */

import { mapKey, sameId, type MapKey, type NodeId } from '../../id/node-id.ts';
import { compareXor } from '../../id/xor.ts';
import type { Random } from '../../ports.ts';
import { contactOf } from '../test-contacts.ts';
import type { Destination } from './group-routing.ts';
import { GroupTable } from './group-table.ts';

/** What became of a message. */
export interface Journey {
  /** Who took it for its own, in the order of arrival. */
  readonly recipients: NodeId[];
  /** From the origin to the first recipient, both included; empty when there was none. */
  readonly path: NodeId[];
  /** Copies sent from node to node. */
  readonly transmissions: number;
}

export class TableNetwork {
  readonly ids: readonly NodeId[];
  readonly #tables = new Map<MapKey, GroupTable>();

  /** Every node is told of all others, in an order of its own. */
  constructor(ids: readonly NodeId[], bucketSize: number, random: Random) {
    this.ids = ids;
    for (const self of ids) {
      const table = new GroupTable({ self, bucketSize, replacementsMax: 0, refreshMs: Infinity });
      for (const id of shuffled(ids, random)) table.offer(contactOf(id), 0, true);
      this.#tables.set(mapKey(self), table);
    }
  }

  table(id: NodeId): GroupTable {
    return this.#tables.get(mapKey(id))!;
  }

  /** The nodes of the network nearest to a key. */
  nearest(key: NodeId, count: number): NodeId[] {
    return [...this.ids].sort((a, b) => compareXor(key, a, b)).slice(0, count);
  }

  knows(id: NodeId, other: NodeId): boolean {
    return [...this.table(id).contacts()].some((contact) => sameId(contact.id, other));
  }

  /** Sends one message along one route. Every node passes on the first copy it gets, and no other. */
  send(origin: NodeId, destination: Destination, route: number): Journey {
    const recipients: NodeId[] = [];
    let path: NodeId[] = [];
    let transmissions = 0;
    const seen = new Set<MapKey>();
    const copies: NodeId[][] = [[origin]];
    for (let way = copies.shift(); way !== undefined; way = copies.shift()) {
      const here = way.at(-1)!;
      if (seen.has(mapKey(here))) continue;
      seen.add(mapKey(here));
      const table = this.table(here);
      if (table.isRecipient(destination)) {
        recipients.push(here);
        if (path.length === 0) path = way;
      }
      const passage = { hops: way.length - 1, route, from: way.at(-2) };
      const targets = table.nextTargets(destination, passage);
      transmissions += targets.length;
      copies.push(...targets.map((id) => [...way!, id]));
    }
    return { recipients, path, transmissions };
  }
}

function shuffled(ids: readonly NodeId[], random: Random): NodeId[] {
  const drawn = ids.map((id) => ({ id, lot: random.below(2 ** 32) }));
  return drawn.sort((a, b) => a.lot - b.lot).map(({ id }) => id);
}
