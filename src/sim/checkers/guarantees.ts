/**
 * The promises of a Kademlia network whose tables are complete, looked at from outside: who is linked to whom, whether
 * close groups are linked throughout, how many ways there are. What messages show is in scenarios/guarantees.ts.
 */

import { bucketsOf } from '../../core/snapshot.ts';
import { mapKey, type NodeId } from '../../core/id/node-id.ts';
import { compareXor } from '../../core/id/xor.ts';
import { SortedIds } from '../sorted-ids.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';

/** The live nodes of a moment and the links between them. */
export class LinkGraph {
  readonly nodes: readonly SimNode[];
  /** The largest number of buckets in a table. */
  readonly buckets: number;
  readonly #byId = new SortedIds<SimNode>();
  readonly #peers = new Map<SimNode, ReadonlySet<SimNode>>();
  readonly #known = new Map<SimNode, ReadonlySet<string>>();

  constructor(simulation: Simulation) {
    this.nodes = simulation.liveNodes();
    let buckets = 1;
    for (const node of this.nodes) {
      this.#byId.add(node);
      this.#peers.set(node, new Set(peersOf(node)));
      const snapshot = node.core?.snapshot();
      const table = snapshot === undefined ? [] : bucketsOf(snapshot);
      buckets = Math.max(buckets, table.length);
      const contacts = table.flatMap((bucket) => bucket.contacts.map(({ id }) => mapKey(id)));
      this.#known.set(node, new Set(contacts));
    }
    this.buckets = buckets;
  }

  /** The nodes nearest to a key, nearest first. */
  closeGroup(key: NodeId, size: number): SimNode[] {
    const exact = this.#byId.get(key);
    const others = this.#byId.nearest(key, size);
    return exact === undefined ? others : [exact, ...others.slice(0, size - 1)];
  }

  areLinked(a: SimNode, b: SimNode): boolean {
    return this.#peers.get(a)?.has(b) === true;
  }

  /** Linked, or, when links are rationed: one knows the other, and there are at most two hops between them. */
  reaches(a: SimNode, b: SimNode, isRationed: boolean): boolean {
    if (this.areLinked(a, b)) return true;
    if (!isRationed || !(this.#knows(a, b) || this.#knows(b, a))) return false;
    return [...(this.#peers.get(a) ?? [])].some((peer) => this.areLinked(peer, b));
  }

  /** Pairs of a group that do not reach each other. */
  gapsIn(group: readonly SimNode[], isRationed: boolean): [SimNode, SimNode][] {
    return group.flatMap((a) =>
      group.flatMap((b): [SimNode, SimNode][] => (a === b || this.reaches(a, b, isRationed) ? [] : [[a, b]])),
    );
  }

  /** Ways from one node to another that begin with different hops, each going nearer with every step, at most `enough`. */
  countWays(from: SimNode, to: SimNode, enough: number): number {
    const firsts = [...(this.#peers.get(from) ?? [])].sort((a, b) => compareXor(to.id, a.id, b.id));
    let ways = 0;
    for (const first of firsts) {
      if (ways >= enough) break;
      if (this.#arrives(first, to, from)) ways++;
    }
    return ways;
  }

  #knows(a: SimNode, b: SimNode): boolean {
    return this.#known.get(a)?.has(mapKey(b.id)) === true;
  }

  #arrives(from: SimNode, to: SimNode, avoided: SimNode): boolean {
    let at: SimNode | undefined = from;
    while (at !== undefined && at !== to) {
      const here: SimNode = at;
      const nearer: SimNode[] = [...(this.#peers.get(here) ?? [])].filter(
        (peer) => peer !== avoided && compareXor(to.id, peer.id, here.id) < 0,
      );
      at = nearer.reduce<SimNode | undefined>(
        (best, peer) => (best === undefined || compareXor(to.id, peer.id, best.id) < 0 ? peer : best),
        undefined,
      );
    }
    return at === to;
  }
}

/** How many of a node's links others dialled. */
export function countAccepted(node: SimNode): number {
  let count = 0;
  for (const end of node.links.values()) if (end.state === 'up' && end.isAnswering) count++;
  return count;
}

function peersOf(node: SimNode): SimNode[] {
  return [...node.links.values()].flatMap((end) =>
    end.state === 'up' && end.other !== undefined ? [end.other.node] : [],
  );
}
