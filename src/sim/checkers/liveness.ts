/**
 * What should have come about once things are quiet: every live node is ready, and its table is complete in truth, not
 * only by its own judgement: a bucket with room holds every live node that belongs there.
 */

import { contactsOf } from '../../core/snapshot.ts';
import type { ChordSnapshot, NodeSnapshot } from '../../core/snapshot.ts';
import { mapKey } from '../../core/id/node-id.ts';
import type { Simulation } from '../simulator.ts';
import type { SimNode } from '../sim-node.ts';
import type { Finding } from './finding.ts';

/** How many live nodes have a table that is complete in truth, and what the first others lack. */
export interface Completeness {
  readonly live: number;
  readonly complete: number;
  /** One sentence for each incomplete node, the first few. */
  readonly gaps: readonly string[];
}

/**
 * Compares every live node's table with the oracle. Costs about live² steps. `wasChanging`: nodes came and went until a
 * short while ago, and a finger on a ring may still pass over a newcomer.
 */
export function judgeCompleteness(simulation: Simulation, wasChanging = false): Completeness {
  const indexes = new Map(simulation.liveNodes().map((node) => [mapKey(node.id), node.index]));
  const gaps: string[] = [];
  let complete = 0;
  const live = simulation.liveNodes();
  for (const node of live) {
    const gap = findGap(simulation, node, indexes, wasChanging);
    if (gap === undefined) complete++;
    else if (gaps.length < GAPS_MAX) gaps.push(gap);
  }
  return { live: live.length, complete, gaps };
}

/** Contacts in tables of live nodes that are dead or left. */
export function countDeadContacts(simulation: Simulation): number {
  const live = simulation.liveNodes();
  const keys = new Set(live.map((node) => mapKey(node.id)));
  let dead = 0;
  for (const { core } of live) {
    if (core === undefined) continue;
    for (const { id } of contactsOf(core.snapshot())) if (!keys.has(mapKey(id))) dead++;
  }
  return dead;
}

/** Findings when a node is not ready or a table is incomplete. For quiet moments without faults. */
export function checkLiveness(simulation: Simulation, completeness: Completeness): Finding[] {
  const at = simulation.now;
  const waiting = simulation.liveNodes().filter((node) => node.readyAt < 0);
  const findings: Finding[] = completeness.gaps.map((sentence) => ({ family: 'liveness', at, sentence }));
  if (waiting.length > 0 && simulation.liveNodes().length > 1) {
    const names = waiting.slice(0, GAPS_MAX).map((node) => node.index);
    findings.push({
      family: 'liveness',
      at,
      sentence: `${waiting.length} nodes never became ready: ${names.join(', ')}`,
    });
  }
  return findings;
}

/** What a node's table lacks, as a sentence; `undefined` when it is complete in truth. */
function findGap(
  simulation: Simulation,
  node: SimNode,
  indexes: ReadonlyMap<string, number>,
  wasChanging: boolean,
): string | undefined {
  if (node.core === undefined) return `node ${node.index} has not started`;
  const { geometry }: NodeSnapshot = node.core.snapshot();
  if (geometry.geometry === 'chord') return findRingGap(simulation, node, geometry, wasChanging);
  const belonging = simulation.oracle.sharedBitCounts(node.index);
  const { buckets, bucketSize } = geometry;
  const lastIndex = Math.max(0, buckets.length - 1);
  let inLast = 0;
  for (let bits = lastIndex; bits < belonging.length; bits++) inLast += belonging[bits]!;
  for (let position = 0; position <= lastIndex; position++) {
    const bucket = buckets[position];
    const wanted = position === lastIndex ? inLast : belonging[position]!;
    const contacts = bucket?.contacts ?? [];
    if (contacts.length >= bucketSize) continue;
    let held = 0;
    for (const contact of contacts) {
      const index = indexes.get(mapKey(contact.id));
      if (index === undefined) continue;
      const shared = simulation.oracle.sharedBits(node.index, index);
      if (shared === position || (position === lastIndex && shared >= position)) held++;
    }
    if (held < wanted) {
      const gap = bucket?.gap ?? 'no table';
      return `node ${node.index} holds ${held} of ${wanted} in bucket ${position} of ${lastIndex} (says: ${gap})`;
    }
  }
  return undefined;
}

/**
 * On a ring: the lists hold the nodes next to this one in both directions, and each finger points to the first node of its
 * interval among those that have been there since it was looked up.
 */
function findRingGap(
  simulation: Simulation,
  node: SimNode,
  ring: ChordSnapshot,
  wasChanging: boolean,
): string | undefined {
  const { oracle } = simulation;
  const around = oracle.clockwiseFrom(node.id).filter((index) => index !== node.index);
  const named = (indexes: readonly number[]): string[] =>
    indexes.slice(0, ring.listSize).map((index) => mapKey(simulation.nodes[index]!.id));
  const lists = [
    { what: 'successors', wanted: named(around), held: ring.successors },
    { what: 'predecessors', wanted: named(around.toReversed()), held: ring.predecessors },
  ];
  for (const { what, wanted, held } of lists) {
    const keys = new Set<string>(held.map(({ id }) => mapKey(id)));
    const found = wanted.filter((key) => keys.has(key)).length;
    if (found < wanted.length)
      return `node ${node.index} holds ${found} of ${wanted.length} ${what} (says: ${ring.gap})`;
  }
  for (const { exponent, start, contact, gap } of ring.fingers) {
    const wanted = simulation.nodes[oracle.successor(start)]!;
    // Fingers only shorten ways. A newcomer that nobody near told of is found when the finger is looked up the next time.
    const isNew = wasChanging && simulation.now - wanted.startedAt <= node.config.refreshMs;
    if (contact === undefined || (mapKey(contact.id) !== mapKey(wanted.id) && !isNew))
      return `node ${node.index} has another finger ${exponent} than node ${wanted.index} (says: ${gap})`;
  }
  return undefined;
}

const GAPS_MAX = 5;
