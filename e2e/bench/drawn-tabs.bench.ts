/**
 * Many tabs that are all drawn, as windows side by side are: what the screen costs beside the network it shows. Prints
 * delivery, times, the CPU time of the browser, and what the pages' main threads did with theirs, as JSON.
 */

import { parseArgs } from 'node:util';
import { chromium, type BrowserContext, type CDPSession } from '@playwright/test';
import { browserSeconds } from '../support/cpu-time.ts';
import { percentile, round } from '../support/figures.ts';
import setUp from '../support/global-setup.ts';
import { chromiumOptions } from '../support/launch.ts';
import { deliveryFigures, joinTimesMs, TabNetwork } from '../support/network.ts';
import { SignalingServer } from '../support/server.ts';
import { Tab } from '../support/tab.ts';

const { values } = parseArgs({
  options: { tabs: { type: 'string', default: '12' }, rounds: { type: 'string', default: '10' } },
});
const COUNT = Number(values.tabs);
const ROUNDS = Number(values.rounds);
const READY_MS_MAX = 180_000;

setUp();
const server = await SignalingServer.start();
const browser = await chromium.launch(chromiumOptions());
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
console.log(JSON.stringify({ bench: 'drawn tabs', tabs: COUNT, ...(await measure(context)) }));
await browser.close();
await server.stop();

async function measure(home: BrowserContext): Promise<Record<string, number>> {
  const network = new TabNetwork(server, 'room=drawn');
  const before = browserSeconds();
  const sessions: CDPSession[] = [];
  for (let i = 0; i < COUNT; i += 1) {
    const tab = await Tab.open(home, server.page(network.settings), async (page) => {
      const session = await home.newCDPSession(page);
      await session.send('Performance.enable');
      sessions.push(session);
    });
    network.tabs.push(tab);
  }
  const lastOpenedAt = Date.now();
  for (const tab of network.tabs) await tab.waitForReady(READY_MS_MAX);
  const readyAt = await Promise.all(
    network.tabs.map((tab) => tab.page.evaluate(() => window.recorder.readyAt ?? Infinity)),
  );
  const formed = browserSeconds();
  const atReady = await mainThreads(sessions);
  const early = await network.allPairs(1);
  await network.settle(READY_MS_MAX);
  const settledAt = Date.now();
  const beforeTraffic = browserSeconds();
  const settled = await network.allPairs(ROUNDS);
  const afterTraffic = browserSeconds();
  const atEnd = await mainThreads(sessions);
  const joins = await joinTimesMs(network.tabs);
  return {
    ...deliveryFigures(settled),
    sentWhileForming: early.sent,
    deliveredWhileForming: early.delivered,
    rttMsP99WhileForming: round(percentile(early.rttsMs, 0.99)),
    readyMs: Math.round(Math.max(...readyAt) - lastOpenedAt),
    settledMs: settledAt - lastOpenedAt,
    joinMsMedian: Math.round(percentile(joins, 0.5)),
    cpuSecondsUntilReady: round(formed - before),
    ...atReady,
    layoutsAtEnd: atEnd['layouts'] ?? 0,
    cpuSecondsUntilSettled: round(beforeTraffic - before),
    cpuMsAMessage: round(((afterTraffic - beforeTraffic) / settled.sent) * 1000),
  };
}

/** What all main threads did so far, seconds, and how often the pages were laid out. */
async function mainThreads(sessions: readonly CDPSession[]): Promise<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const session of sessions) {
    const { metrics } = await session.send('Performance.getMetrics');
    for (const { name, value } of metrics) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  const sum = (name: string): number => round(sums.get(name) ?? 0);
  return {
    taskSeconds: sum('TaskDuration'),
    scriptSeconds: sum('ScriptDuration'),
    styleSeconds: sum('RecalcStyleDuration'),
    layoutSeconds: sum('LayoutDuration'),
    layouts: sum('LayoutCount'),
  };
}
