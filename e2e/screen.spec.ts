/** The page as a person uses it: a form for every kind of message, the log, the twins of the drawings, empty states. */

import type { BrowserContext } from '@playwright/test';
import { percentile, recordFigures, round } from './support/figures.ts';
import { TabNetwork } from './support/network.ts';
import { expectNoComplaints, Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';
import type { SignalingServer } from './support/server.ts';

test.describe('sending', () => {
  test('each kind of message has a form, and its result says who got it', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    const other = ids[1]!;

    await fill(tab, { kind: 'direct', target: other, payload: 'to one' });
    await submit(tab, `Received by ${shortOf(other)}`);
    expect(await network.tabs[1]!.received('direct')).toContainEqual({ origin: ids[0], payload: 'to one' });
    await expect(tab.byTestId('result-path-hop')).toHaveCount(2);

    await fill(tab, { kind: 'closest', target: other, payload: 'to the nearest' });
    await submit(tab, `Received by ${shortOf(other)}`);

    await fill(tab, { kind: 'closest', target: ids[0]!, payload: 'to myself' });
    await submit(tab, 'Received by this tab itself');

    await fill(tab, { kind: 'neighbour', target: other, payload: 'next door' });
    await submit(tab, `Received by ${shortOf(other)}`);
    expect(await network.tabs[1]!.received('neighbour')).toContainEqual({
      origin: ids[0],
      payload: 'next door',
    });

    await fill(tab, { kind: 'broadcast', payload: 'to all' });
    await submit(tab, 'Sent to 2 peers');
    for (const peer of network.tabs.slice(1)) {
      await expect
        .poll(() => peer.received('broadcast'))
        .toContainEqual({ origin: ids[0], payload: 'to all' });
    }

    await tab.byTestId('send-scope').selectOption('network');
    await fill(tab, { kind: 'broadcast', payload: 'to everybody' });
    await submit(tab, 'Reached 2 other nodes');
    await expect(tab.byTestId('send-result')).toContainText('not known');
    for (const peer of network.tabs.slice(1)) {
      await expect
        .poll(() => peer.received('broadcast'))
        .toContainEqual({ origin: ids[0], payload: 'to everybody' });
    }

    await fill(tab, { kind: 'group', target: other, payload: 'to three' });
    await expect(tab.byTestId('send-size')).toHaveValue('8');
    await submit(tab, 'Acknowledged by 3 nodes, asked for 8');
    await expect.poll(() => idsOf(tab, 'group-member')).toEqual(ids.toSorted());
    for (const member of network.tabs) {
      expect(await member.received('group')).toContainEqual({ origin: ids[0], payload: 'to three' });
    }
    await tab.page.locator(`[data-testid="group-member"][data-id="${other}"]`).getByRole('button').click();
    await expect(tab.byTestId('peer-detail')).toContainText(other);

    await tab.byTestId('send-size').fill('1');
    await fill(tab, { kind: 'group', target: ids[2]!, payload: 'to the nearest alone' });
    await submit(tab, 'Acknowledged by the only member');
    await expect.poll(() => idsOf(tab, 'group-member')).toEqual([ids[2]]);

    await fill(tab, { kind: 'lookup', target: 'some text' });
    await submit(tab, 'Found 3 nodes');
    await expect(tab.byTestId('lookup-found')).toHaveCount(3);
    expectNoComplaints(network.tabs);
  });

  test('a request shows the reply, and the receiver shows what came', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const [tab, receiver] = network.tabs;
    await fill(tab!, { kind: 'direct', target: ids[1]!, payload: 'marco' });
    await tab!.byTestId('send-request').check();
    await submit(tab!, `Answered by ${shortOf(ids[1]!)}`);
    await expect(tab!.byTestId('send-reply')).toContainText('marco');
    await expect(receiver!.byTestId('received-payload').first()).toHaveText(/marco/u);
    await expect(receiver!.byTestId('received-row').first()).toHaveAttribute('data-origin', ids[0]!);
  });

  test('without an answer a request says so in words', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const [tab, receiver] = network.tabs;
    await receiver!.show();
    await receiver!.byTestId('echo-toggle').uncheck();
    await tab!.show();
    await fill(tab!, { kind: 'direct', target: ids[1]!, payload: 'anybody?' });
    await tab!.byTestId('send-request').check();
    await tab!.byTestId('send-submit').click();
    await expect(tab!.byTestId('send-result-area')).toContainText(
      /no (?:handler|reply|answer)|nobody|not? answer/iu,
    );
  });

  test('a message to nobody fails with a sentence, and an unusable target is not sent', async ({
    context,
    server,
  }) => {
    const { network } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    await fill(tab, { kind: 'direct', target: 'ab'.repeat(32), payload: 'hello?' });
    await tab.byTestId('send-timeout').fill('3000');
    await tab.byTestId('send-submit').click();
    const result = tab.byTestId('send-result-area');
    await expect(result).toContainText(/\w+ .*\./u);
    await expect(result).not.toContainText(/Under way|Received/u, { timeout: 10_000 });

    await tab.byTestId('send-target').fill('not an id');
    await tab.byTestId('send-submit').click();
    await expect(tab.page.getByText('An id has 64 hexadecimal digits.')).toBeVisible();
    await expect(tab.byTestId('send-target')).toBeFocused();

    await fill(tab, { kind: 'group', target: 'a key', payload: 'to nobody' });
    const sentBefore = await tab.byTestId('send-history-row').count();
    for (const size of ['0', '33', '2.5', '', 'eight']) {
      await tab.byTestId('send-size').fill(size);
      await tab.byTestId('send-submit').click();
      await expect(tab.page.locator('.bad', { hasText: 'A group has 1 to 32 members' })).toBeVisible();
      await expect(tab.byTestId('send-size')).toBeFocused();
    }
    await expect(tab.byTestId('send-history-row')).toHaveCount(sentBefore);
    for (const peer of network.tabs) expect(await peer.received('group')).toEqual([]);
  });

  test('a message that comes to nothing says why and what was tried, in the form, the log and the ring', async ({
    context,
    server,
  }) => {
    const { network, ids } = await threeTabs(context, server);
    const [tab, , deaf] = network.tabs;
    // Linked still, as far as anybody knows; but nothing it is sent is heard.
    await deaf!.page.evaluate(() => {
      window.isCutOff = true;
    });
    await fill(tab!, { kind: 'direct', target: ids[2]!, payload: 'are you there?' });
    await tab!.byTestId('send-timeout').fill('2500');
    await tab!.byTestId('send-submit').click();
    const result = tab!.byTestId('send-result');
    await expect(result).toHaveAttribute('data-state', 'failed');
    await expect(result.getByRole('heading')).toHaveText(/\w+ .*\./u);
    const tried = result.locator(`[data-testid="path-try"][data-id="${ids[2]}"]`);
    await expect(tried.first()).toContainText(/no progress|peer silent|link down/u);
    await expect(rows(tab!, 'retry').first()).toContainText(/no progress|peer silent|link down/u);
    await expect(tab!.page.locator(`[data-testid="ring-path-try"][data-id="${ids[2]}"]`)).toHaveCount(1);
  });

  test('what a person does shows at once', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    await fill(tab, { kind: 'direct', target: ids[1]!, payload: 'now' });
    const times: number[] = [];
    while (times.length < 9) times.push(await tab.page.evaluate(timeToResult));
    const shownMs = percentile(times, 0.5);
    recordFigures({
      name: 'UI own message',
      what: 'from the press of Send until the receipt from a linked peer is on the screen, median of 9',
      figures: { shownMs: round(shownMs), shownMsMax: round(Math.max(...times)) },
      target: '≤ 100 ms',
    });
    expect(shownMs).toBeLessThanOrEqual(100);
  });

  test('the beginning of an id is enough where only one fits', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    await fill(network.tabs[0]!, { kind: 'direct', target: ids[2]!.slice(0, 12), payload: 'short' });
    await submit(network.tabs[0]!, `Received by ${shortOf(ids[2]!)}`);
  });
});

