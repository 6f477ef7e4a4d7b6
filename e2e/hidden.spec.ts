/** A tab that is really hidden goes on forwarding, and finds its way back when it lost everything. Row B11 of the table. */

import type { Id } from '../src/session/api.ts';
import { recordFigures } from './support/figures.ts';
import { installNetworkSwitch } from './support/network-switch.ts';
import { deliveryFigures, TabNetwork } from './support/network.ts';
import type { RawBrowser, RawTab } from './support/raw-browser.ts';
import type { Tab } from './support/tab.ts';
import { expect } from './support/test.ts';
import { test } from './support/raw-test.ts';

const SETTINGS = 'room=hidden&links=4&siblings=1&k=1';
const HEARTBEAT_MS = 2_000;

test('a hidden tab goes on forwarding, and its peers hear its heartbeats', async ({
  context,
  server,
  raw,
}) => {
  test.setTimeout(120_000);
  const hidden = await raw.open(server.page(SETTINGS));
  await waitForOverlay(hidden);
  const network = new TabNetwork(server, SETTINGS);
  await network.open(context, 8);
  for (const tab of network.tabs) await tab.waitForState('ready', 30_000);
  await hide(raw, hidden);
  const hiddenId = await hidden.evaluate(() => window.hopline.overlay!.id);
  const hiddenAt = Date.now();

  // A pair of tabs whose messages go through the hidden one.
  const ids = await network.ids();
  const pair = await pairThrough(network, ids, hiddenId);
  const forwardedBefore = await hidden.evaluate(() => window.hopline.overlay!.snapshot().counters.forwarded);
  const delivery = await network.allPairs(10);
  const forwarded =
    (await hidden.evaluate(() => window.hopline.overlay!.snapshot().counters.forwarded)) - forwardedBefore;

  const peer = network.tabs[ids.indexOf(pair.peer)]!;
  const beats = await countBeats(peer, hiddenId, 10);
  const again = await network.tabs[ids.indexOf(pair.from)]!.direct(pair.to, 'still there?');
  expect(await hidden.evaluate(() => document.visibilityState)).toBe('hidden');
  recordFigures({
    name: 'B11 hidden tab',
    what: `a hidden tab among 8 others with at most 4 links each; all-pairs direct, ${delivery.sent} messages`,
    figures: {
      ...deliveryFigures(delivery),
      forwardedByTheHiddenTab: forwarded,
      hiddenForMs: Date.now() - hiddenAt,
      msBetweenHeartbeatsMean: Math.round(beats.meanMs),
      suspectedByItsPeer: beats.suspected,
    },
    target: 'goes on forwarding; heartbeats every 2,000 ms',
  });
  expect(delivery.failures).toEqual([]);
  expect(forwarded).toBeGreaterThan(0);
  expect(again.ok).toBe(true);
  expect(beats.suspected).toBe(false);
  expect(beats.meanMs).toBeLessThanOrEqual(HEARTBEAT_MS * 1.5);
});

test('a tab that lost all links while hidden is back within 5 s of the network', async ({
  context,
  server,
  raw,
}) => {
  test.setTimeout(120_000);
  const hidden = await raw.open(server.page('room=asleep'), [installNetworkSwitch]);
  await waitForOverlay(hidden);
  const network = new TabNetwork(server, 'room=asleep');
  await network.open(context, 3);
  await network.settle();
  await hide(raw, hidden);
  const hiddenId = await hidden.evaluate(() => window.hopline.overlay!.id);
  const state = (): Promise<string> => hidden.evaluate(() => window.hopline.overlay!.snapshot().state);
  expect(await state()).toBe('ready');

  await hidden.evaluate(() => {
    window.isCutOff = true;
  });
  await hidden.setOffline(true);
  await expect.poll(state, { timeout: 40_000, intervals: [200] }).toBe('cut-off');
  for (const tab of network.tabs) await tab.waitForLink(hiddenId, false, 30_000);

  await hidden.evaluate(() => {
    window.isCutOff = false;
  });
  await hidden.setOffline(false);
  const backAt = Date.now();
  await expect.poll(state, { timeout: 20_000, intervals: [50] }).toBe('ready');
  const backMs = Date.now() - backAt;
  // The others hear of it from each other, a moment later.
  const isReached = async (): Promise<boolean> =>
    (await network.tabs[0]!.direct(hiddenId, 'welcome back', 1_000)).ok;
  await expect.poll(isReached, { timeout: 20_000, intervals: [50] }).toBe(true);
  const reachedMs = Date.now() - backAt;
  expect(await hidden.evaluate(() => document.visibilityState)).toBe('hidden');
  recordFigures({
    name: 'B11 hidden and cut off',
    what: 'a hidden tab that lost all links and the server, from the return of the network until ready, and until reached',
    figures: { backMs, reachedMs },
    target: '≤ 5,000 ms',
  });
  expect(reachedMs).toBeLessThanOrEqual(5_000);
});

async function waitForOverlay(tab: RawTab): Promise<void> {
  const isOpen = (): Promise<boolean> => tab.evaluate(() => window.hopline?.overlay !== undefined);
  await expect.poll(isOpen, { timeout: 15_000, intervals: [50] }).toBe(true);
}

/** Puts another tab in front. */
async function hide(raw: RawBrowser, tab: RawTab): Promise<void> {
  await raw.open('about:blank');
  await expect.poll(() => tab.evaluate(() => document.visibilityState), { intervals: [50] }).toBe('hidden');
}

/** Two tabs and the peer before the hidden one on the way between them. */
async function pairThrough(
  network: TabNetwork,
  ids: readonly Id[],
  hiddenId: Id,
): Promise<{ readonly from: Id; readonly to: Id; readonly peer: Id }> {
  for (const [index, tab] of network.tabs.entries()) {
    for (const to of ids.filter((_, other) => other !== index)) {
      const { path } = await tab.direct(to, 'which way?');
      const at = path.indexOf(hiddenId);
      if (at > 0 && at < path.length - 1) return { from: ids[index]!, to, peer: path[at - 1]! };
    }
  }
  throw new Error('No message went through the hidden tab.');
}

/** Watches an idle link until so many frames came in; the other end answers each of our heartbeats and sends its own. */
async function countBeats(
  tab: Tab,
  peer: Id,
  beats: number,
): Promise<{ readonly meanMs: number; readonly suspected: boolean }> {
  return tab.page.evaluate(
    ([id, count]) =>
      new Promise((resolve) => {
        const link = (): { framesIn: number; state: string } | undefined =>
          window.hopline.overlay!.snapshot().links.find((entry) => entry.peer === id);
        let before = link()?.framesIn ?? 0;
        let seen = 0;
        let suspected = false;
        const began = Date.now();
        const looking = setInterval(() => {
          const now = link();
          suspected ||= now?.state !== 'up';
          // Frames that come together are one sign of life.
          if (now !== undefined && now.framesIn > before) {
            before = now.framesIn;
            seen += 1;
          }
          if (seen < count && now !== undefined) return;
          clearInterval(looking);
          resolve({ meanMs: (Date.now() - began) / Math.max(1, seen), suspected });
        }, 100);
      }),
    [peer, beats] as const,
  );
}
