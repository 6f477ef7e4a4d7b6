/**
 * Networks whose nodes never learn of anybody else: each keeps to the view it was given and to those that linked to it.
 * The cores run unchanged; the proof of every other contact record fails, and the server introduces nobody unknown.
 */

import { asNodeId, mapKey, type NodeId } from '../core/id/node-id.ts';
import type { CryptoRequest, CryptoResult, Input } from '../core/io.ts';
import { contactSignedBytes } from '../core/wire/contact.ts';
import type { SimNode } from './sim-node.ts';
import type { Simulation } from './simulator.ts';

export class FixedViews {
  readonly #simulation: Simulation;
  /** By position of the node, the ids it may know. */
  readonly #views: (Set<string> | undefined)[] = [];

  /** Takes effect at once, for nodes that `set` is called for. */
  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    simulation.onCrypto = (node, request, cause) => this.#judge(node, request, cause);
    simulation.server.areApart = (a, b) => !this.#knows(a, b.id) && !this.#knows(b, a.id);
  }

  set(node: SimNode, known: readonly SimNode[]): void {
    this.#views[node.index] = new Set(known.map((other) => mapKey(other.id)));
  }

  #knows(node: SimNode, id: NodeId): boolean {
    return this.#views[node.index]?.has(mapKey(id)) ?? true;
  }

  #judge(node: SimNode, request: CryptoRequest, cause: Input): CryptoResult | undefined {
    if (request.type !== 'verify' || request.items.length === 0 || isOffer(cause)) return undefined;
    if (!request.items.every(({ bytes }) => isContactProof(bytes))) return undefined;
    const { crypto } = this.#simulation;
    const valid = request.items.map(
      (item) => this.#knows(node, asNodeId(item.publicKey)) && crypto.verify(item),
    );
    return { type: 'verified', valid };
  }
}

/** Somebody wants to link: the two will know each other then, whatever their views. */
function isOffer(cause: Input): boolean {
  return cause.type === 'server-signal' || (cause.type === 'crypto-done' && cause.result.type === 'opened');
}

function isContactProof(bytes: Uint8Array): boolean {
  return bytes.length === PROOF.length && DOMAIN.every((byte, i) => bytes[i] === byte);
}

const NO_KEY = new Uint8Array(32);
const PROOF = contactSignedBytes({
  geometry: 'kademlia',
  sequence: 0,
  signingKey: NO_KEY,
  sealingKey: NO_KEY,
});
/** The signed bytes of a record are its domain and 70 bytes of its own. */
const DOMAIN = PROOF.subarray(0, PROOF.length - 70);