test.describe('log', () => {
  test('a message leaves a row at both ends, with details', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const [tab, receiver] = network.tabs;
    const { message } = await tab!.direct(ids[1]!, 'logged');
    const sent = rowOf(tab!, message!);
    await expect(sent).toHaveAttribute('data-direction', 'out');
    await expect(sent).toHaveAttribute('data-outcome', 'ok');
    await expect(rowOf(receiver!, message!)).toHaveAttribute('data-direction', 'in');
    await sent.getByRole('button').click();
    await expect(sent.getByRole('button')).toHaveAttribute('aria-expanded', 'true');
    await expect(tab!.byTestId('ring-path-hop')).toHaveCount(2);
    await tab!.page.keyboard.press('Escape');
    await expect(sent.getByRole('button')).toHaveAttribute('aria-expanded', 'false');
  });

  test('a paused view stands still while the network goes on', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    const { message: before } = await tab.direct(ids[1]!, 'before');
    await expect(rowOf(tab, before!)).toBeVisible();
    await tab.byTestId('log-pause').click();
    await expect(tab.byTestId('log-pause')).toHaveAttribute('aria-pressed', 'true');
    const newest = await tab.byTestId('log-row').first().getAttribute('data-seq');
    const { message } = await tab.direct(ids[1]!, 'meanwhile');
    await expect(tab.byTestId('log-new')).toBeVisible();
    await expect(tab.byTestId('log-row').first()).toHaveAttribute('data-seq', newest!);
    await expect(rowOf(tab, message!)).toHaveCount(0);
    await tab.byTestId('log-new').click();
    await expect(rowOf(tab, message!)).toBeVisible();
    await expect(tab.byTestId('log-pause')).toHaveAttribute('aria-pressed', 'false');
  });

  test('the filter narrows the rows and says what it does not know', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    await tab.direct(ids[1]!, 'one');
    await tab.page.evaluate(() => window.hopline.overlay!.broadcast('many'));
    await expect(rows(tab, 'broadcast').first()).toBeVisible();
    await tab.byTestId('log-filter').fill('kind:direct dir:out');
    await expect(rows(tab, 'broadcast')).toHaveCount(0);
    await expect(rows(tab, 'direct').first()).toBeVisible();
    await tab.byTestId('log-filter').fill('colour:red');
    await expect(tab.page.getByText('unknown: colour:red')).toBeVisible();
    await tab.byTestId('log-filter').fill('id:ffffffffffffffffffffffffffff');
    await expect(tab.page.getByText('No row passes the filter and the chips above.')).toBeVisible();
    await tab.byTestId('log-filter').fill('');
    await expect(rows(tab, 'broadcast').first()).toBeVisible();
  });

  test('clearing empties it, and what comes later shows', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    const { message: early } = await tab.direct(ids[1]!, 'early');
    await expect(rowOf(tab, early!)).toBeVisible();
    await tab.byTestId('log-clear').click();
    await expect(rowOf(tab, early!)).toHaveCount(0);
    const { message: late } = await tab.direct(ids[1]!, 'late');
    await expect(rowOf(tab, late!)).toBeVisible();
  });

  test('at most so many rows are kept', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    const choices = await tab
      .byTestId('log-rows-max')
      .locator('option')
      .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
    const least = Math.min(...choices.map(Number));
    await tab.byTestId('log-rows-max').selectOption(String(least));
    const rounds = Math.ceil(least / 2) + 10;
    await tab.directToAll([ids[1]!, ids[2]!], rounds);
    await expect(tab.byTestId('log-count')).toContainText('dropped');
    const count = (await tab.byTestId('log-count').textContent()) ?? '';
    const kept = /of\s+(?<kept>[\d,]*\d)/u.exec(count)?.groups?.['kept']?.replaceAll(',', '');
    expect(Number(kept)).toBe(least);
  });
});

