/** A tab that drops what it should pass on, while it looks like any other. Row B5. */

import { droppedBy, openDropping } from './support/dropping.ts';
import { recordFigures } from './support/figures.ts';
import { deliveryFigures, isConnected, summed, TabNetwork } from './support/network.ts';
import type { Delivery } from './support/tab.ts';
import { expect, test } from './support/test.ts';

const HONEST = 7;
const OPENED_BEFORE = 2;
const ROUNDS = 10;
const REPEATS_MAX = 5;

test('a tab drops what it should pass on: the others lose nothing', async ({ context, server }) => {
  const network = new TabNetwork(server, 'room=hostile&links=4&siblings=1&k=1');
  await network.open(context, OPENED_BEFORE);
  const dropping = await openDropping(context, server.page(network.settings));
  await dropping.waitForState('ready');
  await network.open(context, HONEST - OPENED_BEFORE);
  await network.settle();
  // Nobody can help a tab all of whose links end at the hostile one.
  const hangTogether = async (): Promise<boolean> => isConnected(await network.links());
  await expect.poll(hangTogether, { message: 'the others are linked among themselves' }).toBe(true);

  const before = await droppedBy(dropping);
  const deliveries: Delivery[] = [];
  let dropped = 0;
  // The others soon learn to go round it. That it is on a path at all is likely, but chance.
  for (let repeat = 0; repeat < REPEATS_MAX && dropped === 0; repeat += 1) {
    deliveries.push(await network.allPairs(ROUNDS));
    dropped = (await droppedBy(dropping)).app - before.app;
  }
  const delivery = summed(deliveries);
  const retries = await Promise.all(network.tabs.map((tab) => tab.events('retry')));
  const ofMessages = retries.flat().filter(({ service }) => service === 'app');
  const own = await dropping.directToAll(await network.ids());
  recordFigures({
    name: 'B5 dropping tab',
    what: `a tab among ${HONEST} others with at most 4 links each drops what it should pass on; all-pairs direct among the others, ${delivery.sent} messages`,
    figures: { ...deliveryFigures(delivery), framesDropped: dropped, retries: ofMessages.length },
    target: 'the others lose nothing',
  });
  expect(dropped).toBeGreaterThan(0);
  expect(ofMessages.length).toBeGreaterThan(0);
  expect(delivery.failures).toEqual([]);
  // It is cut off from nobody: only what is not its own stays behind.
  expect(own.failures).toEqual([]);
});
