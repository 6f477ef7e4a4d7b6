/** Holds the invariant of ring.ts against the snapshots of running nodes, now and then while a simulation goes on. */

import { sameId } from '../../core/id/node-id.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import type { Finding } from './finding.ts';
import { judgeRing, type RingMember } from './ring.ts';

export class RingWatch {
  readonly findings: Finding[] = [];
  /** Moments that were judged, and those at which something was wrong. */
  judged = 0;
  broken = 0;
  readonly #simulation: Simulation;
  readonly #listSize: number;

  /** From now on the ring is judged every so many steps, beside what the simulation checks already. */
  constructor(simulation: Simulation, listSize: number, everySteps: number) {
    this.#simulation = simulation;
    this.#listSize = listSize;
    const before = simulation.onCheck;
    const everyCheck = Math.max(1, Math.round(everySteps / simulation.checkEverySteps));
    if (simulation.checkEverySteps > everySteps) simulation.checkEverySteps = everySteps;
    let checks = 0;
    simulation.onCheck = () => {
      before();
      if (++checks % everyCheck === 0) this.judge();
    };
  }

  judge(): void {
    const living = this.#simulation.liveNodes().flatMap((node) => shownBy(node) ?? []);
    const members = living.filter(({ isJoining }) => !isJoining).length;
    const wanted = members > this.#listSize ? this.#listSize + 1 : members;
    const { faults } = judgeRing(living, wanted);
    this.judged++;
    if (faults.length === 0) return;
    this.broken++;
    if (this.findings.length >= FINDINGS_MAX) return;
    for (const sentence of faults.slice(0, FINDINGS_MAX))
      this.findings.push({ family: 'safety', at: this.#simulation.now, sentence });
  }

  /** Live nodes whose list is not that of the oracle: the next ones, as many as wanted or everybody. */
  countWrongLists(): number {
    const { nodes, oracle } = this.#simulation;
    const first = this.#simulation.liveNodes()[0];
    if (first === undefined) return 0;
    const around = oracle.clockwiseFrom(first.id).map((index) => nodes[index]!);
    const wanted = Math.min(this.#listSize, around.length - 1);
    return around.filter((node, at) => {
      const list = shownBy(node)?.list ?? [];
      for (let i = 0; i < wanted; i++) {
        const listed = list[i];
        if (listed === undefined || !sameId(listed, around[(at + 1 + i) % around.length]!.id)) return true;
      }
      return false;
    }).length;
  }
}

function shownBy(node: SimNode): RingMember | undefined {
  const ring = node.core?.snapshot().geometry;
  if (ring?.geometry !== 'chord') return undefined;
  const list = ring.successors.map(({ id }) => id);
  const before = ring.predecessors.map(({ id }) => id).toReversed();
  const isJoining = list.length === 0 && ring.gap === 'not-looked-up';
  return { id: node.id, list, before, isWhole: false, isJoining };
}

const FINDINGS_MAX = 5;
