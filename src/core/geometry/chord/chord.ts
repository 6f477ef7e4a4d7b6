/**
 * The ring geometry: a key belongs to the first node at or after it, going clockwise (Chord, Stoica et al. 2001). Holds
 * knowledge only, and answers the same questions as Kademlia. The parts are in the files beside this one.
 */

import type { OverlayConfig } from '../../config.ts';
import { compareIds, mapKey, sameId, type MapKey, type NodeId } from '../../id/node-id.ts';
import { compareClockwise, plusPower } from '../../id/ring.ts';
import type { ChordSnapshot, ContactSnapshot } from '../../snapshot.ts';
import type { Ports } from '../../ports.ts';
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
import type { Maintenance, MaintenanceSide } from '../maintenance.ts';
import { broadcastShares } from './broadcast.ts';
import { after, before, holds, type Chain } from './chain.ts';
import { concernsOnRing } from './concerns.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { bestIdVia, chooseHops, leadsOn, type Course } from './next-hop.ts';
import { Stabilizer } from './stabilizer.ts';
import { RingTable, type Entry } from './table.ts';
import { RingUpkeep } from './upkeep.ts';
import { wantedLinks } from './wanted-links.ts';

/** Who the node is, and its limits. */
export interface ChordOptions {
  readonly self: NodeId;
  /** Nodes that are to be known in each direction: the length of the successor list (r). */
  readonly listSize: number;
  /** More nodes of a list that are kept: so many may be lost before anybody is asked for others; 4 when left out. */
  readonly spare?: number;
  /** Contacts kept in the interval of each finger, one in each of so many equal cells; the first is the finger. */
  readonly cells: number;
  /** A finger that was not looked up for this long is looked up again, ms. */
  readonly refreshMs: number;
}

/** The ring of a node with these numbers. */
export function createChord(self: NodeId, config: OverlayConfig): Geometry {
  const { successors, bucketSize, refreshMs } = config;
  return new ChordGeometry({ self, listSize: successors, cells: bucketSize, refreshMs });
}

/** Nodes of a list beyond those wanted. */
const SPARE = 4;

/**
 * A stand-in of a finger may be silent for so much longer before anybody asks after it. Hardly any of them is linked to
 * a peer, as most contacts are that count for anything, so each question goes over several hops; and nobody depends on
 * one that is gone: who takes the place of a finger is asked then.
 */
const STAND_IN_MS = 180_000;

/** One node's knowledge of a ring. */
export class ChordGeometry implements Geometry {
  readonly name = 'chord';
  readonly self: NodeId;
  readonly #table: RingTable;
  readonly #neighbourhood: Neighbourhood;
  readonly #upkeep: RingUpkeep;
  readonly #options: ChordOptions;
  #stabilizer: Stabilizer | undefined;

  constructor(options: ChordOptions) {
    const { self, listSize, spare = SPARE, cells, refreshMs } = options;
    this.self = self;
    this.#options = options;
    this.#table = new RingTable(self, listSize + spare, cells);
    this.#neighbourhood = new Neighbourhood(this.#table, listSize, listSize + spare);
    this.#upkeep = new RingUpkeep(self, this.#neighbourhood, refreshMs);
  }

  compare(target: NodeId, a: NodeId, b: NodeId): number {
    return compareClockwise(target, a, b);
  }

  /** A key is held by who follows it, so what lies shortly before this node is near, and what lies just after it farthest. */
  compareKeys(a: NodeId, b: NodeId): number {
    return compareClockwise(plusPower(this.self, 0), b, a);
  }

  isResponsible(key: NodeId): boolean {
    return this.isCloseTo(key, 1);
  }

  closest(key: NodeId, count: number, withSelf: boolean): NodeId[] {
    const { entries } = this.#table;
    const out: NodeId[] = [];
    // In clockwise order from here this node comes between the last entry and the first.
    const start = this.#table.positionOf(key);
    const from = sameId(key, this.self) ? 0 : start;
    const wrapsFirst = sameId(key, this.self);
    if (withSelf && wrapsFirst && count > 0) out.push(this.self);
    for (let i = from; i < entries.length && out.length < count; i++) out.push(entries[i]!.contact.id);
    if (withSelf && !wrapsFirst && out.length < count) out.push(this.self);
    for (let i = 0; i < from && out.length < count; i++) out.push(entries[i]!.contact.id);
    return out;
  }

  isCloseTo(key: NodeId, size: number): boolean {
    if (size <= 0) return false;
    if (sameId(key, this.self)) return true;
    return this.#table.size - this.#table.positionOf(key) < size;
  }

