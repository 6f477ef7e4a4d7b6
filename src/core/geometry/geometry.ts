/**
 * The seam between Kademlia and a ring: who is nearer, whose key is it, where next, which links, what upkeep is due.
 * A geometry holds knowledge (contacts) and never sends anything; links are the router's, shown to it as `PeerView`s.
 * The contract suite in geometry-contract.ts states what every geometry must satisfy (rules GE1-GE16).
 */

import type { OverlayConfig } from '../config.ts';
import type { IdList } from '../id/id-list.ts';
import type { MapKey, NodeId } from '../id/node-id.ts';
import type { Ports } from '../ports.ts';
import type { GeometrySnapshot } from '../snapshot.ts';
import type { Contact, GeometryName } from '../wire/contact.ts';
import type { Maintenance, MaintenanceSide } from './maintenance.ts';

/** A linked peer as routing sees it. */
export interface PeerView {
  readonly id: NodeId;
  readonly key: MapKey;
  /** The ids the peer says it is linked to, sorted; may contain this node. */
  readonly linked: IdList;
}

/** What became of a contact that was offered. */
export type OfferOutcome =
  | 'added' // new, has a place
  | 'known' // had a place already; its record may be newer now
  | 'candidate' // its bucket is full: waits in the replacement cache
  | 'refused'; // itself, another geometry, or no room at all

export interface Removed {
  readonly contact: Contact;
  /** The lookup that is due because fewer contacts than wanted are left where it stood; `lookupsDue` hands it out. */
  readonly refill: LookupTask | undefined;
  /** The candidate that moved up into its place: nobody looked after it while it waited. */
  readonly promoted?: Contact;
}

/** A link the geometry wants, most important first. */
export interface WantedLink {
  readonly contact: Contact;
  readonly role: 'bucket' | 'sibling' | 'extra';
}

export interface LinkPreference {
  readonly linksWanted: number;
  readonly siblings: number;
  /** True: every contact is wanted. */
  readonly linkEveryContact: boolean;
  /** Linked now: preferred over strangers of the same use, so that links do not flap. */
  readonly isLinked: (key: MapKey) => boolean;
  /** Could not be linked lately: passed over while there is another. */
  readonly isShunned: (key: MapKey) => boolean;
}

/** A lookup that is due; `lookupDone` must be told when it was answered. */
export interface LookupTask {
  /** Names the part of the table it serves (a bucket index, a finger). */
  readonly slot: number;
  readonly target: NodeId;
}

/** A part of the id space that a node is to pass a broadcast on in, and who can do that. */
export interface BroadcastShare {
  /** What to tell whoever takes the share. Read by this geometry alone; at most `PART_BYTES_MAX` bytes. */
  readonly part: Uint8Array;
  /** Contacts that lie in the part, any one of which can take it: linked peers first, never none. */
  readonly candidates: readonly NodeId[];
}

/** Bytes of a part: two ids. */
export const PART_BYTES_MAX = 64;

/** Makes the knowledge of one node, with nobody in it yet. */
export type GeometryFactory = (self: NodeId, config: OverlayConfig) => Geometry;

export interface Geometry {
  readonly name: GeometryName;
  readonly self: NodeId;

  // Distance -----------------------------------------------------------------------------------------------------
  /** Negative when `a` is the better holder of `target` than `b`; 0 only for equal ids. */
  compare(target: NodeId, a: NodeId, b: NodeId): number;
  /**
   * Negative when this node is nearer to holding the key `a` than `b`; 0 only for equal keys. The own id comes first. Left
   * out where distance is symmetric: then `compare` from the own id says the same.
   */
  compareKeys?(a: NodeId, b: NodeId): number;
  /** True when no known contact is a better holder of the key than this node. */
  isResponsible(key: NodeId): boolean;
  /** The best holders of a key, best first, at most `count`, without duplicates; with this node if asked. */
  closest(key: NodeId, count: number, withSelf: boolean): NodeId[];
  /** True when this node is among the `size` best holders of the key that it knows of, itself included. */
  isCloseTo(key: NodeId, size: number): boolean;

  /** Whose records answer a lookup of `target` that ends here; `own`: the target is looking for its own place. */
  answer(target: NodeId, count: number, own: boolean): NodeId[];

