/** Admission work among real tabs: they join, put and get for it, and the page stays quick while a solution is sought. */

import { recordFigures, round } from './support/figures.ts';
import { TabNetwork } from './support/network.ts';
import type { Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';

test('tabs that ask for work let each other in and keep records for it', async ({ context, server }) => {
  const network = new TabNetwork(server, 'room=work&work=10&storage=memory');
  await network.open(context, 3);
  await network.settle();
  await network.knowEachOther();
  const [writer, ...readers] = network.tabs as [Tab, ...Tab[]];
  const put = await writer.page.evaluate(() => window.hopline.overlay!.put('greeting', 'hello'));
  expect(put).toMatchObject({ ok: true, refusedBy: [] });
  expect(put.acknowledgedBy).toHaveLength(3);
  for (const { page } of readers)
    expect(await page.evaluate(() => window.hopline.overlay!.get('greeting'))).toMatchObject({
      value: 'hello',
    });
});

test('the page is not held up while solutions are sought, and says what it is at', async ({
  context,
  server,
}) => {
  const network = new TabNetwork(server, 'room=hard-work&work=17&storage=memory');
  await network.open(context, 3);
  await network.settle();
  await network.knowEachOther();
  const [writer] = network.tabs as [Tab, ...Tab[]];
  await writer.show();
  const seen = await writer.page.evaluate(async () => {
    let [gapMs, sawWork, ticks, last, over] = [0, 0, 0, performance.now(), false];
    let notice = '';
    const tick = (): void => {
      const now = performance.now();
      gapMs = Math.max(gapMs, now - last);
      last = now;
      ticks += 1;
      if (window.hopline.overlay!.snapshot().work === 'under-way') sawWork += 1;
      const at = document.querySelector('hop-app')?.shadowRoot?.querySelector('hop-notices')?.shadowRoot;
      notice ||= at?.querySelector('[data-code="work-under-way"] p')?.textContent ?? '';
      if (!over) setTimeout(tick, 5);
    };
    tick();
    const startedAt = performance.now();
    const puts = await Promise.all(
      Array.from({ length: 6 }, (_, i) => window.hopline.overlay!.put(`k${i}`, i, { timeoutMs: 50_000 })),
    );
    const tookMs = performance.now() - startedAt;
    // Lucky solutions may come before the screen has said anything of them.
    const isSilent = (): boolean => notice === '';
    for (let i = 6; isSilent(); i++) await window.hopline.overlay!.put(`k${i}`, i, { timeoutMs: 50_000 });
    over = true;
    return {
      gapMs,
      sawWork,
      ticks,
      notice,
      tookMs,
      oks: puts.filter((p) => p.ok).length,
    };
  });
  expect(seen.oks).toBe(6);
  expect(seen.sawWork).toBeGreaterThan(seen.ticks / 4);
  expect(seen.notice).toContain('proof of work');
  // On the page's own thread the longest gap would be that of the longest search, some three times the mean.
  const searchMs = seen.tookMs / 12;
  expect(seen.gapMs).toBeLessThan(Math.max(150, searchMs / 2));
  recordFigures({
    name: 'work',
    what: '6 puts at once of one of 3 tabs with #work=17: 12 solutions',
    figures: { tookMs: round(seen.tookMs), longestGapMs: round(seen.gapMs) },
    target: 'page not held up for 150 ms, or half of what a solution takes',
  });
});
