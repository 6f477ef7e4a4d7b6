/** Six hundred links opened and closed in one tab: the browser's cap on connections is never met. Row B7 of the table. */

import { recordFigures } from '../support/figures.ts';
import { TabNetwork } from '../support/network.ts';
import { Tab } from '../support/tab.ts';
import { expect, test } from '../support/test.ts';

const LINKS = 600;
/** Visitors come in rounds of so many: some are ready by their link to the other tab and gone before they dial this one. */
const ROUND = 100;
const VISITORS_MAX = 2_000;
/** Nodes that come and go at a time. */
const AT_ONCE = 4;

interface Connections {
  made: number;
  refused: number;
}

test('600 links are opened and closed in one tab, and no connection is refused', async ({
  context,
  server,
}) => {
  test.setTimeout(900_000);
  const network = new TabNetwork(server, 'room=many-links');
  for (let i = 0; i < 2; i += 1) {
    const tab = await Tab.open(context, server.page(network.settings), (page) =>
      page.addInitScript(countConnections),
    );
    network.tabs.push(tab);
  }
  await network.settle();
  const [, busy] = network.tabs;
  const began = Date.now();
  const visits = { begun: 0, linked: 0 };
  let counts = await connectionsOf(network.tabs);
  while (counts[0]!.made < LINKS && visits.begun < VISITORS_MAX) {
    visits.begun += ROUND;
    visits.linked += await receiveVisitors(busy!, ROUND);
    counts = await connectionsOf(network.tabs);
  }
  const [ofSteady, ofBusy] = counts as [Connections, Connections];
  const delivery = await network.allPairs(1);
  recordFigures({
    name: 'B7 many links',
    what: `${visits.begun} nodes come, link and leave, ${AT_ONCE} at a time`,
    figures: {
      linkedAndLeft: visits.linked,
      connectionsOfTheTab: ofSteady.made,
      connectionsOfTheVisitorsTab: ofBusy.made,
      refusedByTheBrowser: ofSteady.refused + ofBusy.refused,
      tookMs: Date.now() - began,
    },
    target: 'never a constructor error',
  });
  expect(visits.linked).toBe(visits.begun);
  expect(ofSteady.refused + ofBusy.refused).toBe(0);
  expect(ofSteady.made).toBeGreaterThanOrEqual(LINKS);
  expect(delivery.failures).toEqual([]);
});

/** Further nodes in this tab's page link to the others, are heard of, and leave. Resolves with how many were linked. */
function receiveVisitors(host: Tab, visitors: number): Promise<number> {
  return host.page.evaluate(
    async ([count, lanes, room]) => {
      let begun = 0;
      let linked = 0;
      const visit = async (): Promise<void> => {
        while (begun < count) {
          begun += 1;
          const visitor = await window.hopline.openOverlay({ room, storage: 'memory' });
          await visitor.ready;
          if (visitor.snapshot().state === 'ready') linked += 1;
          await visitor.leave();
        }
      };
      await Promise.all(Array.from({ length: lanes }, visit));
      return linked;
    },
    [visitors, AT_ONCE, 'many-links'] as const,
  );
}

function connectionsOf(tabs: readonly Tab[]): Promise<Connections[]> {
  return Promise.all(
    tabs.map((tab) =>
      tab.page.evaluate(() => (window as unknown as { connections: Connections }).connections),
    ),
  );
}

/** Sent to the page as text. Counts connections and those that the browser would not make. */
function countConnections(): void {
  const counts = { made: 0, refused: 0 };
  Object.assign(window, { connections: counts });
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = new Proxy(Original, {
    construct(target, args: [RTCConfiguration?]) {
      try {
        const connection = new target(...args);
        counts.made += 1;
        return connection;
      } catch (error) {
        counts.refused += 1;
        throw error;
      }
    },
  });
}
