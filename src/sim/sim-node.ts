/** One simulated tab: a real `OverlayNode` and what the simulator keeps around it. */

import type { OverlayConfig } from '../core/config.ts';
import type { Input, LinkId } from '../core/io.ts';
import type { OverlayNode } from '../core/overlay-node.ts';
import { contactSignedBytes, encodeContact, type GeometryName } from '../core/wire/contact.ts';
import type { SimCrypto, SimKeys } from './crypto.ts';
import type { LinkEnd } from './network.ts';
import type { SkewedClock } from './skewed-clock.ts';

/** The core's numbers, shared by the nodes of a scenario, which may switch `repair` off while they run. */
export type SimConfig = Omit<OverlayConfig, 'repair'> & { repair: boolean };

/** Where a node stands in its simulated life. */
export type Life =
  | 'waiting' // not started yet
  | 'running'
  | 'frozen' // gets nothing until it thaws
  | 'left' // said goodbye
  | 'dead'; // crashed or closed

export interface SimNode extends SimKeys {
  /** Position in the simulation's list of nodes. */
  readonly index: number;
  readonly record: Uint8Array;
  readonly config: SimConfig;
  /** Makes the records given to the node when it starts; asked once, then forgotten. */
  contacts: (() => readonly Uint8Array[]) | undefined;
  /** Its ends of links and attempts, by the node's own link numbers. */
  readonly links: Map<LinkId, LinkEnd>;
  core: OverlayNode | undefined;
  life: Life;
  /** It was told to leave, and may still be handing over its records. */
  isLeaving: boolean;
  /** Inputs that came while it was frozen. */
  held: Input[];
  /** When it was started, became ready, and first took its table for complete; ms, -1 before. */
  startedAt: number;
  readyAt: number;
  completeAt: number;
  /** Since when it is ready without a break; -1 while it is not. */
  readySince: number;
  /** The clock its tab goes by; `undefined` for virtual time itself. */
  clock: SkewedClock | undefined;
  /** Takes its own table for complete, by its latest `state` event. */
  claimsComplete: boolean;
  /** Messages it set out itself so far, other than the application's: lookups, offers and answers, pings. */
  upkeepSent: number;
  /** Solutions that it worked out so far, and when it is free for more. */
  works: number;
  workFreeAt: number;
}

/** True while a node takes part: started, and neither left nor dead. */
export function isAlive(node: SimNode): boolean {
  return node.life === 'running' || node.life === 'frozen';
}

/** A node that has not started. Its id is its signing key. */
export function createSimNode(
  fields: Pick<SimNode, 'index' | 'id' | 'config' | 'contacts'>,
  crypto: SimCrypto,
  geometry: GeometryName = 'kademlia',
): SimNode {
  const { id } = fields;
  const sealingKey = crypto.sealingKeyOf(id);
  const signedBytes = contactSignedBytes({ geometry, sequence: 1, signingKey: id, sealingKey });
  return {
    ...fields,
    id,
    sealingKey,
    record: encodeContact(signedBytes, crypto.sign(id, signedBytes)),
    links: new Map(),
    core: undefined,
    life: 'waiting',
    isLeaving: false,
    held: [],
    startedAt: -1,
    readyAt: -1,
    completeAt: -1,
    readySince: -1,
    clock: undefined,
    claimsComplete: false,
    upkeepSent: 0,
    works: 0,
    workFreeAt: 0,
  };
}
