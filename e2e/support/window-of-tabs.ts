/**
 * Many tabs in one window, as a person opens them: one is in front, the others are really hidden and not drawn. Playwright's
 * own pages are all drawn all the time, and a dozen drawings cost more than the network they show.
 */

import { expect } from '@playwright/test';
import type { Id, Receipt } from '../../src/session/api.ts';
import { installRecorder } from './recorder.ts';
import type { RawBrowser, RawTab } from './raw-browser.ts';
import type { SignalingServer } from './server.ts';
import type { Delivery } from './tab.ts';

/** Messages under way at a time from one tab. */
const AT_ONCE = 11;

/** A network of tabs in one window. */
export class WindowOfTabs {
  readonly tabs: RawTab[] = [];
  readonly #browser: RawBrowser;
  readonly #address: string;

  /** `settings` is the part of the page's address after the sign. */
  constructor(browser: RawBrowser, server: SignalingServer, settings: string) {
    this.#browser = browser;
    this.#address = server.page(settings);
  }

  /** Opens tabs one after another without waiting for what they load. */
  async open(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      this.tabs.push(await this.#browser.open(this.#address, [installRecorder]));
    }
  }

  /** Waits until every node is ready; with `complete`, until its view is complete too. */
  async settle(timeoutMs: number, complete = false): Promise<void> {
    const count = async (): Promise<number> => {
      const done = await Promise.all(this.tabs.map((tab) => tab.evaluate(isReady, complete)));
      return done.filter((ready) => !ready).length;
    };
    const message = complete ? 'nodes whose view is not complete' : 'nodes that are not ready';
    await expect.poll(count, { message, timeout: timeoutMs, intervals: [100] }).toBe(0);
  }

  /** How many tabs are hidden. */
  async hidden(): Promise<number> {
    const states = await Promise.all(this.tabs.map((tab) => tab.evaluate(() => document.visibilityState)));
    return states.filter((state) => state === 'hidden').length;
  }

  /** The most links a node has. */
  async linksMost(): Promise<number> {
    const counts = this.tabs.map((tab) =>
      tab.evaluate(
        () => window.hopline.overlay!.snapshot().links.filter(({ state }) => state === 'up').length,
      ),
    );
    return Math.max(...(await Promise.all(counts)));
  }

  /** How long each tab took from the beginning of its loading until it was ready, ms; those that found nobody are left out. */
  async joinTimesMs(): Promise<number[]> {
    const times = await Promise.all(
      this.tabs.map((tab) =>
        tab.evaluate(() => {
          const { readyAt, readyState, openedAt } = window.recorder;
          return readyAt === undefined || readyState !== 'ready' ? -1 : readyAt - openedAt;
        }),
      ),
    );
    return times.filter((time) => time >= 0);
  }

  /** Every tab sends to every other one so many times; tabs take turns. */
  async allPairs(rounds: number): Promise<Delivery> {
    const ids = await Promise.all(this.tabs.map((tab) => tab.evaluate(() => window.hopline.overlay!.id)));
    const receipts: Receipt[] = [];
    for (const [index, tab] of this.tabs.entries()) {
      const others = ids.filter((_, other) => other !== index);
      const targets = Array.from({ length: rounds }, () => others).flat();
      receipts.push(...(await tab.evaluate(sendAll, { targets, atOnce: AT_ONCE })));
    }
    return {
      sent: receipts.length,
      delivered: receipts.filter((receipt) => receipt.ok).length,
      rttsMs: receipts.map((receipt) => receipt.rttMs),
      failures: receipts.filter((receipt) => !receipt.ok).slice(0, 10),
    };
  }
}

/** Runs in the page. */
function isReady(complete: boolean): boolean {
  const snapshot = window.hopline?.overlay?.snapshot();
  return snapshot?.state === 'ready' && (!complete || snapshot.complete);
}

/** Runs in the page. */
async function sendAll(work: {
  readonly targets: readonly Id[];
  readonly atOnce: number;
}): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let target = work.targets[next++]; target !== undefined; target = work.targets[next++]) {
      receipts.push(await window.hopline.overlay!.direct(target, 'to everybody'));
    }
  };
  await Promise.all(Array.from({ length: work.atOnce }, lane));
  return receipts;
}
