/** How a network comes about: all at once with knowledge given, or one node after another; and when it is quiet. */

import { FixedViews } from '../fixed-views.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import { configOf, type NetworkValues } from './network-options.ts';
import type { Progress } from './scenario.ts';

/**
 * Adds all nodes and starts them now. Each knows each other one with probability `view`, in an order of its own. With
 * `repair` off it never learns of more than those and the ones that link to it.
 */
export function startWithView(simulation: Simulation, values: NetworkValues, view: number): void {
  const config = configOf(values);
  const random = new SeededRandom(values.seed, VIEW_STREAM);
  const views = values.repair === 'off' ? new FixedViews(simulation) : undefined;
  const nodes: SimNode[] = [];
  for (let i = 0; i < values.nodes; i++) {
    const contacts = (): readonly Uint8Array[] => {
      const known = drawView(nodes, i, view, random);
      views?.set(nodes[i]!, known);
      return known.map((node) => node.record);
    };
    nodes.push(simulation.addNode({ config, contacts }));
  }
  for (const node of nodes) simulation.start(node);
}

/** Adds nodes and starts one every `intervalMs`; they join through the server. Returns when the last one has started. */
export function startOneByOne(
  simulation: Simulation,
  values: NetworkValues,
  intervalMs: number,
  progress: Progress,
): void {
  const config = configOf(values);
  for (let i = 0; i < values.nodes; i++) {
    const node = simulation.addNode({ config });
    if (i > 0) simulation.runUntil(simulation.now + intervalMs);
    simulation.start(node);
    progress(`${i + 1} of ${values.nodes} nodes started, ${Math.round(simulation.now)} ms`);
  }
}

/**
 * Runs until no link attempt is unfinished, none was begun for two seconds, and every node is ready and takes its table
 * for complete; with `repair` off until the number of links stood still for three. Returns false when the limit came first.
 */
export function runUntilQuiet(simulation: Simulation, values: NetworkValues, progress: Progress): boolean {
  const { network } = simulation;
  const limitMs = simulation.now + SETTLE_MS_MAX;
  // Nodes that never learn who else is there go on dialling some they cannot reach: their links tell.
  const isFixed = values.repair === 'off';
  const quietMs = isFixed ? FIXED_QUIET_MS : QUIET_MS;
  let activity = -1;
  let quietSince = simulation.now;
  const isSettled = (node: SimNode): boolean =>
    values.repair === 'off' || values.nodes === 1 || (node.readyAt >= 0 && node.claimsComplete);
  return simulation.runWhile(
    () => {
      progress(
        `${network.linkCount} links, ${network.attemptCount} attempts, ${Math.round(simulation.now)} ms`,
      );
      const now = isFixed ? network.linkCount : network.attemptsBegun;
      if (now !== activity || (!isFixed && network.attemptCount > 0)) quietSince = simulation.now;
      activity = now;
      return simulation.now - quietSince < quietMs || !simulation.liveNodes().every(isSettled);
    },
    LOOK_EVERY_MS,
    limitMs,
  );
}

/** No new links and no new contacts from now on, for all nodes; they share their configuration. */
export function stopRepair(simulation: Simulation): void {
  for (const { config } of simulation.nodes) config.repair = false;
}

/** The nodes that a node knows of, shuffled: whoever is offered first gets the place in a bucket. */
function drawView(nodes: readonly SimNode[], self: number, view: number, random: SeededRandom): SimNode[] {
  const known: SimNode[] = [];
  for (const node of nodes) {
    if (node.index === self || (view < 1 && random.fraction() >= view)) continue;
    const place = random.below(known.length + 1);
    known.push(node);
    if (place === known.length - 1) continue;
    known[known.length - 1] = known[place]!;
    known[place] = node;
  }
  return known;
}

const VIEW_STREAM = 10;
const QUIET_MS = 2_000;
const FIXED_QUIET_MS = 3_000;
const LOOK_EVERY_MS = 100;
/** Links that have not formed by then will not. */
const SETTLE_MS_MAX = 120_000;
