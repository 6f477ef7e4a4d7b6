/** One tab under test: the page and short ways to its overlay. Everything goes through the public API of the page. */

import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';
import type { Id, Kind, LinkView, OverlayEvent, Receipt, Snapshot } from '../../src/session/api.ts';
import { installNetworkSwitch } from './network-switch.ts';
import { installRecorder } from './recorder.ts';

/** What a tab's receipts come to. */
export interface Delivery {
  readonly sent: number;
  readonly delivered: number;
  readonly rttsMs: readonly number[];
  /** Receipts that say no, at most ten. */
  readonly failures: readonly Receipt[];
}

/** A page with a node in it. */
export class Tab {
  readonly page: Page;
  /** Errors and warnings on the console, and uncaught errors. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
  }

  /** Opens an address in a new tab. Resolves when it began to load. `prepare` sees the page before. */
  static async open(
    context: BrowserContext,
    url: string,
    prepare: (page: Page) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Tab> {
    const tab = new Tab(await context.newPage());
    // Scripts run by tsx carry calls of this helper into the page; Playwright's own do not.
    await tab.page.addInitScript('globalThis.__name ??= (value) => value;');
    await prepare(tab.page);
    await tab.page.addInitScript(installRecorder);
    await tab.page.addInitScript(installNetworkSwitch);
    await tab.page.goto(url, { waitUntil: 'commit' });
    return tab;
  }

  /** Brings the tab to the front: the browser draws the others only twice a second, which makes every click wait. */
  async show(): Promise<this> {
    await this.page.bringToFront();
    return this;
  }

  byTestId(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  /** This node's id; waits until the overlay is open. */
  async id(): Promise<Id> {
    await this.page.waitForFunction(() => window.hopline?.overlay !== undefined);
    return this.page.evaluate(() => window.hopline.overlay!.id);
  }

  snapshot(): Promise<Snapshot> {
    return this.page.evaluate(() => window.hopline.overlay!.snapshot());
  }

  /** Peers with a proven link. */
  async linked(): Promise<Id[]> {
    const { links } = await this.snapshot();
    return links.filter(isUp).map((link) => link.peer);
  }

  /** Waits for a state of the node. */
  async waitForState(state: Snapshot['state'], timeoutMs = 15_000): Promise<void> {
    await this.page.waitForFunction((wanted) => window.hopline?.overlay?.snapshot().state === wanted, state, {
      timeout: timeoutMs,
      polling: 25,
    });
  }

  /** Waits for the time noted when the overlay first called itself ready; nothing is asked of the node meanwhile. */
  async waitForReady(timeoutMs: number): Promise<void> {
    await this.page.waitForFunction(() => window.recorder?.readyAt !== undefined, undefined, {
      timeout: timeoutMs,
      polling: 200,
    });
  }

  /** Waits until the node has so many links. */
  async waitForLinks(count: number, timeoutMs = 15_000): Promise<void> {
    await this.page.waitForFunction(
      (wanted) =>
        window.hopline?.overlay?.snapshot().links.filter((link) => link.state === 'up').length === wanted,
      count,
      { timeout: timeoutMs, polling: 25 },
    );
  }

  /** Waits until the node has a link to this peer, or has none any more. Resolves with the time on the page's clock. */
  async waitForLink(peer: Id, linked: boolean, timeoutMs = 15_000): Promise<number> {
    const handle = await this.page.waitForFunction(
      ([id, wanted]) => {
        const links = window.hopline?.overlay?.snapshot().links ?? [];
        const up = links.some(
          (link) => link.peer === id && (link.state === 'up' || link.state === 'suspect'),
        );
        return up === wanted ? Date.now() : undefined;
      },
      [peer, linked] as const,
      { timeout: timeoutMs, polling: 20 },
    );
    return (await handle.jsonValue()) ?? 0;
  }

  direct(id: Id, payload: string, timeoutMs = 10_000): Promise<Receipt> {
    return this.page.evaluate(
      ([to, text, limit]) => window.hopline.overlay!.direct(to, text, { timeoutMs: limit }),
      [id, payload, timeoutMs] as const,
    );
  }

  /** Sends to each of these nodes, all at once, so many rounds one after another. */
  async directToAll(ids: readonly Id[], rounds = 1): Promise<Delivery> {
    return this.page.evaluate(
      async ([targets, count]) => {
        const receipts: Receipt[] = [];
        for (let round = 0; round < count; round += 1) {
          const sent = targets.map((id) => window.hopline.overlay!.direct(id, `round ${round}`));
          receipts.push(...(await Promise.all(sent)));
        }
        return {
          sent: receipts.length,
          delivered: receipts.filter((receipt) => receipt.ok).length,
          rttsMs: receipts.map((receipt) => receipt.rttMs),
          failures: receipts.filter((receipt) => !receipt.ok).slice(0, 10),
        };
      },
      [ids, rounds] as const,
    );
  }

  /** What the overlay told since the page was loaded. */
  events<Type extends OverlayEvent['type']>(type: Type): Promise<Extract<OverlayEvent, { type: Type }>[]> {
    return this.page.evaluate(
      (wanted) => window.recorder.events.filter((event) => event.type === wanted),
      type,
    ) as Promise<Extract<OverlayEvent, { type: Type }>[]>;
  }

  /** Payloads that reached this tab as messages of this kind, oldest first. */
  async received(kind?: Kind): Promise<{ readonly origin: Id; readonly payload: unknown }[]> {
    return this.page.evaluate(
      (wanted) =>
        window.recorder.messages
          .filter(({ message }) => wanted === undefined || message.kind === wanted)
          .map(({ message }) => ({ origin: message.origin, payload: message.payload })),
      kind,
    );
  }

  /** Ends the tab the way a person does: the page hears that it is closed. */
  close(): Promise<void> {
    return this.page.close({ runBeforeUnload: false });
  }
}

function isUp(link: LinkView): boolean {
  return link.state === 'up' || link.state === 'suspect';
}

/** Fails with the first complaint of any of these tabs. */
export function expectNoComplaints(tabs: readonly Tab[]): void {
  expect(tabs.flatMap((tab) => tab.complaints)).toEqual([]);
}
