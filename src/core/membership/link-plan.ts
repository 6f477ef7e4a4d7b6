/**
 * Which links to have: dials what the geometry wants, offers up what nobody needs, makes room for newcomers. Rules
 * PL1-PL11.
 */

import type { NodeContext } from '../context.ts';
import type { WantedLink } from '../geometry/geometry.ts';
import { indexOfId } from '../id/id-list.ts';
import { mapKey, type MapKey, type NodeId } from '../id/node-id.ts';
import { RecentSet } from '../util/recent-set.ts';
import type { Contact } from '../wire/contact.ts';
import { writeControl } from '../wire/control.ts';
import type { Dialer } from './dialer.ts';
import type { Link } from './link.ts';
import type { LinkTable } from './link-table.ts';
import { isHeldBack, takeStandIn } from './stand-ins.ts';

/** Changes are collected this long before the plan is made anew: briefly while the node is getting in. */
const PLAN_DELAY_MS_MIN = 20;
const PLAN_DELAY_MS = 100;
const FEW_LINKS = 4;
/** The plan is also made anew this often, for what became possible meanwhile. */
const PLAN_INTERVAL_MS = 5_000;
/** A peer is asked at most this often whether it needs a link. */
const UNNEEDED_EVERY_MS = 10_000;
/** A young link is left alone: its tables are still settling. */
const SETTLE_MS = 5_000;
/** A contact that this node has no room to link is greeted this often, in case it does not know it. */
const GREET_EVERY_MS = 60_000;
const GREETED_MAX = 256;

/** What the plan asks of the rest of the node. */
export interface LinkPlanHooks {
  hangUp(link: Link): void;
  /** Makes this node known to a contact. */
  greet(contact: Contact): void;
}

export class LinkPlan {
  #at = Infinity;
  #wanted = new Map<MapKey, WantedLink>();
  /** Contacts, links or attempts changed since `wanted` was made. */
  #outdated = true;
  /** Every bucket that is not empty is to have its link: then greedy routing reaches everybody. */
  #covered = false;
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #dialer: Dialer;
  readonly #greeted = new RecentSet(GREETED_MAX, GREET_EVERY_MS);
  readonly #hooks: LinkPlanHooks;

  constructor(ctx: NodeContext, links: LinkTable, dialer: Dialer, hooks: LinkPlanHooks) {
    this.#ctx = ctx;
    this.#links = links;
    this.#dialer = dialer;
    this.#hooks = hooks;
  }

  nextAt(): number {
    return this.#at;
  }

  stop(): void {
    this.#at = Infinity;
  }

  /** Contacts or links changed. */
  changed(): void {
    this.#outdated = true;
    const delayMs = this.#links.size < FEW_LINKS ? PLAN_DELAY_MS_MIN : PLAN_DELAY_MS;
    this.#at = Math.min(this.#at, this.#ctx.now + delayMs);
  }

