/** The server goes away: the network does not notice, newcomers are told. It comes back: they join. Row B3 of the table. */

import { recordFigures } from './support/figures.ts';
import { deliveryFigures, TabNetwork } from './support/network.ts';
import { SignalingServer } from './support/server.ts';
import { expect, test } from './support/test.ts';

const TABS = 12;
const LEAVERS = 3;

test('without the server everything goes on, and new links form through the overlay', async ({ context }) => {
  test.setTimeout(120_000);
  const server = await SignalingServer.start();
  // Few links each: there are pairs left that can link up later.
  const network = new TabNetwork(server, 'room=orphans&links=6&siblings=2&k=2');
  await network.open(context, TABS);
  for (const tab of network.tabs) await tab.waitForState('ready', 30_000);
  const before = await network.allPairs(1);
  expect(before.failures).toEqual([]);

  await server.kill();
  for (const tab of network.tabs) {
    await expect(tab.byTestId('signaling-state')).toHaveAttribute('data-state', /offline|connecting/);
  }
  const after = await network.allPairs(10);

  // Tabs in the middle go: those who were linked to them make new links, and nobody can help them but the overlay. One
  // alone may go unmissed, where all others have links enough without it.
  const killedAt = Date.now();
  const leavers = network.tabs.splice(0, LEAVERS);
  const leaverIds = await Promise.all(leavers.map((tab) => tab.id()));
  const lost = new Set((await Promise.all(leavers.map((tab) => tab.linked()))).flat());
  const bereft = [...lost].filter((id) => !leaverIds.includes(id));
  for (const leaver of leavers) await leaver.close();
  await expect
    .poll(async () => (await newLinksSince(network, killedAt)).length, { timeout: 20_000, intervals: [200] })
    .toBeGreaterThan(0);
  const newLinks = await newLinksSince(network, killedAt);
  const repaired = await network.allPairs(1);
  expect(newLinks.some((link) => leaverIds.includes(link.peer))).toBe(false);

  recordFigures({
    name: 'B3 server gone',
    what: `server killed after the join of 12 tabs; all-pairs direct, ${after.sent} messages; then ${LEAVERS} tabs close`,
    figures: { ...deliveryFigures(after), tabsThatLostAPeer: bereft.length, newLinks: newLinks.length },
    target: 'all delivered; new links form through the overlay',
  });
  expect(after.failures).toEqual([]);
  expect(repaired.failures).toEqual([]);
});

test('a newcomer is told that the server is away, and joins within 5 s when it is back', async ({
  context,
  server,
}) => {
  // The page comes from one server and signaling from another, so that the page can be loaded while signaling is away.
  const signaling = await SignalingServer.start();
  const address = `ws://localhost:${signaling.port}/signaling`;
  const network = new TabNetwork(server, `room=late&signaling=${encodeURIComponent(address)}`);
  await network.open(context, 3);
  for (const tab of network.tabs) await tab.waitForState('ready');
  await signaling.kill();

  const [newcomer] = await network.open(context, 1);
  const notice = newcomer!.byTestId('notice');
  await expect(notice).toContainText('cannot be reached');
  await expect(notice).toContainText(`localhost:${signaling.port}`);
  await expect(newcomer!.byTestId('signaling-state')).toHaveAttribute('data-state', /offline|connecting/);

  const again = await SignalingServer.start({ port: signaling.port });
  const backAt = Date.now();
  await newcomer!.waitForState('ready', 10_000);
  const joinedMs = Date.now() - backAt;
  await expect(notice).toHaveCount(0);
  const delivery = await network.allPairs(1);
  recordFigures({
    name: 'B3 server back',
    what: 'a newcomer that waited for the server, from its return until ready',
    figures: { joinedMs, ...deliveryFigures(delivery) },
    target: '≤ 5,000 ms',
  });
  expect(joinedMs).toBeLessThanOrEqual(5_000);
  expect(delivery.failures).toEqual([]);
  await again.stop();
});

/** Links that came up after a moment, seen from either end. */
async function newLinksSince(network: TabNetwork, time: number): Promise<{ readonly peer: string }[]> {
  const snapshots = await Promise.all(network.tabs.map((tab) => tab.snapshot()));
  return snapshots.flatMap(({ links }) => links.filter((link) => (link.upAt ?? 0) > time));
}
