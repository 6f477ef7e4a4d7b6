/** What ten real tabs cost the server until each of them has a complete view. Row R14 of the table. */

import { recordFigures } from './support/figures.ts';
import { TabNetwork } from './support/network.ts';
import { expect, test } from './support/test.ts';

const TABS = 10;
const BYTES_PER_NODE_MAX = 6_000;

for (const manner of ['at once', 'one after another'] as const) {
  test(`${TABS} tabs opened ${manner} cost the server at most 6 kB each`, async ({ context, server }) => {
    const network = new TabNetwork(server, `room=cost`);
    const before = await server.signalingBytes();
    for (let i = 0; i < TABS; i += 1) {
      const [tab] = await network.open(context, 1);
      if (manner === 'one after another') await tab!.waitForState(i === 0 ? 'alone' : 'ready');
    }
    await network.settle();
    await network.knowEachOther();
    const bytes = (await server.signalingBytes()) - before;
    recordFigures({
      name: `R14 real tabs ${manner}`,
      what: `bytes through the signaling server until ${TABS} tabs opened ${manner} have a complete view`,
      figures: { bytes, bytesPerNode: Math.round(bytes / TABS) },
      target: '≤ 6,000 bytes per node',
    });
    expect(bytes).toBeGreaterThan(0);
    expect(bytes / TABS).toBeLessThanOrEqual(BYTES_PER_NODE_MAX);
  });
}
