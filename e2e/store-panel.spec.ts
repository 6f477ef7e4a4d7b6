/** The store's panel with real tabs: everything through the screen. */

import { AxeBuilder } from '@axe-core/playwright';
import { readFile } from 'node:fs/promises';
import type { BrowserContext } from '@playwright/test';
import { TabNetwork } from './support/network.ts';
import type { SignalingServer } from './support/server.ts';
import { expectNoComplaints, Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';

test('put in one tab, get in another, watched in a third, and forgotten', async ({ context, server }) => {
  const { writer, reader, watcher } = await threeTabs(context, server);

  await watcher.show();
  await watcher.byTestId('store-key').fill('greeting');
  await watcher.byTestId('store-watch-key').click();
  await expect(watcher.byTestId('store-watch')).toContainText('no change yet');

  await writer.show();
  await writer.byTestId('store-key').fill('greeting');
  await writer.byTestId('store-type').selectOption('json');
  await writer.byTestId('store-text').fill('{"text": "hello", "times": [1, 2]}');
  await writer.byTestId('store-put').click();
  const put = writer.byTestId('store-result');
  await expect(put).toHaveAttribute('data-state', 'ok');
  await expect(put).toContainText('Acknowledged by 3 of 3 nodes, sequence 1.');
  const own = writer.page.locator('[data-testid="store-record"][data-role="own"]');
  await expect(own).toHaveCount(1);
  await expect(own).toContainText('shared, this tab');
  await expect(writer.byTestId('store-totals')).toHaveText(/^1 record, \d+ B$/u);

  await watcher.show();
  const changes = watcher.page.locator('[data-testid="store-history-row"][data-action="change"]');
  await expect(changes).toHaveCount(1);
  await expect(watcher.byTestId('store-result')).toContainText('Put by');
  await expect(watcher.byTestId('store-value')).toHaveText('{"text":"hello","times":[1,2]}');
  await expect(watcher.byTestId('store-watch')).toContainText('1 change');

  await reader.show();
  await reader.byTestId('store-key').fill('greeting');
  await reader.byTestId('store-key').press('Enter');
  await expect(reader.byTestId('store-result')).toContainText('JSON found, sequence 1.');
  await expect(reader.byTestId('store-value')).toHaveText('{"text":"hello","times":[1,2]}');
  await expect(reader.page.locator('[data-testid="store-record"][data-role="replica"]')).toHaveCount(1);

  await writer.show();
  await writer.byTestId('store-forget').click();
  await expect(writer.byTestId('store-result')).toContainText('Taken back at 3 of 3 nodes, sequence 2.');
  await expect(own).toContainText('forgotten');

  await watcher.show();
  await expect(changes).toHaveCount(2);
  await changes.first().click();
  await expect(watcher.byTestId('store-result')).toContainText('Forgotten by');
  await watcher.byTestId('store-unwatch').click();
  await expect(watcher.byTestId('store-watch')).toHaveCount(0);

  await reader.show();
  await reader.byTestId('store-get').click();
  await expect(reader.byTestId('store-result')).toHaveAttribute('data-reason', 'not-found');
  await expect(reader.byTestId('store-result')).toContainText('have none');
  expectNoComplaints([writer, reader, watcher]);
});

test('bad input is refused beside its field, and kept', async ({ context, server }) => {
  const tab = await storeTab(await Tab.open(context, server.page('room=refused')));
  await tab.byTestId('store-put').click();
  await expect(tab.byTestId('store-key-hint')).toContainText('A key is missing');
  await expect(tab.byTestId('store-key')).toBeFocused();

  await tab.byTestId('store-key').fill('greeting');
  await tab.byTestId('store-type').selectOption('json');
  await tab.byTestId('store-text').fill('{broken');
  await tab.byTestId('store-put').click();
  await expect(tab.byTestId('store-value-hint')).toContainText('This is not valid JSON');
  await expect(tab.byTestId('store-text')).toHaveValue('{broken');
  await expect(tab.byTestId('store-text')).toBeFocused();

  await tab.byTestId('store-type').selectOption('file');
  const tooLarge = { name: 'large.bin', mimeType: '', buffer: Buffer.alloc(32 * 1024 + 1) };
  await tab.byTestId('store-file').setInputFiles(tooLarge);
  await expect(tab.byTestId('store-value-hint')).toContainText('large.bin is larger than the 32 KiB');

  await tab.byTestId('store-type').selectOption('text');
  await expect(tab.byTestId('store-text')).toHaveValue('{broken');
  await tab.byTestId('store-cas').fill('soon');
  await tab.byTestId('store-put').click();
  await expect(tab.byTestId('store-cas-hint')).toContainText('whole number');
  await expect(tab.byTestId('store-result')).toHaveCount(0);
  expectNoComplaints([tab]);
});

test('compare-and-set, own records and a lookup on the ring', async ({ context, server }) => {
  const { writer, reader } = await threeTabs(context, server);
  await writer.show();
  await writer.byTestId('store-key').fill('counter');
  await writer.byTestId('store-text').fill('one');
  await writer.byTestId('store-cas').fill('4');
  await writer.byTestId('store-put').click();
  await expect(writer.byTestId('store-result')).toHaveAttribute('data-reason', 'conflict');
  await expect(writer.byTestId('store-result')).toContainText('its sequence is 0');

  await writer.byTestId('store-cas').fill('');
  await writer.byTestId('store-mode').selectOption('own');
  await writer.byTestId('store-put').click();
  await expect(writer.byTestId('store-result')).toContainText('Acknowledged by');
  const key = await writer.byTestId('store-record').getAttribute('data-key');
  await writer.byTestId('store-get').click();
  await expect(writer.byTestId('store-result')).toContainText('Text found');

  await reader.show();
  await reader.byTestId('store-key').fill(key!);
  await reader.byTestId('store-get').click();
  await expect(reader.byTestId('store-value')).toHaveText('one');
  await reader.byTestId('store-steps').locator('summary').click();
  const answered = reader.page.locator('[data-testid="store-step"][data-state="answered"]');
  const asked = await answered.evaluateAll((steps) =>
    steps.map((step) => (step as HTMLElement).dataset['id']),
  );
  await reader.byTestId('store-on-ring').click();
  const self = await reader.id();
  for (const id of asked.filter((one) => one !== self))
    await expect(reader.page.locator(`[data-testid="ring-path-hop"][data-id="${id}"]`)).toHaveAttribute(
      'data-hop',
      '1',
    );
  expect(asked.length).toBeGreaterThan(0);
  expectNoComplaints([writer, reader]);
});

test('a file comes back as it was put', async ({ context, server }) => {
  const { writer, reader } = await threeTabs(context, server);
  const buffer = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 251));
  await writer.show();
  await writer.byTestId('store-key').fill('picture');
  await writer.byTestId('store-type').selectOption('file');
  await writer.byTestId('store-file').setInputFiles({ name: 'dots.bin', mimeType: 'image/x', buffer });
  await writer.byTestId('store-put').click();
  await expect(writer.byTestId('store-result')).toHaveAttribute('data-state', 'ok');

  await reader.show();
  await reader.byTestId('store-key').fill('picture');
  await reader.byTestId('store-get').click();
  const begun = reader.page.waitForEvent('download');
  await reader.byTestId('store-download').click();
  const download = await begun;
  expect(download.suggestedFilename()).toBe('dots.bin');
  expect(await readFile(await download.path())).toEqual(buffer);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('is accessible, wide and narrow', async ({ context, server }) => {
      const { writer } = await threeTabs(context, server);
      await writer.show();
      await expectAccessible(writer, 'empty');
      await writer.byTestId('store-key').fill('greeting');
      await writer.byTestId('store-watch-key').click();
      await writer.byTestId('store-text').fill('hello');
      await writer.byTestId('store-put').click();
      await expect(writer.byTestId('store-record')).toHaveCount(1);
      await writer.byTestId('store-get').click();
      await expect(writer.byTestId('store-value')).toHaveText('hello');
      await writer.byTestId('store-steps').locator('summary').click();
      await writer.byTestId('store-on-ring').click();
      await writer.byTestId('store-cas').fill('soon');
      await writer.byTestId('store-put').click();
      await expectAccessible(writer, 'with results');
      await writer.page.setViewportSize({ width: 360, height: 740 });
      await writer.byTestId('panel-store').click();
      await expect(writer.byTestId('panel-store')).toHaveAttribute('aria-pressed', 'true');
      await expectAccessible(writer, 'narrow');
    });
  });
}

