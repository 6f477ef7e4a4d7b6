/** The proven links of a node: at most one for each peer. */

import { packIds, type IdList } from '../id/id-list.ts';
import type { MapKey } from '../id/node-id.ts';
import type { LinkId } from '../io.ts';
import { LINKS_LIST_MAX } from '../wire/control.ts';
import type { Link } from './link.ts';

export class LinkTable {
  /** All links, in the order they came up. The router reads it as its peers. */
  readonly all: Link[] = [];
  readonly #byLink = new Map<LinkId, Link>();
  readonly #byPeer = new Map<MapKey, Link>();
  #packed: IdList | undefined;

  get size(): number {
    return this.all.length;
  }

  get(link: LinkId): Link | undefined {
    return this.#byLink.get(link);
  }

  ofPeer(key: MapKey): Link | undefined {
    return this.#byPeer.get(key);
  }

  add(link: Link): void {
    this.all.push(link);
    this.#byLink.set(link.link, link);
    this.#byPeer.set(link.key, link);
    this.#packed = undefined;
  }

  remove(link: Link): void {
    if (!this.#byLink.delete(link.link)) return;
    this.all.splice(this.all.indexOf(link), 1);
    if (this.#byPeer.get(link.key) === link) this.#byPeer.delete(link.key);
    this.#packed = undefined;
  }

  /** The ids of all peers, packed for a `links` frame; one copy is shared by everybody it is sent to. */
  packedIds(): IdList {
    this.#packed ??= packIds([...this.#byPeer.values()].slice(0, LINKS_LIST_MAX).map((link) => link.id));
    return this.#packed;
  }
}
