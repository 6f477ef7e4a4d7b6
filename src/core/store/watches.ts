/** Keys that this node watches: the holders nearest to each are asked to tell of changes, again and again. Rule KV17. */

import { mapKey, sameId, type MapKey, type NodeId } from '../id/node-id.ts';
import { trimMap } from '../util/trim-map.ts';
import type { StoreHost } from './host.ts';
import type { StoreRecord } from './record.ts';
import type { Copy } from './fields.ts';
import { writeRequest } from './rpc.ts';
import type { Searches } from './search.ts';

interface Watched {
  readonly key: NodeId;
  renewAt: number;
  /** By slot, the newest sequence that was told of. */
  readonly told: Map<string, number>;
  /** Who was asked to tell. */
  asked: readonly NodeId[];
}

const WATCHES_MAX = 256;
const TOLD_MAX = 256;

export class Watches {
  readonly #watched = new Map<MapKey, Watched>();
  readonly #host: StoreHost;
  readonly #searches: Searches;

  constructor(host: StoreHost, searches: Searches) {
    this.#host = host;
    this.#searches = searches;
  }

  nextAt(): number {
    let at = Infinity;
    for (const { renewAt } of this.#watched.values()) at = Math.min(at, renewAt);
    return at;
  }

  onTime(): void {
    const { now } = this.#host.ctx;
    for (const watched of this.#watched.values()) if (watched.renewAt <= now) this.#renew(watched);
  }

  set(key: NodeId, on: boolean): void {
    const name = mapKey(key);
    const before = this.#watched.get(name);
    if (on && before === undefined) {
      const watched = { key, renewAt: 0, told: new Map<string, number>(), asked: [] };
      this.#watched.set(name, watched);
      trimMap(this.#watched, WATCHES_MAX);
      this.#renew(watched);
    } else if (!on && before !== undefined) {
      this.#watched.delete(name);
      for (const id of before.asked) this.#ask(id, key, false);
    }
  }

  has(key: NodeId): boolean {
    return this.#watched.has(mapKey(key));
  }

  /** A record came, from a holder or because this node holds it itself: told of once. */
  onRecord(record: StoreRecord, { lifeMs, ageMs }: Pick<Copy, 'lifeMs' | 'ageMs'>): void {
    const watched = this.#watched.get(mapKey(record.key));
    if (watched === undefined || (watched.told.get(record.slot) ?? -1) >= record.sequence) return;
    watched.told.set(record.slot, record.sequence);
    trimMap(watched.told, TOLD_MAX);
    this.#host.ctx.event({ type: 'store-change', record, lifeMs, ageMs });
  }

  #renew(watched: Watched): void {
    const { ctx, config } = this.#host;
    const isFirst = watched.renewAt === 0;
    watched.renewAt = ctx.now + config.watchMs;
    this.#searches.start({
      key: watched.key,
      want: 'values',
      recursive: false,
      own: [],
      isHolder: false,
      done: ({ found, nodes }) => {
        if (this.#watched.get(mapKey(watched.key)) !== watched) return;
        for (const one of found) {
          const { record } = one;
          // What was there before is no change; what came while nobody told is.
          if (isFirst) watched.told.set(record.slot, record.sequence);
          else this.onRecord(record, one);
        }
        watched.asked = nodes.filter((id) => !sameId(id, ctx.self.id)).slice(0, config.watchedAt);
        for (const id of watched.asked) this.#ask(id, watched.key, true);
      },
    });
  }

  #ask(id: NodeId, key: NodeId, on: boolean): void {
    this.#host.ask(id, writeRequest({ op: 'watch', key, on }), () => undefined);
  }
}
