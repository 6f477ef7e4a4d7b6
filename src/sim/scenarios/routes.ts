/** Looks at the copies of messages that were sent over several ways at once: did the ways really keep apart? */

import { FRAME_KINDS, messageHex, messageKey } from '../../core/wire/frame.ts';
import { percentDown } from '../figures.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import { isDelivered, type Account } from './account.ts';

export class RouteWatch {
  /** By message in hexadecimal: who sent copies to whom. */
  readonly #steps = new Map<string, Map<number, Set<number>>>();

  constructor(simulation: Simulation) {
    const before = simulation.onTransmit;
    simulation.onTransmit = (node, link, bytes) => {
      if (before?.(node, link, bytes) === true) return true;
      const to = node.links.get(link)?.other?.node;
      const kind = bytes[1]!;
      if (to !== undefined && (kind === FRAME_KINDS.closest || kind === FRAME_KINDS.direct))
        this.#note(node, to, bytes);
      return false;
    };
  }

  /** Share of the delivered messages with `routes` ways from sender to receiver that have no other node in common. */
  disjointPercent(accounts: readonly Account[], routes: number): number | null {
    const delivered = accounts.filter(
      (account) => isDelivered(account) && account.sender !== account.receiver,
    );
    const disjoint = delivered.filter((account) => this.#countWays(account, routes) >= routes);
    return percentDown(disjoint.length, delivered.length);
  }

  #note(from: SimNode, to: SimNode, bytes: Uint8Array): void {
    const message = messageHex(messageKey(bytes, 12));
    let steps = this.#steps.get(message);
    if (steps === undefined) this.#steps.set(message, (steps = new Map()));
    const others = steps.get(from.index);
    if (others === undefined) steps.set(from.index, new Set([to.index]));
    else others.add(to.index);
  }

  #countWays({ message, sender, receiver }: Account, enough: number): number {
    const steps = this.#steps.get(message) ?? new Map<number, Set<number>>();
    return countDisjointWays(steps, sender.index, receiver.index, enough);
  }
}

/** How many ways from one node to another share no node in between, at most `enough`. */
export function countDisjointWays(
  steps: ReadonlyMap<number, ReadonlySet<number>>,
  from: number,
  to: number,
  enough: number,
): number {
  // Every node but the ends is a pair, entered at 2n and left at 2n + 1, with room for one way between (Menger).
  const room = new Map<number, Set<number>>();
  const open = (a: number, b: number): void => {
    const ends = room.get(a);
    if (ends === undefined) room.set(a, new Set([b]));
    else ends.add(b);
  };
  for (const [node, others] of steps) {
    open(2 * node, 2 * node + 1);
    for (const other of others) open(2 * node + 1, 2 * other);
  }
  let ways = 0;
  while (ways < enough) {
    const way = findWay(room, 2 * from + 1, 2 * to);
    if (way === undefined) break;
    for (let i = 0; i + 1 < way.length; i++) {
      room.get(way[i]!)?.delete(way[i + 1]!);
      open(way[i + 1]!, way[i]!);
    }
    ways++;
  }
  return ways;
}

/** The shortest way with room, from end to end. */
function findWay(
  room: ReadonlyMap<number, ReadonlySet<number>>,
  from: number,
  to: number,
): number[] | undefined {
  const cameFrom = new Map<number, number>([[from, from]]);
  for (const state of cameFrom.keys()) {
    if (state === to) {
      const way = [to];
      while (way[0] !== from) way.unshift(cameFrom.get(way[0]!)!);
      return way;
    }
    for (const next of room.get(state) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, state);
  }
  return undefined;
}
