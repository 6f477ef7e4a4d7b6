/** The page asks nobody but its own server for anything, under a strict policy and without complaints. Row B9 of the table. */

import { recordFigures } from './support/figures.ts';
import { TabNetwork } from './support/network.ts';
import { expectNoComplaints, Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';

const FIRST_LOAD_BYTES_MAX = 150_000;

test('no request goes to any other host, ever', async ({ context, server }) => {
  const addresses: string[] = [];
  context.on('request', (request) => addresses.push(request.url()));
  const network = new TabNetwork(server, 'room=private');
  for (let i = 0; i < 3; i += 1) {
    const tab = await Tab.open(context, server.page(network.settings), async (page) => {
      page.on('websocket', (socket) => addresses.push(socket.url()));
    });
    network.tabs.push(tab);
  }
  await network.settle();
  const tab = await network.tabs[0]!.show();
  await network.allPairs(1);
  // Everything that loads later: the QR code, the help, the themes.
  await tab.byTestId('qr-open').click();
  await expect(tab.byTestId('qr-code')).toBeVisible();
  await tab.page.keyboard.press('Escape');
  await tab.byTestId('help-open').click();
  await expect(tab.byTestId('help-dialog')).toBeVisible();
  await tab.page.keyboard.press('Escape');
  await tab.byTestId('theme-toggle').click();
  await tab.page.reload();
  await tab.waitForState('ready');

  const own = new URL(server.url).host;
  const foreign = addresses.filter(
    (address) => !address.startsWith('data:') && new URL(address).host !== own,
  );
  const iceServers = await tab.page.evaluate(() =>
    performance.getEntriesByType('resource').map((entry) => entry.name),
  );
  recordFigures({
    name: 'B9 other hosts',
    what: `requests and sockets of 3 tabs, ${addresses.length} in all`,
    figures: { toOtherHosts: foreign.length },
    target: 'none, ever',
  });
  expect(addresses.length).toBeGreaterThan(3);
  expect(foreign).toEqual([]);
  expect(iceServers.filter((address) => new URL(address).host !== own)).toEqual([]);
  expectNoComplaints(network.tabs);
});

test('the links use no STUN or TURN server unless one is configured', async ({ context, server }) => {
  const network = new TabNetwork(server, 'room=no-ice');
  for (let i = 0; i < 2; i += 1) {
    const tab = await Tab.open(context, server.page(network.settings), (page) =>
      page.addInitScript(recordIceServers),
    );
    network.tabs.push(tab);
  }
  await network.settle();
  for (const tab of network.tabs) {
    const used = await tab.page.evaluate(() => (window as unknown as { iceServers: unknown[] }).iceServers);
    expect(used.length).toBeGreaterThan(0);
    expect(used.flat()).toEqual([]);
  }
});

test('the policy is strict: scripts, styles and images from elsewhere, and evaluated text, are refused', async ({
  context,
  server,
}) => {
  const tab = await Tab.open(context, server.page('room=policy'));
  await tab.waitForState('alone');
  const policy = await tab.page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*/u);
  expectNoComplaints([tab]);
  await tab.page.evaluate(async () => {
    const violations: string[] = [];
    Object.assign(window, { violations });
    document.addEventListener('securitypolicyviolation', (event) =>
      violations.push(event.effectiveDirective),
    );
    document.body.append(Object.assign(new Image(), { src: 'https://example.org/pixel.png' }));
    document.head.append(
      Object.assign(document.createElement('script'), { textContent: 'window.wasRun = true' }),
    );
    document.head.append(
      Object.assign(document.createElement('style'), { textContent: 'body { color: red }' }),
    );
    await fetch('https://example.org/').catch(() => undefined);
  });
  await expect
    .poll(() =>
      tab.page.evaluate(() => (window as unknown as { violations: string[] }).violations.toSorted()),
    )
    .toEqual(['connect-src', 'img-src', 'script-src-elem', 'style-src-elem']);
  expect(await tab.page.evaluate(() => 'wasRun' in window)).toBe(false);
});

test('the first load is small', async ({ context, server }) => {
  const tab = await Tab.open(context, server.page('room=small'));
  await tab.waitForState('alone');
  const bytes = await tab.page.evaluate(() => {
    const entries = [
      ...performance.getEntriesByType('navigation'),
      ...performance.getEntriesByType('resource'),
    ];
    return entries.reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0);
  });
  recordFigures({
    name: 'P4 first load',
    what: 'bytes of everything the page loads until it runs, as sent (gzip)',
    figures: { bytes },
    target: '≤ 150,000',
  });
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
});

/** Sent to the page as text. Keeps what each connection was told about servers. */
function recordIceServers(): void {
  const used: unknown[] = [];
  Object.assign(window, { iceServers: used });
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      used.push(configuration?.iceServers ?? []);
    }
  };
}
