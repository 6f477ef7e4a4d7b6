/** Small limits force messages over several tabs; the path on the screen is the path taken. Row B2 of the table. */

import { recordFigures } from './support/figures.ts';
import { deliveryFigures, TabNetwork } from './support/network.ts';
import { connectedLinks, sendFarAndCompare } from './support/shown-path.ts';
import { expectNoComplaints } from './support/tab.ts';
import { expect, test } from './support/test.ts';

const TABS = 12;

test('a message between tabs that share no link arrives, and the screen shows the way it took', async ({
  context,
  server,
}) => {
  test.setTimeout(120_000);
  const network = new TabNetwork(server, 'room=hops&links=3&siblings=1&k=1');
  await network.open(context, TABS);
  for (const tab of network.tabs) await tab.waitForState('ready', 30_000);
  const links = await connectedLinks(network);
  const delivery = await network.allPairs(5);

  const receipt = await sendFarAndCompare(network, 'from afar');

  const nodesPassed = await network.tabs[(await network.ids()).indexOf(receipt.path[1]!)]!.events('routing');
  expect(nodesPassed.some((event) => event.message === receipt.message)).toBe(true);
  recordFigures({
    name: 'B2 hops',
    what: `12 tabs with at most 3 links each; all-pairs direct, ${delivery.sent} messages`,
    figures: {
      ...deliveryFigures(delivery),
      hopsOfTheMessageShown: receipt.hops,
      linksMost: Math.max(...[...links.values()].map((peers) => peers.length)),
    },
    target: 'all delivered; path on the screen = path taken',
  });
  expect(delivery.failures).toEqual([]);
  for (const peers of links.values()) expect(peers.length).toBeLessThanOrEqual(3);
  expectNoComplaints(network.tabs);
});
