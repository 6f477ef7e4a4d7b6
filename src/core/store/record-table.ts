/**
 * The records that one node holds, within limits. Rules RT1-RT13. A put costs the same however many there are; only making
 * room looks through accounts, and the records of the largest.
 */

import { mapKey, sameId, type NodeId } from '../id/node-id.ts';
import { DeadlineTable } from '../util/deadline-table.ts';
import type { StoreRecord } from './record.ts';

/** Why a node holds a copy: it published it, it is one of the key's replicas, or a search left it here. */
export type Role = 'own' | 'replica' | 'cache';

/** A copy. Immutable: a change makes another. */
export interface Held {
  readonly record: StoreRecord;
  readonly role: Role;
  /** From then on it is no longer there; ms of the node's time, like all times here. */
  readonly expiresAt: number;
  /** When it was published, as far as its age tells. */
  readonly publishedAt: number;
  /** When this sequence first came. */
  readonly storedAt: number;
  /** When it last came. */
  readonly refreshedAt: number;
  /** Whom it counts to: map key of the publisher's key, of an immutable one that of the node that stored it. */
  readonly account: string;
  /** Map key of the linked peer that brought it; '' for this node's own. */
  readonly via: string;
}

/** Bytes are those of the records and `RECORD_OVERHEAD_BYTES` for each. */
export interface TableLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
  readonly accountBytesMax: number;
  readonly linkBytesMax: number;
}

export const TABLE_LIMITS: TableLimits = {
  recordsMax: 4_096,
  bytesMax: 16 * 2 ** 20,
  accountBytesMax: 2 ** 20,
  linkBytesMax: 4 * 2 ** 20,
};

/** What a held record takes in V8 besides its bytes: measured for 40,000 of different publishers. */
export const RECORD_OVERHEAD_BYTES = 1_792;

export interface PutOutcome {
  readonly outcome: 'stored' | 'refreshed' | 'stale' | 'conflict' | 'over-quota' | 'expired';
  /** What the slot holds now. */
  readonly current: Held | undefined;
  /** What had to go, in this order; records that expired are among them. */
  readonly evicted: readonly Held[];
}

export class RecordTable {
  readonly #limits: TableLimits;
  readonly #compareKeys: (a: NodeId, b: NodeId) => number;
  readonly #held = new Map<string, Held>();
  readonly #keys = new Map<string, Group>();
  readonly #accounts = new Map<string, Group>();
  readonly #links = new Map<string, Group>();
  readonly #expiries = new DeadlineTable<string>();
  #bytes = 0;

  /** `compareKeys` is negative when this node is nearer to holding the key `a` than `b`. */
  constructor(limits: TableLimits, compareKeys: (a: NodeId, b: NodeId) => number) {
    this.#limits = limits;
    this.#compareKeys = compareKeys;
  }

