/** Records among real tabs: they outlive the tab that put them and reloads of all, watches fire, forgeries show nowhere. Row B6. */

import type { Page } from '@playwright/test';
import type { GetResult, PutResult } from '../src/session/store-api.ts';
import { bareRoundTrips } from './support/bare-channel.ts';
import { percentile, recordFigures, round } from './support/figures.ts';
import { TabNetwork } from './support/network.ts';
import type { Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';

const put = ({ page }: Tab, key: string, value: string): Promise<PutResult> =>
  page.evaluate(([at, what]) => window.hopline.overlay!.put(at, what), [key, value] as const);
const get = ({ page }: Tab, key: string): Promise<GetResult> =>
  page.evaluate((at) => window.hopline.overlay!.get(at), key);

test('a value outlives the tab that put it, and all tabs being reloaded one after another', async ({
  context,
  server,
}) => {
  const network = new TabNetwork(server, 'room=store');
  await network.open(context, 5);
  await network.settle();
  // A value goes to those nearest to its key that are known by then, which are to be all of them.
  await network.knowEachOther();
  const [writer, ...others] = network.tabs as [Tab, ...Tab[]];
  const values = new Map([['greeting', 'hello'], ...numbered(9)]);
  for (const [key, value] of values) expect(await put(writer, key, value)).toMatchObject({ ok: true });
  await writer.close();
  network.tabs = others;

  let read = 0;
  const readAll = async (tab: Tab): Promise<void> => {
    for (const [key, value] of values) {
      expect(await get(tab, key), key).toMatchObject({ ok: true, value });
      read += 1;
    }
  };
  await readAll(others[0]!);
  const heldBefore = await countHeld(others[0]!.page);
  for (const tab of others) {
    const id = await tab.id();
    await tab.page.reload({ waitUntil: 'commit' });
    await tab.waitForState('ready');
    expect(await tab.id()).toBe(id);
    await readAll(tab);
  }
  expect(heldBefore).toBe(values.size);
  for (const tab of others) await expect.poll(() => countHeld(tab.page)).toBe(values.size);
  recordFigures({
    name: 'B6 store',
    what: `${values.size} values put in a tab that is closed; the other 4 tabs are reloaded one by one and read all`,
    figures: { written: values.size, read, lost: 0 },
    target: 'value still there',
  });
});

test('all tabs are closed but one profile is kept: the values come back with the first tab', async ({
  context,
  server,
}) => {
  const network = new TabNetwork(server, 'room=kept');
  const [tab] = (await network.open(context, 1)) as [Tab];
  await tab.waitForState('alone');
  expect(await put(tab, 'note', 'remember')).toMatchObject({ ok: false, reason: 'alone' });
  await tab.page.reload();
  await tab.waitForState('alone');
  expect(await get(tab, 'note')).toMatchObject({ ok: true, value: 'remember' });
});

test('a watch fires in a third tab', async ({ context, server }) => {
  const network = new TabNetwork(server, 'room=watch');
  await network.open(context, 3);
  await network.settle();
  await network.knowEachOther();
  const [writer, reader, watcher] = network.tabs as [Tab, Tab, Tab];
  await watcher.page.evaluate(() => {
    const seen: unknown[] = [];
    Object.assign(window, { seen });
    window.hopline.overlay!.watch('news', ({ value }) => void seen.push(value));
  });
  // The holders know of the watch when they have answered what was asked after it.
  await get(watcher, 'news');
  await put(writer, 'news', 'first');
  await put(reader, 'news', 'second');
  await expect
    .poll(() => watcher.page.evaluate(() => (window as unknown as { seen: unknown[] }).seen))
    .toEqual(['first', 'second']);
});

test('a forged record, sent by a tab that does so, shows nowhere', async ({ context, server }) => {
  const network = new TabNetwork(server, 'room=forged');
  await network.open(context, 4);
  await network.settle();
  await network.knowEachOther();
  const [writer, forger, ...readers] = network.tabs as [Tab, Tab, ...Tab[]];
  const { key } = await put(writer, 'truth', 'genuine value');
  // From now on every record that leaves this tab has another value under the old signature.
  await forger.page.evaluate(() => {
    const { prototype } = RTCDataChannel;
    const send = Reflect.get(prototype, 'send') as (this: RTCDataChannel, data: Uint8Array) => void;
    const [from, to] = ['genuine value', 'altered value'].map((text) => new TextEncoder().encode(text)) as [
      Uint8Array,
      Uint8Array,
    ];
    let altered = 0;
    Object.assign(window, { altered: () => altered });
    prototype.send = function (this: RTCDataChannel, data: Uint8Array): void {
      const bytes = Uint8Array.from(data);
      for (let at = 0; at + from.length <= bytes.length; at += 1) {
        if (!from.every((byte, i) => bytes[at + i] === byte)) continue;
        bytes.set(to, at);
        altered += 1;
      }
      send.call(this, bytes);
    } as typeof prototype.send;
  });
  for (const tab of [writer, ...readers, forger])
    for (let i = 0; i < 5; i += 1) expect(await get(tab, 'truth')).toMatchObject({ value: 'genuine value' });
  // It answered readers, and writes a new value for itself that arrives altered.
  const forgers = await put(forger, 'truth', 'genuine value');
  expect(
    await forger.page.evaluate(() => (window as unknown as { altered: () => number }).altered()),
  ).toBeGreaterThan(0);
  expect(forgers.ok).toBe(false);
  for (const tab of [writer, ...readers]) {
    const { records } = await get(tab, key);
    expect(records.map(({ value }) => value)).not.toContain('altered value');
    const held = await tab.page.evaluate(() => window.hopline.overlay!.records().map(({ value }) => value));
    expect(held).not.toContain('altered value');
  }
});

test('put and get of 1 KiB among twelve tabs, beside a bare round trip of a channel', async ({
  context,
  server,
}) => {
  const network = new TabNetwork(server, 'room=times');
  await network.open(context, 12);
  await network.settle();
  const [writer, reader] = network.tabs as [Tab, Tab];
  const putMs: number[] = [];
  const getMs: number[] = [];
  for (let i = 0; i < SAMPLES; i += 1) {
    const wrote = await writer.page.evaluate(timedPut, { key: `value ${i}`, bytes: 1_024 });
    expect(wrote.ok).toBe(true);
    putMs.push(wrote.ms);
    const read = await reader.page.evaluate(timedGet, `value ${i}`);
    expect(read).toMatchObject({ ok: true, bytes: 1_024 });
    getMs.push(read.ms);
  }
  const bareMs = await bareRoundTrips(reader.page, writer.page, SAMPLES);
  recordFigures({
    name: 'Store times',
    what: `put and get of 1 KiB among 12 tabs, ${SAMPLES} of each, beside round trips of 12 bytes on a bare channel`,
    figures: {
      putMsP50: round(percentile(putMs, 0.5)),
      putMsP99: round(percentile(putMs, 0.99)),
      getMsP50: round(percentile(getMs, 0.5)),
      getMsP99: round(percentile(getMs, 0.99)),
      bareMsP50: round(percentile(bareMs, 0.5)),
      bareMsP99: round(percentile(bareMs, 0.99)),
    },
    target: 'none',
  });
});

const SAMPLES = 100;

function numbered(count: number): [string, string][] {
  return Array.from({ length: count }, (_, i) => [`key ${i}`, `value ${i}`]);
}

function countHeld(page: Page): Promise<number> {
  return page.evaluate(() => window.hopline.overlay!.records().length);
}

/** Runs in the page. */
async function timedPut({ key, bytes }: { readonly key: string; readonly bytes: number }) {
  const startedAt = performance.now();
  const { ok } = await window.hopline.overlay!.put(key, crypto.getRandomValues(new Uint8Array(bytes)));
  return { ok, ms: performance.now() - startedAt };
}

/** Runs in the page. */
async function timedGet(key: string) {
  const startedAt = performance.now();
  const { ok, value } = await window.hopline.overlay!.get(key);
  return { ok, bytes: (value as Uint8Array).length, ms: performance.now() - startedAt };
}
