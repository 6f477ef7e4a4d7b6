/**
 * The corrected Chord protocol over links (Zave, "Reasoning about identifier spaces: how to make Chord correct", 2017):
 * a node asks its successor whom that one is certain of and takes it over (stabilize, reconcile), whoever asks becomes
 * known to the asked one (rectify), and neighbours that nobody hears from are looked after. The predecessor is asked
 * likewise, since lists here go in both directions. Rules CM1-CM13.
 *
 * Why the ring stays one: the protocol needs r + 1 members that no list passes over (principals). A node joins by taking
 * over the list of a member, so it passes over nobody that the member did not pass over; lists grow by whole lists of
 * members alone; newcomers are put into them and never push out anybody between others. So nobody ceases to be a
 * principal before it is gone. With r members or fewer, every list is the whole ring.
 */

import { mapKey, sameId, type MapKey, type NodeId } from '../../id/node-id.ts';
import type { Contact } from '../../wire/contact.ts';
import { CONTROL_IDS_MAX, NEIGHBOURS_MAX, writeControl } from '../../wire/control.ts';
import type { Maintenance, MaintenanceSide, UpkeepControl, UpkeepPeer } from '../maintenance.ts';
import { holds, type Chain } from './chain.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import { readNeighbours, writeNeighbours } from './neighbours.ts';
import type { RingTable } from './table.ts';

/**
 * Neighbours are compared this often, and up to a half more, so that a ring does not breathe in step. What changes is
 * told at once by links, news and the questions below; the period is for what those missed. Two questions and answers
 * of about a kilobyte in it would cost a node some 200 bytes a second, so an answer that is as before says just that.
 */
const PERIOD_MS = 10_000;
/** After a change the lists settle this long before anybody is asked. */
const SOON_MS = 100;
/** Somebody is asked again this soon while lists are too short, ever less often while that brings nothing. */
const SHORT_MS = 500;
/** A question without an answer is forgotten after this. */
const ANSWER_MS = 3_000;

/** An answer that says: as before. */
const SAME = new Uint8Array(0);

/** What the upkeep changes. */
export interface Ring {
  readonly self: NodeId;
  readonly table: RingTable;
  readonly neighbourhood: Neighbourhood;
  /** Nodes wanted in each direction. */
  readonly listSize: number;
  /** The table has a place for a node that it does not know yet. */
  wants(id: NodeId): boolean;
  /** Nobody linked is near enough to be asked: a lookup has to tell who is around. */
  lookAround(): void;
}

export class Stabilizer implements Maintenance {
  comparedAt: number | undefined;
  readonly #ring: Ring;
  readonly #side: MaintenanceSide;
  #at: number;
  #askedAt = -Infinity;
  /** The nearest peers when they were asked last. */
  #nearest: readonly (MapKey | undefined)[] = [];
  /** Peers whose answers are awaited. */
  readonly #asked = new Map<MapKey, UpkeepPeer>();
  /** What was answered last over each link, and what came. Rule CM13. */
  readonly #told = new WeakMap<UpkeepPeer, Uint8Array>();
  readonly #heard = new WeakMap<UpkeepPeer, Uint8Array>();
  /** An answer named nodes whose records are on their way; then it is asked for again. */
  #isFetching = false;
  #inVain = 0;

  constructor(ring: Ring, side: MaintenanceSide) {
    this.#ring = ring;
    this.#side = side;
    this.#at = Infinity;
  }

  get isComparing(): boolean {
    return this.#asked.size > 0 && this.#side.ctx.now - this.#askedAt < ANSWER_MS;
  }

  nextAt(): number {
    return this.#at;
  }

