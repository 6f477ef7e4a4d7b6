/** Goal: nodes that join through the server become ready and complete quickly, at a small cost for the server. */

import { expect, test } from 'vitest';
import { JOIN } from './join.ts';
import { runScenario } from './scenario.ts';
import { SIGNALING_COST } from './signaling-cost.ts';

test.each([1, 2, 3])('thirty nodes join at the same moment, seed %i', (seed) => {
  const { record, findings } = runScenario(JOIN, { nodes: 30, seed, joinInterval: 0 });
  expect(findings).toEqual([]);
  expect(record).toMatchObject({ completeNodes: 30, readyNodes: 30 });
});

test.each([1, 2])('a hundred nodes join one after another, seed %i', (seed) => {
  const { record, findings } = runScenario(JOIN, { nodes: 100, seed, bucketSize: 4 });
  expect(findings).toEqual([]);
  expect(record).toMatchObject({ completeNodes: 100, readyNodes: 100 });
  expect(record['readyMsP99']).toBeLessThan(2_000);
});

test.each([3, 10, 30, 100])('%i nodes cost the server at most 6 kB each until they are complete', (nodes) => {
  for (const profile of ['browser', 'reference'] as const) {
    if (nodes === 100 && profile === 'reference') continue;
    const { record, findings } = runScenario(SIGNALING_COST, { nodes, profile });
    expect(findings).toEqual([]);
    expect(record['completeNodes']).toBe(nodes);
    expect(record['serverBytesPerNode']).toBeLessThanOrEqual(6_000);
  }
});
