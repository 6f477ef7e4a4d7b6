/** Whom a node names that is asked for what is not its own: whose a key is, and whose heir the asker is. Rules RG3, RG13. */

import { mapKey, type NodeId } from '../id/node-id.ts';
import { plusPower } from '../id/ring.ts';
import type { RingSide } from './host.ts';
import type { Ownership } from './ownership.ts';
import type { RingAnswer } from './rpc.ts';

export class Pointers {
  readonly #side: RingSide;
  readonly #ownership: Ownership;

  constructor(side: RingSide, ownership: Ownership) {
    this.#side = side;
    this.#ownership = ownership;
  }

  /** Whom to ask for a key that is not this node's: the first known at or after it; nobody, while its own claim is in doubt. */
  ownerOf(key: NodeId): Uint8Array | undefined {
    const { geometry, self } = this.#side.ctx;
    const { claim, predecessor } = this.#ownership;
    if (claim === undefined) return this.#recordOf(key, geometry.isResponsible(key) ? self.id : undefined);
    if (this.#ownership.hasClaimOn(key)) return undefined;
    const [first] = geometry.closest(key, 1, false);
    const isPredecessor = first === undefined || geometry.compare(key, claim.after, first) < 0;
    return isPredecessor ? predecessor : this.#recordOf(key, undefined);
  }

  /**
   * What this node says to who takes it for its heir and is wrong: ask the owner before me; or, while I have no range
   * myself, whoever follows me.
   */
  notHeirOf(asker: NodeId): RingAnswer {
    const { geometry, self } = this.#side.ctx;
    const { claim, predecessor } = this.#ownership;
    if (claim === undefined) return { code: 'no-range', owner: this.#recordOf(self.id, self.id) };
    const owner = this.#ownership.hasClaimOn(asker)
      ? undefined
      : (predecessor ?? geometry.get(mapKey(claim.after))?.record);
    return { code: 'not-responsible', owner };
  }

  /** The record of the first contact at or after a key; with `after`, of the first after that one. */
  #recordOf(key: NodeId, after: NodeId | undefined): Uint8Array | undefined {
    const { geometry } = this.#side.ctx;
    const [first] = geometry.closest(after === undefined ? key : plusPower(after, 0), 1, false);
    return first && geometry.get(mapKey(first))?.record;
  }
}
