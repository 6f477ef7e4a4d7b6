/** Row B1 of the table with forty tabs in one window. */

import { percentile, recordFigures, round } from '../support/figures.ts';
import { deliveryFigures } from '../support/network.ts';
import { test } from '../support/raw-test.ts';
import { expect } from '../support/test.ts';
import { WindowOfTabs } from '../support/window-of-tabs.ts';

const TABS = 40;
const ROUNDS = 3;

test('40 tabs join, and every one reaches every other', async ({ raw, server }) => {
  const network = new WindowOfTabs(raw, server, 'room=forty');
  await network.open(TABS);
  const lastOpenedAt = Date.now();
  await network.settle(60_000);
  const readyMs = Date.now() - lastOpenedAt;
  await network.settle(120_000, true);
  const settledMs = Date.now() - lastOpenedAt;
  const delivery = await network.allPairs(ROUNDS);
  const joins = await network.joinTimesMs();
  const figures = {
    ...deliveryFigures(delivery),
    readyMs,
    settledMs,
    joinMsMedianAllAtOnce: round(percentile(joins, 0.5)),
    linksMost: await network.linksMost(),
  };
  recordFigures({
    name: 'B1 40 tabs at once',
    what: `40 tabs opened at once; all-pairs direct, ${delivery.sent} messages`,
    figures,
    target: 'all delivered; ready ≤ 10,000 ms after the last tab; p99 ≤ 250 ms',
  });
  expect(delivery.failures).toEqual([]);
  expect(delivery.delivered).toBe(TABS * (TABS - 1) * ROUNDS);
  expect(readyMs).toBeLessThanOrEqual(10_000);
  expect(figures.rttMsP99).toBeLessThanOrEqual(250);
});
