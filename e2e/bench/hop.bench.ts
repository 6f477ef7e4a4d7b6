/**
 * One hop's round trip against a bare simple-peer ping between the same two pages, in turns in one run. Row B8 of the table.
 * `heartbeat` is the node's own ping over a link, `neighbour` a signed message with a signed receipt, checked at both ends.
 * Prints one JSON object. Run: `npx tsx e2e/bench/hop.bench.ts`, with a built page.
 */

import { chromium, type Page } from '@playwright/test';
import { build } from 'vite';
import setUp from '../support/global-setup.ts';
import { chromiumOptions } from '../support/launch.ts';
import { TabNetwork } from '../support/network.ts';
import { SignalingServer } from '../support/server.ts';
import { Tab } from '../support/tab.ts';

const SAMPLES = 1_000;
const WARM_UP = 200;

setUp();
const barePeer = await bundle('e2e/bench/bare-peer.ts');
const server = await SignalingServer.start();
const browser = await chromium.launch(chromiumOptions());
const context = await browser.newContext();
const network = new TabNetwork(server, 'room=bench');
for (let i = 0; i < 2; i += 1) {
  const watch = (page: Page): Promise<unknown> => page.addInitScript(watchFrames);
  network.tabs.push(await Tab.open(context, server.page(network.settings), watch));
}
await network.settle();
const [from, to] = [network.tabs[0]!.page, network.tabs[1]!.page];
const peer = await network.tabs[1]!.id();
await connectBare(from, to);

const times = await from.evaluate(measure, [peer, WARM_UP, SAMPLES] as const);
// Pages tell the time in steps of 0.1 ms, so a median is too coarse; the mean of the middle half leaves out pauses.
const mean = (values: readonly number[]): number => {
  const middle = values.toSorted((a, b) => a - b).slice(values.length / 4, (values.length * 3) / 4);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
};
const ms = (values: readonly number[]): number => Number(mean(values).toFixed(3));
const ratio = (values: readonly number[]): number => Number((mean(values) / mean(times.bare)).toFixed(2));
console.log(
  JSON.stringify({
    bench: 'hop',
    samples: SAMPLES,
    bareMsMean: ms(times.bare),
    heartbeatMsMean: ms(times.heartbeat),
    neighbourMsMean: ms(times.neighbour),
    heartbeatRatio: ratio(times.heartbeat),
    neighbourRatio: ratio(times.neighbour),
  }),
);
await browser.close();
await server.stop();

/** Runs in the page. One sample of each in turn, so that whatever slows the machine slows all of them. */
async function measure([id, warmUp, samples]: readonly [string, number, number]) {
  const overlay = window.hopline.overlay!;
  const end = window.barePeer.end!;
  const frames = window as unknown as { afterFrame: (() => void) | undefined };
  const heartbeat = (): Promise<number> =>
    new Promise((resolve) => {
      const framesIn = (): number => overlay.snapshot().links.find((link) => link.peer === id)?.framesIn ?? 0;
      const before = framesIn();
      const sentAt = performance.now();
      frames.afterFrame = () => {
        if (framesIn() === before) return;
        frames.afterFrame = undefined;
        resolve(performance.now() - sentAt);
      };
      overlay.ping(id);
    });
  const neighbour = async (): Promise<number> => {
    const sentAt = performance.now();
    const receipt = await overlay.neighbour(id, 'ping');
    if (!receipt.ok) throw new Error(`A message was lost: ${receipt.reason}`);
    return performance.now() - sentAt;
  };
  const times = { bare: [] as number[], heartbeat: [] as number[], neighbour: [] as number[] };
  for (let turn = -warmUp; turn < samples; turn += 1) {
    const [bareMs, heartbeatMs, neighbourMs] = [await end.ping(12), await heartbeat(), await neighbour()];
    if (turn < 0) continue;
    times.bare.push(bareMs);
    times.heartbeat.push(heartbeatMs);
    times.neighbour.push(neighbourMs);
  }
  return times;
}

/** Sent to the page as text: calls `window.afterFrame` when a frame has been handled. */
function watchFrames(): void {
  const page = window as unknown as { afterFrame?: () => void };
  const onmessage = Object.getOwnPropertyDescriptor(RTCDataChannel.prototype, 'onmessage')!;
  Object.defineProperty(RTCDataChannel.prototype, 'onmessage', {
    ...onmessage,
    set(this: RTCDataChannel, handler: ((event: MessageEvent) => void) | null) {
      const heard = (event: MessageEvent): void => {
        handler?.call(this, event);
        page.afterFrame?.();
      };
      onmessage.set?.call(this, handler === null ? null : heard);
    },
  });
}

/** Links two pages with simple-peer alone; signals go by way of this process. */
async function connectBare(caller: Page, callee: Page): Promise<void> {
  for (const [page, initiator] of [
    [caller, true],
    [callee, false],
  ] as const) {
    await page.evaluate(barePeer);
    await page.evaluate((first) => {
      window.barePeer.end = window.barePeer.start(first);
    }, initiator);
  }
  const ends = [caller, callee].map((page) => page.evaluate(() => window.barePeer.end!.open));
  const isOpen = Promise.all(ends).then(() => true);
  // Signals come while the connection is made: they are carried over until it is.
  while (!(await Promise.race([isOpen, carry(caller, callee)])));
}

/** Carries what waits on either side to the other; false, because there may be more. */
async function carry(caller: Page, callee: Page): Promise<boolean> {
  await pass(caller, callee);
  await pass(callee, caller);
  return false;
}

async function pass(source: Page, target: Page): Promise<void> {
  const signals = await source.evaluate(() => window.barePeer.end!.signals.splice(0));
  await target.evaluate((texts) => texts.forEach((text) => window.barePeer.end!.signal(text)), signals);
}

/** A script that runs in a page by itself. */
async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    define: { global: 'globalThis' },
    build: { write: false, target: 'es2022', lib: { entry, formats: ['iife'], name: 'bare' } },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (output === undefined || !('output' in output)) throw new Error('Nothing was built.');
  return output.output[0].code;
}