test('is reached and left with the keyboard', async ({ context, server }) => {
  const tab = await Tab.open(context, server.page('room=keys'));
  await tab.waitForState('alone');
  await tab.page.keyboard.press('g');
  await tab.page.keyboard.press('v');
  await expect(tab.page.locator('hop-store h2')).toBeFocused();
  await expect(tab.byTestId('store-empty')).toContainText('alone');
  await tab.page.keyboard.press('Tab');
  await expect(tab.byTestId('store-key')).toBeFocused();
  await tab.byTestId('store-text').fill('kept here');
  await tab.byTestId('store-key').fill('mine');
  await tab.byTestId('store-text').press('Control+Enter');
  await expect(tab.byTestId('store-result')).toHaveAttribute('data-reason', 'alone');
  await tab.byTestId('store-text').blur();
  await tab.page.keyboard.press('g');
  await tab.page.keyboard.press('s');
  await expect(tab.page.locator('hop-send h2')).toBeFocused();
  await expect(tab.page.locator('hop-store')).toBeHidden();
});

test('says so when its code cannot be fetched, and comes when it can', async ({ context, server }) => {
  const tab = await Tab.open(context, server.page('room=late'));
  await tab.waitForState('alone');
  await context.route('**/hop-store-*.js', (route) => route.abort());
  await tab.byTestId('side-store').click();
  await expect(tab.page.locator('.wait')).toContainText('could not be loaded');
  await context.unroute('**/hop-store-*.js');
  await tab.byTestId('side-send').click();
  await tab.byTestId('side-store').click();
  await expect(tab.byTestId('store-put')).toBeEnabled();
});