  answer(target: NodeId, count: number, own: boolean): NodeId[] {
    if (!own) return this.closest(target, count, true);
    return this.#chainAround(target) ?? this.#heardAround(target);
  }

  /**
   * What somebody told who was asked about the own id (see `answer`): nothing but where the ids go clockwise around it is
   * he certain of them. The first one comes again at the end when they are everybody. `isGone`: found to be gone here.
   */
  onNamed(ids: readonly NodeId[], isGone: (key: MapKey) => boolean): void {
    const isClosed = ids.length > 1 && sameId(ids[0]!, ids.at(-1)!);
    const chain = { ids: isClosed ? ids.slice(0, -1) : ids, isClosed };
    this.#upkeep.onNamed(this.#neighbourhood.reconcile(chain, isGone));
  }

  onAnswer(records: readonly Uint8Array[], ports: Pick<Ports, 'idOfKey'>): void {
    if (records.length > 0)
      this.onNamed(
        records.map((record) => ports.idOfKey(record.subarray(6, 38))),
        () => false,
      );
  }

  /** Nobody else is in the network: the ring begins with this node. */
  alone(): void {
    if (this.size === 0) this.#neighbourhood.begin();
  }

  foundAgain(now: number): void {
    this.#upkeep.lookUpAgain(now);
  }

