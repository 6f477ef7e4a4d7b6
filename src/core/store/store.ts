/**
 * The store of one node: a distributed map from keys to signed records, on the overlay's own messages. Wires what the node
 * holds, what its application does, and what keeps copies in place. The checklist it fulfils is in README.md.
 */

import type { RingCommand } from '../ring/ring-io.ts';
import { Holder, type Giver } from './holder.ts';
import type { NodeParts, StoreHost, StorePart } from './host.ts';
import { Operations } from './operations.ts';
import { decodeRecord } from './record.ts';
import { Searches } from './search.ts';
import { copyOf } from './slots.ts';
import { STORE, type StoreConfig } from './store-config.ts';
import { NO_RESULT, type HeldView, type KeptRecord, type StoreCommand } from './store-io.ts';
import { Upkeep } from './upkeep.ts';
import { Watches } from './watches.ts';

export class Store implements StorePart {
  /** Copies of a record. */
  readonly replicas: number;
  readonly #host: StoreHost;
  readonly holder: Holder;
  readonly #searches: Searches;
  readonly operations: Operations;
  readonly #upkeep: Upkeep;
  readonly #watches: Watches;
  #leave: { readonly at: number; readonly done: () => void } | undefined;

  constructor({ ctx, messages, membership }: NodeParts, config: StoreConfig = STORE) {
    const host: StoreHost = {
      ctx,
      config,
      ask: (to, body, done) => messages.ask('store', 'direct', to, body, config.requestTimeoutMs, done),
      askNearest: (key, body, done) =>
        messages.ask('store', 'closest', key, body, config.requestTimeoutMs, done),
      learn: (records) => membership.learn(records),
    };
    this.#host = host;
    this.replicas = config.replicas;
    this.holder = new Holder(host, {
      onStored: (held, by) => {
        this.#upkeep.onStored(held, by);
        this.#watches.onRecord(held.record, copyOf(held, ctx.now));
      },
      onSeen: (slot, by) => this.#upkeep.onSeen(slot, by),
      isWatched: (key) => this.#watches.has(key),
      onChanged: (record, copy) => this.#watches.onRecord(record, copy),
    });
    this.#searches = new Searches(host);
    this.operations = new Operations(host, this.holder, this.#searches, (slot, at) =>
      this.#upkeep.onSeen(slot, at),
    );
    this.#upkeep = new Upkeep(host, this.holder, this.operations);
    this.#watches = new Watches(host, this.#searches);
  }

  nextAt(): number {
    return Math.min(
      this.#searches.nextAt(),
      this.operations.nextAt(),
      this.#upkeep.nextAt(),
      this.#watches.nextAt(),
      this.#leave?.at ?? Infinity,
    );
  }

  onTime(): void {
    this.#searches.onTime();
    this.operations.onTime();
    this.#upkeep.onTime();
    this.#watches.onTime();
    if (this.#leave !== undefined && this.#host.ctx.now >= this.#leave.at) this.#finish();
  }

  onCommand(command: StoreCommand | RingCommand): void {
    switch (command.type) {
      case 'put':
        this.operations.put(command);
        return;
      case 'get':
        this.operations.get(command);
        return;
      case 'watch':
        this.#watches.set(command.key, command.on);
        return;
      case 'ring':
        this.#host.ctx.event({
          type: 'store-result',
          command: command.id,
          result: { ...NO_RESULT, reason: 'rejected' },
        });
    }
  }

  onRequest(body: Uint8Array, giver: Giver, answer: (payload: Uint8Array | undefined) => void): void {
    this.holder.onRequest(body, giver, answer);
  }

  /** What this node has to say to a request for a record that passes by, if anything. */
  answerPassing(body: Uint8Array): Uint8Array | undefined {
    return this.holder.answerPassing(body);
  }

  /** Takes back what was kept over a reload; what does not read is left out. */
  restore(kept: readonly KeptRecord[]): void {
    for (const one of kept) {
      const record = decodeRecord(one.bytes, this.#host.ctx.ports);
      if (typeof record !== 'string') this.holder.restore(record, one);
    }
    this.#upkeep.wake();
  }

  /** Hands everything over; `done` once others have it, at the latest after `handOverMs`. */
  leave(done: () => void): void {
    if (this.#leave !== undefined) return;
    this.#leave = { at: this.#host.ctx.now + this.#host.config.handOverMs, done };
    this.#upkeep.handOver(() => this.#finish());
  }

  /** Every unfinished command ends. */
  stop(): void {
    this.operations.stop();
    this.#searches.stop();
  }

  held(): HeldView[] {
    return [...this.holder.table.values()].map(({ record, role, publishedAt, expiresAt }) => ({
      record,
      role,
      publishedAt,
      expiresAt,
    }));
  }

  #finish(): void {
    const leave = this.#leave;
    this.#leave = undefined;
    leave?.done();
  }
}
