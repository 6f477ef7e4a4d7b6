/** What most tabs of a group send reaches a tab once, and its screen says how many they were. */

import type { Id, Receipt } from '../src/session/api.ts';
import { TabNetwork } from './support/network.ts';
import { expectNoComplaints, type Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';

const KEY = 'the council';
const SIZE = 3;

function vote(tab: Tab, to: Id, payload: string): Promise<Receipt> {
  return tab.page.evaluate(
    ([key, id, text, size]) => window.hopline.overlay!.fromGroup(key, id, text, { size }),
    [KEY, to, payload, SIZE] as const,
  );
}

/** The ids of all tabs, nearest to the key first, as soon as each tab is told the same: the last to come is news to some. */
async function membersAndNext(network: TabNetwork): Promise<readonly Id[]> {
  const lookUp = async (key: string): Promise<readonly Id[]> =>
    (await window.hopline.overlay!.lookup(key)).found;
  let answers: (readonly Id[])[] = [];
  await expect
    .poll(
      async () => {
        answers = await Promise.all(network.tabs.map(({ page }) => page.evaluate(lookUp, KEY)));
        return answers.every((found) => found.length === SIZE + 1 && found.join() === answers[0]!.join());
      },
      { message: 'lookups of all tabs name all of them', intervals: [100] },
    )
    .toBe(true);
  return answers[0]!;
}

test('a message from a group is shown with the number of its members', async ({ context, server }) => {
  const network = new TabNetwork(server, 'room=votes');
  await network.open(context, SIZE + 1);
  await network.settle();
  const ids = await network.ids();
  const nearest = await membersAndNext(network);
  const [first, second, third, outsider] = nearest.map((id) => network.tabs[ids.indexOf(id)]!);
  const to = nearest[SIZE]!;

  expect(await vote(outsider!, nearest[0]!, 'no')).toMatchObject({ ok: false, reason: 'not-member' });
  expect(await vote(first!, to, 'yes')).toMatchObject({ ok: true, by: [to] });
  expect(await vote(second!, to, 'no')).toMatchObject({ ok: true, by: [to] });
  expect(await outsider!.received()).toEqual([]);
  expect(await vote(third!, to, 'yes')).toMatchObject({ ok: true, by: [to] });

  await outsider!.show();
  const row = outsider!.byTestId('received-row');
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('from a group, 2 of 3');
  await expect(outsider!.byTestId('received-payload')).toHaveText(/yes/u);
  const logged = outsider!.byTestId('log-row').filter({ hasText: 'from a group, 2 of 3' });
  await logged.click();
  const detail = outsider!.byTestId('log-detail');
  await expect(detail).toContainText(nearest[0]!);
  await expect(detail).toContainText(nearest[2]!);
  expectNoComplaints(network.tabs);
});
