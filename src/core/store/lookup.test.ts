/**
 * Goal: the iterative lookup asks few, finds the nearest, and stays bounded whatever it is told. Method: single rules with
 * ids of one byte and target 0, so that an id is its own distance; random small graphs with answers lost, late and made
 * up; and networks of 500 real tables, in which the truth is found by looking at all ids. With `HOPLINE_LONG=1` 20 seeds.
 */

import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../sim/random.ts';
import { caseCount, testSeed } from '../../test-support/seeded-random.ts';
import { KademliaGeometry } from '../geometry/kademlia/kademlia.ts';
import { contactOf } from '../geometry/test-contacts.ts';
import { asNodeId, ID_BYTES, mapKey, toHex, type MapKey, type NodeId } from '../id/node-id.ts';
import { compareXor } from '../id/xor.ts';
import { Lookup, type LookupOptions } from './lookup.ts';

const PATIENCE_MS = 500;
const id = (distance: number): NodeId => asNodeId(Uint8Array.of(distance >> 8, distance));
const ids = (...distances: number[]): NodeId[] => distances.map(id);
const distances = (found: readonly NodeId[]): number[] => found.map((bytes) => (bytes[0]! << 8) | bytes[1]!);
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const SELF = 0xffff;
function lookupFrom(start: readonly number[], changes: Partial<LookupOptions> = {}): Lookup {
  return new Lookup({
    target: id(0),
    replicas: 4,
    alpha: 2,
    compare: compareXor,
    start: ids(...start),
    self: id(SELF),
    patienceMs: PATIENCE_MS,
    ...changes,
  });
}
const asks = (lookup: Lookup, now = 0): number[] => distances(lookup.next(now));
const states = (lookup: Lookup): Record<number, string> =>
  Object.fromEntries(lookup.steps().map((step) => [distances([step.id])[0], step.state]));

