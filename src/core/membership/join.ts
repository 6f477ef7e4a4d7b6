/**
 * How a node gets into the network and stays whole: introductions, the self-lookup, the lookups its table asks for,
 * when to look after contacts nobody vouches for. Rules JO1-JO10.
 */

import type { NodeContext } from '../context.ts';
import type { NodeState } from '../events.ts';
import type { LookupTask } from '../geometry/geometry.ts';
import { mapKey, sameId, type NodeId } from '../id/node-id.ts';
import type { Contact } from '../wire/contact.ts';
import type { Outcome } from '../routing/sender.ts';
import type { ContactBook } from './contact-book.ts';
import type { Dialer } from './dialer.ts';
import type { LinkTable } from './link-table.ts';

/** What joining asks of the rest of the node. */
export interface JoinHooks {
  lookup(target: NodeId, done: (outcome: Outcome, records: readonly Uint8Array[]) => void): void;
  ping(target: NodeId, done: (outcome: Outcome) => void): void;
  /** Has a linked node find this one's place, on a ring. True: `done` will be called; else there is nothing to wait for. */
  readonly introduce: (done: () => void) => boolean | undefined;
  /** The node is linked, or a linked peer is linked to it. */
  isVouchedFor(contact: Contact): boolean;
  /** One more link could be had. */
  hasRoom(): boolean;
  /** Nobody vouched for a contact in a while. */
  onStale(contact: Contact): void;
  /** The server knows nobody else. */
  onAlone(): void;
}

/** Lookups in flight at once (alpha of the Kademlia paper §2.3). */
const ALPHA = 3;
/** The next introducer is dialled when the one before has not answered within this time. */
const INTRODUCER_PATIENCE_MS = 1_500;
/** Without a link, introductions are asked for again after this long; doubling up to the second. */
const REINTRODUCE_MS_MIN = 1_000;
const REINTRODUCE_MS_MAX = 10_000;
/** A node that just got in compares itself with the server's view soon, in case several joined at once; then ever less often. */
const FIRST_COMPARISON_MS = 2_000;
/** After a sign that the network is in parts, the next comparison comes this soon. */
const APART_MS = 2_000;
/** Contacts nobody vouches for are looked for this often. */
const STALE_CHECK_MS = 5_000;
const STALE_PINGS = 2;

export class Join {
  state: NodeState = 'idle';
  /** The node looked up its own id since it last was without links. */
  #selfLookedUp = false;
  #serverConnected = false;
  #introducers: NodeId[] = [];
  #nextIntroducerAt = Infinity;
  #introduceAt = Infinity;
  #introduceMs = REINTRODUCE_MS_MIN;
  #comparisons = 0;
  #lookupsAt = Infinity;
  #staleAt = Infinity;
  #lookupsInFlight = 0;
  #selfLookup = false;
  #waiting: LookupTask[] = [];
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #dialer: Dialer;
  readonly #book: ContactBook;
  readonly #hooks: JoinHooks;

  constructor(ctx: NodeContext, links: LinkTable, dialer: Dialer, book: ContactBook, hooks: JoinHooks) {
    this.#ctx = ctx;
    this.#links = links;
    this.#dialer = dialer;
    this.#book = book;
    this.#hooks = hooks;
  }