test.describe('the network on the screen', () => {
  test('ring, buckets and peers show the same nodes', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    const others = ids.slice(1).toSorted();
    await expect.poll(() => idsOf(tab, 'peer-row')).toEqual(others);
    await expect.poll(() => idsOf(tab, 'table-contact')).toEqual(others);
    await expect.poll(() => idsOf(tab, 'ring-node')).toEqual(ids.toSorted());
    await expect(tab.byTestId('self-id')).toHaveAttribute('data-id', ids[0]!);
    await expect(tab.byTestId('links-count')).toHaveText('2');
    await expect(tab.byTestId('peers-count')).toHaveText('2');
    await expect(tab.byTestId('signaling-state')).toHaveAttribute('data-state', 'online');
    await expect(tab.byTestId('node-state')).toHaveAttribute('data-state', 'ready');
  });

  test('a node chosen in one place is chosen in all', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    await tab.page.locator(`[data-testid="peer-row"][data-id="${ids[1]}"]`).getByRole('button').click();
    await expect(tab.byTestId('peer-detail')).toContainText(ids[1]!);
    await expect(tab.page.locator(`[data-testid="ring-node"][data-id="${ids[1]}"]`)).toHaveAttribute(
      'aria-pressed',
      'true',
    );
    await tab.byTestId('peer-ping').click();
    await tab.byTestId('peer-send').click();
    await expect(tab.byTestId('send-target')).toHaveValue(ids[1]!);
  });

  test('the search narrows the peers', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    await tab.byTestId('peers-search').fill(ids[1]!.slice(0, 10));
    await expect.poll(() => idsOf(tab, 'peer-row')).toEqual([ids[1]]);
    await tab.byTestId('peers-search').fill('zzz');
    await expect(tab.page.getByText('No peer matches “zzz”.')).toBeVisible();
  });

  test('the message rate moves with the traffic and comes to rest', async ({ context, server }) => {
    const { network, ids } = await threeTabs(context, server);
    const tab = network.tabs[0]!;
    await tab.directToAll([ids[1]!, ids[2]!], 50);
    await expect(tab.byTestId('message-rate')).not.toHaveText(/^0(?:\.0)?$/u);
    await expect(tab.byTestId('message-rate')).toHaveText(/^0(?:\.0)?$/u, { timeout: 15_000 });
  });
});

