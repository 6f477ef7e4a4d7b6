/** A network of tabs in one room of one server, and what a test asks of all of them. */

import { expect, type BrowserContext } from '@playwright/test';
import type { Id } from '../../src/session/api.ts';
import { percentile, round } from './figures.ts';
import type { SignalingServer } from './server.ts';
import { Tab, type Delivery } from './tab.ts';

/** Rounds of messages after which it shows who passes them on. */
const ROUNDS_TO_COUNT = 2;

/** Tabs that are meant to find each other. */
export class TabNetwork {
  readonly server: SignalingServer;
  readonly settings: string;
  tabs: Tab[] = [];

  /** `settings` is the part of the page's address after the sign: `room=demo&links=3`. */
  constructor(server: SignalingServer, settings: string) {
    this.server = server;
    this.settings = settings;
  }

  /** Opens tabs one after another, as a person does. */
  async open(context: BrowserContext, count = 1): Promise<Tab[]> {
    const opened: Tab[] = [];
    for (let i = 0; i < count; i += 1) opened.push(await Tab.open(context, this.server.page(this.settings)));
    this.tabs.push(...opened);
    return opened;
  }

  ids(): Promise<Id[]> {
    return Promise.all(this.tabs.map((tab) => tab.id()));
  }

  /** Waits until each node is ready and says that its view is complete. */
  async settle(timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (const tab of this.tabs) await tab.waitForState('ready', Math.max(1, deadline - Date.now()));
    await expect
      .poll(
        async () =>
          (await Promise.all(this.tabs.map((tab) => tab.snapshot()))).filter((s) => !s.complete).length,
        {
          message: 'nodes whose view is not complete',
          timeout: Math.max(1, deadline - Date.now()),
          intervals: [100],
        },
      )
      .toBe(0);
  }

  /** Waits until each of these tabs knows all of the others. */
  async knowEachOther(timeoutMs = 30_000): Promise<void> {
    const ids = await this.ids();
    await expect
      .poll(
        async () => {
          const snapshots = await Promise.all(this.tabs.map((tab) => tab.snapshot()));
          return snapshots.reduce((missing, { id, buckets }) => {
            const known = new Set(
              buckets.flatMap((bucket) => [...bucket.contacts.map((c) => c.id), ...bucket.candidates]),
            );
            return missing + ids.filter((other) => other !== id && !known.has(other)).length;
          }, 0);
        },
        { message: 'nodes somebody does not know', timeout: timeoutMs, intervals: [100] },
      )
      .toBe(0);
  }

  /** Peers with a proven link, by tab. */
  async links(): Promise<Map<Id, readonly Id[]>> {
    const ids = await this.ids();
    const linked = await Promise.all(this.tabs.map((tab) => tab.linked()));
    return new Map(ids.map((id, index) => [id, linked[index]!]));
  }

  /** Every tab sends to every other one; tabs take turns. */
  async allPairs(rounds = 1): Promise<Delivery> {
    const ids = await this.ids();
    const parts: Delivery[] = [];
    for (const [index, tab] of this.tabs.entries()) {
      parts.push(
        await tab.directToAll(
          ids.filter((_, other) => other !== index),
          rounds,
        ),
      );
    }
    return {
      sent: parts.reduce((sum, part) => sum + part.sent, 0),
      delivered: parts.reduce((sum, part) => sum + part.delivered, 0),
      rttsMs: parts.flatMap((part) => part.rttsMs),
      failures: parts.flatMap((part) => part.failures),
    };
  }
}

/** How long each tab took from the beginning of its loading until it was ready, ms; tabs that found nobody are left out. */
export async function joinTimesMs(tabs: readonly Tab[]): Promise<number[]> {
  const times = await Promise.all(
    tabs.map((tab) =>
      tab.page.evaluate(() => {
        const { readyAt, readyState, openedAt } = window.recorder;
        return readyAt === undefined || readyState !== 'ready' ? undefined : readyAt - openedAt;
      }),
    ),
  );
  return times.filter((time) => time !== undefined);
}

/**
 * The tab that passes on the most messages while all send to all, of those without which the others still hang together:
 * from behind a tab that is the only way nothing can be had when it fails. `forwarded` counts what it passed on.
 */
export async function busiestThatCanBeSpared(
  network: TabNetwork,
): Promise<{ readonly tab: Tab; readonly forwarded: number }> {
  const counts = (): Promise<number[]> =>
    Promise.all(network.tabs.map(async (tab) => (await tab.snapshot()).counters.forwarded));
  const before = await counts();
  await network.allPairs(ROUNDS_TO_COUNT);
  const after = await counts();
  const links = await network.links();
  const ids = [...links.keys()];
  const spared = network.tabs.flatMap((tab, index) => {
    const rest = new Map([...links].filter(([id]) => id !== ids[index]));
    return isConnected(rest) ? [{ tab, forwarded: after[index]! - before[index]! }] : [];
  });
  const [busiest] = spared.toSorted((a, b) => b.forwarded - a.forwarded);
  if (busiest === undefined) throw new Error('Each tab is the only way between some of the others.');
  return busiest;
}

/** A delivery as figures for the table. */
export function deliveryFigures(delivery: Delivery) {
  const { sent, delivered, rttsMs } = delivery;
  return {
    sent,
    delivered,
    rttMsP50: round(percentile(rttsMs, 0.5)),
    rttMsP99: round(percentile(rttsMs, 0.99)),
    rttMsMax: round(percentile(rttsMs, 1)),
  };
}

/** True when these links alone lead from each of the nodes that have some here to all others. */
function isConnected(links: ReadonlyMap<Id, readonly Id[]>): boolean {
  const [first, ...others] = links.keys();
  return others.every((id) => hopsBetween(links, first!, id) !== undefined);
}

/** Links by number of hops between two tabs: 1 when they share a link. `undefined` where no way leads. */
export function hopsBetween(links: ReadonlyMap<Id, readonly Id[]>, from: Id, to: Id): number | undefined {
  let reached = new Set<Id>([from]);
  let edge: readonly Id[] = [from];
  for (let hops = 0; edge.length > 0; hops += 1) {
    if (reached.has(to)) return hops;
    const next = new Set(edge.flatMap((id) => links.get(id) ?? []).filter((id) => !reached.has(id)));
    reached = new Set([...reached, ...next]);
    edge = [...next];
  }
  return undefined;
}