  nextAt(): number {
    return Math.min(this.#nextIntroducerAt, this.#introduceAt, this.#lookupsAt, this.#staleAt);
  }

  /** True when the node is in and its table lacks nothing that it knows of. */
  get complete(): boolean {
    if (this.state === 'alone') return true;
    return (
      this.state === 'ready' &&
      this.#lookupsInFlight === 0 &&
      this.#book.verifying === 0 &&
      this.#ctx.geometry.isComplete()
    );
  }

  start(): void {
    if (this.state !== 'idle') return;
    this.#enter('joining');
    this.#staleAt = this.#ctx.now + STALE_CHECK_MS;
    if (this.#serverConnected) this.#askServer();
  }

  get isServerConnected(): boolean {
    return this.#serverConnected;
  }

  onServer(connected: boolean): void {
    this.#serverConnected = connected;
    if (!connected) {
      this.#introduceAt = Infinity;
      this.#nextIntroducerAt = Infinity;
      return;
    }
    this.#introduceMs = REINTRODUCE_MS_MIN;
    // While the server was away the network may have grown apart: compare soon, and more than once.
    this.#comparisons = 0;
    if (this.#links.size > 0) this.#planIntroduction();
    // The server's greeting brings introductions by itself; this is for the case that it gets lost.
    else this.#introduceAt = this.#ctx.now + REINTRODUCE_MS_MAX;
  }

  onIntroductions(ids: readonly NodeId[]): void {
    const others = ids.filter((id) => !sameId(id, this.#ctx.self.id));
    if (this.#links.size > 0) {
      // The server names near nodes first and random ones last: one random one is checked, and whoever is missing.
      others.forEach((id, i) => {
        if (i === others.length - 1 || this.#ctx.geometry.wants(id)) this.#compareWith(id);
      });
      return;
    }
    if (this.state === 'idle' || this.state === 'left') return;
    if (others.length === 0) {
      if (this.#dialer.count(true) + this.#dialer.count(false) === 0) {
        this.#enter('alone');
        this.#hooks.onAlone();
        this.#ctx.geometry.alone?.();
      }
      this.#planIntroduction();
      return;
    }
    if (this.state === 'alone') this.#enter('joining');
    // The server names near nodes first and random ones last. One of each: near ones alone would leave nodes that
    // start together in small circles.
    this.#introducers = [...others.slice(-1), ...others.slice(0, -1)];
    this.#dialIntroducer();
    this.#dialIntroducer();
  }

  /** A link came up. */
  onLinked(): void {
    this.#introducers = [];
    this.#nextIntroducerAt = Infinity;
    if (this.state === 'alone' || this.state === 'cut-off') this.#enter('joining');
    if (this.#links.size === 1) {
      this.#introduceMs = REINTRODUCE_MS_MIN;
      this.#comparisons = 0;
      this.#planIntroduction();
    }
    this.#lookupSoon();
  }

  onUnlinked(): void {
    if (this.#links.size > 0 || this.state === 'left') return;
    this.#selfLookedUp = false;
    this.#waiting = [];
    if (this.state === 'ready') this.#enter('cut-off');
    if (this.#serverConnected) this.#askServer();
  }

  /** An introducer could not be linked: the next one. */
  onDialFailed(): void {
    if (this.#links.size === 0 && this.state !== 'left') this.#dialIntroducer();
  }

  /** The table changed: it may want lookups. */
  onTableChanged(): void {
    this.#lookupSoon();
  }

  onTime(): void {
    const { now } = this.#ctx;
    if (now >= this.#nextIntroducerAt) this.#dialIntroducer();
    if (now >= this.#introduceAt) this.#askServer();
    if (now >= this.#lookupsAt) this.#runLookups();
    if (now >= this.#staleAt) this.#checkStale();
  }

  leave(): void {
    this.#enter('left');
    this.#introduceAt = Infinity;
    this.#nextIntroducerAt = Infinity;
    this.#lookupsAt = Infinity;
    this.#staleAt = Infinity;
  }

  #dialIntroducer(): void {
    this.#nextIntroducerAt = Infinity;
    if (this.#links.size > 0 || !this.#serverConnected) return;
    const id = this.#introducers.shift();
    if (id === undefined) {
      if (this.#dialer.count(true) === 0) this.#planIntroduction();
      return;
    }
    if (this.#dialer.ofPeer(mapKey(id)) === undefined) this.#dialer.dial(id, 'server', undefined);
    this.#nextIntroducerAt = this.#ctx.now + INTRODUCER_PATIENCE_MS;
  }

  /** Rule JO7: an introduced node that the overlay cannot reach is of a part that grew apart: the server links them. */
  #compareWith(id: NodeId): void {
    if (!this.#ctx.config.repair || this.#links.ofPeer(mapKey(id)) !== undefined) return;
    this.#hooks.ping(id, (outcome) => {
      if (outcome.receipt.ok && outcome.answerer !== undefined) {
        this.#book.learn([outcome.answerer.record], undefined, nothing);
        return;
      }
      if (outcome.receipt.reason === 'left') return;
      this.#introduceAt = Math.min(this.#introduceAt, this.#ctx.now + APART_MS + this.#jitter(APART_MS));
      if (this.#serverConnected && this.#hooks.hasRoom() && this.#mayDial(id))
        this.#dialer.dial(id, 'server', undefined);
    });
  }

  #mayDial(id: NodeId): boolean {
    return this.#dialer.ofPeer(mapKey(id)) === undefined && this.#dialer.mayDialAt() <= this.#ctx.now;
  }

  #askServer(): void {
    this.#planIntroduction();
    if (this.#serverConnected) this.#ctx.output({ type: 'server-introduce' });
  }

  #planIntroduction(): void {
    if (!this.#serverConnected) {
      this.#introduceAt = Infinity;
      return;
    }
    if (this.#links.size > 0) {
      const ms = Math.min(this.#ctx.config.introduceMs, FIRST_COMPARISON_MS * 3 ** this.#comparisons);
      this.#comparisons++;
      this.#introduceAt = this.#ctx.now + ms + this.#jitter(ms / 2);
      return;
    }
    this.#introduceAt = this.#ctx.now + this.#introduceMs + this.#jitter(this.#introduceMs / 2);
    this.#introduceMs = Math.min(REINTRODUCE_MS_MAX, 2 * this.#introduceMs);
  }

  #lookupSoon(): void {
    if (this.#links.size > 0 && this.state !== 'left')
      this.#lookupsAt = Math.min(this.#lookupsAt, this.#ctx.now);
  }

  #runLookups(): void {
    const { geometry, ports, now, self, config } = this.#ctx;
    this.#lookupsAt = Infinity;
    if (this.#links.size === 0 || !config.repair) return;
    if (this.state !== 'ready' && this.#hooks.introduce(() => this.#lookupSoon()) === true) return;
    this.#waiting.push(...geometry.lookupsDue(now, (count) => ports.random.bytes(count)));
    if (
      !this.#selfLookedUp &&
      !this.#selfLookup &&
      !this.#waiting.some((task) => sameId(task.target, self.id))
    ) {
      this.#waiting.unshift({ slot: NO_SLOT, target: self.id });
    }
    while (this.#lookupsInFlight < ALPHA) {
      const task = this.#waiting.shift();
      if (task === undefined) break;
      this.#run(task);
    }
    if (this.#lookupsInFlight === 0) this.#lookupsAt = Math.max(now + 1, geometry.nextMaintenanceAt());
  }

  #run(task: LookupTask): void {
    this.#lookupsInFlight++;
    const own = sameId(task.target, this.#ctx.self.id);
    if (own) this.#selfLookup = true;
    this.#hooks.lookup(task.target, (outcome, records) => {
      const finish = (): void => {
        this.#lookupsInFlight--;
        if (own) this.#selfLookup = false;
        this.#finish(task, own, outcome.receipt.ok);
      };
      if (own) this.#ctx.geometry.onAnswer?.(records, this.#ctx.ports);
      if (outcome.receipt.ok) this.#book.learn(records, undefined, finish);
      else finish();
    });
  }

  #finish(task: LookupTask, own: boolean, ok: boolean): void {
    if (this.state === 'left') return;
    if (task.slot !== NO_SLOT) this.#ctx.geometry.lookupDone(task.slot, this.#ctx.now, ok);
    if (own && ok && this.#links.size > 0) {
      this.#selfLookedUp = true;
      this.#enter('ready');
    }
    this.#lookupsAt = ok ? this.#ctx.now : Math.min(this.#lookupsAt, this.#ctx.now + RETRY_MS);
  }

  #checkStale(): void {
    const { geometry, config, now } = this.#ctx;
    this.#staleAt = now + STALE_CHECK_MS;
    if (this.#links.size === 0 || !config.repair) return;
    let pings = STALE_PINGS;
    for (const contact of geometry.stale(now - config.contactStaleMs)) {
      if (this.#hooks.isVouchedFor(contact)) {
        geometry.touch(contact.key, now);
      } else if (pings-- > 0) {
        this.#hooks.onStale(contact);
      } else {
        return;
      }
    }
  }

  #enter(state: NodeState): void {
    if (this.state !== 'left') this.state = state;
  }

  #jitter(ms: number): number {
    return this.#ctx.ports.random.below(Math.max(1, Math.floor(ms)));
  }
}

/** A self-lookup that the table did not ask for. */
const NO_SLOT = -1;
/** A failed self-lookup is tried again after this long. */
const RETRY_MS = 500;

function nothing(): void {
  // The contact is in the table or not; nobody waits for it.
}
