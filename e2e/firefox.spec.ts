/** Chromium and Firefox tabs in one network. Row B10 of the table. Skipped, with the reason, where there is no Firefox. */

import { firefox, type Browser } from '@playwright/test';
import type { Id } from '../src/session/api.ts';
import { recordFigures } from './support/figures.ts';
import { firefoxOptions } from './support/launch.ts';
import { deliveryFigures, TabNetwork } from './support/network.ts';
import type { Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';

const OF_EACH = 4;
const SIZES = [1, 16 * 1_024, 64 * 1_024];

let foxes: Browser | undefined;

test.beforeAll(async () => {
  const options = firefoxOptions();
  if ('problem' in options) {
    test.skip(true, options.problem);
    return;
  }
  foxes = await firefox.launch(options);
});

test.afterAll(() => foxes?.close());

test('a network of both browsers delivers everything, small and large, both ways', async ({
  context,
  server,
}) => {
  test.setTimeout(120_000);
  const network = new TabNetwork(server, 'room=mixed');
  const fox = await foxes!.newContext();
  await network.open(context, OF_EACH);
  await network.open(fox, OF_EACH);
  await network.settle(60_000);
  const delivery = await network.allPairs(10);
  expect(delivery.failures).toEqual([]);

  const [chromiumTab, firefoxTab] = [network.tabs[0]!, network.tabs[OF_EACH]!];
  const exact: string[] = [];
  for (const [name, from, to] of [
    ['Chromium to Firefox', chromiumTab, firefoxTab],
    ['Firefox to Chromium', firefoxTab, chromiumTab],
  ] as const) {
    for (const size of SIZES) {
      await keepDigests(to);
      const sent = await sendBytes(from, await to.id(), size);
      await expect.poll(() => digests(to), { message: `${size} bytes, ${name}` }).toContain(sent);
      exact.push(`${name} ${size}`);
    }
  }
  recordFigures({
    name: 'B10 both browsers',
    what: `${OF_EACH} Chromium and ${OF_EACH} Firefox tabs; all-pairs direct, ${delivery.sent} messages`,
    figures: { ...deliveryFigures(delivery), payloadsExact: exact.length },
    target: 'all delivered; payloads of 1 B, 16 KiB and 64 KiB exact, both ways',
  });
  expect(exact).toHaveLength(2 * SIZES.length);
  await fox.close();
});

/** Sends random bytes and returns their digest. */
async function sendBytes(tab: Tab, to: Id, size: number): Promise<string> {
  const result = await tab.page.evaluate(
    async ([target, length]) => {
      const bytes = crypto.getRandomValues(new Uint8Array(length));
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      // The encoding of the payload takes a few bytes of the 64 KiB.
      const receipt = await window.hopline.overlay!.direct(target, bytes);
      return { receipt, digest: `${length}:${digest.join(' ')}` };
    },
    [to, size] as const,
  );
  expect(result.receipt).toMatchObject({ ok: true, by: [to] });
  return result.digest;
}

/** From now on the page keeps the digest of every payload of bytes. */
async function keepDigests(tab: Tab): Promise<void> {
  await tab.page.evaluate(() => {
    const page = window as unknown as { digests?: string[] };
    if (page.digests !== undefined) return;
    const kept: string[] = [];
    page.digests = kept;
    window.hopline.overlay!.onMessage(async ({ payload }) => {
      if (!(payload instanceof Uint8Array)) return;
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', payload.slice()));
      kept.push(`${payload.length}:${digest.join(' ')}`);
    });
  });
}

function digests(tab: Tab): Promise<string[]> {
  return tab.page.evaluate(() => (window as unknown as { digests: string[] }).digests);
}
