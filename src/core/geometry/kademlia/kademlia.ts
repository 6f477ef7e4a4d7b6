/**
 * The Kademlia geometry: XOR distance, a table of buckets, hops by full comparison. Holds knowledge only; what it says
 * about links and lookups are wishes that the membership carries out. The parts are in the files beside this one.
 */

import type { OverlayConfig } from '../../config.ts';
import { compareIds, type MapKey, type NodeId } from '../../id/node-id.ts';
import { compareXor } from '../../id/xor.ts';
import type { BucketSnapshot, KademliaSnapshot } from '../../snapshot.ts';
import type { Contact } from '../../wire/contact.ts';
import type {
  BroadcastShare,
  Geometry,
  LinkPreference,
  LookupTask,
  NextHopOptions,
  OfferOutcome,
  PeerView,
  Removed,
  WantedLink,
} from '../geometry.ts';
import type { Entry } from './bucket.ts';
import { broadcastShares } from './broadcast.ts';
import { concerns, isClose } from './close-group.ts';
import { closestIds } from './closest.ts';
import { bestIdVia, chooseHops } from './next-hop.ts';
import { Table } from './table.ts';
import { lookupDone, lookupsDue, nextDueAt } from './upkeep.ts';
import { wantedLinks } from './wanted-links.ts';

/** Who the node is, and its limits. */
export interface KademliaOptions {
  readonly self: NodeId;
  readonly bucketSize: number;
  /** Candidates kept beside a full bucket. */
  readonly replacementsMax: number;
  /** A bucket that was not looked up for this long is looked up again, ms. */
  readonly refreshMs: number;
}

/** The table of a node with these numbers. */
export function createKademlia(self: NodeId, config: OverlayConfig): Geometry {
  const { bucketSize, replacementsMax, refreshMs } = config;
  return new KademliaGeometry({ self, bucketSize, replacementsMax, refreshMs });
}

/** One node's knowledge of a Kademlia network. */
export class KademliaGeometry implements Geometry {
  readonly name = 'kademlia';
  readonly self: NodeId;
  protected readonly table: Table;
  readonly #refreshMs: number;
  /** What `isComplete` answers; `undefined` when something changed since it was asked. */
  #complete: boolean | undefined;

  constructor({ self, bucketSize, replacementsMax, refreshMs }: KademliaOptions) {
    this.self = self;
    this.#refreshMs = refreshMs;
    this.table = new Table(self, bucketSize, replacementsMax);
  }

  compare(target: NodeId, a: NodeId, b: NodeId): number {
    return compareXor(target, a, b);
  }

  isResponsible(key: NodeId): boolean {
    return isClose(this.table, key, 1);
  }

  closest(key: NodeId, count: number, withSelf: boolean): NodeId[] {
    return closestIds(this.table, key, count, withSelf);
  }

  isCloseTo(key: NodeId, size: number): boolean {
    return isClose(this.table, key, size);
  }

  answer(target: NodeId, count: number, _own: boolean): NodeId[] {
    return this.closest(target, count, true);
  }

  leadsOn(target: NodeId, id: NodeId): boolean {
    return compareXor(target, id, this.self) < 0;
  }

  nextHops(target: NodeId, peers: readonly PeerView[], options: NextHopOptions): number[] {
    return chooseHops(this.self, target, peers, options);
  }

  bestVia(target: NodeId, peer: PeerView, ignore: readonly Uint8Array[]): NodeId | undefined {
    return bestIdVia(this.self, target, peer, ignore);
  }

  broadcastShares(
    part: Uint8Array | undefined,
    isLinked: (key: MapKey) => boolean,
  ): BroadcastShare[] | undefined {
    return broadcastShares(this.table, part, isLinked);
  }

  get size(): number {
    return this.table.size;
  }

  offer(contact: Contact, now: number, alive: boolean): OfferOutcome {
    this.#complete = undefined;
    return this.table.offer(contact, now, alive);
  }

  touch(key: MapKey, now: number): void {
    this.table.touch(key, now);
  }

  remove(key: MapKey, _now: number): Removed | undefined {
    this.#complete = undefined;
    return this.table.remove(key);
  }

  exchange(leaving: MapKey, entering: Contact, now: number): boolean {
    return this.table.exchange(leaving, entering, now);
  }

  get(key: MapKey): Contact | undefined {
    return this.table.find(key)?.contact;
  }

  wants(id: NodeId): boolean {
    return this.table.hasRoomFor(id);
  }

  *contacts(): Iterable<Contact> {
    for (const { entries } of this.table.buckets) for (const entry of entries) yield entry.contact;
  }

  stale(before: number): Contact[] {
    const old: Entry[] = [];
    for (const { entries } of this.table.buckets) {
      for (const entry of entries) if (entry.lastSeenAt < before) old.push(entry);
    }
    old.sort((a, b) => a.lastSeenAt - b.lastSeenAt || compareIds(a.contact.id, b.contact.id));
    return old.map((entry) => entry.contact);
  }

  concerns(newcomer: NodeId, peer: NodeId): boolean {
    return concerns(this.table, newcomer, peer);
  }

  wantedLinks(preference: LinkPreference): WantedLink[] {
    return wantedLinks(this.table, preference);
  }

  lookupsDue(now: number, random: (count: number) => Uint8Array): LookupTask[] {
    return lookupsDue(this.table, now, this.#refreshMs, random);
  }

  lookupDone(slot: number, now: number, ok: boolean): void {
    this.#complete = undefined;
    lookupDone(this.table, slot, now, ok);
  }

  nextMaintenanceAt(): number {
    return nextDueAt(this.table, this.#refreshMs);
  }

  isComplete(): boolean {
    this.#complete ??= this.table.buckets.every((_, i) => this.table.gapOf(i) === 'none');
    return this.#complete;
  }

  /**
   * The part of the key space around the own id where every node is known, and how many those are. Exact while that
   * part is everything; else right within a factor of about two, as the count is small.
   */
  sizeEstimate(): number {
    const { buckets, size, last } = this.table;
    if (last === 0 && this.isComplete()) return size + 1;
    let from = last;
    while (from > 0 && !this.table.isFull(from - 1)) from--;
    let known = 0;
    for (let i = from; i <= last; i++) known += buckets[i]!.entries.length;
    // Nobody there (small buckets): the deepest contact of many overshoots, and 0.4 sets that right on average.
    return Math.max(size + 1, Math.round(1 + Math.max(known, 0.4) * 2 ** from));
  }

  snapshot(isLinked: (key: MapKey) => boolean): KademliaSnapshot {
    const { buckets, bucketSize } = this.table;
    return {
      geometry: 'kademlia',
      bucketSize,
      buckets: buckets.map(({ entries, candidates }, index): BucketSnapshot => ({
        index,
        contacts: entries.map(({ contact, lastSeenAt }) => ({
          id: contact.id,
          linked: isLinked(contact.key),
          lastSeenAt,
        })),
        candidates: candidates.map((entry) => entry.contact.id),
        full: this.table.isFull(index),
        gap: this.table.gapOf(index),
      })),
    };
  }
}