describe('one lookup', () => {
  test('[IL1] neither this node nor anybody twice is asked', () => {
    const lookup = lookupFrom([30, 20, 20, SELF], { alpha: 9 });
    expect(asks(lookup)).toEqual([20, 30]);
    lookup.onReply(id(20), ids(SELF, 20, 30, 30));
    lookup.onFailure(id(30));
    expect(asks(lookup)).toEqual([]);
    expect(lookup.isDone).toBe(true);
    expect(lookup.requests).toBe(2);
  });

  test('[IL2] the nearest come first, at most alpha at a time', () => {
    const lookup = lookupFrom([50, 10, 40, 20, 30]);
    expect(asks(lookup)).toEqual([10, 20]);
    expect(asks(lookup)).toEqual([]);
    lookup.onReply(id(20), ids(5, 60));
    expect(asks(lookup)).toEqual([5]);
    lookup.onReply(id(10), ids(4));
    lookup.onReply(id(5), ids(3));
    // 30 is not among the four nearest any more.
    expect(asks(lookup)).toEqual([3, 4]);
    lookup.onFailure(id(3));
    lookup.onFailure(id(4));
    expect(asks(lookup)).toEqual([30]);
  });

  test('[IL3] alpha fruitless answers in a row let it ask all of the nearest, until one is fruitful', () => {
    const lookup = lookupFrom([1, 2, 3, 4, 5, 6, 7], { replicas: 6 });
    asks(lookup);
    lookup.onReply(id(1), ids(9));
    expect(asks(lookup)).toEqual([3]);
    lookup.onReply(id(2), ids(9));
    expect(asks(lookup)).toEqual([4, 5, 6]);
    lookup.onReply(id(3), ids(0));
    expect(asks(lookup)).toEqual([]);
    lookup.onReply(id(4), []);
    lookup.onReply(id(5), []);
    expect(asks(lookup)).toEqual([0]);
  });

  test('[IL3] a dead node is not what answers are measured by', () => {
    const lookup = lookupFrom([1, 20, 30, 40, 50], { alpha: 1 });
    expect(asks(lookup)).toEqual([1]);
    lookup.onFailure(id(1));
    expect(asks(lookup)).toEqual([20]);
    lookup.onReply(id(20), ids(10));
    expect(asks(lookup)).toEqual([10]);
    lookup.onReply(id(10), ids(60));
    expect(asks(lookup)).toEqual([30, 40]);
  });

  test('[IL4] it is done when the nearest have answered, however many others were not asked', () => {
    const lookup = lookupFrom(range(1, 9), { alpha: 9 });
    expect(asks(lookup)).toEqual([1, 2, 3, 4]);
    for (const i of [1, 2, 3]) lookup.onReply(id(i), []);
    expect(lookup.isDone).toBe(false);
    lookup.onFailure(id(4));
    expect(lookup.isDone).toBe(false);
    expect(asks(lookup)).toEqual([5]);
    lookup.onReply(id(5), []);
    expect(lookup.isDone).toBe(true);
    expect(asks(lookup)).toEqual([]);
    expect(distances(lookup.closest(4))).toEqual([1, 2, 3, 5]);
  });

  test('[IL4] with nobody to ask it is done at once, and this node is the nearest', () => {
    const lookup = lookupFrom([]);
    expect(lookup.isDone).toBe(true);
    expect(asks(lookup)).toEqual([]);
    expect(distances(lookup.closest(4))).toEqual([SELF]);
  });

  test('[IL4] this node counts as one of the nearest', () => {
    const lookup = lookupFrom([1, 2, 4, 5], { alpha: 9, self: id(3) });
    expect(asks(lookup)).toEqual([1, 2, 4]);
    for (const i of [1, 2, 4]) lookup.onReply(id(i), []);
    expect(lookup.isDone).toBe(true);
    expect(distances(lookup.closest(4))).toEqual([1, 2, 3, 4]);
  });

  test('[IL5] a slow node holds up nobody, and is waited for at the end', () => {
    const lookup = lookupFrom([1, 2, 3, 4, 5, 6]);
    expect(lookup.nextAt()).toBe(Infinity);
    expect(asks(lookup, 100)).toEqual([1, 2]);
    expect(lookup.nextAt()).toBe(100 + PATIENCE_MS);
    expect(asks(lookup, lookup.nextAt() - 1)).toEqual([]);
    expect(asks(lookup, lookup.nextAt())).toEqual([3, 4]);
    expect(states(lookup)).toMatchObject({ 1: 'slow', 2: 'slow', 3: 'asked', 4: 'asked' });
    for (const i of [3, 4]) lookup.onReply(id(i), []);
    expect(asks(lookup, 700)).toEqual([5, 6]);
    for (const i of [5, 6]) lookup.onReply(id(i), []);
    expect(lookup.nextAt()).toBe(Infinity);
    expect(lookup.isDone).toBe(false);
    lookup.onReply(id(1), []);
    expect(lookup.isDone).toBe(false);
    lookup.onFailure(id(2));
    expect(lookup.isDone).toBe(true);
    expect(distances(lookup.closest(4))).toEqual([1, 3, 4, 5]);
  });

  test('[IL6] the late answer of a failed node counts', () => {
    const lookup = lookupFrom([10]);
    asks(lookup);
    lookup.onFailure(id(10));
    expect(lookup.isDone).toBe(true);
    lookup.onReply(id(10), ids(5));
    expect(lookup.isDone).toBe(false);
    expect(asks(lookup)).toEqual([5]);
    expect(distances(lookup.closest(4))).toEqual([10, SELF]);
  });

  test('[IL6] answers nobody asked for, second answers and late failures change nothing', () => {
    const lookup = lookupFrom([10, 20, 30]);
    asks(lookup);
    lookup.onReply(id(10), []);
    const before = lookup.steps();
    lookup.onReply(id(10), ids(1));
    lookup.onReply(id(30), ids(2));
    lookup.onReply(id(77), ids(3));
    lookup.onFailure(id(10));
    lookup.onFailure(id(30));
    lookup.onFailure(id(77));
    expect(lookup.steps()).toEqual(before);
  });

  test('[IL7] of a long answer the first ids are taken', () => {
    const lookup = lookupFrom([1_000]);
    asks(lookup);
    lookup.onReply(id(1_000), ids(...range(1, 999)));
    expect(distances(lookup.steps().map((step) => step.id))).toEqual([SELF, 1_000, ...range(1, 8)]);
  });

  test('[IL7] liars who name each other without end are asked no more than the bound', () => {
    const lookup = lookupFrom(range(60_000, 60_099), { alpha: 3 });
    expect(lookup.steps().length).toBe(64);
    let invented = 60_000;
    for (let now = 0; !lookup.isDone; now++) {
      expect(now).toBeLessThan(1_000);
      for (const asked of lookup.next(now))
        lookup.onReply(asked, ids(...Array.from({ length: 8 }, () => --invented)));
      expect(lookup.steps().length).toBeLessThanOrEqual(64);
    }
    expect(lookup.requests).toBeGreaterThan(4);
    expect(lookup.requests).toBeLessThan(64);
  });

  test('[IL8] steps tell who named whom first', () => {
    const lookup = lookupFrom([30, 20]);
    asks(lookup);
    lookup.onReply(id(20), ids(9, 30, 8));
    asks(lookup);
    lookup.onReply(id(8), ids(7));
    lookup.onReply(id(30), ids(7));
    lookup.onFailure(id(8));
    const step = (distance: number, state: string, by: number | undefined, round: number): object => {
      return { id: id(distance), state, by: by === undefined ? undefined : id(by), round };
    };
    expect(lookup.steps()).toEqual([
      step(SELF, 'answered', undefined, 0),
      step(30, 'answered', undefined, 0),
      step(20, 'answered', undefined, 0),
      step(9, 'introduced', 20, 1),
      step(8, 'answered', 20, 1),
      step(7, 'introduced', 8, 2),
    ]);
  });
});