  maintain(side: MaintenanceSide): Maintenance {
    const { self, listSize } = this.#options;
    const ring = {
      self,
      listSize,
      table: this.#table,
      neighbourhood: this.#neighbourhood,
      wants: (id: NodeId) => this.wants(id),
      lookAround: () => this.#upkeep.onLost(undefined),
    };
    return (this.#stabilizer = new Stabilizer(ring, side));
  }

  nextHops(target: NodeId, peers: readonly PeerView[], options: NextHopOptions): number[] {
    return chooseHops(this.#courseTo(target), peers, options);
  }

  bestVia(target: NodeId, peer: PeerView, ignore: readonly Uint8Array[]): NodeId | undefined {
    return bestIdVia(this.#courseTo(target), peer, ignore);
  }

  leadsOn(target: NodeId, id: NodeId): boolean {
    return leadsOn(this.#courseTo(target), id);
  }

  broadcastShares(
    part: Uint8Array | undefined,
    isLinked: (key: MapKey) => boolean,
  ): BroadcastShare[] | undefined {
    return broadcastShares(this.#table, part, isLinked);
  }

  /** Everybody that this node is certain of, itself among them, clockwise. Of itself alone before it has joined. */
  get certain(): Chain {
    return this.#neighbourhood.chain(this.size, this.size);
  }

  /** Where that begins and ends, which stays so when a node at the end is gone. */
  get stretch(): { readonly from: NodeId; readonly upTo: NodeId } {
    return this.#neighbourhood;
  }

  get size(): number {
    return this.#table.size;
  }

  offer(contact: Contact, now: number, alive: boolean): OfferOutcome {
    const outcome = this.#table.offer(contact, now, alive);
    if (outcome === 'added') this.#neighbourhood.onAdded();
    return outcome;
  }

  touch(key: MapKey, now: number): void {
    const entry = this.#table.find(key);
    if (entry !== undefined) entry.lastSeenAt = Math.max(entry.lastSeenAt, now);
  }

  remove(key: MapKey, _now: number): Removed | undefined {
    const entry = this.#table.find(key);
    if (entry === undefined) return undefined;
    const { exponent, contact } = entry;
    const isFinger = this.#table.isFinger(entry) && this.#upkeep.fingers().includes(exponent);
    this.#table.remove(key);
    const slots: number[] = [];
    if (!this.#neighbourhood.isComplete) slots.push(this.#upkeep.onLost(undefined));
    if (isFinger) slots.push(this.#upkeep.onLost(exponent));
    const [slot] = slots;
    return {
      contact,
      refill: slot === undefined ? undefined : { slot, target: this.#upkeep.targetOf(slot) },
    };
  }

  /** On a ring nobody is as good as another one in the same place. */
  exchange(_leaving: MapKey, _entering: Contact, _now: number): boolean {
    return false;
  }

  get(key: MapKey): Contact | undefined {
    return this.#table.find(key)?.contact;
  }

  wants(id: NodeId): boolean {
    return id.length === this.self.length && !sameId(id, this.self) && this.#table.wants(id, mapKey(id));
  }

  *contacts(): Iterable<Contact> {
    for (const { contact } of this.#table.entries) yield contact;
  }

  stale(before: number): Contact[] {
    const table = this.#table;
    const old = table.entries.filter(
      ({ lastSeenAt }, i) => lastSeenAt < before - (table.isStandIn(i) ? STAND_IN_MS : 0),
    );
    old.sort((a, b) => a.lastSeenAt - b.lastSeenAt || compareIds(a.contact.id, b.contact.id));
    return old.map(({ contact }) => contact);
  }

  concerns(newcomer: NodeId, peer: NodeId): boolean {
    const nodes = this.#neighbourhood.isWhole ? undefined : this.sizeEstimate();
    return concernsOnRing(this.#table, newcomer, peer, this.#options.listSize, nodes);
  }

  wantedLinks(preference: LinkPreference): WantedLink[] {
    return wantedLinks(this.#table, preference);
  }

  lookupsDue(now: number, _random: (count: number) => Uint8Array): LookupTask[] {
    return this.#upkeep.due(now);
  }

  lookupDone(slot: number, now: number, ok: boolean): void {
    this.#upkeep.done(slot, now, ok);
  }

  nextMaintenanceAt(): number {
    return this.#upkeep.nextAt();
  }

  isComplete(): boolean {
    return this.#upkeep.isComplete;
  }

  /** From the stretch of the circle around the own id where everybody is known. */
  sizeEstimate(): number {
    const { count, part } = this.#neighbourhood.density;
    const estimate = part > 0 ? Math.round(1 + count / part) : 0;
    return Math.max(this.size + 1, estimate);
  }

  snapshot(isLinked: (key: MapKey) => boolean): ChordSnapshot {
    const { successors, predecessors } = this.#neighbourhood;
    const shown = ({ contact, lastSeenAt }: Entry): ContactSnapshot => ({
      id: contact.id,
      linked: isLinked(contact.key),
      lastSeenAt,
    });
    const fingers = this.#upkeep.fingers().map((exponent) => {
      const start = this.#upkeep.targetOf(exponent);
      const entry = this.#table.successorOf(start);
      return {
        exponent,
        start,
        contact: entry === undefined ? undefined : shown(entry),
        gap: this.#upkeep.gapOf(exponent),
      };
    });
    const placed = new Set([...successors, ...predecessors].map(({ contact }) => contact.key));
    for (const { contact } of fingers) if (contact !== undefined) placed.add(mapKey(contact.id));
    return {
      geometry: 'chord',
      listSize: this.#options.listSize,
      predecessors: predecessors.map(shown),
      successors: successors.map(shown),
      gap: this.#upkeep.listGap,
      fingers,
      candidates: this.#table.entries.flatMap(({ contact }) => (placed.has(contact.key) ? [] : [contact.id])),
      stabilizedAt: this.#stabilizer?.comparedAt,
      stabilizing: this.#stabilizer?.isComparing ?? false,
    };
  }

  /** Nodes around an id that this node is certain of, clockwise; closed as `onNamed` says. */
  #chainAround(target: NodeId): NodeId[] | undefined {
    if (this.#neighbourhood.isFresh) return undefined;
    const { listSize } = this.#options;
    const chain = this.#neighbourhood.chain(this.size, this.size);
    if (!holds(chain, target)) return undefined;
    const next = after(chain, target).ids;
    if (chain.isClosed && next.length <= 2 * listSize + 1) return [...next, ...next.slice(0, 1)];
    const last = chain.isClosed ? next.slice(listSize + 1).reverse() : before(chain, target).ids;
    // Who is the last that is certain itself can be told of those after it all the same.
    const first = last.length > 0 ? last.slice(0, listSize).reverse() : [target];
    return [...first, ...next.slice(0, listSize + 1)];
  }

  /** Nodes around an id that this node has heard of, in an order that claims nothing. */
  #heardAround(target: NodeId): NodeId[] {
    const { listSize } = this.#options;
    const all = this.closest(target, this.size + 1, true).filter((id) => !sameId(id, target));
    return [...all.slice(0, listSize + 1), ...all.slice(listSize + 1).slice(-listSize)];
  }

  /** True when nobody is known between a key and this node; whoever has the key for an id does not count. */
  #isNextTo(key: NodeId): boolean {
    const { entries } = this.#table;
    const first = this.#table.positionOf(key);
    const isTaken = entries[first] !== undefined && sameId(entries[first].contact.id, key);
    return entries.length === first + (isTaken ? 1 : 0);
  }

  #courseTo(target: NodeId): Course {
    const { self } = this;
    return {
      self,
      target,
      // Whoever knows of nobody between the target and itself has nobody to send it round the ring for.
      isCovered: this.#neighbourhood.covers(target) || this.#isNextTo(target),
      near: this.#neighbourhood.near,
    };
  }
}
