/** Messages between all pairs of tabs while something happens to one of them. */

import type { JSHandle } from '@playwright/test';
import type { Id } from '../../src/session/api.ts';
import type { Tab } from './tab.ts';

/** One message and what its receipt said. */
export interface TrafficNote {
  /** On `Date.now()`. */
  readonly sentAt: number;
  readonly from: Id;
  readonly to: Id;
  readonly ok: boolean;
  /** Why not, if it was not. */
  readonly reason: string;
  /** The message's id; empty when nothing was sent. */
  readonly message: string;
}

/** Each tab sends to each node once in this time, ms. */
export const TRAFFIC_EVERY_MS = 250;

/** Running traffic; ended with `stop`. */
export class Traffic {
  readonly #tabs: readonly Tab[];
  readonly #stops: readonly JSHandle<() => Promise<TrafficNote[]>>[];

  private constructor(tabs: readonly Tab[], stops: readonly JSHandle<() => Promise<TrafficNote[]>>[]) {
    this.#tabs = tabs;
    this.#stops = stops;
  }

  /** From now on each tab sends to each of these nodes, itself left out, again and again. */
  static async start(tabs: readonly Tab[], ids: readonly Id[]): Promise<Traffic> {
    const starting = tabs.map((tab) =>
      tab.page.evaluateHandle(sendUntilStopped, { ids, everyMs: TRAFFIC_EVERY_MS }),
    );
    return new Traffic(tabs, await Promise.all(starting));
  }

  /** Sends no more; resolves when every message is settled. */
  async stop(): Promise<TrafficNote[]> {
    const lists = this.#tabs.map((tab, index) => tab.page.evaluate((stop) => stop(), this.#stops[index]!));
    return (await Promise.all(lists)).flat();
  }
}

/** How often one of these tabs gave one of these messages to another next hop. */
export async function countRetries(tabs: readonly Tab[], notes: readonly TrafficNote[]): Promise<number> {
  const messages = new Set(notes.map(({ message }) => message));
  const retries = await Promise.all(tabs.map((tab) => tab.events('retry')));
  return retries.flat().filter(({ message }) => messages.has(message)).length;
}

/** Runs in the page. */
function sendUntilStopped({ ids, everyMs }: { readonly ids: readonly Id[]; readonly everyMs: number }) {
  const notes: Promise<TrafficNote>[] = [];
  const overlay = window.hopline.overlay!;
  const others = ids.filter((id) => id !== overlay.id);
  const sending = setInterval(() => {
    for (const to of others) {
      const note = { sentAt: Date.now(), from: overlay.id, to };
      const sent = overlay.direct(to, 'traffic', { timeoutMs: 5_000 });
      notes.push(sent.then(({ ok, reason = '', message = '' }) => ({ ...note, ok, reason, message })));
    }
  }, everyMs);
  return (): Promise<TrafficNote[]> => {
    clearInterval(sending);
    return Promise.all(notes);
  };
}
