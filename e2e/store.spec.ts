/** Records among real tabs: put in one, read in another when the first is gone, kept over reloads, watched. Row B6. */

import { TabNetwork } from './support/network.ts';
import { expect, test } from './support/test.ts';

test('a value outlives the tab that put it', async ({ context, server }) => {
  const network = new TabNetwork(server, 'room=store');
  await network.open(context, 4);
  await network.settle();
  const [writer, reader] = network.tabs;
  const put = await writer!.page.evaluate(() => window.hopline.overlay!.put('greeting', { text: 'hello' }));
  expect(put).toMatchObject({ ok: true, sequence: 1 });
  expect(put.acknowledgedBy.length).toBe(4);
  const get = () => reader!.page.evaluate(() => window.hopline.overlay!.get('greeting'));
  expect(await get()).toMatchObject({ ok: true, value: { text: 'hello' } });
  await writer!.page.close();
  expect(await get()).toMatchObject({ ok: true, value: { text: 'hello' } });
});
