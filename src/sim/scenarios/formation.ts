/** How a network comes about: all at once with knowledge given, or one node after another; and when it is quiet. */

import type { RingConfig } from '../../core/ring/ring-io.ts';
import type { StoreConfig } from '../../core/store/store-config.ts';
import { FixedViews } from '../fixed-views.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import { RollingSafetyCheck } from '../checkers/safety.ts';
import { configOf, createSimulation, type NetworkValues } from './network-options.ts';
import type { Progress } from './scenario.ts';
import { Views } from './views.ts';

/** A network under way, watched by the safety checkers. */
export interface FormedNetwork {
  readonly simulation: Simulation;
  readonly safety: RollingSafetyCheck;
  /** The links came to rest in time. */
  readonly isQuiet: boolean;
}

/**
 * A new network whose nodes join one after another, every `joinInterval` ms, or with `view` are all there at once (see
 * `startWithView`); returns when the links are at rest.
 */
export function formNetwork(
  values: NetworkValues & {
    readonly joinInterval: number;
    readonly view?: number | null;
    readonly store?: StoreConfig;
    readonly ring?: RingConfig;
  },
  progress: Progress,
): FormedNetwork {
  const simulation = createSimulation(values);
  const safety = new RollingSafetyCheck(simulation, CHECK_EVERY_STEPS);
  const { view = null } = values;
  if (view === null) startOneByOne(simulation, values, values.joinInterval, progress);
  else startWithView(simulation, values, view);
  return { simulation, safety, isQuiet: runUntilQuiet(simulation, values, progress) };
}

/**
 * Adds all nodes and starts them now. Each knows each other one with probability `view`, in an order of its own. With
 * `repair` off it never learns of more than those and the ones that link to it.
 */
function startWithView(simulation: Simulation, values: NetworkValues, view: number): void {
  const config = configOf(values);
  const random = new SeededRandom(values.seed, VIEW_STREAM);
  const fixed = values.repair === 'off' ? new FixedViews(simulation) : undefined;
  const nodes: SimNode[] = [];
  const views = (): Views => (drawn ??= new Views(nodes, new SeededRandom(values.seed, VIEW_STREAM)));
  let drawn: Views | undefined;
  for (let i = 0; i < values.nodes; i++) {
    const contacts = (): readonly Uint8Array[] => {
      if (fixed === undefined && values.geometry === 'chord') return views().drawRing(nodes[i]!, view);
      if (fixed === undefined) return views().draw(nodes[i]!, view);
      const known = drawView(nodes, i, view, random);
      fixed.set(nodes[i]!, known);
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
 * Runs until the links have come to rest and every node is ready (with `repair`: takes its table for complete), or until
 * the limit; returns false when that came first. At rest: no link came up or went down for six seconds (nodes give up
 * links they have no need of after five), and no attempt is unfinished, or for eleven seconds, which is longer than an
 * attempt may take. Among ten thousand nodes there always is an attempt somewhere that comes to nothing: a node that is
 * the only one of its part of the key space is wanted by more nodes than may link to it, and is asked again now and then;
 * they reach it through each other. Attempts with a node at its cap of links do not count at all.
 */
export function runUntilQuiet(simulation: Simulation, values: NetworkValues, progress: Progress): boolean {
  const { network } = simulation;
  const limitMs = simulation.now + SETTLE_MS_MAX;
  const isFixed = values.repair === 'off';
  let changes = -1;
  let quietSince = simulation.now;
  const isSettled = (node: SimNode): boolean =>
    values.repair === 'off' || values.nodes === 1 || (node.readyAt >= 0 && node.claimsComplete);
  return simulation.runWhile(
    () => {
      const { attemptCount } = network;
      progress(`${network.linkCount} links, ${attemptCount} attempts, ${Math.round(simulation.now)} ms`);
      if (network.linkChanges !== changes) quietSince = simulation.now;
      changes = network.linkChanges;
      const neededMs = attemptCount > 0 && !isFixed ? QUIET_MS_WITH_ATTEMPTS : QUIET_MS;
      if (simulation.now - quietSince < neededMs) return true;
      return !simulation.liveNodes().every(isSettled);
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

const CHECK_EVERY_STEPS = 2_000;
const VIEW_STREAM = 10;
const QUIET_MS = 6_000;
const QUIET_MS_WITH_ATTEMPTS = 11_000;
const LOOK_EVERY_MS = 100;
/** Links that have not formed by then will not. */
const SETTLE_MS_MAX = 120_000;
