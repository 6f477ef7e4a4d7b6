/**
 * What a hostile node is made of: a real core, and somebody between it and its links who sees every frame that comes in
 * and decides about every frame that goes out. Honest as far as an adversary does not say otherwise.
 */

import { sameId, type NodeId } from '../../core/id/node-id.ts';
import type { LinkId } from '../../core/io.ts';
import { FRAME_KINDS, messageKey } from '../../core/wire/frame.ts';
import type { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';

/** A hostile node and its powers: those of any node with its own keys, and no others. */
export interface Hostile {
  readonly simulation: Simulation;
  readonly node: SimNode;
  readonly random: SeededRandom;
}

export interface Adversary {
  /** Called once, when the hostility begins. */
  begin?(): void;
  /** A frame reached the node; its core gets it next. */
  received?(link: LinkId, bytes: Uint8Array): void;
  /** The core sends a frame. True: it does not go out as it is. */
  transmits(link: LinkId, bytes: Uint8Array): boolean;
}

/** True for a routed frame that somebody else set out: a message passed on, or an answer passed back. */
export function isForeign(bytes: Uint8Array, self: NodeId): boolean {
  return bytes[1]! >= FRAME_KINDS.neighbour && !sameId(bytes.subarray(28, 60), self);
}

/** The id of the message that a routed frame belongs to. */
export function messageOf(bytes: Uint8Array): string {
  return messageKey(bytes, 12);
}

/** Links of a node that are up, in the order in which they came up. */
export function linksOf(node: SimNode): LinkId[] {
  return [...node.links.values()].filter((end) => end.state === 'up').map((end) => end.link);
}

/** A link of the node other than the one given, by chance; `undefined` when it has none. */
export function otherLink({ node, random }: Hostile, than: LinkId): LinkId | undefined {
  const others = linksOf(node).filter((link) => link !== than);
  return others.length === 0 ? undefined : others[random.below(others.length)];
}
