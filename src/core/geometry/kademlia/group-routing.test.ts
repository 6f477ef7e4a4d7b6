import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../sim/random.ts';
import { asNodeId, mapKey, sameId, toHex, type NodeId } from '../../id/node-id.ts';
import { commonPrefixLength, compareXor, flipBit } from '../../id/xor.ts';
import { contactOf } from '../test-contacts.ts';
import { TableNetwork } from './table-network.ts';

interface Shape {
  readonly count: number;
  readonly bucketSize: number;
  readonly idBytes: number;
  /** Of four ids, this many begin with seven zeros: crowded parts beside empty ones. */
  readonly crowded: number;
  readonly seed: number;
}

/** Ids of one byte make networks in which most ids are taken: all prefixes are used down to the last bit. */
const shape: fc.Arbitrary<Shape> = fc.record({
  count: fc.integer({ min: 20, max: 60 }),
  bucketSize: fc.constantFrom(1, 2, 3, 4, 8),
  idBytes: fc.constantFrom(1, 8, 32),
  crowded: fc.constantFrom(0, 0, 0, 1, 2),
  seed: fc.nat(),
});

/** The large ones, the same in every run. */
const LARGE: readonly Shape[] = [1, 8, 32].flatMap((idBytes) =>
  [2, 8].map((bucketSize) => ({ count: 200, bucketSize, idBytes, crowded: 0, seed: 7 })),
);

const hexes = (ids: readonly NodeId[]): string[] => ids.map(toHex).sort();

function makeIds({ count, idBytes, crowded }: Shape, random: SeededRandom): NodeId[] {
  const ids = new Map<string, NodeId>();
  while (ids.size < count) {
    const bytes = random.bytes(idBytes);
    // One byte has too few ids to crowd them.
    if (idBytes > 1 && random.below(4) < crowded) bytes[0]! &= 1;
    ids.set(mapKey(bytes), asNodeId(bytes));
  }
  return [...ids.values()];
}

/** Messages to try in one network. */
const MESSAGES = 30;

interface Trial {
  readonly network: TableNetwork;
  readonly shape: Shape;
  readonly random: SeededRandom;
  readonly draw: () => NodeId;
  readonly newKey: () => NodeId;
}

function trialOf(shape: Shape): Trial {
  const random = new SeededRandom(shape.seed, shape.count);
  const network = new TableNetwork(makeIds(shape, random), shape.bucketSize, random);
  const draw = (): NodeId => network.ids[random.below(network.ids.length)]!;
  // Half of the keys are as crowded as the nodes.
  const newKey = (): NodeId => {
    const key = random.bytes(shape.idBytes);
    if (shape.idBytes > 1 && shape.crowded > 0 && random.below(2) === 0) key[0]! &= 1;
    return asNodeId(key);
  };
  return { network, shape, random, draw, newKey };
}

/** Runs a check on many small networks, and on the large ones. */
function everywhere(check: (trial: Trial) => void, numRuns = 60): void {
  fc.assert(
    fc.property(shape, (one) => check(trialOf(one))),
    { numRuns },
  );
  for (const one of LARGE) check(trialOf(one));
}

