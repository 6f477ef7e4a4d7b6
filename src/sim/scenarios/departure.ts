/** The ways in which nodes go away, by the words of the command line. */

import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';

/** leave: with a goodbye; closed: tab closed; silent: tab killed; hung: never noticed by browsers. */
export const WAYS_TO_GO = ['leave', 'closed', 'silent', 'hung'] as const;

export function removeNode(simulation: Simulation, node: SimNode, how: (typeof WAYS_TO_GO)[number]): void {
  if (how === 'leave') simulation.leave(node);
  else if (how === 'closed') simulation.close(node);
  else simulation.crash(node, how === 'hung' ? 'never' : 'slowly');
}

/** Live nodes drawn by chance, at most all but one. `stream`: which of the run's sequences of chance decides. */
export function drawNodes(simulation: Simulation, count: number, stream: number): SimNode[] {
  const random = new SeededRandom(simulation.seed, stream);
  const rest = simulation.liveNodes();
  return Array.from(
    { length: Math.min(count, rest.length - 1) },
    () => rest.splice(random.below(rest.length), 1)[0]!,
  );
}
