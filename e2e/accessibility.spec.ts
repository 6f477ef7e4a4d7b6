/** Every panel and dialog through axe in light and dark, wide and narrow, and a tour of the page without a mouse. */

import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from '@playwright/test';
import { TabNetwork } from './support/network.ts';
import type { SignalingServer } from './support/server.ts';
import { Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';

const PANELS = ['ring', 'buckets', 'peers', 'send', 'store', 'log'] as const;
const NARROW = { width: 390, height: 780 };

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('alone, with notices', async ({ context, server }) => {
      const tab = await Tab.open(context, server.page('room=alone&k=0'));
      await tab.waitForState('alone');
      await expectAccessible(tab.page, 'alone');
    });

    test('a network with traffic, a chosen message and a chosen node', async ({ context, server }) => {
      const tab = await busyTab(context, server);
      await expectAccessible(tab.page, 'all panels');
      await tab.byTestId('help-open').click();
      await expect(tab.byTestId('help-dialog')).toBeVisible();
      await expectAccessible(tab.page, 'help');
      await tab.page.keyboard.press('Escape');
      await tab.byTestId('qr-open').click();
      await expect(tab.byTestId('qr-code')).toBeVisible();
      await expectAccessible(tab.page, 'share');
    });

    test('a narrow page, panel by panel', async ({ context, server }) => {
      const tab = await busyTab(context, server);
      await tab.page.setViewportSize(NARROW);
      for (const panel of PANELS) {
        await tab.byTestId(`panel-${panel}`).click();
        await expect(tab.byTestId(`panel-${panel}`)).toHaveAttribute('aria-pressed', 'true');
        await expectAccessible(tab.page, panel);
      }
    });

    test('without the server', async ({ context, server }) => {
      const tab = await Tab.open(context, server.page('room=away&signaling=ws%3A%2F%2Flocalhost%3A9'));
      await expect(tab.byTestId('notice').first()).toContainText('cannot be reached');
      await expectAccessible(tab.page, 'without the server');
    });
  });
}

test('on a ring, and turned away from one', async ({ context, server }) => {
  const network = new TabNetwork(server, 'room=ring&geometry=chord');
  await network.open(context, 2);
  await network.settle();
  const tab = await network.tabs[0]!.show();
  await expect(tab.byTestId('routing-table')).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await tab.page.emulateMedia({ colorScheme });
    await expectAccessible(tab.page, `a ring, ${colorScheme}`);
  }
  const stranger = await Tab.open(context, server.page('room=ring'));
  await expect(stranger.byTestId('trouble')).toBeVisible();
  await expectAccessible(stranger.page, 'another geometry');
});

test('a tour without a mouse', async ({ context, server }) => {
  const network = new TabNetwork(server, 'room=keys');
  await network.open(context, 2);
  await network.settle();
  const tab = await network.tabs[0]!.show();
  const other = (await network.ids())[1]!;
  const { page } = tab;
  const { keyboard } = page;

  await keyboard.press('?');
  await expect(tab.byTestId('help-dialog')).toBeVisible();
  await keyboard.press('Escape');
  await expect(tab.byTestId('help-dialog')).toBeHidden();

  // Send: to the panel, through its fields, off with Ctrl+Enter.
  await pressAll(page, ['g', 's']);
  await tabTo(page, 'send-kind');
  await keyboard.type('direct');
  await tabTo(page, 'send-target');
  await keyboard.type(other);
  await tabTo(page, 'send-payload');
  await keyboard.press('Control+a');
  await keyboard.type('by hand');
  await keyboard.press('Control+Enter');
  await expect(tab.byTestId('send-result')).toContainText('Received by');
  expect(await network.tabs[1]!.received('direct')).toContainEqual(
    expect.objectContaining({ payload: 'by hand' }),
  );

  // The log: its newest row, open, closed, filter, pause. Letters are text while a field has the focus.
  await tabTo(page, 'send-submit');
  await pressAll(page, ['g', 'l']);
  await keyboard.press('j');
  await expect(page.locator('[data-testid="log-row"] button:focus')).toHaveCount(1);
  await keyboard.press('Enter');
  const opener = page.locator('[data-testid="log-row"] button[aria-expanded="true"]');
  await expect(opener).toBeFocused();
  await keyboard.press('Escape');
  await expect(opener).toHaveCount(0);
  await keyboard.press(' ');
  await expect(tab.byTestId('log-pause')).toHaveAttribute('aria-pressed', 'true');
  await keyboard.press(' ');
  await expect(tab.byTestId('log-pause')).toHaveAttribute('aria-pressed', 'false');
  await keyboard.press('/');
  await expect(tab.byTestId('log-filter')).toBeFocused();
  await keyboard.type('kind:direct');
  await expect(page.locator('[data-testid="log-row"]:not([data-kind="direct"])')).toHaveCount(0);

  // The ring: arrow keys walk, Enter chooses, Escape drops the choice.
  await tab.byTestId('log-filter').blur();
  await pressAll(page, ['g', 'r']);
  await tabTo(page, 'ring-node');
  await keyboard.press('ArrowRight');
  await keyboard.press('Enter');
  await expect(page.locator('[data-testid="ring-node"][aria-pressed="true"]')).toHaveCount(1);
  await keyboard.press('Escape');
  await expect(page.locator('[data-testid="ring-node"][aria-pressed="true"]')).toHaveCount(0);

  const theme = await tab.byTestId('theme-toggle').getAttribute('data-theme');
  await keyboard.press('t');
  await expect(tab.byTestId('theme-toggle')).not.toHaveAttribute('data-theme', theme!);
});

test('the state is told to screen readers in words', async ({ context, server }) => {
  const network = new TabNetwork(server, 'room=told');
  await network.open(context, 2);
  await network.settle();
  await expect(network.tabs[0]!.page.getByRole('status')).toContainText(/\w+/u);
});

/** A tab of three with traffic in its log, a message and a node chosen. */
async function busyTab(context: BrowserContext, server: SignalingServer): Promise<Tab> {
  const network = new TabNetwork(server, 'room=busy');
  await network.open(context, 3);
  await network.settle();
  const tab = await network.tabs[0]!.show();
  const ids = await network.ids();
  for (const peer of network.tabs.slice(1)) await peer.directToAll(ids.slice(0, 1), 3);
  await tab.byTestId('send-kind').selectOption('direct');
  await tab.byTestId('send-target').fill(ids[1]!);
  await tab.byTestId('send-submit').click();
  await expect(tab.byTestId('send-result')).toContainText('Received by');
  await tab.byTestId('peer-row').first().getByRole('button').click();
  await expect(tab.byTestId('peer-detail')).toBeVisible();
  await tab.byTestId('log-row').first().getByRole('button').click();
  return tab;
}

async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes.map((node) => node.target.join(' ')),
  }));
  expect(found, what).toEqual([]);
}

async function pressAll(page: Page, keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Presses Tab until an element with this test id has the focus. */
async function tabTo(page: Page, testId: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.getAttribute('data-testid');
    });
    if (focused === testId) return;
  }
  throw new Error(`The Tab key does not reach ${testId}.`);
}
