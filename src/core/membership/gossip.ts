/**
 * What linked peers tell each other unasked: whom they are linked to, who is new, who is gone. Rules GO1-GO9. This is
 * what keeps every table complete without anybody's full list.
 */

import type { NodeContext } from '../context.ts';
import { changeIds, changesBetween, EMPTY_ID_LIST, idAt, indexOfId, type IdList } from '../id/id-list.ts';
import { mapKey, sameId, type NodeId } from '../id/node-id.ts';
import type { LinkId } from '../io.ts';
import { RecentSet } from '../util/recent-set.ts';
import type { Contact } from '../wire/contact.ts';
import { CONTROL_IDS_MAX, NEWS_MAX, writeControl, type Control } from '../wire/control.ts';
import type { ContactBook } from './contact-book.ts';
import type { Link } from './link.ts';
import type { LinkTable } from './link-table.ts';

/** News that waits to be told; older ones give way. */
const NEWS_WAITING_MAX = 256;
/** Lists go out at most this often, however often links change. */
const LISTS_EVERY_MS = 1_000;
/** While new links keep coming, lists that only got longer go out ever less often: in a crowd they are most of the traffic. */
const LISTS_EVERY_MS_MAX = 4_000;
/** The same record is asked for at most once in this time. */
const ASK_AGAIN_MS = 2_000;

/** What gossip tells of contacts that may be gone. */
export interface GossipHooks {
  /** A peer believes the contact gone. */
  onRumour(contact: Contact): void;
  /** No peer is linked to the contact any more. */
  onLost(contact: Contact): void;
}

interface News {
  readonly contact: Contact;
  readonly source: LinkId | undefined;
}

export class Gossip {
  #listsAt = Infinity;
  #listsSentAt = -Infinity;
  #listsEveryMs = LISTS_EVERY_MS;
  #newsAt = Infinity;
  #reviewAt = Infinity;
  #news: News[] = [];
  readonly #asked: RecentSet;
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #book: ContactBook;
  readonly #hooks: GossipHooks;

  constructor(ctx: NodeContext, links: LinkTable, book: ContactBook, hooks: GossipHooks) {
    this.#ctx = ctx;
    this.#links = links;
    this.#book = book;
    this.#hooks = hooks;
    this.#asked = new RecentSet(4_096, ASK_AGAIN_MS);
  }