/** A graph in which anybody may name anybody, and what happens to each request in turn. */
const story = fc.record({
  graph: fc.array(fc.array(fc.nat(40), { maxLength: 12 }), { minLength: 41, maxLength: 41 }),
  start: fc.array(fc.nat(40), { maxLength: 8 }),
  self: fc.nat(40),
  replicas: fc.integer({ min: 1, max: 6 }),
  alpha: fc.integer({ min: 1, max: 4 }),
  events: fc.infiniteStream(
    fc.record({
      what: fc.constantFrom('reply', 'reply', 'reply', 'fail', 'late', 'wait', 'made up'),
      pick: fc.nat(40),
    }),
  ),
});

interface Story {
  readonly graph: readonly number[][];
  readonly start: readonly number[];
  readonly self: number;
  readonly replicas: number;
  readonly alpha: number;
  readonly events: Iterator<{ readonly what: string; readonly pick: number }>;
}

/** Lives through a story and checks what holds at every step; all that was named may be asked, once. */
function live({ graph, start, self, replicas, alpha, events }: Story): Lookup {
  const lookup = lookupFrom(start, { replicas, alpha, self: id(self) });
  const asked = new Set<number>();
  const named = new Set(start);
  let open: number[] = [];
  const failed: number[] = [];
  const reply = (from: number, answer: readonly number[]): void => {
    lookup.onReply(id(from), ids(...answer));
    for (const distance of answer.slice(0, 2 * replicas)) named.add(distance);
  };
  for (let now = 0, steps = 0; !lookup.isDone; steps++) {
    expect(steps).toBeLessThan(2_000);
    for (const distance of asks(lookup, now)) {
      expect(asked.has(distance) || distance === self).toBe(false);
      expect(named.has(distance)).toBe(true);
      asked.add(distance);
      open.push(distance);
    }
    const underWay = Object.values(states(lookup)).filter((state) => state === 'asked').length;
    expect(underWay).toBeLessThanOrEqual(Math.max(alpha, replicas));
    expect(open.length).toBeGreaterThan(0);
    expect(lookup.requests).toBe(asked.size);
    const { what, pick } = events.next().value;
    const chosen = open[pick % open.length]!;
    if (what === 'wait') now += PATIENCE_MS / 2;
    else if (what === 'late' && failed.length > 0) reply(failed.pop()!, graph[pick]!);
    else if (what === 'made up' && !asked.has(pick)) lookup.onReply(id(pick), ids(0, pick));
    else if (what === 'reply' || what === 'fail') {
      open = open.filter((distance) => distance !== chosen);
      if (what === 'reply') reply(chosen, graph[chosen]!);
      else {
        lookup.onFailure(id(chosen));
        failed.push(chosen);
      }
    }
  }
  return lookup;
}

