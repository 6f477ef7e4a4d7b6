/** A tab whose main thread stands still, as a long computation makes it: nobody hears from it, and nobody is told. Row B5. */

import type { Id } from '../../src/session/api.ts';
import { recordFigures } from '../support/figures.ts';
import { busiestThatCanBeSpared, TabNetwork } from '../support/network.ts';
import type { Tab } from '../support/tab.ts';
import { expect, test } from '../support/test.ts';
import { countRetries, Traffic, TRAFFIC_EVERY_MS } from '../support/traffic.ts';

const TABS = 8;
const BLOCKED_MS = 20_000;
const BACK_MS_MAX = 10_000;

test('a tab is blocked for 20 s: the others lose nothing, and it is back afterwards', async ({
  context,
  server,
}) => {
  const network = new TabNetwork(server, 'room=blocked&links=4&siblings=1&k=1');
  await network.open(context, TABS);
  await network.settle();
  const ids = await network.ids();
  const { tab: blocked, forwarded } = await busiestThatCanBeSpared(network);
  const blockedId = await blocked.id();
  const others = network.tabs.filter((tab) => tab !== blocked);

  const traffic = await Traffic.start(others, ids);
  const blockedMs = await blocked.page.evaluate(block, BLOCKED_MS);
  const unblockedAt = Date.now();
  const reached = Promise.all(others.map((tab) => waitUntilReached(tab, blockedId)));
  const [notes, reachedAt] = await Promise.all([traffic.stop(), reached]);
  const backMs = Math.max(...reachedAt) - unblockedAt;
  const after = await network.allPairs(1);

  const counted = notes.filter(({ to }) => to !== blockedId);
  const lost = counted.filter(({ ok }) => !ok);
  const retries = await countRetries(others, counted);
  recordFigures({
    name: 'B5 blocked tab',
    what: `a tab of ${TABS} with at most 4 links each stands still; all-pairs direct among the others, ${counted.length} messages`,
    figures: {
      blockedMs: Math.round(blockedMs),
      forwardedBefore: forwarded,
      lost: lost.length,
      retries,
      backMs,
    },
    target: 'the others lose nothing',
  });
  // It was on paths before, and when it stood still.
  expect(forwarded).toBeGreaterThan(0);
  expect(retries).toBeGreaterThan(0);
  expect(lost).toEqual([]);
  // Tabs that shared a thread with the blocked one would have lost nothing because they sent nothing.
  const pairs = others.length * (others.length - 1);
  expect(counted.length).toBeGreaterThan((pairs * BLOCKED_MS) / TRAFFIC_EVERY_MS / 2);
  expect(backMs).toBeLessThanOrEqual(BACK_MS_MAX);
  expect(after.failures).toEqual([]);
});

/** Runs in the page: nothing else does until it returns, so long it took, ms. */
function block(forMs: number): number {
  const startedAt = performance.now();
  let now = startedAt;
  while (now - startedAt < forMs) now = performance.now();
  return now - startedAt;
}

/** Resolves with the time at which the tab first reached the node. */
async function waitUntilReached(tab: Tab, id: Id): Promise<number> {
  await expect
    .poll(async () => (await tab.direct(id, 'welcome back', 1_000)).ok, { timeout: 20_000, intervals: [50] })
    .toBe(true);
  return Date.now();
}