  nextAt(): number {
    return Math.min(this.#listsAt, this.#newsAt, this.#reviewAt);
  }

  /** A link came up: the peer gets the list at once, the others soon. */
  linked(link: Link): void {
    link.toldLinks = this.#links.packedIds();
    link.sendControl(writeControl({ type: 'links', list: link.toldLinks }));
    this.#listsChanged(this.#listsEveryMs);
    this.#reviewAt = Math.min(this.#reviewAt, this.#ctx.now + this.#ctx.config.gossipIntervalMs);
  }

  unlinked(): void {
    this.#listsChanged(LISTS_EVERY_MS);
  }

  /** The table got a contact: peers that may lack it are told. */
  added(contact: Contact, source: LinkId | undefined): void {
    if (this.#links.size === 0) return;
    this.#news.push({ contact, source });
    if (this.#news.length > NEWS_WAITING_MAX) this.#news.shift();
    this.#newsAt = Math.min(this.#newsAt, this.#ctx.now + this.#ctx.config.gossipDelayMs);
  }

  /** The table lost a contact for good: peers that may still hold it are told. */
  removed(id: NodeId): void {
    const bytes = writeControl({ type: 'gone', ids: [id] });
    for (const link of this.#links.all) {
      if (!sameId(link.id, id) && this.#ctx.geometry.concerns(id, link.id)) link.sendControl(bytes);
    }
  }

  onControl(
    control: Extract<Control, { type: 'links' | 'links-changed' | 'news' | 'gone' | 'want' }>,
    link: Link,
  ): void {
    switch (control.type) {
      case 'links':
        this.#readList(link, control.list);
        return;
      case 'links-changed':
        this.#readList(link, changeIds(link.linked, control.added, control.removed));
        return;
      case 'news':
        if (this.#ctx.config.repair) this.#book.learn(control.records, link.link, nothing);
        return;
      case 'gone':
        for (const id of control.ids) this.#onGone(id);
        return;
      case 'want':
        this.#onWant(control.ids, link);
    }
  }

  onTime(): void {
    const { now } = this.#ctx;
    if (now >= this.#newsAt) this.#tellNews();
    if (now >= this.#listsAt) this.#tellLinks();
    if (now >= this.#reviewAt) this.#review();
  }

  /** Tells every peer what changed of the links since it was told last. */
  #tellLinks(): void {
    const { now } = this.#ctx;
    const goesOn = now - this.#listsSentAt <= 2 * this.#listsEveryMs;
    this.#listsEveryMs = goesOn ? Math.min(LISTS_EVERY_MS_MAX, 2 * this.#listsEveryMs) : LISTS_EVERY_MS;
    this.#listsSentAt = now;
    this.#listsAt = Infinity;
    const list = this.#links.packedIds();
    // Most peers were told the same last time.
    let told: IdList | undefined;
    let bytes: Uint8Array | undefined;
    for (const link of this.#links.all) {
      if (link.toldLinks !== told) {
        told = link.toldLinks;
        bytes = writeChange(told, list);
      }
      link.toldLinks = list;
      if (bytes !== undefined) link.sendControl(bytes);
    }
  }

  /** Rule GO9: looks at all lists again, for what had no place before and has one now. */
  #review(): void {
    this.#reviewAt = this.#links.size === 0 ? Infinity : this.#ctx.now + this.#ctx.config.gossipIntervalMs;
    if (!this.#ctx.config.repair) return;
    for (const link of this.#links.all) this.#askFor(link, EMPTY_ID_LIST);
  }

  #listsChanged(everyMs: number): void {
    if (this.#links.size === 0) {
      this.#listsAt = Infinity;
      return;
    }
    const soon = Math.max(this.#ctx.now + this.#ctx.config.gossipDelayMs, this.#listsSentAt + everyMs);
    this.#listsAt = Math.min(this.#listsAt, soon);
  }

  /** True when a linked peer says that it is linked to the node: then the node is alive. */
  vouched(id: NodeId): boolean {
    return this.#links.all.some((link) => !link.suspect && indexOfId(link.linked, id) >= 0);
  }

  /** Of the ids that are new on a peer's list, those that would get a place are asked for. Rule GO2. */
  #readList(link: Link, told: IdList): void {
    const before = link.linked;
    const list = this.#ctx.ports.sharedList?.(told) ?? told;
    link.linked = list;
    if (!this.#ctx.config.repair) return;
    this.#checkLost(before, list);
    this.#askFor(link, before);
  }

  /** Asks a peer for the records of those on its list that the table wants; `seen`: whom it named before. */
  #askFor(link: Link, seen: IdList): void {
    const { linked } = link;
    const wanted: NodeId[] = [];
    for (let i = 0; i < linked.count && wanted.length < CONTROL_IDS_MAX; i++) {
      const id = idAt(linked, i);
      this.#book.named(id);
      if (indexOfId(seen, id) < 0 && this.#shouldAsk(id)) wanted.push(id);
    }
    if (wanted.length > 0) link.sendControl(writeControl({ type: 'want', ids: wanted }));
  }

  /** Rule GO8: the last peer that was linked to a contact is not any more. */
  #checkLost(before: IdList, list: IdList): void {
    for (let i = 0; i < before.count; i++) {
      const id = idAt(before, i);
      if (indexOfId(list, id) >= 0) continue;
      const key = mapKey(id);
      const contact = this.#ctx.geometry.get(key);
      if (contact === undefined || this.#links.ofPeer(key) !== undefined || this.vouched(id)) continue;
      this.#hooks.onLost(contact);
    }
  }

  #shouldAsk(id: NodeId): boolean {
    if (sameId(id, this.#ctx.self.id) || !this.#ctx.geometry.wants(id)) return false;
    const key = mapKey(id);
    this.#asked.sweep(this.#ctx.now);
    if (this.#asked.has(key)) return false;
    this.#asked.add(key, this.#ctx.now);
    return true;
  }

  #onWant(ids: readonly NodeId[], link: Link): void {
    const records: Uint8Array[] = [];
    for (const id of ids) {
      const key = mapKey(id);
      const record = this.#links.ofPeer(key)?.contact.record ?? this.#ctx.geometry.get(key)?.record;
      if (record !== undefined) records.push(record);
    }
    sendNews(link, records);
  }

  #onGone(id: NodeId): void {
    const key = mapKey(id);
    const contact = this.#ctx.geometry.get(key);
    if (contact !== undefined && this.#links.ofPeer(key) === undefined) this.#hooks.onRumour(contact);
  }

  #tellNews(): void {
    const news = this.#news;
    this.#news = [];
    this.#newsAt = Infinity;
    for (const link of this.#links.all) {
      const records = news
        .filter(({ contact, source }) => source !== link.link && contact.key !== link.key)
        .filter(({ contact }) => this.#ctx.geometry.concerns(contact.id, link.id))
        .map(({ contact }) => contact.record);
      sendNews(link, records);
    }
  }
}

/** The frame that makes `list` of `told`, or the whole list where that is shorter; nothing when they are the same. */
function writeChange(told: IdList, list: IdList): Uint8Array | undefined {
  if (sameId(told.bytes, list.bytes)) return undefined;
  const { added, removed } = changesBetween(told, list);
  if (added.count + removed.count >= list.count) return writeControl({ type: 'links', list });
  return writeControl({ type: 'links-changed', added, removed });
}

function sendNews(link: Link, records: readonly Uint8Array[]): void {
  for (let at = 0; at < records.length; at += NEWS_MAX) {
    link.sendControl(writeControl({ type: 'news', records: records.slice(at, at + NEWS_MAX) }));
  }
}

function nothing(): void {
  // Nobody waits for news to be learned.
}
