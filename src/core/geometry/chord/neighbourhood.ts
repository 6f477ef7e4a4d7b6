/**
 * The stretch of the circle around a node in which it knows everybody: from the farthest of its predecessors to the
 * farthest of its successors that it can be certain of. Newcomers inside are learned one by one and never make a gap;
 * beyond its ends it grows only by whole lists of a neighbour's, as in the corrected protocol (Zave, "Reasoning about
 * identifier spaces: how to make Chord correct", 2017): a list put together from hearsay could pass over members.
 * Rules CH13-CH17.
 */

import { isWithin } from '../../id/ring.ts';
import { mapKey, sameId, type MapKey, type NodeId } from '../../id/node-id.ts';
import { firstWord } from '../../id/xor.ts';
import { after, before, holds, isInOrder, reach, type Chain } from './chain.ts';
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

  /** Everybody from this id clockwise to this node is known. */
  get from(): NodeId {
    return this.#from;
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

  /** True while the node is certain of nobody: it has not joined, or the ring begins with it. */
  get isFresh(): boolean {
    return !this.#isWhole && sameId(this.#from, this.#table.self) && sameId(this.#upTo, this.#table.self);
  }

  /** Everybody that is certain, this node among them, with at most so many others in each direction. */
  chain(ahead: number, behind: number): Chain {
    const { entries, self } = this.#table;
    const ids = entries.map(({ contact }) => contact.id);
    if (this.#isWhole && ids.length <= ahead + behind) return { ids: [self, ...ids], isClosed: true };
    const after = Math.min(ahead, this.#isWhole ? ids.length : this.#certainAhead());
    const before = Math.min(behind, this.#isWhole ? ids.length - after : this.#certainBehind());
    return { ids: [...ids.slice(ids.length - before), self, ...ids.slice(0, after)], isClosed: false };
  }

  /**
   * Takes over what another node is certain of: where its stretch and this one meet, this one may grow to the end of the
   * other, as far as everybody on the way has a place here or is known to be gone (`isGone`). Whom neither of the two
   * passed over before, the grown one does not pass over either. False when the chain is none, or says nothing about
   * where this node stands.
   */
  reconcile(chain: Chain, isGone: (key: MapKey) => boolean): boolean {
    if (!isInOrder(chain)) return false;
    const isAround = holds(chain, this.#table.self);
    if (!isAround && (this.isFresh || this.#isWhole)) return false;
    const isKnown = (id: NodeId): boolean => {
      const key = mapKey(id);
      return this.#table.find(key) !== undefined || isGone(key);
    };
    if (this.#isWhole) this.#giveUpWhole(chain, isKnown);
    else this.#grow(chain, isKnown);
    return isAround;
  }

  /** With nobody around who is certain of anything, a ring begins with whom this node has heard of. */
  begin(): void {
    if (!this.isFresh) return;
    const { entries, self } = this.#table;
    const ids = entries.map(({ contact }) => contact.id);
    const isClosed = ids.length < 2 * this.#wanted;
    const first = isClosed ? [] : ids.slice(-this.#wanted);
    const last = isClosed ? ids : ids.slice(0, this.#wanted);
    this.#grow({ ids: [...first, self, ...last], isClosed }, () => true);
  }

  /** After a newcomer: the lists hold no more than there is room for, so their ends may have moved. */
  onAdded(): void {
    const { entries } = this.#table;
    if (this.#isWhole) {
      // With so many the newcomer may have pushed somebody out.
      if (entries.length < 2 * this.#kept) return;
      this.#isWhole = false;
      this.#upTo = entries[this.#kept - 1]!.contact.id;
      this.#from = entries[entries.length - this.#kept]!.contact.id;
      return;
    }
    this.#cut();
  }

  #grow(chain: Chain, isKnown: (id: NodeId) => boolean): void {
    const { self, entries } = this.#table;
    const wasFresh = this.isFresh;
    const ahead = reach(after(chain, this.#upTo), this.#upTo, self, isKnown);
    const behind = reach(before(chain, this.#from), this.#from, self, isKnown);
    this.#upTo = ahead.end;
    this.#from = behind.end;
    // Where the two ends meet on the other side there is nobody else.
    const isRound = ahead.isRound || behind.isRound || this.#isOverlapping();
    if (isRound && entries.length <= 2 * this.#kept) this.#isWhole = true;
    else if (wasFresh && this.#certainAhead() < this.#wanted) this.#forget();
    else this.#cut();
  }

  /** A node joins with a whole list, or not yet: with a shorter one it might soon be left with nobody. */
  #forget(): void {
    this.#from = this.#table.self;
    this.#upTo = this.#table.self;
  }

  /** A neighbour is certain of a part only. So is this node from now on, where that part is enough. */
  #giveUpWhole(chain: Chain, isKnown: (id: NodeId) => boolean): void {
    if (chain.isClosed) return;
    this.#isWhole = false;
    this.#forget();
    this.#grow(chain, isKnown);
    if (!this.isComplete) this.#isWhole = true;
  }

  #isOverlapping(): boolean {
    const { self, entries } = this.#table;
    if (sameId(this.#upTo, self) || sameId(this.#from, self)) return false;
    return this.#certainAhead() + this.#certainBehind() > entries.length;
  }

  /** The lists hold no more than there is room for; who stood at the end of a full one may have been pushed out. */
  #cut(): void {
    const { entries } = this.#table;
    if (this.#certainAhead() >= this.#kept) this.#upTo = entries[this.#kept - 1]!.contact.id;
    if (this.#certainBehind() >= this.#kept) this.#from = entries[entries.length - this.#kept]!.contact.id;
  }

  #certainAhead(): number {
    const { entries, self } = this.#table;
    if (sameId(this.#upTo, self)) return 0;
    const position = this.#table.positionOf(this.#upTo);
    const last = entries[position];
    return last !== undefined && sameId(last.contact.id, this.#upTo) ? position + 1 : position;
  }

  #certainBehind(): number {
    const { entries, self } = this.#table;
    return sameId(this.#from, self) ? 0 : entries.length - this.#table.positionOf(this.#from);
  }
}