  /** Rule CM2: a new nearest neighbour is asked at once, and so is one whose nodes were being fetched. */
  changed(): void {
    const [successor, predecessor] = this.#nearestPeers();
    const isOther = this.#nearest[0] !== successor?.key || this.#nearest[1] !== predecessor?.key;
    if (this.#at === Infinity) this.#at = this.#side.ctx.now + SOON_MS;
    if (isOther || this.#isFetching) this.#soon(SOON_MS);
  }

  onTime(): void {
    const now = this.#side.ctx.now;
    if (now < this.#at) return;
    this.#at = now + PERIOD_MS + this.#side.ctx.ports.random.below(PERIOD_MS / 2);
    this.#asked.clear();
    if (!this.#side.ctx.config.repair) return;
    this.#askedAt = now;
    this.#isFetching = false;
    const nearest = this.#nearestPeers();
    this.#nearest = nearest.map((peer) => peer?.key);
    for (const peer of [...nearest, ...this.#furtherPeers()]) if (peer !== undefined) this.#ask(peer);
    this.#checkNearest();
    const { neighbourhood } = this.#ring;
    if (!neighbourhood.isComplete) this.#lookAgain();
  }

  onControl(control: UpkeepControl, peer: UpkeepPeer): void {
    if (control.type === 'stabilize') this.#onAsked(peer);
    else this.#onNeighbours(control.body, peer);
  }

  /** Rule CM6: rectify. Who asks lives, and has its place in the table by its link; it is told who is around here. */
  #onAsked(peer: UpkeepPeer): void {
    const { neighbourhood, listSize, self } = this.#ring;
    if (neighbourhood.isFresh) return;
    const ahead = Math.min(listSize, NEIGHBOURS_MAX - 1);
    const chain = neighbourhood.chain(ahead, Math.min(listSize, NEIGHBOURS_MAX - ahead));
    const body = writeNeighbours(chain, self);
    const told = this.#told.get(peer);
    const isSame = told !== undefined && sameId(told, body);
    this.#told.set(peer, body);
    peer.sendControl(writeControl({ type: 'neighbours', body: isSame ? SAME : body }));
  }

  /** Rules CM3-CM5: takes over what a neighbour is certain of; fetches whom the table lacks; doubts whom it does not name. */
  #onNeighbours(news: Uint8Array, peer: UpkeepPeer): void {
    const body = news.length > 0 ? news : this.#heard.get(peer);
    if (body === undefined) return;
    this.#heard.set(peer, body);
    if (!this.#asked.delete(peer.key) || !this.#side.ctx.config.repair) return;
    const { neighbourhood, self } = this.#ring;
    const chain = readNeighbours(body, peer.id);
    if (chain === undefined) return;
    this.comparedAt = this.#side.ctx.now;
    const before = endsOf(neighbourhood);
    if (holds(chain, self)) this.#doubtUnnamed(chain);
    neighbourhood.reconcile(chain, (key) => this.#side.book.isBuried(key));
    const missing = chain.ids.filter((id) => this.#ring.wants(id)).slice(0, CONTROL_IDS_MAX);
    if (missing.length > 0) {
      this.#isFetching = true;
      peer.sendControl(writeControl({ type: 'want', ids: missing }));
    }
    if (endsOf(neighbourhood) === before) return;
    this.#inVain = 0;
    this.#side.onGrown();
    if (!neighbourhood.isComplete) this.#soon(SHORT_MS);
  }

  #ask(peer: UpkeepPeer): void {
    if (this.#asked.has(peer.key)) return;
    this.#asked.set(peer.key, peer);
    peer.sendControl(writeControl({ type: 'stabilize' }));
  }

  #soon(ms: number): void {
    this.#at = Math.min(this.#at, Math.max(this.#side.ctx.now + ms, this.#askedAt + SHORT_MS));
  }

  /** Rule CM8: short lists are filled by asking again, and by a lookup when no linked peer could help. */
  #lookAgain(): void {
    this.#soon(Math.min(PERIOD_MS, SHORT_MS * 2 ** this.#inVain));
    if (this.#inVain++ > 1) this.#ring.lookAround();
  }

  /** The first linked node in each direction that is heard from. */
  #nearestPeers(): (UpkeepPeer | undefined)[] {
    return this.#directions().map((peers) => peers[0]);
  }

  /**
   * Rule CM8: while a list is short, the farthest linked node in it knows best who comes next; and as long as that brings
   * nothing, one after another of the others is asked, since the nearest may not have joined yet.
   */
  #furtherPeers(): (UpkeepPeer | undefined)[] {
    const { neighbourhood, listSize } = this.#ring;
    if (neighbourhood.isComplete) return [];
    const lists = [neighbourhood.successors, neighbourhood.predecessors];
    return this.#directions().flatMap((peers, i) => {
      const { length } = lists[i]!;
      const listed = new Set(lists[i]!.map(({ contact }) => contact.key));
      const farthest = length < listSize ? peers.findLast(({ key }) => listed.has(key)) : undefined;
      return [farthest, peers[this.#inVain % Math.max(1, peers.length)]];
    });
  }

  /** Linked nodes that are heard from, nearest first: ahead, and behind. */
  #directions(): UpkeepPeer[][] {
    const { entries } = this.#ring.table;
    return [entries, entries.toReversed()].map((side) =>
      side.slice(0, 2 * this.#ring.listSize).flatMap(({ contact }) => {
        const peer = this.#side.links.ofPeer(contact.key);
        return peer === undefined || peer.suspect ? [] : [peer];
      }),
    );
  }

  /** Rule CM7: check predecessor, and successor: who is nearest and not heard from is asked itself. */
  #checkNearest(): void {
    const { entries } = this.#ring.table;
    for (const entry of new Set([entries[0], entries.at(-1)]))
      if (entry !== undefined) this.#doubt(entry.contact);
  }

  /** Rule CM5: a node of the own stretch that the neighbour, who is certain of that part, does not name. */
  #doubtUnnamed(chain: Chain): void {
    const { table, neighbourhood } = this.#ring;
    const named = new Set(chain.ids.map(mapKey));
    for (const id of neighbourhood.chain(table.size, table.size).ids) {
      const contact = table.find(mapKey(id))?.contact;
      if (contact !== undefined && !named.has(contact.key) && holds(chain, id)) this.#doubt(contact);
    }
  }

  #doubt(contact: Contact): void {
    const { links, gossip, rumours, ctx } = this.#side;
    if (links.ofPeer(contact.key) !== undefined || gossip.vouched(contact.id)) return;
    rumours.about(contact, ctx.now);
  }
}

/** Tells two stretches apart. */
function endsOf(neighbourhood: Neighbourhood): string {
  const { from, upTo, isWhole } = neighbourhood;
  return `${isWhole} ${mapKey(from)} ${mapKey(upTo)}`;
}
