/**
 * What makes the life of a network hard while messages are sent, as options that scenarios share: hostile nodes, tabs that
 * stop for a while, clocks that are wrong. None of these nodes sends or receives the messages that are counted, except
 * those whose clock only runs fast or slow.
 */

import { ADVERSARY_KINDS, Cast } from '../adversaries/cast.ts';
import { Witness } from '../adversaries/witness.ts';
import type { Finding } from '../checkers/finding.ts';
import { choice, ratio, type OptionValues } from '../options.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import { SkewedClock } from '../skewed-clock.ts';
import type { ResultValue } from './scenario.ts';
import type { Traffic } from './traffic.ts';

export const HARDSHIP_OPTIONS = {
  droppers: ratio('share of nodes that forward nothing and are honest otherwise', 0),
  adversary: choice('what hostile nodes do to the messages of others', ['none', ...ADVERSARY_KINDS]),
  hostile: ratio('share of nodes that are hostile, with --adversary', 0.2),
  frozen: ratio('share of nodes that stop for 20 s when the messages begin', 0),
  jumps: ratio('share of nodes whose clock jumps ahead, by seconds or an hour, among the messages', 0),
} as const;

export type HardshipValues = OptionValues<typeof HARDSHIP_OPTIONS>;

/** Lines of help for what `Hardship` prints. */
export const HARDSHIP_HELP = [
  'forgedAccepted  receipts accepted that the node they name did not give; alteredAccepted: bodies that nobody sent',
  'wrongNearest    accepted receipts of closest from a node that was not the nearest (signed by that node itself)',
  'honestRefused   answers of the right node that reached the sender and were not accepted',
];

export class Hardship {
  readonly cast: Cast;
  readonly #simulation: Simulation;
  readonly #frozen: Set<SimNode>;
  readonly #jumping: Set<SimNode>;
  #witness: Witness | undefined;

  /** Chooses who suffers and who is hostile, among all nodes that are there, from the seed. */
  constructor(simulation: Simulation, values: HardshipValues) {
    this.#simulation = simulation;
    const { droppers, adversary, hostile } = values;
    this.cast = new Cast(simulation, [
      { kind: 'silent', share: droppers },
      ...(adversary === 'none' ? [] : [{ kind: adversary, share: hostile }]),
    ]);
    const random = new SeededRandom(simulation.seed, SUFFERER_STREAM);
    const rest = simulation.nodes.filter((node) => !this.cast.isHostile(node));
    const draw = (share: number): Set<SimNode> => {
      const count = Math.min(rest.length, Math.round(share * simulation.nodes.length));
      return new Set(Array.from({ length: count }, () => rest.splice(random.below(rest.length), 1)[0]!));
    };
    this.#frozen = draw(values.frozen);
    this.#jumping = draw(values.jumps);
  }

  /** True when the node may send and receive what is counted. */
  isEndpoint(node: SimNode): boolean {
    return !this.cast.isHostile(node) && !this.#frozen.has(node) && !this.#jumping.has(node);
  }

  /** Everything begins, just before the messages; those of `traffic` are watched for lies that are believed. */
  begin(traffic?: Traffic): void {
    const simulation = this.#simulation;
    this.cast.begin();
    if (this.cast.size > 0 && traffic !== undefined)
      this.#witness = new Witness(simulation, this.cast, traffic);
    for (const node of this.#frozen) simulation.freeze(node, FROZEN_MS);
    const random = new SeededRandom(simulation.seed, JUMP_STREAM);
    for (const node of this.#jumping) {
      node.clock ??= new SkewedClock(0, 1);
      const ms = random.below(2) === 0 ? HOUR_MS : 1_000 + random.below(30_000);
      simulation.schedule(random.below(JUMP_WITHIN_MS), () => {
        node.clock?.jump(ms);
        simulation.input(node, { type: 'wake' });
      });
    }
  }

  numbers(): Record<string, ResultValue> {
    return this.#witness?.numbers() ?? {};
  }

  findings(): Finding[] {
    return this.#witness?.findings() ?? [];
  }
}

const SUFFERER_STREAM = 41;
const JUMP_STREAM = 42;
const HOUR_MS = 3_600_000;
const FROZEN_MS = 20_000;
const JUMP_WITHIN_MS = 2_000;