  onTime(): void {
    if (this.#ctx.now < this.#at) return;
    this.#at = this.#ctx.now + PLAN_INTERVAL_MS;
    // Peers that were left alone may be dialled again by now.
    if (this.#dialer.hasShunned) this.#outdated = true;
    this.#assignRoles();
    if (this.#links.size === 0) return;
    if (this.#ctx.config.repair) this.#dialMissing();
    this.#offerUpUnneeded();
  }

  /**
   * Rule PL5: when this node is full, a newcomer that has no link yet, or a node of a part of the network that grew
   * apart, is let in for a link that can be spared.
   */
  mayAccept(peer: NodeId, inNeed: boolean): boolean {
    const key = mapKey(peer);
    if (this.#links.ofPeer(key) !== undefined) return true;
    if (this.#links.size + this.#dialer.count(false) < this.#ctx.config.linksMax) return true;
    const needed = inNeed || this.#wanted.has(key) || this.#ctx.geometry.wants(peer);
    return needed && this.#leastUseful() !== undefined;
  }

  /** True when one more link could be had, if need be in place of another. */
  hasRoom(): boolean {
    return (
      this.#links.size + this.#dialer.count(true) < this.#ctx.config.linksMax ||
      this.#leastUseful() !== undefined
    );
  }

  /** Makes room for one link if the cap is reached. */
  makeRoom(): void {
    while (this.#links.size >= this.#ctx.config.linksMax) {
      const victim = this.#leastUseful();
      if (victim === undefined) return;
      this.#hooks.hangUp(victim);
    }
  }

  /** The peer has no need of the link: it is closed if this node has none either, or can do with another one. */
  onUnneeded(link: Link): void {
    link.peerCanSpare = true;
    this.#assignRoles();
    this.#closeIfUnneeded(link);
  }

  #assignRoles(): void {
    if (!this.#outdated) return;
    this.#outdated = false;
    const { config, geometry } = this.#ctx;
    const wanted = geometry.wantedLinks({
      linksWanted: Math.min(config.linksWanted, config.linksMax),
      siblings: config.siblings,
      linkEveryContact: config.linkEveryContact,
      isLinked: (key) => this.#links.ofPeer(key) !== undefined,
      isShunned: (key) => this.#dialer.isShunned(key),
    });
    this.#wanted = new Map(wanted.map((entry) => [entry.contact.key, entry]));
    // Contacts beyond buckets and siblings are wanted only when those have their links.
    this.#covered = wanted.length < config.linksWanted || wanted.some(({ role }) => role === 'extra');
    for (const link of this.#links.all) link.role = this.#wanted.get(link.key)?.role ?? 'none';
  }

  #dialMissing(): void {
    const { config, now } = this.#ctx;
    let links = this.#links.size + this.#dialer.count(true);
    for (const { contact, role } of this.#wanted.values()) {
      if (this.#links.ofPeer(contact.key) !== undefined || this.#dialer.isUnderWay(contact.key)) continue;
      if (links >= config.linksMax) {
        this.#greet(contact, role);
        continue;
      }
      if (this.#dialer.isShunned(contact.key) || this.#isNotWorthAsking(contact, role)) continue;
      // Links that others made count as the spread; nobody is dialled for it twice.
      if (role === 'extra' && (links >= config.linksWanted || this.#dialer.isSlow)) continue;
      if (this.#exchange(contact)) continue;
      const mayDialAt = this.#dialer.mayDialAt();
      if (mayDialAt > now) {
        // With all handshakes taken, the end of one of them calls `changed`.
        this.#at = Math.min(this.#at, mayDialAt);
        return;
      }
      this.#dialer.dial(contact.id, 'overlay', contact);
      links++;
    }
  }

  /**
   * Rule PL10: a newcomer makes itself known by its links. Who has no room for one to a node that is to know it says so
   * otherwise: a table that lacks a neighbour calls itself complete, and sends nothing there.
   */
  #greet(contact: Contact, role: WantedLink['role']): void {
    this.#greeted.sweep(this.#ctx.now);
    if (role === 'extra' || this.#greeted.has(contact.key)) return;
    this.#greeted.add(contact.key, this.#ctx.now);
    this.#hooks.greet(contact);
  }

  /** Rule PL7: a peer that said it is full is not asked again for a while, if it is within reach of a link anyway. */
  #isNotWorthAsking(contact: Contact, role: WantedLink['role']): boolean {
    if (!this.#dialer.isFull(contact.key)) return false;
    return role === 'extra' || this.#links.all.some((link) => indexOfId(link.linked, contact.id) >= 0);
  }

  #closeIfUnneeded(link: Link): void {
    if (!this.#canSpare(link)) return;
    if (link.role === 'none' || this.#exchange(link.contact)) this.#hooks.hangUp(link);
  }

  /** Rule PL8: a stand-in takes over the place of a contact whose link nobody needs, or that is not linked yet. */
  #exchange(contact: Contact): boolean {
    if (!this.#ctx.config.linkEveryContact) return false;
    const standIn = takeStandIn(this.#ctx, this.#links.all, contact);
    if (standIn === undefined) return false;
    const wanted = { contact: standIn.contact, role: 'extra' } as const;
    standIn.role = wanted.role;
    this.#wanted.delete(contact.key);
    this.#wanted.set(standIn.key, wanted);
    return true;
  }

  /** Rule PL4: above the wanted number, links without a role are closed if the other end agrees. */
  #offerUpUnneeded(): void {
    const { self, now, config } = this.#ctx;
    let spare = config.linkEveryContact ? Infinity : this.#links.size - config.linksWanted;
    for (const link of [...this.#links.all]) {
      if (spare <= 0) return;
      const isTried = now - link.upAt >= SETTLE_MS && now - link.unneededSentAt >= UNNEEDED_EVERY_MS;
      if (link.role !== 'none' || !isTried || !this.#canSpare(link)) continue;
      if (config.linkEveryContact && isHeldBack(self.id, link, now)) continue;
      link.unneededSentAt = now;
      link.sendControl(writeControl({ type: 'unneeded' }));
      spare--;
    }
    if (!config.linkEveryContact) return;
    for (const link of [...this.#links.all]) if (link.peerCanSpare) this.#closeIfUnneeded(link);
  }

  /**
   * The link whose loss hurts least: one without a role before a spare one before that of a bucket, and among equals
   * that of the peer with the most links. A sibling's is never given up.
   */
  #leastUseful(): Link | undefined {
    let best: Link | undefined;
    for (const link of this.#links.all) {
      if (link.role === 'sibling' || !this.#canSpare(link)) continue;
      const gain = best === undefined ? -1 : USE[link.role] - USE[best.role];
      if (gain < 0 || (gain === 0 && link.linked.count > best!.linked.count)) best = link;
    }
    return best;
  }

  /**
   * Rule PL6: a link may be given up when that cannot split the network: the tables see to it that everybody is
   * reached without it, or another peer is linked to both ends. A peer is never left without any link.
   */
  #canSpare(link: Link): boolean {
    if (link.linked.count <= 1 || this.#links.size <= 1) return false;
    if (this.#covered && (link.role === 'none' || link.role === 'extra')) return true;
    // With everybody around full somebody has to give way; comparing with the server mends what that may split.
    if (this.#links.all.every((other) => other.linked.count >= this.#ctx.config.linksMax)) return true;
    return this.#links.all.some((other) => other !== link && indexOfId(other.linked, link.id) >= 0);
  }
}

const USE = { none: 0, extra: 1, bucket: 2, sibling: 3 } as const;
