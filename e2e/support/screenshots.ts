/**
 * Takes pictures of every panel for people to look at: 1, 3 and 12 tabs on Kademlia and on a ring, light and dark, 1280 and
 * 360 pixels wide. `npm run screenshots` puts them into test-results/screens, and one of each geometry into src/ui/ for the
 * README; `npm run screenshots -- chord` takes only those of that geometry.
 */

import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type BrowserContext } from '@playwright/test';
import setUp from './global-setup.ts';
import { chromiumOptions } from './launch.ts';
import { TabNetwork } from './network.ts';
import { SignalingServer } from './server.ts';
import type { Tab } from './tab.ts';

const FOLDER = 'test-results/screens';
const COUNTS = [1, 3, 12];
/** Small limits, so that twelve tabs have something to show; the prefix begins the names of the pictures. */
const GEOMETRIES = {
  kademlia: { prefix: '', few: '', many: '&k=3&links=5&siblings=2' },
  chord: {
    prefix: 'chord-',
    few: '&geometry=chord',
    many: '&geometry=chord&successors=3&links=5&siblings=2',
  },
} as const;
const THEMES = ['light', 'dark'] as const;
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 740 };
// Sending last of the two that share a place: the wide pictures show it.
const PANELS = ['ring', 'buckets', 'peers', 'store', 'send', 'log'];

mkdirSync(FOLDER, { recursive: true });
setUp();
const browser = await chromium.launch(chromiumOptions());
const server = await SignalingServer.start();
const wanted = process.argv[2];
for (const [geometry, { prefix, few, many }] of Object.entries(GEOMETRIES)) {
  if (wanted !== undefined && wanted !== geometry) continue;
  for (const count of COUNTS) {
    const context = await browser.newContext({ viewport: WIDE });
    const network = new TabNetwork(server, `room=${prefix}oslo-${count}${count > 3 ? many : few}`);
    await show(context, network, `${prefix}${count}`, count);
    await context.close();
  }
}
await server.stop();
await browser.close();
// Those in the README.
if (wanted !== 'chord') copyFileSync(join(FOLDER, '12-light-1280.png'), 'src/ui/screenshot.png');
if (wanted !== 'kademlia')
  copyFileSync(join(FOLDER, 'chord-12-light-1280.png'), 'src/ui/screenshot-ring.png');

async function show(
  context: BrowserContext,
  network: TabNetwork,
  name: string,
  count: number,
): Promise<void> {
  await network.open(context, count);
  const tab = network.tabs[0]!;
  if (count === 1) await tab.waitForState('alone');
  else await network.settle();
  if (count > 1) await sendFar(network, tab);
  await takePictures(tab, name);
  if (count === 1) return;
  await tab.page.setViewportSize(WIDE);
  await sendInVain(network, tab);
  await takePictures(tab, `${name}-failed`);
}

async function takePictures(tab: Tab, name: string): Promise<void> {
  for (const theme of THEMES) {
    await tab.page.emulateMedia({ colorScheme: theme });
    await tab.page.setViewportSize(WIDE);
    await tab.page.screenshot({ path: join(FOLDER, `${name}-${theme}-1280.png`) });
    await tab.page.setViewportSize(NARROW);
    for (const panel of PANELS) {
      await tab.page.getByTestId(`panel-${panel}`).click();
      await tab.page.screenshot({ path: join(FOLDER, `${name}-${theme}-360-${panel}.png`) });
    }
  }
}

/** A request to a node that is not linked, if there is one, by the form; its path is what the pictures show. */
async function sendFar(network: TabNetwork, tab: Tab): Promise<void> {
  const linked = new Set(await tab.linked());
  const others = (await network.ids()).slice(1);
  const target = others.find((id) => !linked.has(id)) ?? others[0]!;
  await tab.byTestId('send-request').check();
  await sendDirect(tab, target, 'hello across');
  await tab.page.waitForSelector('[data-testid=send-result][data-state=ok]');
}

/** A message to a linked tab that hears nothing any more. */
async function sendInVain(network: TabNetwork, tab: Tab): Promise<void> {
  const ids = await network.ids();
  const target = (await tab.linked())[0]!;
  const deaf = network.tabs[ids.indexOf(target)]!;
  await deaf.page.evaluate(() => {
    window.isCutOff = true;
  });
  await tab.byTestId('send-timeout').fill('3000');
  await sendDirect(tab, target, 'are you there?');
  await tab.page.waitForSelector('[data-testid=send-result][data-state=failed]');
}

async function sendDirect(tab: Tab, target: string, payload: string): Promise<void> {
  await tab.byTestId('send-kind').selectOption('direct');
  await tab.byTestId('send-target').fill(target);
  await tab.byTestId('send-payload').fill(payload);
  await tab.byTestId('send-submit').click();
}
