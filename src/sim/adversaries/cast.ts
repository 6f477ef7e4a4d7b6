/**
 * Who is hostile in a run, and of what kind. The network forms honestly; hostility begins when the scenario says so, so
 * that nobody has learned anything about anybody.
 */

import { asNodeId, mapKey } from '../../core/id/node-id.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import type { Adversary, Hostile } from './adversary.ts';
import { Dropper } from './dropper.ts';
import { Flooder } from './flooder.ts';
import { Forger, Pretender } from './liars.ts';
import { Corrupter, Delayer, Duplicator, Misrouter } from './meddlers.ts';

/** The kinds of hostile nodes, by the words of the command line. */
export const ADVERSARY_KINDS = [
  'silent',
  'delay',
  'corrupt',
  'duplicate',
  'misroute',
  'forge',
  'nearest',
  'flood',
] as const;
export type AdversaryKind = (typeof ADVERSARY_KINDS)[number];

/** A share of all nodes, in [0, 1], that is hostile in one way. */
export interface Role {
  readonly kind: AdversaryKind;
  readonly share: number;
}

export class Cast {
  readonly #simulation: Simulation;
  /** By position of the node. */
  readonly #adversaries = new Map<number, Adversary>();
  /** Ids of the nodes that flood. */
  readonly #flooders = new Set<string>();

  /** Chooses the hostile nodes among all that are there, from the seed. */
  constructor(simulation: Simulation, roles: readonly Role[]) {
    this.#simulation = simulation;
    const random = new SeededRandom(simulation.seed, CAST_STREAM);
    const rest = [...simulation.nodes];
    for (const { kind, share } of roles) {
      for (let count = Math.round(share * simulation.nodes.length); count > 0 && rest.length > 0; count--) {
        const [node] = rest.splice(random.below(rest.length), 1);
        if (node === undefined) break;
        const own = new SeededRandom(simulation.seed, HOSTILE_STREAMS + node.index);
        this.#adversaries.set(node.index, createAdversary(kind, { simulation, node, random: own }));
        if (kind === 'flood') this.#flooders.add(mapKey(node.id));
      }
    }
  }

  get size(): number {
    return this.#adversaries.size;
  }

  isHostile(node: SimNode): boolean {
    return this.#adversaries.has(node.index);
  }

  /** From now on the hostile nodes do what they are there for. */
  begin(): void {
    if (this.#adversaries.size === 0) return;
    const simulation = this.#simulation;
    const onFrame = simulation.onFrame;
    const onTransmit = simulation.onTransmit;
    simulation.onFrame = (node, link, bytes) => {
      onFrame?.(node, link, bytes);
      this.#adversaries.get(node.index)?.received?.(link, bytes);
    };
    simulation.onTransmit = (node, link, bytes) => {
      if (this.#adversaries.get(node.index)?.transmits(link, bytes) === true) return true;
      return onTransmit?.(node, link, bytes) === true;
    };
    if (this.#flooders.size > 0) simulation.meter.isNoise = (bytes) => this.#isOfFlooder(bytes);
    for (const adversary of this.#adversaries.values()) adversary.begin?.();
  }

  /** A routed frame that a flooder set out, or an answer to one. */
  #isOfFlooder(bytes: Uint8Array): boolean {
    if (bytes.length < 92) return true;
    const ids = [bytes.subarray(28, 60), bytes.subarray(60, 92)];
    return ids.some((id) => this.#flooders.has(mapKey(asNodeId(id))));
  }
}

function createAdversary(kind: AdversaryKind, hostile: Hostile): Adversary {
  switch (kind) {
    case 'silent':
      return new Dropper(hostile);
    case 'delay':
      return new Delayer(hostile);
    case 'corrupt':
      return new Corrupter(hostile);
    case 'duplicate':
      return new Duplicator(hostile);
    case 'misroute':
      return new Misrouter(hostile);
    case 'forge':
      return new Forger(hostile);
    case 'nearest':
      return new Pretender(hostile);
    case 'flood':
      return new Flooder(hostile);
  }
}

const CAST_STREAM = 40;
/** Above the streams of nodes, of which there are at most a million. */
const HOSTILE_STREAMS = 2 ** 24;
