/** Everything about links and tables in one place: wires link table, dialer, plan, liveness, gossip and join. */

import type { NodeContext } from '../context.ts';
import type { NodeState } from '../events.ts';
import type { MapKey, NodeId } from '../id/node-id.ts';
import type { LinkEndReason, LinkId } from '../io.ts';
import type { Outcome } from '../routing/sender.ts';
import { writeControl, type Control } from '../wire/control.ts';
import { decodeContact, type Contact } from '../wire/contact.ts';
import type { Maintenance } from '../geometry/maintenance.ts';
import { ContactBook } from './contact-book.ts';
import { Dialer } from './dialer.ts';
import { Gossip } from './gossip.ts';
import { Join, type JoinHooks } from './join.ts';
import { Link } from './link.ts';
import { LinkPlan } from './link-plan.ts';
import { LinkTable } from './link-table.ts';
import { Liveness } from './liveness.ts';
import { Rumours } from './rumours.ts';

/** What membership asks of the messages' side. */
export interface MembershipHooks {
  sendSealed(to: NodeId, sealed: Uint8Array, failed: (absent: boolean) => void): void;
  lookup(target: NodeId, done: (outcome: Outcome, records: readonly Uint8Array[]) => void): void;
  ping(target: NodeId, done: (outcome: Outcome) => void, copies?: number): void;
  readonly introduce: JoinHooks['introduce'];
  /** `gone`: the peer too, as far as this node can tell; else only the link. */
  onLinkLost(link: Link, reason: 'link-down' | 'suspect', gone: boolean): void;
}

/** How often the table hears of a living peer, in parts of the time after which a contact is looked for. */
const TOUCHES_PER_STALE = 12;

export class Membership {
  readonly links = new LinkTable();
  readonly dialer: Dialer;
  readonly liveness: Liveness;
  readonly join: Join;
  readonly #book: ContactBook;
  readonly #gossip: Gossip;
  readonly #plan: LinkPlan;
  readonly #rumours: Rumours;
  /** Upkeep that the geometry brings with it. */
  readonly #upkeep: Maintenance | undefined;
  readonly #ctx: NodeContext;
  readonly #hooks: MembershipHooks;
  #nextLink: LinkId = 1;
  #announcedState: NodeState = 'idle';
  #announcedComplete = false;