  // Routing ------------------------------------------------------------------------------------------------------
  /**
   * The peers to try for a target, best first: indexes into `peers`, at most `count`. A peer is as good as the best of
   * its own id and the ids it is linked to; among equals one that is itself that id comes first, then the peer of the
   * better own id. `skip` peers are left out; ids in `ignore` do not count, neither as a peer's own nor as reachable,
   * and this node never does: every linked peer leads back to it.
   */
  nextHops(target: NodeId, peers: readonly PeerView[], options: NextHopOptions): number[];
  /** The best id among a peer's own and linked ones, as `nextHops` judged it; `undefined` when all are ignored. */
  bestVia(target: NodeId, peer: PeerView, ignore: readonly Uint8Array[]): NodeId | undefined;

  /** True when a message for the target comes nearer to whoever holds it by going from this node to `id`. */
  leadsOn(target: NodeId, id: NodeId): boolean;

  /**
   * Splits a part of the network among the contacts, so that a broadcast reaches each node of it once: whoever takes a
   * share handles the message and splits the share's part in turn. The parts are disjoint and together hold everybody
   * in `part` but this node. `part` is what came with the broadcast, or `undefined` at its origin: everybody. The
   * largest part comes first. Answers `undefined` when the bytes, which come from outside, name no part.
   */
  broadcastShares(
    part: Uint8Array | undefined,
    isLinked: (key: MapKey) => boolean,
  ): BroadcastShare[] | undefined;

  // Knowledge ----------------------------------------------------------------------------------------------------
  /** How many contacts have a place. */
  readonly size: number;
  /** A verified contact was seen or learned. `alive` says that the node itself was heard from just now. */
  offer(contact: Contact, now: number, alive: boolean): OfferOutcome;
  /** The node was heard from, or a linked peer vouches for it. Unknown ids are ignored. */
  touch(key: MapKey, now: number): void;
  /** The node is gone: removes it everywhere (table and candidates) and moves a candidate up. */
  remove(key: MapKey, now: number): Removed | undefined;
  /**
   * Gives the place of a contact to another node in the same full part of the table, which is as good there: the one
   * that leaves stays a candidate. False, and nothing changed, where that is not so. Only for two nodes known to live.
   */
  exchange(leaving: MapKey, entering: Contact, now: number): boolean;
  get(key: MapKey): Contact | undefined;
  /** True when a node of this id, unknown so far, would get a place: its record is worth fetching. */
  wants(id: NodeId): boolean;
  contacts(): Iterable<Contact>;
  /** Contacts not heard from since `before`, oldest first. */
  stale(before: number): Contact[];
  /** True when the peer may lack `newcomer` in a place that must hold every node: it should be told. */
  concerns(newcomer: NodeId, peer: NodeId): boolean;

  // Links --------------------------------------------------------------------------------------------------------
  /** The links this node should have, most important first. */
  wantedLinks(preference: LinkPreference): WantedLink[];

  // Maintenance --------------------------------------------------------------------------------------------------
  /** Lookups that are due because a part of the table is unexplored, lost a contact, or was unused for `refreshMs`. */
  lookupsDue(now: number, random: (count: number) => Uint8Array): LookupTask[];
  /** The lookup of a slot was answered, with everybody it found offered before. `ok` false: it failed, try later. */
  lookupDone(slot: number, now: number, ok: boolean): void;
  /** Whom the answer to a lookup of the own id names, none when it failed; comes before any of them is offered. */
  onAnswer?(records: readonly Uint8Array[], ports: Pick<Ports, 'idOfKey'>): void;
  /** The server knows nobody else. */
  alone?(): void;
  /** A part of the network that was out of reach is back: what was looked up may pass over many. */
  foundAgain?(now: number): void;
  /** Upkeep over links, for a geometry that has any. */
  maintain?(side: MaintenanceSide): Maintenance;
  /** When `lookupsDue` may return something new; `Infinity` for never. */
  nextMaintenanceAt(): number;
  /** True when, as far as this node can tell, its table holds every node it must. */
  isComplete(): boolean;
  /** Estimated number of nodes in the network, this one included; from the density around the own id. */
  sizeEstimate(): number;
  snapshot(isLinked: (key: MapKey) => boolean): GeometrySnapshot;
}

export interface NextHopOptions {
  readonly count: number;
  readonly skip: (peer: PeerView) => boolean;
  /** Ids that lead nowhere new: nodes visited already, the origin of a lookup of itself. A prefix stands for every id it begins. */
  readonly ignore: readonly Uint8Array[];
}
