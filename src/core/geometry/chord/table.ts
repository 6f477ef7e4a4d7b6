/**
 * The contacts of a node on a ring, in clockwise order from its own id. A contact has a place while it is among the
 * nearest in one of the two directions, or the first one in its cell: each finger's interval [2^i, 2^(i+1)) from here has
 * several equal cells, so that a finger has stand-ins, spread over the way that it is for. Whatever is asked of the table
 * follows from that order: nobody has to keep lists and fingers in step. Rules CH4-CH7.
 */

import { cellOf, compareClockwise, fingerTo } from '../../id/ring.ts';
import { sameId, type MapKey, type NodeId } from '../../id/node-id.ts';
import type { Contact } from '../../wire/contact.ts';
import type { OfferOutcome } from '../geometry.ts';

/** A contact in the table. */
export interface Entry {
  contact: Contact;
  /** The finger in whose interval it lies, and the cell of that. */
  readonly exponent: number;
  readonly cell: number;
  /** When the node was last heard from or vouched for, or first learned of; ms. */
  lastSeenAt: number;
}

export class RingTable {
  /** Clockwise from the own id. */
  readonly entries: Entry[] = [];
  readonly self: NodeId;
  /** Contacts kept in each direction. */
  readonly #near: number;
  /** Cells of each finger's interval. */
  readonly #cells: number;
  readonly #byKey = new Map<MapKey, Entry>();

  constructor(self: NodeId, near: number, cells: number) {
    this.self = self;
    this.#near = near;
    this.#cells = cells;
  }

  get size(): number {
    return this.entries.length;
  }

  find(key: MapKey): Entry | undefined {
    return this.#byKey.get(key);
  }

  offer(contact: Contact, now: number, alive: boolean): OfferOutcome {
    const { id } = contact;
    if (contact.geometry !== 'chord' || id.length !== this.self.length || sameId(id, this.self))
      return 'refused';
    const held = this.find(contact.key);
    if (held !== undefined) {
      if (contact.sequence > held.contact.sequence) held.contact = contact;
      if (alive) held.lastSeenAt = Math.max(held.lastSeenAt, now);
      return 'known';
    }
    const position = this.positionOf(id);
    const exponent = fingerTo(this.self, id);
    const cell = cellOf(this.self, id, exponent, this.#cells);
    if (!this.#isPlace(position, this.size + 1, exponent, cell)) return 'refused';
    this.entries.splice(position, 0, { contact, exponent, cell, lastSeenAt: now });
    this.#byKey.set(contact.key, this.entries[position]!);
    this.#dropPushedOut(position);
    return 'added';
  }

  /** True when a node of this id would get a place. */
  wants(id: NodeId, key: MapKey): boolean {
    if (this.#byKey.has(key)) return false;
    const exponent = fingerTo(this.self, id);
    const cell = cellOf(this.self, id, exponent, this.#cells);
    return this.#isPlace(this.positionOf(id), this.size + 1, exponent, cell);
  }

  remove(key: MapKey): Entry | undefined {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    this.entries.splice(this.positionOf(entry.contact.id), 1);
    this.#byKey.delete(key);
    return entry;
  }

  /** Position of the first contact at or after an id, clockwise from the own one; `size` when there is none. */
  positionOf(id: Uint8Array): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareClockwise(this.self, this.entries[middle]!.contact.id, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first contact at or after an id on the circle, this node left out; `undefined` when nobody is known. */
  successorOf(id: Uint8Array): Entry | undefined {
    return this.entries[this.positionOf(id)] ?? this.entries[0];
  }

  /** True for the first contact of a finger's interval. */
  isFinger({ contact, exponent }: Entry): boolean {
    return this.entries[this.positionOf(contact.id) - 1]?.exponent !== exponent;
  }

  /** True for a contact that is there for a finger's sake only, and is not the finger itself. */
  isStandIn(position: number): boolean {
    const { entries } = this;
    const isNear = position < this.#near || position >= entries.length - this.#near;
    return !isNear && entries[position - 1]?.exponent === entries[position]?.exponent;
  }

  /** Whether an entry has a place at a position among `total`. Entries of one cell stand side by side. */
  #isPlace(position: number, total: number, exponent: number, cell: number): boolean {
    if (position < this.#near || position >= total - this.#near) return true;
    const before = this.entries[position - 1];
    return before?.exponent !== exponent || before.cell !== cell;
  }

  /** A newcomer pushes at most three others on: past the end of either list, and out of its cell. */
  #dropPushedOut(newcomer: number): void {
    const { entries } = this;
    const pushed = new Set([this.#near, entries.length - 1 - this.#near, newcomer + 1]);
    for (const position of [...pushed].sort(descending)) {
      const entry = entries[position];
      if (entry === undefined || this.#isPlace(position, entries.length, entry.exponent, entry.cell))
        continue;
      entries.splice(position, 1);
      this.#byKey.delete(entry.contact.key);
    }
  }
}

function descending(a: number, b: number): number {
  return b - a;
}

/** The entries of each finger's interval; given in clockwise order, as a table holds them. */
export function intervalsOf(entries: readonly Entry[]): Entry[][] {
  const intervals: Entry[][] = [];
  for (const entry of entries) {
    const last = intervals.at(-1);
    if (last?.[0]?.exponent === entry.exponent) last.push(entry);
    else intervals.push([entry]);
  }
  return intervals;
}
