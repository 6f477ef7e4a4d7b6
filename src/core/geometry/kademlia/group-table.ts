/**
 * The Kademlia table with all that the close group guarantees rest on: for simulations and checks, which want to know what
 * a table by itself would do. A router asks `isCloseTo`, `closest` and `concerns`, and decides with its links.
 */

import type { NodeId } from '../../id/node-id.ts';
import type { Contact } from '../../wire/contact.ts';
import type { OfferOutcome } from '../geometry.ts';
import {
  allowConnection,
  closeNodes,
  concerns,
  isUnneeded,
  needToAdd,
  otherCloseNodes,
  sharesCloseGroupWithBucket,
} from './close-group.ts';
import { isRecipient, nextTargets, type Destination, type Passage } from './group-routing.ts';
import { KademliaGeometry } from './kademlia.ts';

/** What adding a contact leads to. */
export interface Added {
  readonly outcome: OfferOutcome;
  /** Contacts that may have a place for the newcomer and should be told of it. */
  readonly notify: readonly NodeId[];
  /** Contacts that lost their place because the newcomer is nearer. */
  readonly unneeded: readonly NodeId[];
}

/** One node's table, asked about groups, links and the way of messages. */
export class GroupTable extends KademliaGeometry {
  /** `offer`, and what follows from it for others. */
  add(contact: Contact, now: number, alive: boolean): Added {
    const displaced: Contact[] = [];
    const outcome = this.table.offer(contact, now, alive, displaced);
    const notify: NodeId[] = [];
    if (outcome === 'added') {
      for (const { id } of this.contacts()) if (concerns(this.table, contact.id, id)) notify.push(id);
    }
    return { outcome, notify, unneeded: displaced.map(({ id }) => id) };
  }

  closeNodes(key: NodeId, size: number): NodeId[] | undefined {
    return closeNodes(this.table, key, size);
  }

  otherCloseNodes(key: NodeId, size: number): NodeId[] | undefined {
    return otherCloseNodes(this.table, key, size);
  }

  sharesCloseGroupWithBucket(prefix: number): boolean {
    return sharesCloseGroupWithBucket(this.table, prefix);
  }

  needToAdd(id: NodeId): boolean {
    return needToAdd(this.table, id);
  }

  allowConnection(id: NodeId): boolean {
    return allowConnection(this.table, id);
  }

  isUnneeded(id: NodeId): boolean {
    return isUnneeded(this.table, id);
  }

  isRecipient(destination: Destination): boolean {
    return isRecipient(this.table, destination);
  }

  nextTargets(destination: Destination, passage: Passage): NodeId[] {
    return nextTargets(this.table, destination, passage);
  }
}
