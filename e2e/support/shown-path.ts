/** A message to a tab far away, sent by the form: the path on the screen is held against what the tabs on the way tell. */

import { expect } from '@playwright/test';
import type { Id, Receipt } from '../../src/session/api.ts';
import { hopsBetween, type TabNetwork } from './network.ts';
import type { Tab } from './tab.ts';

/** Links that have not changed for so long are at rest. */
const REST_MS = 3_000;

/**
 * Sends between the two tabs that are farthest apart; its receipt. Where those two have linked by the time the form is
 * sent, the message took no way over others and the next two are tried.
 */
export async function sendFarAndCompare(network: TabNetwork, payload: string): Promise<Receipt> {
  for (;;) {
    const [from, to] = farthestPair(await network.links());
    const receipt = await sendAndCompare(network, from, to, payload);
    if (receipt.hops > 1) return receipt;
  }
}

async function sendAndCompare(network: TabNetwork, from: Id, to: Id, payload: string): Promise<Receipt> {
  const ids = await network.ids();
  const sender = network.tabs[ids.indexOf(from)]!;
  const receiver = network.tabs[ids.indexOf(to)]!;
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
  return receipt;
}

/** The links of all tabs, once every tab can be reached from every other one and the links have come to rest. */
export async function connectedLinks(network: TabNetwork): Promise<ReadonlyMap<Id, readonly Id[]>> {
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

function farthestPair(links: ReadonlyMap<Id, readonly Id[]>): readonly [from: Id, to: Id] {
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
