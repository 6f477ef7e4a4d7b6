/** Small limits force messages over several tabs; the path on the screen is the path taken. Row B2 of the table. */

import type { Id } from '../src/session/api.ts';
import { recordFigures } from './support/figures.ts';
import { deliveryFigures, hopsBetween, TabNetwork } from './support/network.ts';
import { expectNoComplaints, type Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';

const TABS = 12;
/** Links that have not changed for so long are at rest. */
const REST_MS = 3_000;

test('a message between tabs that share no link arrives, and the screen shows the way it took', async ({
  context,
  server,
}) => {
  test.setTimeout(120_000);
  const network = new TabNetwork(server, 'room=hops&links=3&siblings=1&k=1');
  await network.open(context, TABS);
  for (const tab of network.tabs) await tab.waitForState('ready', 30_000);
  const links = await connectedLinks(network);
  const ids = [...links.keys()];
  const delivery = await network.allPairs(5);

  const [from, to] = farthestPair(links);
  const sender = network.tabs[ids.indexOf(from)]!;
  const receiver = network.tabs[ids.indexOf(to)]!;
  expect(await sender.linked()).not.toContain(to);
  const payload = 'from afar';
  await sender.show();
  await sender.byTestId('send-kind').selectOption('direct');
  await sender.byTestId('send-target').fill(to);
  await sender.byTestId('send-payload').fill(payload);
  await sender.byTestId('send-submit').click();

  const hopsShown = sender.byTestId('result-path-hop');
  await expect(hopsShown.last()).toHaveAttribute('data-id', to);
  expect(await receiver.received('direct')).toContainEqual({ origin: from, payload });
  const message = (await sender.byTestId('send-history-row').first().getAttribute('data-message'))!;
  const { receipt } = (await sender.events('settled')).find((event) => event.message === message)!;
  expect(receipt).toMatchObject({ ok: true, by: [to] });
  expect(receipt.path[0]).toBe(from);
  expect(receipt.path).toHaveLength(receipt.hops + 1);

  const onForm = await idsOf(sender, 'result-path-hop');
  const onRing = await idsOf(sender, 'ring-path-hop');
  const copies = await copiesOf(network, message);
  expect(onForm).toEqual(receipt.path);
  expect(onRing).toEqual(receipt.path);
  expect(followed(receipt.path, copies)).toEqual(receipt.path);

  const nodesPassed = await network.tabs[ids.indexOf(receipt.path[1]!)]!.events('routing');
  expect(nodesPassed.some((event) => event.message === message)).toBe(true);
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

/** The links of all tabs, once every tab can be reached from every other one and the links have come to rest. */
async function connectedLinks(network: TabNetwork): Promise<ReadonlyMap<Id, readonly Id[]>> {
  const ids = await network.ids();
  let links = new Map<Id, readonly Id[]>();
  let changedAt = Date.now();
  await expect
    .poll(
      async () => {
        const lists = await Promise.all(network.tabs.map((tab) => tab.linked()));
        const now = new Map(ids.map((id, index) => [id, lists[index]!.toSorted()]));
        if (JSON.stringify([...now]) !== JSON.stringify([...links])) changedAt = Date.now();
        links = now;
        const apart = ids.filter((id) => hopsBetween(links, ids[0]!, id) === undefined).length;
        return Date.now() - changedAt < REST_MS ? ids.length : apart;
      },
      { message: 'tabs that cannot be reached, all while links change', timeout: 60_000, intervals: [100] },
    )
    .toBe(0);
  return links;
}

function farthestPair(links: ReadonlyMap<Id, readonly Id[]>): readonly [Id, Id] {
  const ids = [...links.keys()];
  const pairs = ids.flatMap((from) =>
    ids.map((to) => ({ from, to, hops: hopsBetween(links, from, to) ?? 0 })),
  );
  const farthest = pairs.reduce((best, pair) => (pair.hops > best.hops ? pair : best));
  expect(farthest.hops).toBeGreaterThanOrEqual(2);
  return [farthest.from, farthest.to];
}

async function idsOf(tab: Tab, testId: string): Promise<(string | null)[]> {
  const marks = await tab.byTestId(testId).all();
  return Promise.all(marks.map((mark) => mark.getAttribute('data-id')));
}

/**
 * The ways a message took as the tabs it passed tell them: whom each gave a copy. More than one where a hop was slow to
 * answer and the next candidate got the message as well.
 */
async function copiesOf(network: TabNetwork, message: string): Promise<ReadonlyMap<Id, readonly Id[]>> {
  const ids = await network.ids();
  const copies = new Map<Id, Id[]>();
  for (const [index, tab] of network.tabs.entries()) {
    const sent = await tab.events('sent');
    const passed = await tab.events('routing');
    const retried = await tab.events('retry');
    const told = [...sent, ...passed, ...retried].filter((event) => event.message === message);
    copies.set(
      ids[index]!,
      told.flatMap(({ nextHop }) => nextHop ?? []),
    );
  }
  return copies;
}

/** The part of a path that the copies of its message followed. */
function followed(path: readonly Id[], copies: ReadonlyMap<Id, readonly Id[]>): Id[] {
  const broken = path.findIndex((id, index) => index > 0 && !copies.get(path[index - 1]!)?.includes(id));
  return path.slice(0, broken < 0 ? path.length : broken);
}
