/**
 * Choosing the next hop among 24 peers with 24 links each (the shipped limits) and among 200 with 200 (a node linked to
 * all of its contacts). Prints one JSON object. Run: `npx tsx src/bench/hop-choice.bench.ts`.
 */

import type { PeerView } from '../core/geometry/geometry.ts';
import { KademliaGeometry } from '../core/geometry/kademlia/kademlia.ts';
import { packIds } from '../core/id/id-list.ts';
import { asNodeId, mapKey, type NodeId } from '../core/id/node-id.ts';
import { idInBucket } from '../core/id/xor.ts';
import { SeededRandom } from '../sim/random.ts';

const SEED = 7;
const TURNS = 9;

const random = new SeededRandom(SEED, 0);
const self = asNodeId(random.bytes(32));
const geometry = new KademliaGeometry({ self, bucketSize: 8, replacementsMax: 8, refreshMs: Infinity });
const targets = Array.from({ length: 1_024 }, () => asNodeId(random.bytes(32)));
const skipNone = (): boolean => false;

/** An id as a table of a network of about 2^depth nodes would hold it. */
function contactFor(owner: NodeId, index: number, depth: number): NodeId {
  return idInBucket(owner, index % depth, random.bytes(32));
}

/** Peers spread like those of a real table, each linked to this node and to contacts spread in the same way. */
function peersOf(count: number, links: number): PeerView[] {
  return Array.from({ length: count }, (_, i) => {
    const id = contactFor(self, i, 10);
    const linked = packIds([self, ...Array.from({ length: links - 1 }, (_, j) => contactFor(id, j, 10))]);
    return { id, key: mapKey(id), linked };
  });
}

interface Case {
  readonly peers: readonly PeerView[];
  readonly count: number;
  readonly ignore: readonly Uint8Array[];
}

/** Choices a second, the median of several turns. */
function rate({ peers, count, ignore }: Case, calls: number): number {
  const options = { count, skip: skipNone, ignore };
  const rates: number[] = [];
  for (let turn = -2; turn < TURNS; turn++) {
    let chosen = 0;
    const start = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) {
      chosen += geometry.nextHops(targets[i % targets.length]!, peers, options).length;
    }
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (chosen !== calls * count) throw new Error(`${chosen} hops chosen in ${calls} calls`);
    if (turn >= 0) rates.push(calls / seconds);
  }
  return Math.round(rates.toSorted((a, b) => a - b)[TURNS >> 1]!);
}

const shipped = peersOf(24, 24);
const reference = peersOf(200, 200);
const visited = shipped.slice(0, 4).map((peer) => peer.id.subarray(0, 8));
console.log(
  JSON.stringify({
    bench: 'hop-choice',
    seed: SEED,
    peers24Links24: rate({ peers: shipped, count: 1, ignore: [] }, 50_000),
    peers24Links24Visited4: rate({ peers: shipped, count: 1, ignore: visited }, 50_000),
    peers24Links24Best4: rate({ peers: shipped, count: 4, ignore: [] }, 50_000),
    peers200Links200: rate({ peers: reference, count: 1, ignore: [] }, 5_000),
    peers200Links200Best4: rate({ peers: reference, count: 4, ignore: [] }, 5_000),
  }),
);
