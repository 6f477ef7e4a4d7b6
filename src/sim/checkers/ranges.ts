/** Whose keys are whose, seen from outside: at most one live node may take a key for its own at any time. */

import { compareIds, sameId, toHex } from '../../core/id/node-id.ts';
import { isWithin } from '../../core/id/ring.ts';
import type { Range } from '../../core/ring/ownership.ts';
import type { Simulation } from '../simulator.ts';

/** Looks at the ranges of all nodes again and again. */
export class RangeCheck {
  checks = 0;
  /** Pairs of nodes that took the same keys for theirs, each pair counted once as long as it lasts. */
  violations = 0;
  #open = new Set<string>();
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  check(): void {
    this.checks++;
    const ranges = this.#ranges();
    const open = new Set<string>();
    ranges.forEach((range, i) => {
      const before = ranges.at(i - 1)!;
      // Ranges end with their owners' ids: two that overlap make two that follow each other overlap.
      if (before === range || !isWithin(before.upTo, range.after, range.upTo)) return;
      const name = `${toHex(before.upTo)} ${toHex(range.upTo)}`;
      if (!this.#open.has(name)) this.violations++;
      open.add(name);
    });
    this.#open = open;
  }

  /** Live nodes whose range does not begin where that of the node before them ends: keys that nobody answers for. */
  gaps(): number {
    const ranges = this.#ranges();
    const misplaced = ranges.filter((range, i) => !sameId(range.after, ranges.at(i - 1)!.upTo)).length;
    return misplaced + this.#simulation.liveNodes().length - ranges.length;
  }

  #ranges(): Range[] {
    const { now } = this.#simulation;
    return this.#simulation
      .liveNodes()
      .flatMap((node) => node.core?.store?.range?.(node.clock?.read(now) ?? now) ?? [])
      .toSorted((a, b) => compareIds(a.upTo, b.upTo));
  }
}
