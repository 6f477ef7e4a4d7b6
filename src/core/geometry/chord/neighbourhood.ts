/**
 * The stretch of the circle around a node in which it knows everybody: from the farthest of its predecessors to the
 * farthest of its successors that it can be certain of. Newcomers inside are learned one by one and never make a gap;
 * beyond its ends it grows only by whole lists of a neighbour's, as in the corrected protocol (Zave, "Reasoning about
 * identifier spaces: how to make Chord correct", 2017): a list put together from hearsay could pass over members.
 * Rules CH13-CH17.
 */

import { isWithin } from '../../id/ring.ts';
import { sameId, type NodeId } from '../../id/node-id.ts';
import { firstWord } from '../../id/xor.ts';
import type { Entry, RingTable } from './table.ts';

export class Neighbourhood {
  /** Everybody from here clockwise to this node is known, and from this node clockwise to `#upTo`. */
  #from: NodeId;
  #upTo: NodeId;
  #isWhole = false;
  readonly #table: RingTable;
  /** Nodes that are wanted in each direction, and room for as many as may be lost before anybody is asked. */
  readonly #wanted: number;
  readonly #kept: number;

  constructor(table: RingTable, wanted: number, kept: number) {
    this.#table = table;
    this.#wanted = wanted;
    this.#kept = kept;
    this.#from = table.self;
    this.#upTo = table.self;
  }

  /** True when everybody is known, all the way round. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Everybody from this node clockwise to this id is known. */
  get upTo(): NodeId {
    return this.#upTo;
  }

  /** Clockwise from the own id, nearest first; those that are certain. */
  get successors(): readonly Entry[] {
    const { entries } = this.#table;
    if (this.#isWhole) return entries.slice(0, this.#wanted);
    return entries.slice(0, Math.min(this.#wanted, this.#certainAhead()));
  }

  /** Counter-clockwise from the own id, nearest first; those that are certain. */
  get predecessors(): readonly Entry[] {
    const { entries } = this.#table;
    const certain = this.#isWhole ? entries.length : this.#certainBehind();
    return entries.slice(entries.length - Math.min(this.#wanted, certain)).reverse();
  }

  /** True when both lists are as long as wanted, or hold everybody. */
  get isComplete(): boolean {
    return this.#isWhole || (this.#certainAhead() >= this.#wanted && this.#certainBehind() >= this.#wanted);
  }

  /** True when every node around a key is known: whoever is to hold it, and who comes before that one. */
  covers(key: NodeId): boolean {
    return this.#isWhole || isWithin(key, this.#from, this.#upTo) !== sameId(this.#from, this.#upTo);
  }

  /** True for ids so near after a key that who has one knows everybody in between: first 32 bits of half a list's length. */
  get near(): number {
    if (this.#isWhole) return 0xffffffff;
    return ((firstWord(this.#upTo) - firstWord(this.#table.self)) >>> 0) / 2;
  }

  /** Nodes known for certain beside this one, and the part of the circle that they and this node take up, 0 to 1. */
  get density(): { readonly count: number; readonly part: number } {
    if (this.#isWhole) return { count: this.#table.size, part: 1 };
    const part = ((firstWord(this.#upTo) - firstWord(this.#from)) >>> 0) / 2 ** 32;
    return { count: this.#certainAhead() + this.#certainBehind(), part };
  }

  /**
   * The successor named those that follow this node and those that come before it, `count` in each direction or
   * everybody, and they were all offered to the table.
   */
  onNamed(count: number): void {
    const { entries } = this.#table;
    const reach = Math.min(count, this.#kept);
    if (entries.length < reach) {
      this.#isWhole = true;
      return;
    }
    this.#isWhole = false;
    // What was certain before stays so.
    const ahead = Math.max(reach, this.#certainAhead());
    const behind = Math.max(reach, this.#certainBehind());
    this.#upTo = entries[Math.min(ahead, entries.length) - 1]!.contact.id;
    this.#from = entries[Math.max(0, entries.length - behind)]!.contact.id;
    if (ahead + behind >= entries.length) this.#checkWhole(ahead, behind);
  }

  /** After a newcomer: the lists hold no more than there is room for, so their ends may have moved. */
  onAdded(): void {
    const { entries } = this.#table;
    if (this.#isWhole) {
      // So far everybody gets a place; from here on somebody may not, and nobody would know.
      if (entries.length < 2 * this.#kept) return;
      this.#isWhole = false;
      this.#upTo = entries[this.#kept - 1]!.contact.id;
      this.#from = entries[entries.length - this.#kept]!.contact.id;
      return;
    }
    // At least: whom the newcomer pushed out has left the table already.
    if (this.#certainAhead() >= this.#kept) this.#upTo = entries[this.#kept - 1]!.contact.id;
    if (this.#certainBehind() >= this.#kept) this.#from = entries[entries.length - this.#kept]!.contact.id;
  }

  /** The two lists meet on the other side: then there is nobody else. */
  #checkWhole(ahead: number, behind: number): void {
    if (ahead + behind > this.#table.entries.length) this.#isWhole = true;
  }

  #certainAhead(): number {
    const { self } = this.#table;
    return sameId(this.#upTo, self) ? 0 : countWhile(this.#table.entries, this.#upTo, self);
  }

  #certainBehind(): number {
    const { entries, self } = this.#table;
    return sameId(this.#from, self) ? 0 : entries.length - this.#table.positionOf(this.#from);
  }
}

/** How many of the first entries lie at or before an end, going clockwise from this node. */
function countWhile(entries: readonly Entry[], upTo: NodeId, self: NodeId): number {
  let count = 0;
  while (count < entries.length && isWithin(entries[count]!.contact.id, self, upTo)) count++;
  return count;
}
