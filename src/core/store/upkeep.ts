/**
 * Keeps records where they belong: copies are offered to the nodes nearest to their keys when neighbours come and go and
 * about every minute, unless somebody else did so meanwhile; publishers publish again at half life; what is over goes.
 * Kademlia §2.5, with periods for nodes that live for minutes. Rules KV12-KV16 and KV21.
 */

import { mapKey, sameId, type MapKey, type NodeId } from '../id/node-id.ts';
import { trimMap } from '../util/trim-map.ts';
import type { Holder } from './holder.ts';
import type { StoreHost } from './host.ts';
import type { Operations } from './operations.ts';
import type { Held } from './record-table.ts';
import { readWanted, SLOTS_MAX, writeRequest } from './rpc.ts';
import { copyOf, slotState } from './slots.ts';

/** A record that was offered or stored by anybody within this part of the period is looked after. */
const SEEN_SHARE = 0.75;
/** Holders of a record that are remembered, for each that it should have: whoever has offered it is one. */
const HOLDERS_PER_REPLICA_MAX = 4;
/** Lookups at a time for records that went astray. */
const PLACING_MAX = 4;

export class Upkeep {
  #repairAt = Infinity;
  #lookAt = Infinity;
  /** The nodes nearest to this one when it looked last. */
  #near = new Set<MapKey>();
  /** Who is known to hold the record of a slot as it is here. */
  readonly #holders = new Map<string, Map<MapKey, NodeId>>();
  /** How long a record of this node's own is to live each time it is published, by slot, ms. */
  readonly #lives = new Map<string, number>();
  /** Slots of this node's own records that nobody is known to hold any more, and how many are being looked after. */
  readonly #astray = new Set<string>();
  #placing = 0;
  /** Records handed to somebody and not answered for. */
  #handing = 0;
  #whenHanded: (() => void) | undefined;
  readonly #host: StoreHost;
  readonly #holder: Holder;
  readonly #operations: Operations;

  constructor(host: StoreHost, holder: Holder, operations: Operations) {
    this.#host = host;
    this.#holder = holder;
    this.#operations = operations;
  }