test.describe('alone', () => {
  test('a page without a room makes one and puts it into the address', async ({ context, server }) => {
    const tab = await Tab.open(context, `${server.url}/`);
    await tab.waitForState('alone');
    const room = (await tab.byTestId('room').textContent()) ?? '';
    expect(room.length).toBeGreaterThan(0);
    expect(new URLSearchParams(new URL(tab.page.url()).hash.slice(1)).get('room')).toBe(room);
    const second = await Tab.open(context, tab.page.url());
    await second.waitForState('ready');
    await expect(tab.byTestId('links-count')).toHaveText('1');
  });

  test('empty panels say what to do next', async ({ context, server }) => {
    const tab = await Tab.open(context, server.page('room=empty'));
    await tab.waitForState('alone');
    await expect(tab.byTestId('empty')).toContainText('Open this link in another tab');
    await expect(tab.page.getByText('No peers yet.')).toBeVisible();
    await expect(tab.byTestId('peer-row')).toHaveCount(0);
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      tab.page.getByRole('link', { name: 'Open another tab' }).click(),
    ]);
    await tab.waitForState('ready');
    await tab.show();
    await expect(tab.byTestId('empty')).toHaveCount(0);
    await opened.close();
  });

  test('the link can be copied and shown as a QR code', async ({ context, server }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const tab = await Tab.open(context, server.page('room=share'));
    await tab.waitForState('alone');
    await tab.byTestId('copy-link').getByRole('button').click();
    expect(await tab.page.evaluate(() => navigator.clipboard.readText())).toBe(server.page('room=share'));
    await tab.byTestId('qr-open').click();
    await expect(tab.byTestId('qr-dialog')).toContainText(server.page('room=share'));
    await expect(tab.byTestId('qr-code')).toBeVisible();
    await tab.page.keyboard.press('Escape');
    await expect(tab.byTestId('qr-code')).toBeHidden();
  });

  test('settings in the address that cannot be used are named, and the page works all the same', async ({
    context,
    server,
  }) => {
    const tab = await Tab.open(
      context,
      server.page('room=odd&k=0&links=many&signaling=http%3A%2F%2Fx&colour=red'),
    );
    await tab.waitForState('alone');
    for (const name of ['k', 'links', 'signaling', 'colour']) {
      await expect(tab.page.locator(`[data-testid="notice"][data-code="setting-${name}"]`)).toBeVisible();
    }
    await tab.page.locator('[data-code="setting-k"]').getByRole('button', { name: 'Dismiss' }).click();
    await expect(tab.page.locator('[data-code="setting-k"]')).toHaveCount(0);
    expectNoComplaints([tab]);
  });

  test('the theme is kept', async ({ context, server }) => {
    const tab = await Tab.open(context, server.page('room=theme'));
    await tab.waitForState('alone');
    const toggle = tab.byTestId('theme-toggle');
    const before = await toggle.getAttribute('data-theme');
    await toggle.click();
    const after = await toggle.getAttribute('data-theme');
    expect(after).not.toBe(before);
    await tab.page.reload();
    await expect(toggle).toHaveAttribute('data-theme', after!);
  });
});

