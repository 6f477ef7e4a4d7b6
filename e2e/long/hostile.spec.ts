/** A tab that drops what it should pass on, while it looks like any other. Row B5. */

import { droppedBy, installDropping, startDropping } from '../support/dropping.ts';
import { recordFigures } from '../support/figures.ts';
import { busiestThatCanBeSpared, deliveryFigures, TabNetwork } from '../support/network.ts';
import { expect, test } from '../support/test.ts';

const TABS = 8;
const ROUNDS = 10;

test('a tab drops what it should pass on: the others lose nothing', async ({ context, server }) => {
  await context.addInitScript(installDropping);
  const network = new TabNetwork(server, 'room=hostile&links=4&siblings=1&k=1');
  await network.open(context, TABS);
  await network.settle();
  const { tab: hostile, forwarded } = await busiestThatCanBeSpared(network);
  network.tabs = network.tabs.filter((tab) => tab !== hostile);

  const since = Date.now();
  await startDropping(hostile);
  const delivery = await network.allPairs(ROUNDS);
  const dropped = await droppedBy(hostile);
  const told = await Promise.all(network.tabs.map((tab) => tab.events('retry')));
  const retries = told.flat().filter(({ at, service }) => at >= since && service === 'app').length;
  const own = await hostile.directToAll(await network.ids());
  recordFigures({
    name: 'B5 dropping tab',
    what: `a tab of ${TABS} with at most 4 links each drops what is not its own; all-pairs direct among the others, ${delivery.sent} messages`,
    figures: {
      ...deliveryFigures(delivery),
      forwardedBefore: forwarded,
      framesDropped: dropped,
      retries,
    },
    target: 'the others lose nothing',
  });
  expect(dropped).toBeGreaterThan(0);
  expect(retries).toBeGreaterThan(0);
  expect(delivery.failures).toEqual([]);
  // It is cut off from nobody: only what is not its own stays behind.
  expect(own.failures).toEqual([]);
});
