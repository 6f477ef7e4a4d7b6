/** Nodes that come and go: each leaves when its session is over, and another one takes its place in the network at once. */

import { drawLifetime, drawRest } from './lifetimes.ts';
import { SeededRandom } from './random.ts';
import { isAlive, type SimConfig, type SimNode } from './sim-node.ts';
import type { Simulation } from './simulator.ts';

export interface ChurnOptions {
  readonly medianMs: number;
  /** Share of sessions that end without a goodbye, in [0, 1]. */
  readonly crashes: number;
  readonly config: SimConfig;
  /** Nodes that leave hand their records over first. */
  readonly handOver?: boolean;
  /** Nodes that never go. */
  readonly stays?: ReadonlySet<SimNode>;
}

export class Churn {
  joined = 0;
  left = 0;
  crashed = 0;
  readonly #simulation: Simulation;
  readonly #options: ChurnOptions;
  readonly #random: SeededRandom;
  #isOn = true;

  /** Begins at once, with the nodes that are there in the middle of their sessions. */
  constructor(simulation: Simulation, options: ChurnOptions) {
    this.#simulation = simulation;
    this.#options = options;
    this.#random = new SeededRandom(simulation.seed, CHURN_STREAM);
    for (const node of simulation.liveNodes())
      if (options.stays?.has(node) !== true) this.#expect(node, drawRest(this.#random, options.medianMs));
  }

  /** Nobody comes or goes any more. */
  stop(): void {
    this.#isOn = false;
  }

  #expect(node: SimNode, afterMs: number): void {
    this.#simulation.schedule(afterMs, () => {
      if (!this.#isOn || !isAlive(node)) return;
      if (this.#random.fraction() < this.#options.crashes) {
        this.crashed++;
        this.#simulation.crash(node, 'slowly');
      } else {
        this.left++;
        this.#simulation.leave(node, this.#options.handOver);
      }
      this.#join();
    });
  }

  #join(): void {
    const node = this.#simulation.addNode({ config: this.#options.config });
    this.joined++;
    this.#simulation.start(node);
    this.#expect(node, drawLifetime(this.#random, this.#options.medianMs));
  }
}

const CHURN_STREAM = 50;