interface SendFields {
  readonly kind: 'closest' | 'direct' | 'group' | 'neighbour' | 'broadcast' | 'lookup';
  readonly target?: string;
  readonly payload?: string;
}

async function threeTabs(context: BrowserContext, server: SignalingServer) {
  const network = new TabNetwork(server, 'room=screen');
  await network.open(context, 3);
  await network.settle();
  for (const tab of network.tabs) await tab.waitForLinks(2);
  await network.tabs[0]!.show();
  return { network, ids: await network.ids() };
}

async function fill(tab: Tab, { kind, target, payload }: SendFields): Promise<void> {
  await tab.byTestId('send-kind').selectOption(kind);
  if (target !== undefined) {
    if (kind === 'neighbour') await tab.byTestId('send-target').selectOption(target);
    else await tab.byTestId('send-target').fill(target);
  }
  if (payload !== undefined) await tab.byTestId('send-payload').fill(payload);
}

async function submit(tab: Tab, expected: string): Promise<void> {
  await tab.byTestId('send-submit').click();
  await expect(tab.byTestId('send-result')).toContainText(expected);
}

/** Runs in the page: presses Send and waits for the frame after the receipt is drawn. */
function timeToResult(): Promise<number> {
  const send = document.querySelector('hop-app')!.shadowRoot!.querySelector('hop-send')!.shadowRoot!;
  const pressedAt = performance.now();
  const before = send.querySelectorAll('[data-testid="send-history-row"]').length;
  send.querySelector<HTMLElement>('[data-testid="send-submit"]')!.click();
  return new Promise((resolve) => {
    const look = (): void => {
      const isNew = send.querySelectorAll('[data-testid="send-history-row"]').length > before;
      const result = send.querySelector<HTMLElement>('[data-testid="send-result"]');
      if (isNew && result?.dataset['state'] === 'ok') resolve(performance.now() - pressedAt);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

/** As the page shortens ids in sentences. */
function shortOf(id: string): string {
  return id.slice(0, 4);
}

function rows(tab: Tab, kind: string) {
  return tab.page.locator(`[data-testid="log-row"][data-kind="${kind}"]`);
}

function rowOf(tab: Tab, message: string) {
  return tab.page.locator(`[data-testid="log-row"][data-message="${message}"]`).first();
}

async function idsOf(tab: Tab, testId: string): Promise<string[]> {
  const found = await tab
    .byTestId(testId)
    .evaluateAll((marks) => marks.map((mark) => mark.getAttribute('data-id') ?? ''));
  return found.toSorted();
}
