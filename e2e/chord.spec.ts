/** Tabs on a ring: they form one, messages and values find their nodes, and a tab with another geometry is told so. */

import type { BrowserContext } from '@playwright/test';
import type { Id } from '../src/session/api.ts';
import { recordFigures } from './support/figures.ts';
import { deliveryFigures, TabNetwork } from './support/network.ts';
import { connectedLinks, sendFarAndCompare } from './support/shown-path.ts';
import { expectNoComplaints, Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';

const TABS = 12;
/**
 * So few that messages pass over other tabs. On average 5.5 of the others lie in the half of the ring ahead of a tab, so at
 * least one has 6 there: where it knows that many successors, two and those to spare, half the ring ahead is beyond them.
 */
const LIMITS = 'successors=2&links=6&siblings=4&k=1';
const VALUES = 12;
/** Tabs that crash while values are read: fewer than there are copies. */
const KILLED = 2;

test('twelve tabs form one ring; messages pass over it as the screen shows, and values outlive tabs', async ({
  context,
  server,
}) => {
  test.setTimeout(90_000);
  const network = new TabNetwork(server, `room=ring&geometry=chord&${LIMITS}`);
  await network.open(context, TABS);
  await network.settle();
  await expect.poll(() => wrongNeighbours(network), { intervals: [100] }).toEqual([]);
  await connectedLinks(network);
  const delivery = await network.allPairs(1);
  expect(delivery.failures).toEqual([]);
  await sendFarAndCompare(network, 'round the ring');

  const [writer, ...others] = network.tabs as [Tab, ...Tab[]];
  await expectTableShown(network);
  const ids = (await network.ids()).toSorted();
  const put = await writer.page.evaluate(putMany, VALUES);
  expect(put.failed).toEqual([]);
  for (const { key, by } of put.nearest) expect(by).toEqual([ids.find((id) => id >= key) ?? ids[0]]);
  expectNoComplaints(network.tabs);

  await writer.close();
  network.tabs = others;
  const [reader] = others as [Tab];
  expect(await reader.page.evaluate(readMany, { count: VALUES, rounds: 1 })).toMatchObject({ lost: [] });

  const survivors = others.slice(KILLED);
  const reading = survivors.map(({ page }) => page.evaluate(readMany, { count: VALUES, rounds: 3 }));
  for (const tab of others.slice(0, KILLED)) await crash(context, tab);
  const read = await Promise.all(reading);
  recordFigures({
    name: 'Ring of tabs',
    what: `${TABS} tabs on a ring; all-pairs direct, ${delivery.sent} messages; ${VALUES} values read while ${KILLED} tabs crash, their writer being closed`,
    figures: {
      ...deliveryFigures(delivery),
      read: read.reduce((sum, tab) => sum + tab.read, 0),
      lost: read.reduce((sum, tab) => sum + tab.lost.length, 0),
    },
    target: 'all delivered, none lost',
  });
  expect(read.flatMap((tab) => tab.lost)).toEqual([]);
});

test('on a ring of four tabs the owner of a key alone takes and gives its values', async ({
  context,
  server,
}) => {
  const network = new TabNetwork(server, 'room=owners&geometry=chord&storage=memory');
  await network.open(context, 4);
  await network.settle();
  const key = 'a5'.repeat(32);
  const tabs = await Promise.all(network.tabs.map(async (tab) => ({ tab, id: await tab.id() })));
  const ids = tabs.map(({ id }) => id).toSorted();
  const owner = ids.find((id) => id >= key) ?? ids[0]!;
  const [writer, reader, other] = tabs.filter(({ id }) => id !== owner) as [Asked, Asked, Asked];
  // Each tab is sure of its range when it answers for its own id, and as the others see it.
  await expect.poll(() => writer.tab.page.evaluate(answersOf, ids), { intervals: [100] }).toEqual(ids);

  for (const via of [undefined, reader.id, other.id, owner])
    expect(await writer.tab.page.evaluate(nodeOf, { key, via })).toMatchObject({ ok: true, key, owner });
  expect(await writer.tab.page.evaluate(valueOf, { key, at: owner })).toMatchObject({ reason: 'not-found' });
  expect(await writer.tab.page.evaluate(insert, { key, value: 'kept' })).toMatchObject({
    ok: true,
    owner,
    sequence: 1,
    copies: 2,
  });
  for (const at of [undefined, owner]) {
    const got = await reader.tab.page.evaluate(valueOf, { key, at });
    expect(got).toMatchObject({ ok: true, owner, value: 'kept', asked: [owner] });
    expect(got.records).toMatchObject([{ holder: owner }]);
  }

  // It is one of those that keep a copy, and still not the one to ask.
  const refused = { ok: false, reason: 'not-responsible', owner, asked: [other.id] };
  const got = await reader.tab.page.evaluate(valueOf, { key, at: other.id });
  expect(got).toMatchObject({ ...refused, records: [] });
  const put = await writer.tab.page.evaluate(insert, { key, value: 'astray', at: other.id });
  expect(put).toMatchObject({ ...refused, copies: 0 });
  expect(await reader.tab.page.evaluate(valueOf, { key })).toMatchObject({ value: 'kept' });
  expectNoComplaints(network.tabs);
});

test('a tab with another geometry is told what the network runs on, tries no more, and joins with that', async ({
  context,
  server,
}) => {
  const ring = new TabNetwork(server, 'room=mixed&geometry=chord&timeout=900');
  const [first] = (await ring.open(context, 1)) as [Tab];
  await first.waitForState('alone');
  const stranger = await Tab.open(context, server.page('room=mixed&timeout=900'));
  const trouble = stranger.byTestId('trouble');
  await expect(trouble).toHaveAttribute('data-code', 'geometry');
  await expect(trouble).toContainText('This network runs on Chord');
  const id = await stranger.id();
  expect(await stranger.snapshot()).toMatchObject({
    geometry: 'kademlia',
    signaling: 'refused',
    networkGeometry: 'chord',
    links: [],
  });
  // Whatever else wakes a tab does not make it knock again.
  await stranger.page.evaluate(() => window.dispatchEvent(new Event('online')));
  await stranger.show();
  expect((await stranger.events('signaling')).map(({ state }) => state)).toEqual(['refused']);
  expect((await first.snapshot()).links).toEqual([]);

  await stranger.byTestId('trouble-way').click();
  await stranger.waitForState('ready');
  expect(new URL(stranger.page.url()).hash).toBe('#room=mixed&timeout=900&geometry=chord');
  expect(await stranger.id()).toBe(id);
  expect(await stranger.snapshot()).toMatchObject({ geometry: 'chord', signaling: 'online' });
  expect(await stranger.direct(await first.id(), 'here I am')).toMatchObject({ ok: true });
  await expect(trouble).toHaveCount(0);
});

/** Tabs whose successor or predecessor is not the true one, by the ids of all of them. */
async function wrongNeighbours(network: TabNetwork): Promise<Id[]> {
  const snapshots = await Promise.all(network.tabs.map((tab) => tab.snapshot()));
  const ids = snapshots.map(({ id }) => id).toSorted();
  return snapshots.flatMap(({ id, ring }) => {
    const at = ids.indexOf(id);
    const isRight =
      ring?.successors[0]?.id === ids[(at + 1) % ids.length] &&
      ring?.predecessors[0]?.id === ids[(at + ids.length - 1) % ids.length];
    return isRight ? [] : [id];
  });
}

/** What a tab knows of its ring stands in the table in the place of the buckets. */
async function expectTableShown(network: TabNetwork): Promise<void> {
  const snapshots = await Promise.all(network.tabs.map((tab) => tab.snapshot()));
  const counts = snapshots.map(({ ring }) => ring!.fingers.length);
  const at = counts.indexOf(Math.max(...counts));
  const [tab, { ring, buckets, geometry }] = [network.tabs[at]!, snapshots[at]!];
  await tab.show();
  expect({ geometry, buckets }).toEqual({ geometry: 'chord', buckets: [] });
  await expect(tab.byTestId('geometry')).toHaveAttribute('data-geometry', 'chord');
  await expect(tab.page.locator('hop-buckets')).toHaveCount(0);
  expect(ring!.fingers.length).toBeGreaterThan(0);
  // Fingers that lead to one node stand together.
  const pointedTo = ring!.fingers.map(({ contact }) => contact!.id);
  const shown = pointedTo.filter((id, index) => id !== pointedTo[index - 1]);
  await expect.poll(() => rowsOf(tab, 'finger-')).toEqual(shown);
  for (const part of ['successors', 'predecessors'] as const)
    await expect.poll(() => rowsOf(tab, part)).toEqual(ring![part].map(({ id }) => id));
  // Spare nodes are peers like others, above as in the list.
  const rows = tab.byTestId('peer-row');
  await expect
    .poll(async () => (await rows.count()) - Number(await tab.byTestId('peers-count').textContent()))
    .toBe(0);
}

/** Nodes under the headings that begin so. */
async function rowsOf(tab: Tab, part: string): Promise<(string | null)[]> {
  const rows = await tab.page.locator(`[data-part^="${part}"]`).getByTestId('table-contact').all();
  return Promise.all(rows.map((row) => row.getAttribute('data-id')));
}

/** Ends a tab without a goodbye. */
async function crash(context: BrowserContext, tab: Tab): Promise<void> {
  const session = await context.newCDPSession(tab.page);
  const crashed = tab.page.waitForEvent('crash');
  // The answer never comes: the one who should give it is gone.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
}

interface Asked {
  readonly tab: Tab;
  readonly id: Id;
}

interface Target {
  readonly key: string;
  readonly at?: Id | undefined;
}

/** Runs in the page. The owner of each node's id, by the word of that node. */
async function answersOf(ids: readonly Id[]): Promise<(Id | undefined)[]> {
  const ring = window.hopline.overlay!.ring!;
  const answers = await Promise.all(ids.map((id) => ring.getValue(id, { at: id })));
  return answers.map(({ reason, owner }) => (reason === 'not-found' ? owner : undefined));
}

/** Runs in the page. */
function nodeOf({ key, via }: { readonly key: string; readonly via: Id | undefined }) {
  return window.hopline.overlay!.ring!.getNode(key, via === undefined ? {} : { via });
}

/** Runs in the page. */
function valueOf({ key, at }: Target) {
  return window.hopline.overlay!.ring!.getValue(key, at === undefined ? {} : { at });
}

/** Runs in the page. */
function insert({ key, value, at }: Target & { readonly value: string }) {
  return window.hopline.overlay!.ring!.insertValue(key, value, at === undefined ? {} : { at });
}

/** Runs in the page. Who is told to be nearest to each key comes with it. */
async function putMany(count: number) {
  const overlay = window.hopline.overlay!;
  const names = Array.from({ length: count }, (_, i) => `ring value ${i}`);
  const results = await Promise.all(names.map((name) => overlay.put(name, name)));
  const nearest = await Promise.all(
    results.map(async ({ key }) => ({ key, by: (await overlay.closest(key, 'whose?')).by })),
  );
  return { failed: results.filter(({ ok }) => !ok), nearest };
}

/** Runs in the page. Reads all values so many times, one round after another. */
async function readMany({ count, rounds }: { readonly count: number; readonly rounds: number }) {
  const overlay = window.hopline.overlay!;
  const lost: unknown[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (let i = 0; i < count; i += 1) {
      const got = await overlay.get(`ring value ${i}`);
      if (got.value !== `ring value ${i}`) lost.push({ i, round, ok: got.ok, reason: got.reason });
    }
  }
  return { read: count * rounds - lost.length, lost };
}
