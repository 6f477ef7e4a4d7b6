/**
 * The routing table: buckets by common prefix with the own id. Bucket i holds ids that share exactly i leading bits;
 * the last one covers the own id and holds all that share more. It splits when it overflows and merges back when it
 * and its neighbour run short. Rules KB1-KB12, KB18-KB22, KB30-KB32.
 *
 * Completeness: a bucket lacks nothing when it is full or every node of its range is known. The last bucket stands for
 * many small ones, so being full proves nothing there: it counts as complete only when all of its range is known.
 *
 * Surplus: who has fewer than `bucketSize` - 1 contacts nearer than a bucket can be in one close group with any node
 * of that bucket, and must know them all to know the group. That is never more than one bucket, the one beside the
 * last: the two of them always hold `bucketSize` contacts.
 */

import { mapKey, sameId, type MapKey, type NodeId } from '../../id/node-id.ts';
import { commonPrefixLength, commonPrefixOfKeys, flipBit } from '../../id/xor.ts';
import { assert } from '../../util/assert.ts';
import type { Contact } from '../../wire/contact.ts';
import type { OfferOutcome, Removed } from '../geometry.ts';
import { Bucket, indexOfKey, newEntry, newLookupState, worseGap, type Entry, type Gap } from './bucket.ts';

/** Contacts beyond `bucketSize` in the one bucket that may have them. Random ids stay far below: rule KB30's limit. */
export const SURPLUS_MAX = 64;

/** The contacts of one node. Tells what it knows and what it lacks; decides nothing about links. */
export class Table {
  readonly self: NodeId;
  readonly bucketSize: number;
  /** Never empty; the last one covers the own id. */
  readonly buckets: Bucket[];
  readonly #selfKey: MapKey;
  readonly #replacementsMax: number;
  #held = 0;

  constructor(self: NodeId, bucketSize: number, replacementsMax: number) {
    assert(self.length > 0, 'an id has at least one byte');
    assert(bucketSize >= 1 && bucketSize < 65_536, 'a bucket holds between 1 and 65,535 contacts');
    this.self = self;
    this.#selfKey = mapKey(self);
    this.bucketSize = bucketSize;
    this.#replacementsMax = replacementsMax;
    this.buckets = [new Bucket('not-looked-up', newLookupState(-Infinity))];
  }

  /** Contacts with a place. */
  get size(): number {
    return this.#held;
  }

  get last(): number {
    return this.buckets.length - 1;
  }

  /** The bucket an id belongs in. */
  indexOf(id: Uint8Array): number {
    return Math.min(commonPrefixLength(this.self, id), this.last);
  }

  isFull(index: number): boolean {
    return this.buckets[index]!.entries.length >= this.bucketSize;
  }

  /** Names the lookup that serves a bucket: its prefix length, or all the bits for the last, wherever that is later. */
  slotOf(index: number): number {
    return index === this.last ? 8 * this.self.length : index;
  }

  gapOf(index: number): Gap {
    const { entries, reason } = this.buckets[index]!;
    return index < this.last && entries.length >= this.#roomOf(index) ? 'none' : reason;
  }

  /** The key whose nearest nodes are those of the bucket. */
  addressOf(index: number): NodeId {
    return index === this.last ? this.self : flipBit(this.self, index);
  }

  find(key: MapKey): Entry | undefined {
    const bucket = this.#bucketOfKey(key);
    return (
      bucket.entries[indexOfKey(bucket.entries, key)] ?? bucket.candidates[indexOfKey(bucket.candidates, key)]
    );
  }

  /** True when the id has a place, not merely waits for one. */
  holds(id: NodeId): boolean {
    return this.buckets[this.indexOf(id)]!.entries.some((entry) => sameId(entry.contact.id, id));
  }

