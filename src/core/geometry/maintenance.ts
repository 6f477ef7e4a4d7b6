/**
 * The seam for upkeep that only some geometries need: frames between linked neighbours, on the geometry's own schedule.
 * A ring has it, Kademlia has not. Whoever makes one is handed the node's side of it and never reaches further.
 */

import type { MapKey, NodeId } from '../id/node-id.ts';
import type { Random } from '../ports.ts';
import type { Contact } from '../wire/contact.ts';
import type { Control } from '../wire/control.ts';

/** A linked peer. */
export interface UpkeepPeer {
  readonly id: NodeId;
  readonly key: MapKey;
  /** It missed its heartbeats. */
  readonly suspect: boolean;
  sendControl(bytes: Uint8Array): void;
}

/** The parts of the node that the upkeep of its geometry works with. */
export interface MaintenanceSide {
  readonly ctx: {
    /** Time of the input being handled, ms. */
    readonly now: number;
    readonly ports: { readonly random: Random };
    /** `repair` false: nothing is learned any more. */
    readonly config: { readonly repair: boolean };
  };
  readonly links: { ofPeer(key: MapKey): UpkeepPeer | undefined };
  readonly book: {
    /** The node was found to be gone a short while ago. */
    isBuried(key: MapKey): boolean;
  };
  readonly gossip: {
    /** Somebody linked is linked to the node, so it lives. */
    vouched(id: NodeId): boolean;
  };
  readonly rumours: {
    /** The contact may be gone, silent since then: it is asked itself. */
    about(contact: Contact, silentSince: number): void;
  };
  /** The geometry knows more for certain than before. */
  onGrown(): void;
}

/** Frames that are for the upkeep alone. */
export type UpkeepControl = Extract<Control, { readonly type: 'stabilize' | 'neighbours' }>;

/** Upkeep of one node's geometry. */
export interface Maintenance {
  /** When the node last compared its knowledge with a neighbour's, ms. */
  readonly comparedAt: number | undefined;
  /** It waits for a neighbour's answer. */
  readonly isComparing: boolean;
  nextAt(): number;
  onTime(): void;
  /** Links or contacts changed. */
  changed(): void;
  /** A linked peer asks whom this node is certain of, or answers. */
  onControl(control: UpkeepControl, peer: UpkeepPeer): void;
}