describe('any graph', () => {
  const runs = { numRuns: caseCount(1_000, 20_000), seed: testSeed(7) };

  test('[IL1] [IL4] [IL8] it ends with the nearest of all it heard of, whatever happens', () => {
    fc.assert(
      fc.property(story, (told) => {
        const lookup = live(told);
        const all = Object.entries(states(lookup)).map(
          ([distance, state]) => [Number(distance), state] as const,
        );
        const living = all.filter(([, state]) => state !== 'failed').map(([distance]) => distance);
        const nearest = living.sort((a, b) => a - b).slice(0, told.replicas);
        expect(distances(lookup.closest(told.replicas))).toEqual(nearest);
        expect(lookup.next(Infinity)).toEqual([]);
      }),
      runs,
    );
  });
});

interface Network {
  readonly nodes: readonly NodeId[];
  readonly tables: ReadonlyMap<MapKey, KademliaGeometry>;
  readonly seed: number;
}

const NODES = 500;
const TARGETS = 100;
const REPLICAS = 8;
const ALPHA = 3;

/** Everybody is told of everybody, each in an order of its own. */
function networkOf(seed: number): Network {
  const random = new SeededRandom(seed, NODES);
  const nodes = Array.from({ length: NODES }, () => asNodeId(random.bytes(ID_BYTES)));
  const contacts = nodes.map((node) => contactOf(node));
  const tables = new Map<MapKey, KademliaGeometry>();
  for (const self of nodes) {
    const table = new KademliaGeometry({ self, bucketSize: 8, replacementsMax: 0, refreshMs: Infinity });
    for (let i = NODES - 1; i > 0; i--) {
      const other = random.below(i + 1);
      [contacts[i], contacts[other]] = [contacts[other]!, contacts[i]!];
    }
    for (const contact of contacts) table.offer(contact, 0, true);
    tables.set(mapKey(self), table);
  }
  return { nodes, tables, seed };
}

interface Conditions {
  /** Ids in an answer. */
  readonly named: number;
  readonly deadPercent: number;
  /** How long an answer takes, ms. */
  readonly delay: (random: SeededRandom) => number;
}

const ORDERS: readonly { readonly order: string; readonly delay: Conditions['delay'] }[] = [
  { order: 'all equally quick', delay: () => 100 },
  { order: 'in random order', delay: (random) => 20 + random.below(200) },
  {
    order: 'a tenth of them late',
    delay: (random) =>
      20 + random.below(200) + (random.below(10) === 0 ? PATIENCE_MS + random.below(1_200) : 0),
  },
];
const GIVE_UP_MS = 2_000;

interface Trial extends Network, Omit<Conditions, 'deadPercent'> {
  /** Drawn anew, so that each test alone repeats what it did among others. */
  readonly random: SeededRandom;
  readonly dead: ReadonlySet<MapKey>;
}

/** One lookup in virtual time. */
function find(trial: Trial, self: NodeId, target: NodeId): Lookup {
  const { tables, random, dead, named, delay } = trial;
  const closest = (node: NodeId, withSelf: boolean): NodeId[] =>
    tables.get(mapKey(node))!.closest(target, named, withSelf);
  const compare: LookupOptions['compare'] = (...three) => tables.get(mapKey(self))!.compare(...three);
  const start = closest(self, false);
  const lookup = lookupFrom([], { target, replicas: REPLICAS, alpha: ALPHA, compare, start, self });
  const open: { readonly node: NodeId; readonly at: number }[] = [];
  for (let now = 0, steps = 0; ; steps++) {
    expect(steps).toBeLessThan(1_000);
    for (const node of lookup.next(now))
      open.push({ node, at: now + (dead.has(mapKey(node)) ? GIVE_UP_MS : delay(random)) });
    if (lookup.isDone) return lookup;
    open.sort((a, b) => b.at - a.at);
    const first = open.at(-1)!;
    now = Math.min(first.at, lookup.nextAt());
    if (now < first.at) continue;
    open.pop();
    if (dead.has(mapKey(first.node))) lookup.onFailure(first.node);
    else lookup.onReply(first.node, closest(first.node, true));
  }
}

interface Outcome {
  readonly requests: number;
  /** Requests answered after the patience. */
  readonly slow: number;
  readonly found: readonly string[];
  readonly nearest: readonly string[];
  /** Of the nearest ids in an answer's number. */
  readonly living: number;
}