describe('messages over complete tables', () => {
  test('[KB38] [KB43] one to a node arrives after fewer hops than bits, and costs no more', () => {
    everywhere(({ network, shape: { bucketSize, idBytes }, draw }) => {
      const hopsMax = 8 * idBytes - (bucketSize > 1 ? 1 : 0);
      for (let i = 0; i < MESSAGES; i++) {
        const [origin, target] = [draw(), draw()];
        const { recipients, path, transmissions } = network.send(origin, { to: 'node', id: target }, 0);
        expect(recipients).toEqual([target]);
        expect(transmissions).toBe(path.length - 1);
        expect(transmissions).toBeLessThanOrEqual(hopsMax);
        const shared = path.map((id) => commonPrefixLength(id, target));
        expect(shared.every((bits, hop) => hop === 0 || bits > shared[hop - 1]!)).toBe(true);
      }
    });
  });

  test('[KB33] [KB40] [KB41] [KB44] one to a group reaches its members, each once, and nobody else takes it', () => {
    everywhere(({ network, shape: { bucketSize }, draw, newKey, random }) => {
      for (let i = 0; i < MESSAGES; i++) {
        const key = i % 3 === 0 ? draw() : newKey();
        const size = 1 + random.below(bucketSize);
        const members = network.nearest(key, size);
        const sent = network.send(draw(), { to: 'group', key, size }, 0);
        expect(hexes(sent.recipients)).toEqual(hexes(members));
        expect(sent.transmissions).toBe(sent.path.length - 1 + size - 1);
        const believers = network.ids.filter((id) => network.table(id).isCloseTo(key, size));
        expect(hexes(believers)).toEqual(hexes(members));
      }
    });
  });

  test('[KB33] [KB34] [KB45] the members of a group hold each other, and share a close group by their tables', () => {
    everywhere(({ network, shape: { bucketSize }, newKey }) => {
      for (let i = 0; i < MESSAGES; i++) {
        const key = newKey();
        const members = network.nearest(key, bucketSize);
        for (const id of members) {
          const table = network.table(id);
          expect(table.closeNodes(key, bucketSize)).toEqual(members);
          const others = members.filter((other) => !sameId(other, id));
          expect(table.otherCloseNodes(key, bucketSize)).toEqual(others);
          for (const other of others) {
            expect(network.knows(id, other)).toBe(true);
            expect(table.sharesCloseGroupWithBucket(commonPrefixLength(id, other))).toBe(true);
          }
        }
      }
    }, 30);
  });

  test('[KB34] who shares no close group with a bucket is in no group with any of its nodes', () => {
    everywhere(({ network, shape: { bucketSize }, draw, newKey }) => {
      for (let i = 0; i < MESSAGES; i++) {
        const id = draw();
        // Groups around this node, and around others.
        const key = i % 2 === 0 ? newKey() : flipBit(id, i % 8);
        const group = network.nearest(key, bucketSize);
        if (!group.some((member) => sameId(member, id))) continue;
        for (const other of group) {
          const prefix = commonPrefixLength(id, other);
          if (!sameId(id, other)) expect(network.table(id).sharesCloseGroupWithBucket(prefix)).toBe(true);
        }
      }
    }, 30);
  });

  test('[KB12] telling whom a newcomer concerns is enough for every group to be known', () => {
    everywhere((trial) => {
      const { network, shape: one } = trial;
      const newcomer = network.ids[0]!;
      const grown = new TableNetwork(network.ids.slice(1), one.bucketSize, trial.random);
      const first = network.table(newcomer);
      const known = Array.from(first.contacts(), ({ id }) => id);
      const queue = known.filter((id) => first.concerns(newcomer, id));
      const told = new Set<string>();
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        if (told.has(mapKey(id))) continue;
        told.add(mapKey(id));
        queue.push(...grown.table(id).add(contactOf(newcomer), 1, false).notify);
      }
      for (const key of [newcomer, flipBit(newcomer, 3), trial.newKey()]) {
        const members = network.nearest(key, one.bucketSize);
        for (const id of members.filter((member) => !sameId(member, newcomer)))
          expect(grown.table(id).closeNodes(key, one.bucketSize)).toEqual(members);
      }
    }, 30);
  });

  test('[KB46] a node is let in by bucketSize others for each bucket, and by those that lack it', () => {
    everywhere(({ network, shape: one, newKey }) => {
      const newcomer = newKey();
      if (network.ids.some((id) => sameId(id, newcomer))) return;
      const willing = network.ids.filter((id) => network.table(id).allowConnection(newcomer));
      const byBucket = new Map<number, number>();
      for (const id of willing.filter((other) => !network.table(other).wants(newcomer))) {
        const prefix = commonPrefixLength(id, newcomer);
        byBucket.set(prefix, 1 + (byBucket.get(prefix) ?? 0));
      }
      expect(Math.max(0, ...byBucket.values())).toBeLessThanOrEqual(one.bucketSize);
      // A newcomer finds those that let it in where it looks: nearest to its bucket addresses.
      for (let prefix = 0; prefix < Math.min(8 * one.idBytes, 12); prefix++) {
        for (const id of network.nearest(flipBit(newcomer, prefix), one.bucketSize)) {
          if (commonPrefixLength(id, newcomer) === prefix)
            expect(network.table(id).allowConnection(newcomer)).toBe(true);
        }
      }
    });
  });

  test.each(LARGE)(
    '[KB46] at most B·bucketSize connections to a random newcomer: $idBytes, $bucketSize',
    (one) => {
      const { network, newKey } = trialOf(one);
      for (let i = 0; i < 20; i++) {
        const newcomer = newKey();
        const willing = network.ids.filter((id) => network.table(id).allowConnection(newcomer));
        if (!network.ids.some((id) => sameId(id, newcomer)))
          expect(willing.length).toBeLessThanOrEqual(8 * one.idBytes * one.bucketSize);
      }
    },
  );

  test('[KB39] [KB47] bucketSize routes begin with different contacts, and all of them arrive', () => {
    everywhere(({ network, shape: { bucketSize, idBytes }, draw, newKey }) => {
      for (let i = 0; i < MESSAGES; i++) {
        const [origin, target, key] = [draw(), draw(), newKey()];
        if (sameId(origin, target)) continue;
        const firsts = new Set<string>();
        const members = network.nearest(key, bucketSize);
        for (let route = 0; route < bucketSize; route++) {
          const toNode = network.send(origin, { to: 'node', id: target }, route);
          expect(toNode.recipients).toEqual([target]);
          expect(toNode.path.length - 1).toBeLessThanOrEqual(8 * idBytes);
          firsts.add(mapKey(toNode.path[1]!));
          const toGroup = network.send(origin, { to: 'group', key, size: bucketSize }, route);
          expect(hexes(toGroup.recipients)).toEqual(hexes(members));
        }
        expect(firsts.size).toBe(Math.min(bucketSize, network.table(origin).size));
      }
    });
  });

  test.each(LARGE)('[KB47] most pairs of routes share no node in between: $idBytes, $bucketSize', (one) => {
    const { network, draw } = trialOf(one);
    let pairs = 0;
    let disjoint = 0;
    for (let i = 0; i < 100; i++) {
      const [origin, target] = [draw(), draw()];
      if (sameId(origin, target)) continue;
      const between = Array.from({ length: one.bucketSize }, (_, route) => {
        return network.send(origin, { to: 'node', id: target }, route).path.slice(1, -1).map(mapKey);
      });
      between.forEach((a, route) => {
        for (const b of between.slice(route + 1)) {
          pairs++;
          if (!a.some((id) => b.includes(id))) disjoint++;
        }
      });
    }
    expect(disjoint / pairs).toBeGreaterThanOrEqual(one.bucketSize === 2 ? 0.75 : 0.9);
  });

  test('[KB38] [KB39] the way to a node that is not there ends at the nearest one', () => {
    everywhere(({ network, shape: { bucketSize }, draw, newKey }) => {
      for (let i = 0; i < MESSAGES; i++) {
        const [here, id] = [draw(), newKey()];
        if (network.ids.some((other) => sameId(other, id))) continue;
        const { recipients, path } = network.send(here, { to: 'node', id }, i % bucketSize);
        expect([recipients, path]).toEqual([[], []]);
        const [next] = network
          .table(here)
          .nextTargets({ to: 'node', id }, { hops: 1, route: 0, from: draw() });
        if (next !== undefined) expect(compareXor(id, next, here)).toBeLessThan(0);
        else expect(network.table(here).isResponsible(id)).toBe(true);
      }
    }, 20);
  });
});