  nextAt(): number {
    if (this.#holder.table.size === 0) return Infinity;
    return Math.min(this.#repairAt, this.#lookAt, this.#holder.table.nextExpiryAt());
  }

  onTime(): void {
    const { now } = this.#host.ctx;
    this.#holder.expire();
    if (now >= this.#lookAt) this.#look();
    if (now >= this.#repairAt) this.#repair();
  }

  /** There is something to look after. */
  wake(): void {
    const { now } = this.#host.ctx;
    if (this.#lookAt === Infinity) {
      this.#near = this.#nearest();
      this.#lookAt = now + this.#host.config.lookMs;
    }
    if (this.#repairAt === Infinity) this.#repairAt = now + this.#period();
  }

  /** A record as it is here lies at that node too. */
  onSeen(slot: string, by: NodeId): void {
    const holders = this.#holders.get(slot);
    if (holders === undefined) this.#holders.set(slot, new Map([[mapKey(by), by]]));
    else {
      holders.set(mapKey(by), by);
      trimMap(holders, HOLDERS_PER_REPLICA_MAX * this.#host.config.replicas);
    }
  }

  /** A record changed: nobody is known to hold it yet. */
  onStored({ record, role, storedAt, expiresAt }: Held, by: NodeId): void {
    this.#holders.set(record.slot, new Map([[mapKey(by), by]]));
    if (role === 'own') this.#lives.set(record.slot, expiresAt - storedAt);
    this.wake();
  }

  /** Hands every record to those who should have it; `done` when they do, or when nobody answers. */
  handOver(done: () => void): void {
    this.#whenHanded = done;
    const { geometry } = this.#host.ctx;
    // Without this node another one belongs to the set.
    const heirs = ({ record }: Held): NodeId[] =>
      geometry.closest(record.key, this.#host.config.replicas, false);
    this.#offerAll((held) => heirs(held).filter((id) => !this.#isHeldBy(held, id)));
    this.#checkHanded();
  }

  #look(): void {
    const { now } = this.#host.ctx;
    this.#lookAt = this.#holder.table.size === 0 ? Infinity : now + this.#host.config.lookMs;
    const near = this.#nearest();
    const before = this.#near;
    this.#near = near;
    const isSame = near.size === before.size && [...near].every((id) => before.has(id));
    if (isSame) return;
    const { self } = this.#host.ctx;
    const isNew = (id: NodeId): boolean => !sameId(id, self.id) && !before.has(mapKey(id));
    // The nearest of those who were here before sees to it, so that a newcomer is not offered everything eight times.
    this.#offerAll((held, set) =>
      sameId(set.find((id) => !isNew(id)) ?? self.id, self.id)
        ? set.filter((id) => !this.#isHeldBy(held, id))
        : [],
    );
  }

  #repair(): void {
    const { ctx, config } = this.#host;
    const { now, self } = ctx;
    this.#repairAt = this.#holder.table.size === 0 ? Infinity : now + this.#period();
    for (const slots of [this.#holders, this.#lives])
      for (const slot of slots.keys()) if (this.#holder.table.get(slot) === undefined) slots.delete(slot);
    const isSeen = (held: Held): boolean => now - held.refreshedAt < SEEN_SHARE * config.repairMs;
    for (const held of [...this.#holder.table.values()]) {
      if (held.role !== 'own') continue;
      const { record, expiresAt, publishedAt } = held;
      const lifeMs = this.#lives.get(record.slot) ?? Math.min(record.lifeMs, expiresAt - publishedAt);
      if (expiresAt - now <= lifeMs / 2) this.#publish(held, lifeMs);
      else if (!isIn(this.#set(record.key), self.id)) this.#probe(held);
    }
    this.#offerAll((held, set) => {
      const isFarOwn = held.role === 'own' && !isIn(set, self.id);
      return isFarOwn || isSeen(held) ? [] : set;
    }, true);
  }

  /** At half life: stores a record of this node's own again, with its whole life. */
  #publish(held: Held, lifeMs: number): void {
    const { ctx } = this.#host;
    const { record } = held;
    const copy = { ...copyOf(held, ctx.now), lifeMs };
    this.#holder.accept(copy, { role: 'own', giver: { origin: ctx.self.id, via: '' } }, () => undefined);
    this.#operations.nearest(record.key, (nodes) => {
      for (const id of nodes)
        this.#operations.store(id, copy, { role: 'replica' }, (answer) => {
          if (answer?.code === 'stored') this.onSeen(record.slot, id);
        });
    });
  }

  /**
   * A publisher far from a key knows few of the nodes that its record belongs to. It asks one that had the record whether
   * it still has, and would then look after it; if not, it finds the nearest anew and offers the record to them.
   */
  #probe({ record }: Held): void {
    const { ctx } = this.#host;
    const holders = this.#holders.get(record.slot);
    const [first] = [...(holders?.values() ?? [])]
      .filter((id) => !sameId(id, ctx.self.id))
      .toSorted((a, b) => ctx.geometry.compare(record.key, a, b));
    const placeAnew = (): void => {
      this.#astray.add(record.slot);
      this.#place();
    };
    if (first === undefined) {
      placeAnew();
      return;
    }
    this.#host.ask(first, writeRequest({ op: 'offer', slots: [slotState(record)] }), (bytes) => {
      const wanted = bytes && readWanted(bytes);
      if (wanted?.length === 0) return;
      holders?.delete(mapKey(first));
      placeAnew();
    });
  }

  /** Offers records that went astray to the nodes nearest to their keys, a few at a time: after a reload it may be all. */
  #place(): void {
    for (const slot of this.#astray) {
      if (this.#placing >= PLACING_MAX) return;
      this.#astray.delete(slot);
      const held = this.#holder.table.get(slot);
      if (held === undefined) continue;
      this.#placing++;
      this.#operations.nearest(held.record.key, (nodes) => {
        this.#placing--;
        for (const id of nodes) if (!sameId(id, this.#host.ctx.self.id)) this.#offer(id, [held]);
        this.#place();
      });
    }
  }

  /** Offers records to those of the nodes nearest to their keys that `to` picks. */
  #offerAll(to: (held: Held, set: readonly NodeId[]) => readonly NodeId[], isRepair = false): void {
    const { ctx, config } = this.#host;
    const byNode = new Map<MapKey, { readonly id: NodeId; readonly list: Held[] }>();
    for (const held of [...this.#holder.table.values()]) {
      const set = this.#set(held.record.key);
      // Where the others of a key are gone, a cached copy takes their place.
      if (held.role === 'cache' && !isIn(set, ctx.self.id)) continue;
      const targets = to(held, set).filter((id) => !sameId(id, ctx.self.id));
      for (const id of targets) {
        const key = mapKey(id);
        const entry = byNode.get(key) ?? { id, list: [] };
        entry.list.push(held);
        byNode.set(key, entry);
      }
      if (!isRepair || targets.length === 0) continue;
      this.#holder.table.touch(held.record.slot, ctx.now);
      const isHere = set.length < config.replicas || isIn(set, ctx.self.id);
      const isThere = set.every((id) => this.#isHeldBy(held, id));
      if (!isHere && isThere && held.role === 'replica') this.#holder.demote(held);
    }
    for (const { id, list } of byNode.values())
      for (let at = 0; at < list.length; at += SLOTS_MAX) this.#offer(id, list.slice(at, at + SLOTS_MAX));
  }

  #offer(to: NodeId, list: readonly Held[]): void {
    const slots = list.map(({ record }) => slotState(record));
    this.#handing++;
    this.#host.ask(to, writeRequest({ op: 'offer', slots }), (bytes) => {
      const wanted = bytes && readWanted(bytes);
      if (wanted !== undefined) {
        list.forEach(({ record }, place) => {
          if (!wanted.includes(place)) this.onSeen(record.slot, to);
        });
        this.#hand(
          to,
          wanted.flatMap((place) => list[place] ?? []),
        );
      }
      this.#handing--;
      this.#checkHanded();
    });
  }

  /** Stores records at a node, one after the other: a newcomer is not to be flooded. */
  #hand(to: NodeId, [first, ...rest]: readonly Held[]): void {
    if (first === undefined) return;
    const { record } = first;
    const copy = copyOf(first, this.#host.ctx.now);
    this.#handing++;
    this.#operations.store(to, copy, { role: 'replica' }, (answer) => {
      this.#handing--;
      if (answer?.code === 'stored') this.onSeen(record.slot, to);
      // Who does not answer is not asked for the rest.
      if (answer !== undefined) this.#hand(to, rest);
      this.#checkHanded();
    });
  }

  #checkHanded(): void {
    if (this.#handing > 0) return;
    this.#whenHanded?.();
    this.#whenHanded = undefined;
  }

  #isHeldBy({ record }: Held, id: NodeId): boolean {
    return sameId(id, this.#host.ctx.self.id) || this.#holders.get(record.slot)?.has(mapKey(id)) === true;
  }

  #set(key: NodeId): NodeId[] {
    return this.#host.ctx.geometry.closest(key, this.#host.config.replicas, true);
  }

  #nearest(): Set<MapKey> {
    const { geometry, self } = this.#host.ctx;
    // As for one that looks for its own place: on a ring those before this node hold keys with it as well.
    return new Set(geometry.answer(self.id, 2 * this.#host.config.replicas + 1, true).map(mapKey));
  }

  #period(): number {
    const { ctx, config } = this.#host;
    return config.repairMs * (0.75 + ctx.ports.random.below(501) / 1_000);
  }
}

function isIn(set: readonly NodeId[], id: NodeId): boolean {
  return set.some((one) => sameId(one, id));
}
