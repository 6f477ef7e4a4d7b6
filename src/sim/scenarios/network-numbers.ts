/** Numbers about the network itself that every scenario prints. */

import { judgeCompleteness, type Completeness } from '../checkers/liveness.ts';
import { maxOf, meanOf, percentDown, percentile, rounded } from '../figures.ts';
import { measureHeapKiB } from '../memory.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import type { ResultValue } from './scenario.ts';

/** Links, the cost of joining, how complete the tables are in truth, times until ready. */
export function networkNumbers(
  simulation: Simulation,
  completeness: Completeness = judgeCompleteness(simulation),
): Record<string, ResultValue> {
  const live = simulation.liveNodes();
  const links = live.map(countLinks);
  const since = (at: (node: SimNode) => number): number[] =>
    live.filter((node) => at(node) >= 0).map((node) => at(node) - node.startedAt);
  const ready = since((node) => node.readyAt);
  const complete = since((node) => node.completeAt);
  return {
    linksMean: meanOf(links),
    linksMax: maxOf(links),
    completeNodes: completeness.complete,
    completePercent: percentDown(completeness.complete, completeness.live),
    readyNodes: ready.length,
    readyMsP50: percentile(ready, 0.5),
    readyMsP99: percentile(ready, 0.99),
    completeMsP50: percentile(complete, 0.5),
    completeMsP99: percentile(complete, 0.99),
    virtualMs: rounded(simulation.now),
  };
}

/** What joining cost so far: own upkeep messages of each node, and bytes at the server. */
export function joinNumbers(simulation: Simulation): Record<string, ResultValue> {
  const started = simulation.nodes.filter((node) => node.startedAt >= 0);
  const bytes = simulation.server.bytesIn + simulation.server.bytesOut;
  return {
    joinMessagesMean: meanOf(started.map((node) => node.upkeepSent)),
    serverBytesPerNode: started.length === 0 ? null : rounded(bytes / started.length),
  };
}

/** What work cost by now, in all; counts from which others are taken. */
export function workDone(simulation: Simulation): { readonly works: number; readonly hashes: number } {
  const { nodes, crypto } = simulation;
  return { works: nodes.reduce((sum, node) => sum + node.works, 0), hashes: crypto.workHashes };
}

/** Work since an earlier count, for each of `count` things; nothing where no work is asked for. */
export function workNumbers(
  simulation: Simulation,
  name: string,
  count: number,
  before: ReturnType<typeof workDone> = { works: 0, hashes: 0 },
): Record<string, ResultValue> {
  if (simulation.crypto.workHashes === 0) return {};
  const { works, hashes } = workDone(simulation);
  const each = (amount: number): number => rounded(amount / Math.max(1, count));
  return {
    [`worksPer${name}`]: each(works - before.works),
    [`hashesPer${name}`]: each(hashes - before.hashes),
  };
}

/** Memory of everything in the simulation by node; not part of what follows from the seed. */
export function heapNumbers(simulation: Simulation, heapKiBBefore: number): Record<string, ResultValue> {
  return {
    heapKiBPerNode: rounded((measureHeapKiB() - heapKiBBefore) / Math.max(1, simulation.nodes.length)),
  };
}

/** Links of a node that are up. */
export function countLinks(node: SimNode): number {
  let count = 0;
  for (const end of node.links.values()) if (end.state === 'up') count++;
  return count;
}
