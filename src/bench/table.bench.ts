/**
 * `closest(20)` of 10,000 ids offered, beside npm's k-bucket with the same ids and bucket size, in turns in one process.
 * Prints one JSON object; `ratio` is the median of the turns. Run: `npx tsx src/bench/table.bench.ts`.
 */

import KBucket from 'k-bucket';
import { KademliaGeometry } from '../core/geometry/kademlia/kademlia.ts';
import { contactOf } from '../core/geometry/test-contacts.ts';
import { asNodeId, sameId, type NodeId } from '../core/id/node-id.ts';
import { compareXor } from '../core/id/xor.ts';
import { SeededRandom } from '../sim/random.ts';

const SEED = 7;
const IDS = 10_000;
const BUCKET_SIZE = 20;
const COUNT = 20;
const TURNS = 15;
const CALLS = 20_000;

const random = new SeededRandom(SEED, 0);
const newId = (): NodeId => asNodeId(random.bytes(32));
const self = newId();
const ours = new KademliaGeometry({ self, bucketSize: BUCKET_SIZE, replacementsMax: 0, refreshMs: Infinity });
const theirs = new KBucket({ localNodeId: self, numberOfNodesPerKBucket: BUCKET_SIZE });
for (let i = 0; i < IDS; i++) {
  const contact = contactOf(newId());
  ours.offer(contact, 0, true);
  theirs.add(contact);
}
const targets = Array.from({ length: 1_024 }, newId);

/** Nanoseconds a call takes on average. */
function measure(closest: (target: NodeId) => { length: number }): number {
  let found = 0;
  const start = process.hrtime.bigint();
  for (let i = 0; i < CALLS; i++) found += closest(targets[i % targets.length]!).length;
  const nanoseconds = Number(process.hrtime.bigint() - start);
  if (found !== CALLS * COUNT) throw new Error(`${found} ids found in ${CALLS} calls`);
  return nanoseconds / CALLS;
}

/** How many answers are exactly the nearest contacts held, in order. */
function exactAnswers(held: readonly NodeId[], closest: (target: NodeId) => readonly NodeId[]): number {
  return targets.filter((target) => {
    const expected = held.toSorted((a, b) => compareXor(target, a, b)).slice(0, COUNT);
    const found = closest(target);
    return found.length === COUNT && expected.every((id, i) => sameId(id, found[i]!));
  }).length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

const round = (value: number): number => Number(value.toFixed(3));
const oursNs: number[] = [];
const theirsNs: number[] = [];
const withSelfNs: number[] = [];
for (let turn = -3; turn < TURNS; turn++) {
  const a = measure((target) => ours.closest(target, COUNT, false));
  const b = measure((target) => theirs.closest(target, COUNT));
  const c = measure((target) => ours.closest(target, COUNT, true));
  if (turn < 0) continue; // warming up
  oursNs.push(a);
  theirsNs.push(b);
  withSelfNs.push(c);
}
const heldByOurs = Array.from(ours.contacts(), (contact) => contact.id);
const heldByTheirs = theirs.toArray().map((contact) => asNodeId(contact.id));
console.log(
  JSON.stringify({
    bench: 'table',
    seed: SEED,
    idsOffered: IDS,
    bucketSize: BUCKET_SIZE,
    count: COUNT,
    held: ours.size,
    kBucketHeld: theirs.count(),
    closestUs: round(median(oursNs) / 1_000),
    closestWithSelfUs: round(median(withSelfNs) / 1_000),
    kBucketUs: round(median(theirsNs) / 1_000),
    ratio: round(median(oursNs.map((own, i) => theirsNs[i]! / own))),
    exact: exactAnswers(heldByOurs, (target) => ours.closest(target, COUNT, false)) / targets.length,
    kBucketExact:
      exactAnswers(heldByTheirs, (target) => theirs.closest(target, COUNT).map(({ id }) => asNodeId(id))) /
      targets.length,
  }),
);