  get size(): number {
    return this.#held.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a verified record, or says why not. `cas`: the sequence that the slot must have, 0 for none; a record that is
   * there already needs no other.
   */
  put(held: Held, now: number, cas?: number): PutOutcome {
    const { record } = held;
    const evicted: Held[] = [];
    let current = this.get(record.slot);
    if (current !== undefined && current.expiresAt <= now) {
      this.#remove(current);
      evicted.push(current);
      current = undefined;
    }
    const ended = (outcome: PutOutcome['outcome']): PutOutcome => ({
      outcome,
      current: this.get(record.slot),
      evicted,
    });
    if (held.expiresAt <= now) return ended('expired');
    if (current !== undefined && sameId(current.record.bytes, record.bytes)) {
      this.#refresh(current, held);
      return ended('refreshed');
    }
    if (cas !== undefined && cas !== (current?.record.sequence ?? 0)) return ended('conflict');
    if (current !== undefined && current.record.sequence >= record.sequence) return ended('stale');
    return ended(this.#admit(held, current, now, evicted) ? 'stored' : 'over-quota');
  }

  /** The records under a key that are not expired. */
  of(key: NodeId, now: number): Held[] {
    const slots = [...(this.#keys.get(mapKey(key))?.slots ?? [])];
    return slots.map((slot) => this.#held.get(slot)!).filter(({ expiresAt }) => expiresAt > now);
  }

  /** What is in the slot, expired or not. */
  get(slot: string): Held | undefined {
    return this.#held.get(slot);
  }

  delete(slot: string): Held | undefined {
    const held = this.get(slot);
    if (held !== undefined) this.#remove(held);
    return held;
  }

  /** Changes what a copy is for and how long it stays, if it is there. */
  setRole(slot: string, role: Role, expiresAt: number): void {
    const held = this.get(slot);
    if (held !== undefined) this.#set({ ...held, role, expiresAt });
  }

  /** Somebody sees to it that the record is where it belongs. */
  touch(slot: string, now: number): void {
    const held = this.get(slot);
    if (held !== undefined) this.#held.set(slot, { ...held, refreshedAt: now });
  }

  /** Takes out what is expired, the earliest first. */
  takeExpired(now: number): Held[] {
    const expired: Held[] = [];
    for (let slot = this.#expiries.takeDue(now); slot !== undefined; slot = this.#expiries.takeDue(now))
      expired.push(this.delete(slot)!);
    return expired;
  }

  /** When the next one expires, or `Infinity`. */
  nextExpiryAt(): number {
    return this.#expiries.nextAt();
  }

  values(): Iterable<Held> {
    return this.#held.values();
  }

  /** A copy came again: it counts for the more important purpose and lives as long as either says. */
  #refresh(current: Held, { role, expiresAt, refreshedAt }: Held): void {
    this.#set({
      ...current,
      role: RANKS[role] < RANKS[current.role] ? role : current.role,
      expiresAt: Math.max(current.expiresAt, expiresAt),
      refreshedAt,
    });
  }

  /** Puts `next` in the place of `current` and makes room for it, or changes nothing but that expired ones go. */
  #admit(next: Held, current: Held | undefined, now: number, evicted: Held[]): boolean {
    const gone = current === undefined ? [] : [current];
    if (current !== undefined) this.#remove(current);
    this.#add(next);
    for (let among = this.#choices(next); among !== undefined; among = this.#choices(next)) {
      const expired = this.takeExpired(now);
      evicted.push(...expired);
      if (expired.length > 0) continue;
      const victim = this.#first(among.groups, among.rankMin) ?? next;
      this.#remove(victim);
      if (victim === next) {
        for (const held of gone) this.#add(held);
        return false;
      }
      gone.push(victim);
    }
    evicted.push(...gone.slice(current === undefined ? 0 : 1));
    return true;
  }

  /** Among whom to look for one that gives way to the newcomer `next`, itself in the table already, and its least rank. */
  #choices({ account, via }: Held): { groups: Iterable<Group>; rankMin: number } | undefined {
    const { recordsMax, bytesMax, accountBytesMax, linkBytesMax } = this.#limits;
    const own = this.#accounts.get(account)!;
    if (own.bytes > accountBytesMax) return { groups: [own], rankMin: RANKS.cache };
    const link = this.#links.get(via)!;
    if (link.bytes > linkBytesMax) return { groups: [link], rankMin: RANKS.cache };
    if (this.size <= recordsMax && this.#bytes <= bytesMax) return undefined;
    return { groups: this.#accounts.values(), rankMin: RANKS.replica };
  }

  /** The one that gives way before all others. */
  #first(groups: Iterable<Group>, rankMin: number): Held | undefined {
    let first: Held | undefined;
    for (const { bytes, slots } of groups) {
      if (first !== undefined && bytes < this.#accounts.get(first.account)!.bytes) continue;
      for (const slot of slots) {
        const held = this.#held.get(slot)!;
        if (RANKS[held.role] >= rankMin && (first === undefined || this.#order(held, first) > 0))
          first = held;
      }
    }
    return first;
  }

  /** Positive when `a` gives way before `b`: the larger account, then caches, then the farther, then the one that came last. */
  #order(a: Held, b: Held): number {
    return (
      this.#accounts.get(a.account)!.bytes - this.#accounts.get(b.account)!.bytes ||
      RANKS[a.role] - RANKS[b.role] ||
      this.#compareKeys(a.record.key, b.record.key) ||
      a.storedAt - b.storedAt ||
      (a.record.slot > b.record.slot ? 1 : -1)
    );
  }

  #add(held: Held): void {
    this.#set(held);
    this.#count(held, 1);
  }

  #remove(held: Held): void {
    const { slot } = held.record;
    this.#held.delete(slot);
    this.#expiries.delete(slot);
    this.#count(held, -1);
  }

  #set(held: Held): void {
    this.#held.set(held.record.slot, held);
    this.#expiries.set(held.record.slot, held.expiresAt);
  }

  #count({ record, account, via }: Held, sign: 1 | -1): void {
    const bytes = sign * (record.bytes.length + RECORD_OVERHEAD_BYTES);
    this.#bytes += bytes;
    tally(this.#keys, mapKey(record.key), record.slot, bytes);
    tally(this.#accounts, account, record.slot, bytes);
    tally(this.#links, via, record.slot, bytes);
  }
}

/** The higher gives way first. */
const RANKS: Readonly<Record<Role, number>> = { own: 0, replica: 1, cache: 2 };

/** Records that have something in common. */
interface Group {
  bytes: number;
  readonly slots: Set<string>;
}

/** A record comes into its group, or with negative bytes leaves it. */
function tally(groups: Map<string, Group>, name: string, slot: string, bytes: number): void {
  let group = groups.get(name);
  if (group === undefined) groups.set(name, (group = { bytes: 0, slots: new Set() }));
  group.bytes += bytes;
  if (bytes > 0) group.slots.add(slot);
  else group.slots.delete(slot);
  if (group.bytes === 0) groups.delete(name);
}