test('forgets what belonged to another room', async ({ context, server }) => {
  const tab = await storeTab(await Tab.open(context, server.page('room=before')));
  await tab.waitForState('alone');
  await tab.byTestId('store-key').fill('greeting');
  await tab.byTestId('store-text').fill('hello');
  await tab.byTestId('store-watch-key').click();
  await tab.byTestId('store-put').click();
  await expect(tab.byTestId('store-record')).toHaveCount(1);
  await tab.page.evaluate(() => (location.hash = 'room=after'));
  await expect(tab.byTestId('store-record')).toHaveCount(0);
  await expect(tab.byTestId('store-watch')).toHaveCount(0);
  await expect(tab.byTestId('store-result')).toHaveCount(0);
  await expect(tab.byTestId('store-text')).toHaveValue('hello');
  await tab.waitForState('alone');
  await tab.byTestId('store-get').click();
  await expect(tab.byTestId('store-result')).toHaveAttribute('data-reason', 'not-found');
  expectNoComplaints([tab]);
});

test('a full disk is a sentence on the screen, and the record is held all the same', async ({
  context,
  server,
}) => {
  const tab = await storeTab(await Tab.open(context, server.page('room=full')));
  await tab.waitForState('alone');
  await expect(tab.byTestId('store-quota')).toContainText('of the browser’s storage');
  await expect(tab.byTestId('store-problem')).toHaveCount(0);
  // From now on nothing can be written any more.
  await tab.page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('The disk is full.', 'QuotaExceededError');
    };
  });
  await tab.byTestId('store-key').fill('greeting');
  await tab.byTestId('store-text').fill('hello');
  await tab.byTestId('store-put').click();
  await expect(tab.byTestId('store-problem')).toContainText('storage is full');
  await expect(tab.byTestId('store-record')).toHaveCount(1);
  await tab.byTestId('store-get').click();
  await expect(tab.byTestId('store-value')).toHaveText('hello');
  expectNoComplaints([tab]);
});

interface ThreeTabs {
  readonly writer: Tab;
  readonly reader: Tab;
  readonly watcher: Tab;
}

/** A network of three, each with the store on its screen. */
async function threeTabs(context: BrowserContext, server: SignalingServer): Promise<ThreeTabs> {
  const network = new TabNetwork(server, 'room=shelf');
  await network.open(context, 3);
  await network.settle();
  await network.knowEachOther();
  for (const tab of network.tabs) await storeTab(tab);
  const [writer, reader, watcher] = network.tabs;
  return { writer: writer!, reader: reader!, watcher: watcher! };
}

async function storeTab(tab: Tab): Promise<Tab> {
  await tab.show();
  await tab.byTestId('side-store').click();
  await expect(tab.byTestId('store-put')).toBeEnabled();
  return tab;
}

async function expectAccessible({ page }: Tab, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes.map((node) => node.target.join(' ')),
  }));
  expect(found, what).toEqual([]);
}