  /** Contacts that share exactly `prefix` leading bits with this node. */
  countAt(prefix: number): number {
    if (prefix < this.last) return this.buckets[prefix]!.entries.length;
    return this.buckets[this.last]!.entries.filter((e) => this.#sharedBits(e) === prefix).length;
  }

  /** Contacts that share more than `prefix` leading bits with this node. */
  countBeyond(prefix: number): number {
    let count = 0;
    for (let i = prefix + 1; i <= this.last; i++) count += this.buckets[i]!.entries.length;
    if (prefix < this.last) return count;
    return this.buckets[this.last]!.entries.filter((e) => this.#sharedBits(e) > prefix).length;
  }

  /** `displaced` gets the contacts that lose their place because the newcomer is nearer (rule KB31). */
  offer(contact: Contact, now: number, alive: boolean, displaced?: Contact[]): OfferOutcome {
    if (contact.geometry !== 'kademlia' || contact.id.length !== this.self.length) return 'refused';
    if (sameId(contact.id, this.self)) return 'refused';
    const bucket = this.#bucketOfKey(contact.key);
    const held = bucket.entries[indexOfKey(bucket.entries, contact.key)];
    if (held !== undefined) {
      renew(held, contact, now, alive);
      return 'known';
    }
    const waiting = indexOfKey(bucket.candidates, contact.key);
    if (waiting >= 0) {
      renew(bucket.candidates[waiting]!, contact, now, alive);
      if (alive) moveToEnd(bucket.candidates, waiting);
      return 'candidate';
    }
    return this.#place(newEntry(contact, now), now, displaced);
  }

  touch(key: MapKey, now: number): void {
    const bucket = this.#bucketOfKey(key);
    const held = bucket.entries[indexOfKey(bucket.entries, key)];
    if (held !== undefined) {
      held.lastSeenAt = Math.max(held.lastSeenAt, now);
      return;
    }
    const waiting = indexOfKey(bucket.candidates, key);
    if (waiting < 0) return;
    bucket.candidates[waiting]!.lastSeenAt = now;
    moveToEnd(bucket.candidates, waiting);
  }

  remove(key: MapKey): Removed | undefined {
    const bucket = this.#bucketOfKey(key);
    const waiting = indexOfKey(bucket.candidates, key);
    if (waiting >= 0) {
      return { contact: bucket.candidates.splice(waiting, 1)[0]!.contact, refill: undefined };
    }
    const at = indexOfKey(bucket.entries, key);
    if (at < 0) return undefined;
    const { last } = this;
    const reached = this.needsAll(last - 1);
    const { contact } = bucket.entries.splice(at, 1)[0]!;
    this.#held--;
    const promoted = bucket.candidates.at(-1);
    this.#moveUp(bucket, this.bucketSize);
    bucket.lookup.spoiled = true;
    bucket.explored = [];
    const short = bucket.entries.length < this.bucketSize;
    if (short) {
      bucket.reason = worseGap(bucket.reason, 'contact-lost');
      this.#mergeWhileShort();
    }
    this.#openBeside(reached && this.last === last);
    if (!short) {
      return {
        contact,
        refill: undefined,
        ...(promoted === undefined ? {} : { promoted: promoted.contact }),
      };
    }
    const index = this.indexOf(contact.id);
    return { contact, refill: { slot: this.slotOf(index), target: this.addressOf(index) } };
  }

  /** Two nodes of one full bucket, other than the last, change places: an entry becomes the newest candidate. */
  exchange(leaving: MapKey, entering: Contact, now: number): boolean {
    const index = Math.min(commonPrefixOfKeys(this.#selfKey, leaving), this.last);
    const bucket = this.buckets[index]!;
    if (index === this.last || !this.isFull(index) || this.indexOf(entering.id) !== index) return false;
    const at = indexOfKey(bucket.entries, leaving);
    if (at < 0 || indexOfKey(bucket.entries, entering.key) >= 0) return false;
    const waiting = indexOfKey(bucket.candidates, entering.key);
    if (waiting >= 0) bucket.candidates.splice(waiting, 1);
    const entry = bucket.entries[at]!;
    bucket.entries[at] = newEntry(entering, now);
    if (this.#replacementsMax === 0) return true;
    if (bucket.candidates.length >= this.#replacementsMax) bucket.candidates.shift();
    bucket.candidates.push(entry);
    return true;
  }

  /** True when a node of this id is unknown and would get a place, not merely wait for one. */
  hasRoomFor(id: NodeId): boolean {
    if (!this.isNew(id)) return false;
    const prefix = commonPrefixLength(this.self, id);
    const rivals = this.countAt(prefix);
    return rivals < this.bucketSize || (this.needsAll(prefix) && rivals < this.bucketSize + SURPLUS_MAX);
  }

  /** True for the id of a node that is neither this one nor known, with or without a place. */
  isNew(id: NodeId): boolean {
    if (id.length !== this.self.length || sameId(id, this.self)) return false;
    const { entries, candidates } = this.buckets[this.indexOf(id)]!;
    const same = (entry: Entry): boolean => sameId(entry.contact.id, id);
    return !entries.some(same) && !candidates.some(same);
  }

  /** So few contacts are nearer that close groups reach over to those who share `prefix` bits: all of them count. */
  needsAll(prefix: number): boolean {
    return prefix >= this.last - 1 && this.countBeyond(prefix) < this.bucketSize - 1;
  }

  /** The nearest nodes to the own id have been offered: whoever is in the range of the (then) last bucket is known. */
  ownLookupAnswered(now: number): void {
    while (this.isFull(this.last) && this.#canSplit()) this.#split(now);
    this.buckets[this.last]!.reason = 'none';
  }

  #bucketOfKey(key: MapKey): Bucket {
    return this.buckets[Math.min(commonPrefixOfKeys(this.#selfKey, key), this.last)]!;
  }

  #place(entry: Entry, now: number, displaced: Contact[] | undefined): OfferOutcome {
    let index = this.indexOf(entry.contact.id);
    while (this.isFull(index) && index === this.last && this.#canSplit()) {
      this.#split(now);
      index = this.indexOf(entry.contact.id);
    }
    const bucket = this.buckets[index]!;
    if (bucket.entries.length < this.#roomOf(index)) {
      bucket.entries.push(entry);
      this.#held++;
      if (index === this.last && index > 0) this.#displaceSurplus(displaced);
      return 'added';
    }
    if (this.#replacementsMax === 0) return 'refused';
    if (bucket.candidates.length >= this.#replacementsMax) bucket.candidates.shift();
    bucket.candidates.push(entry);
    return 'candidate';
  }

  #roomOf(index: number): number {
    const surplus = index === this.last - 1 && this.needsAll(index) ? SURPLUS_MAX : 0;
    return this.bucketSize + surplus;
  }

  /** The last bucket got a contact: those beyond `bucketSize` in the one beside it may be needed no more. */
  #displaceSurplus(displaced: Contact[] | undefined): void {
    const index = this.last - 1;
    const bucket = this.buckets[index]!;
    if (bucket.entries.length <= this.#roomOf(index)) return;
    const surplus = bucket.entries.splice(this.bucketSize);
    this.#held -= surplus.length;
    for (const { contact } of surplus) displaced?.push(contact);
    const waiting = [...bucket.candidates, ...surplus].sort((a, b) => a.lastSeenAt - b.lastSeenAt);
    bucket.candidates = waiting.slice(Math.max(0, waiting.length - this.#replacementsMax));
  }

  /** A contact is gone: all beside the last bucket may be needed from now on, or were already (`reached`). */
  #openBeside(reached: boolean): void {
    const index = this.last - 1;
    if (index < 0 || !this.needsAll(index)) return;
    const bucket = this.buckets[index]!;
    this.#moveUp(bucket, this.#roomOf(index));
    if (reached) return;
    bucket.reason = worseGap(bucket.reason, 'contact-lost');
    bucket.lookup.spoiled = true;
    bucket.explored = [];
  }

  /** Candidates get a place, the one heard of last first, while there is room. */
  #moveUp({ entries, candidates }: Bucket, room: number): void {
    while (entries.length < room && candidates.length > 0) {
      entries.push(candidates.pop()!);
      this.#held++;
    }
  }

  #sharedBits({ contact }: Entry): number {
    return commonPrefixLength(this.self, contact.id);
  }

  /** Beyond the last bit there is nothing left to tell ids apart by. */
  #canSplit(): boolean {
    return this.last < 8 * this.self.length - 1;
  }

  /** Both halves inherit what is known about the range: if all of its nodes were, all of theirs are. */
  #split(now: number): void {
    const index = this.last;
    const farther = this.buckets[index]!;
    const nearer = new Bucket(farther.reason, farther.lookup);
    farther.lookup = newLookupState(
      Math.max(farther.lookup.doneAt, farther.reason === 'none' ? -Infinity : now),
    );
    const all = farther.entries;
    farther.entries = all.filter((e) => this.#sharedBits(e) === index);
    nearer.entries = all.filter((e) => this.#sharedBits(e) > index);
    this.buckets.push(nearer);
  }

  /** Strictly fewer than a bucket holds, so that a table at the limit does not split and merge in turns. */
  #mergeWhileShort(): void {
    while (this.last > 0) {
      const farther = this.buckets[this.last - 1]!;
      const nearer = this.buckets[this.last]!;
      if (farther.entries.length + nearer.entries.length >= this.bucketSize) return;
      nearer.entries = [...farther.entries, ...nearer.entries];
      nearer.reason = worseGap(farther.reason, nearer.reason);
      // A lookup of the own id that is under way began when the range was another.
      nearer.lookup.spoiled = true;
      this.buckets.splice(this.last - 1, 1);
    }
  }
}

function renew(entry: Entry, contact: Contact, now: number, alive: boolean): void {
  if (contact.sequence > entry.contact.sequence) entry.contact = contact;
  if (alive) entry.lastSeenAt = Math.max(entry.lastSeenAt, now);
}

function moveToEnd(entries: Entry[], index: number): void {
  entries.push(...entries.splice(index, 1));
}
