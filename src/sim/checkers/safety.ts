/**
 * What must hold at every moment, looked at from outside through snapshots: a node does not list itself, buckets and
 * links stay within their limits, and links agree at both ends when nothing is in flight.
 */

import { SURPLUS_MAX } from '../../core/geometry/kademlia/table.ts';
import { sameId, toHex } from '../../core/id/node-id.ts';
import type { NodeSnapshot } from '../../core/snapshot.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import type { Finding } from './finding.ts';

/** Findings about one node's snapshot; empty when all is well. */
export function checkNodeSafety(node: SimNode, now: number): Finding[] {
  if (node.core === undefined) return [];
  const snapshot = node.core.snapshot();
  return [...checkBuckets(node, snapshot), ...checkLinks(node, snapshot)].map((problem) => ({
    family: 'safety' as const,
    at: now,
    sentence: `node ${node.index} (${toHex(node.id.subarray(0, 4))}…) ${problem}`,
  }));
}

/** Looks at one node after another as steps pass, so that all get their turn at a small cost. */
export class RollingSafetyCheck {
  readonly findings: Finding[] = [];
  readonly #simulation: Simulation;
  #next = 0;

  /** Installs itself as the simulation's checker, once every `everySteps`. */
  constructor(simulation: Simulation, everySteps: number) {
    this.#simulation = simulation;
    simulation.checkEverySteps = everySteps;
    simulation.onCheck = () => this.#checkNext();
  }

  /** Looks at every node now. */
  checkAll(): void {
    for (const node of this.#simulation.nodes) this.#check(node);
  }

  #checkNext(): void {
    const { nodes } = this.#simulation;
    for (let tried = 0; tried < nodes.length; tried++) {
      const node = nodes[this.#next++ % nodes.length]!;
      if (node.core === undefined) continue;
      this.#check(node);
      return;
    }
  }

  #check(node: SimNode): void {
    if (this.findings.length >= FINDINGS_MAX) return;
    this.findings.push(...checkNodeSafety(node, this.#simulation.now));
  }
}

/** Findings about links that one end takes for up and the other end does not know. For quiet moments only. */
export function checkLinkAgreement(simulation: Simulation): Finding[] {
  const findings: Finding[] = [];
  for (const node of simulation.nodes) {
    if (node.core === undefined || node.life !== 'running' || findings.length >= FINDINGS_MAX) continue;
    for (const link of node.core.snapshot().links) {
      if (link.state !== 'up' && link.state !== 'suspect') continue;
      const other = node.links.get(link.link)?.other;
      const isKnown = other?.state === 'up' && sameId(other.node.id, link.peer);
      if (isKnown && (other.node.life !== 'running' || hasLink(other.node, other.link))) continue;
      findings.push({
        family: 'safety',
        at: simulation.now,
        sentence: `node ${node.index} takes link ${link.link} for up, the other end does not`,
      });
    }
  }
  return findings;
}

function hasLink(node: SimNode, link: number): boolean {
  const found = node.core?.snapshot().links.find((other) => other.link === link);
  return found?.state === 'up' || found?.state === 'suspect';
}

function checkBuckets(node: SimNode, snapshot: NodeSnapshot): string[] {
  if (snapshot.geometry.geometry !== 'kademlia') return [];
  const { buckets, bucketSize } = snapshot.geometry;
  const problems: string[] = [];
  const nearest = buckets.at(-1)?.contacts.length ?? 0;
  for (const bucket of buckets) {
    // Rule KB30: beside the last bucket there may be more while close groups reach over.
    const surplus = bucket.index === buckets.length - 2 && nearest < bucketSize - 1 ? SURPLUS_MAX : 0;
    if (bucket.contacts.length > bucketSize + surplus) {
      problems.push(
        `has ${bucket.contacts.length} contacts in bucket ${bucket.index}, allowed are ${bucketSize + surplus}`,
      );
    }
    if (bucket.contacts.some((contact) => sameId(contact.id, node.id)))
      problems.push('lists itself as a contact');
    if (bucket.candidates.some((id) => sameId(id, node.id))) problems.push('lists itself as a candidate');
  }
  return problems;
}

function checkLinks(node: SimNode, snapshot: NodeSnapshot): string[] {
  const problems: string[] = [];
  const up = snapshot.links.filter((link) => link.state === 'up' || link.state === 'suspect');
  if (up.length > node.config.linksMax)
    problems.push(`has ${up.length} links, allowed are ${node.config.linksMax}`);
  if (snapshot.links.some((link) => sameId(link.peer, node.id))) problems.push('is linked to itself');
  const peers = new Set(up.map((link) => toHex(link.peer)));
  if (peers.size < up.length) problems.push('has two links to one peer');
  return problems;
}

const FINDINGS_MAX = 20;