/** A lookup for each of many random targets, each by a random living node. */
function findMany(network: Network, conditions: Conditions): Outcome[] {
  const { nodes, seed } = network;
  const { named, deadPercent } = conditions;
  const random = new SeededRandom(seed, TARGETS);
  const dead = new Set(nodes.map(mapKey).filter(() => random.below(100) < deadPercent));
  const alive = nodes.filter((node) => !dead.has(mapKey(node)));
  return Array.from({ length: TARGETS }, () => {
    const target = asNodeId(random.bytes(ID_BYTES));
    const self = alive[random.below(alive.length)]!;
    let slow = 0;
    const delay: Conditions['delay'] = (random) => {
      const ms = conditions.delay(random);
      if (ms >= PATIENCE_MS) slow++;
      return ms;
    };
    const lookup = find({ ...network, named, delay, random, dead }, self, target);
    const order = nodes.toSorted((a, b) => compareXor(target, a, b));
    const living = order.filter((node) => !dead.has(mapKey(node)));
    return {
      requests: lookup.requests,
      slow,
      found: lookup.closest(REPLICAS).map(toHex),
      nearest: living.slice(0, REPLICAS).map(toHex),
      living: order.slice(0, named).filter((node) => !dead.has(mapKey(node))).length,
    };
  });
}

/** What a run of the verbose reporter shows. */
function figures(outcomes: readonly Outcome[]): string {
  const requests = outcomes.map((outcome) => outcome.requests);
  const mean = requests.reduce((sum, count) => sum + count, 0) / requests.length;
  const exact = outcomes.filter(({ found, nearest }) => found.join() === nearest.join()).length;
  return `requests: mean ${mean.toFixed(2)}, max ${Math.max(...requests)}; exact ${exact} of ${outcomes.length}`;
}

const firstSeed = testSeed(1);
const seeds = Array.from({ length: caseCount(3, 20) }, (_, i) => firstSeed + i);

describe(`networks of ${NODES}, seeds ${seeds.join(', ')}`, () => {
  let networks: Network[] = [];
  beforeAll(() => {
    networks = seeds.map(networkOf);
  }, 120_000);

  test.for(ORDERS)(
    '[IL9] the nearest are found with few requests: answers $order',
    async ({ delay }, { annotate }) => {
      const outcomes = networks.flatMap((network) =>
        findMany(network, { named: REPLICAS, deadPercent: 0, delay }),
      );
      for (const { found, nearest, requests, slow } of outcomes) {
        expect(found).toEqual(nearest);
        expect(requests).toBeLessThanOrEqual(REPLICAS + 4 * ALPHA + slow);
      }
      await annotate(figures(outcomes));
    },
  );

  test.for(ORDERS)(
    '[IL10] the nearest living are found among 30 % dead: answers $order',
    async ({ delay }, { annotate }) => {
      const conditions = { named: 2 * REPLICAS, deadPercent: 30, delay };
      const outcomes = networks.flatMap((network) => findMany(network, conditions));
      const knowable = outcomes.filter(({ living }) => living >= REPLICAS);
      // 97 % by the binomial distribution, but keys of one network share their dead.
      expect(knowable.length).toBeGreaterThan(0.9 * outcomes.length);
      for (const { found, nearest } of knowable) expect(found).toEqual(nearest);
      for (const { requests } of outcomes) expect(requests).toBeLessThanOrEqual(2 * (REPLICAS + 4 * ALPHA));
      await annotate(figures(outcomes));
    },
  );

  test('[IL10] answers of 8 hide living nodes behind dead ones', async ({ annotate }) => {
    const conditions = { named: REPLICAS, deadPercent: 30, delay: () => 100 };
    const outcomes = networks.flatMap((network) => findMany(network, conditions));
    const hidden = outcomes.flatMap(({ found, nearest }) => nearest.filter((node) => !found.includes(node)));
    expect(hidden.length).toBeGreaterThan(0);
    expect(hidden.length).toBeLessThan(0.2 * REPLICAS * outcomes.length);
    await annotate(`${figures(outcomes)}; ${hidden.length} hidden`);
  });
});