  constructor(ctx: NodeContext, hooks: MembershipHooks) {
    this.#ctx = ctx;
    this.#hooks = hooks;
    const { links } = this;
    this.#book = new ContactBook(ctx, {
      onAdded: (contact, source) => this.#onAdded(contact, source),
      onBuriedNamed: (id) => this.#rumours.signOfLife(id),
    });
    this.dialer = new Dialer(ctx, links, this.#book, {
      ...hooks,
      isServerConnected: () => this.join.isServerConnected,
      mayAccept: (peer, inNeed) => this.#plan.mayAccept(peer, inNeed),
      nextLink: () => this.#nextLink++,
      onFailed: (attempt, _reason, absent) => {
        const contact = ctx.geometry.get(attempt.key);
        if (absent && contact !== undefined) this.#rumours.about(contact, ctx.now);
        this.#plan.changed();
        this.join.onDialFailed();
      },
    });
    this.#plan = new LinkPlan(ctx, links, this.dialer, {
      hangUp: (link) => this.#partFrom(link),
      // Whoever answers a lookup learns who asked.
      greet: ({ id }) =>
        hooks.lookup(id, (_, records) => {
          this.learn(records);
        }),
    });
    this.liveness = new Liveness(ctx, links, {
      onSuspect: (link) => this.#onSuspect(link),
      onDead: (link) => this.#onDead(link),
    });
    this.#gossip = new Gossip(ctx, links, this.#book, {
      // Whoever says so waited that long for a sign of life.
      onRumour: (contact) => this.#rumours.about(contact, ctx.now - ctx.config.dropAfterMs),
      onLost: (contact) => this.#rumours.about(contact, ctx.now),
    });
    const isVouchedFor = (id: NodeId, key: MapKey): boolean =>
      links.ofPeer(key) !== undefined || this.#gossip.vouched(id);
    this.#rumours = new Rumours(ctx, {
      ...hooks,
      isLinked: () => links.size > 0,
      isVouchedFor,
      isOwnFault: (since) => this.liveness.isOwnFault(since),
      onAlive: (contact) => this.#book.exhume(contact),
      onAbsent: (contact) => this.#forget(contact),
    });
    this.join = new Join(ctx, links, this.dialer, this.#book, {
      ...hooks,
      isVouchedFor: ({ id, key }) => isVouchedFor(id, key),
      hasRoom: () => this.#plan.hasRoom(),
      onStale: (contact) => this.#rumours.about(contact, ctx.now),
      onAlone: () => this.#rumours.alone(),
    });
    this.#upkeep = ctx.geometry.maintain?.({
      ctx,
      links,
      book: this.#book,
      gossip: this.#gossip,
      rumours: this.#rumours,
      onGrown: () => this.#changed(),
    });
  }

  nextAt(): number {
    return Math.min(
      this.dialer.nextAt(),
      this.liveness.nextAt(),
      this.join.nextAt(),
      this.#gossip.nextAt(),
      this.#rumours.nextAt(),
      this.#plan.nextAt(),
      this.#upkeep?.nextAt() ?? Infinity,
    );
  }

  onTime(): void {
    this.liveness.onTime();
    this.dialer.onTime();
    this.#gossip.onTime();
    this.join.onTime();
    this.#rumours.onTime();
    this.#plan.onTime();
    this.#upkeep?.onTime();
  }

  /** Records given from outside. */
  learn(records: readonly Uint8Array[], done: () => void = () => undefined): void {
    this.#book.learn(records, undefined, done);
  }

  pingPeer(key: MapKey): void {
    const link = this.links.ofPeer(key);
    if (link !== undefined) this.liveness.ping(link);
  }

  /** An attempt became a link. Rule LI1: a newer proven link of an id replaces its old one. */
  onLinkUp(id: LinkId, record: Uint8Array): void {
    const attempt = this.dialer.onLinked(id);
    const contact = decodeContact(record, this.#ctx.ports);
    if (
      attempt === undefined ||
      contact === undefined ||
      contact.key !== attempt.key ||
      this.join.state === 'left'
    ) {
      this.#ctx.output({ type: 'hang-up', link: id, reason: 'failed' });
      return;
    }
    const old = this.links.ofPeer(contact.key);
    if (old !== undefined) this.hangUp(old, 'replaced');
    this.#plan.makeRoom();
    if (this.links.size >= this.#ctx.config.linksMax) {
      this.#ctx.output({ type: 'hang-up', link: id, reason: 'busy' });
      return;
    }
    const link = new Link({
      link: id,
      contact,
      outgoing: attempt.outgoing,
      startedAt: attempt.startedAt,
      now: this.#ctx.now,
      config: this.#ctx.config,
      transmit: (through, bytes) => this.#transmit(through, bytes),
    });
    this.links.add(link);
    this.#ctx.event({ type: 'link', link: id, peer: contact.id, state: 'up' });
    this.#ctx.event({ type: 'nodes', added: [contact.id], removed: [] });
    this.#book.meet(contact, id);
    this.#gossip.linked(link);
    this.liveness.linked(link);
    this.join.onLinked();
    this.#changed();
  }

  onLinkDown(id: LinkId, reason: LinkEndReason): void {
    if (this.dialer.onLinkDown(id, reason)) return;
    const link = this.links.get(id);
    if (link !== undefined) this.#drop(link, reason, reason !== 'unneeded');
  }

  onControl(control: Exclude<Control, { type: 'no-route' | 'progress' }>, link: Link): void {
    switch (control.type) {
      case 'ping':
        this.liveness.onPing(link, control.sequence);
        return;
      case 'pong':
        this.liveness.onPong(link, control.sequence);
        this.#touch(link);
        return;
      case 'credit':
        link.onCredit(control.messages, control.kibibytes);
        return;
      case 'bye':
        this.#ctx.output({ type: 'hang-up', link: link.link, reason: 'closed' });
        if (control.leaving) this.#drop(link, 'left', true);
        else this.#drop(link, 'unneeded', false);
        return;
      case 'unneeded':
        this.#plan.onUnneeded(link);
        return;
      case 'stabilize':
      case 'neighbours':
        this.#upkeep?.onControl(control, link);
        return;
      default:
        this.#gossip.onControl(control, link);
    }
  }

  /** Closes a link and forgets it; the node itself may live on. */
  hangUp(link: Link, reason: LinkEndReason): void {
    this.#ctx.output({ type: 'hang-up', link: link.link, reason });
    this.#drop(link, reason, false);
  }

  leave(): void {
    const bye = writeControl({ type: 'bye', leaving: true });
    for (const link of [...this.links.all]) {
      link.sendControl(bye);
      this.links.remove(link);
      this.#ctx.output({ type: 'hang-up', link: link.link, reason: 'leaving' });
    }
    this.dialer.stop();
    this.join.leave();
    this.liveness.stop();
    this.#gossip.unlinked();
    this.#rumours.stop();
    this.#plan.stop();
  }

  /** Tells the application when the node's standing changed. */
  announceState(): void {
    const { state, complete } = this.join;
    if (state === this.#announcedState && complete === this.#announcedComplete) return;
    this.#announcedState = state;
    this.#announcedComplete = complete;
    this.#ctx.event({ type: 'state', state, complete });
  }

  #transmit(link: Link, bytes: Uint8Array): void {
    const { counters } = this.#ctx;
    counters.framesOut++;
    counters.bytesOut += bytes.length;
    link.framesOut++;
    link.bytesOut += bytes.length;
    this.#ctx.output({ type: 'transmit', link: link.link, bytes });
  }

  #onAdded(contact: Contact, source: LinkId | undefined): void {
    this.#gossip.added(contact, source);
    this.#changed();
  }

  /** The table knows more or less than before. */
  #changed(): void {
    this.join.onTableChanged();
    this.#plan.changed();
    this.#upkeep?.changed();
  }

  /** Closes a link by agreement: both nodes stay contacts of each other. */
  #partFrom(link: Link): void {
    link.sendControl(writeControl({ type: 'bye', leaving: false }));
    this.hangUp(link, 'unneeded');
  }

  /** The contact of a peer that is heard from does not grow stale. */
  #touch(link: Link): void {
    const { geometry, now, config } = this.#ctx;
    if (now - link.touchedAt < config.contactStaleMs / TOUCHES_PER_STALE) return;
    link.touchedAt = now;
    geometry.touch(link.key, now);
  }

  #onSuspect(link: Link): void {
    this.#ctx.event({ type: 'link', link: link.link, peer: link.id, state: 'suspect' });
    this.#hooks.onLinkLost(link, 'suspect', false);
  }

  #onDead(link: Link): void {
    this.#ctx.output({ type: 'hang-up', link: link.link, reason: 'timeout' });
    this.#drop(link, 'timeout', true);
  }

  /** A link is gone. `gone`: so, as far as this node can tell, is the peer. */
  #drop(link: Link, reason: LinkEndReason, gone: boolean): void {
    this.links.remove(link);
    this.#ctx.event({ type: 'link', link: link.link, peer: link.id, state: 'down', reason });
    this.#ctx.event({ type: 'nodes', added: [], removed: [link.id] });
    // A peer that never said a word over the link turned it down, and is well.
    this.#hooks.onLinkLost(link, 'link-down', gone && reason !== 'replaced' && link.framesIn > 0);
    this.#gossip.unlinked();
    const contact = this.#ctx.geometry.get(link.key);
    if (gone && reason !== 'replaced' && contact !== undefined) {
      if (reason === 'left' || (reason === 'timeout' && this.#isSurelyDead(link))) this.#forget(contact);
      else this.#rumours.about(contact, link.lastHeardAt);
    }
    this.join.onUnlinked();
    this.#plan.changed();
    this.#upkeep?.changed();
  }

  /** A link that was silent for too long speaks for the death of its peer, unless something else speaks against it. */
  #isSurelyDead(link: Link): boolean {
    return !this.#gossip.vouched(link.id) && !this.liveness.isOwnFault(link.lastHeardAt);
  }

  /** Rule MB4: a contact found to be gone leaves the table, and those who may hold it are told. */
  #forget(contact: Contact): void {
    if (this.links.ofPeer(contact.key) !== undefined) return;
    this.#book.bury(contact);
    const removed = this.#ctx.geometry.remove(contact.key, this.#ctx.now);
    if (removed === undefined) return;
    const { promoted } = removed;
    if (promoted !== undefined && this.links.ofPeer(promoted.key) === undefined) {
      if (!this.#gossip.vouched(promoted.id)) this.#rumours.about(promoted, this.#ctx.now);
    }
    this.#gossip.removed(contact.id);
    this.#changed();
  }
}
