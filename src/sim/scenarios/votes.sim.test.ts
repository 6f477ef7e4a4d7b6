/**
 * Goal: messages from groups are believed when, and only when, more than half of the group says the same. Method: nodes
 * with the shipped limits join one after another; the groups are found by looking at all ids. Liars are real nodes whose
 * application votes for something else.
 */

import { expect, test } from 'vitest';
import { createConfig } from '../../core/config.ts';
import type { NodeEvent } from '../../core/events.ts';
import { asNodeId, ID_BYTES, toHex, type NodeId } from '../../core/id/node-id.ts';
import { compareXor } from '../../core/id/xor.ts';
import { binomial } from '../../test-support/binomial.ts';
import { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import { Simulation } from '../simulator.ts';
import { SEEDS } from './seeds.ts';

type Delivered = Extract<NodeEvent, { type: 'delivered' }>;

const TRUTH = 1;
const LIE = 2;
const TIMEOUT_MS = 5_000;

class Assembly {
  readonly simulation: Simulation;
  readonly random: SeededRandom;
  readonly delivered: { readonly node: SimNode; readonly event: Delivered }[] = [];
  readonly results: Extract<NodeEvent, { type: 'result' }>[] = [];
  #calls = 0;

  constructor(nodes: number, seed: number) {
    this.simulation = new Simulation({ seed });
    this.random = new SeededRandom(seed, 1);
    for (let i = 0; i < nodes; i++) {
      this.simulation.start(this.simulation.addNode({ config: createConfig('browser') }));
      this.simulation.runUntil(this.simulation.now + 100);
    }
    this.simulation.runUntil(this.simulation.now + 5_000);
    this.simulation.onEvent = (node, event) => {
      if (event.type === 'delivered' && event.fromGroup !== undefined) this.delivered.push({ node, event });
      else if (event.type === 'result') this.results.push(event);
    };
  }

  groupOf(key: NodeId, size: number): SimNode[] {
    return this.simulation.nodes.toSorted((a, b) => compareXor(key, a.id, b.id)).slice(0, size);
  }

  drawKey(): NodeId {
    return asNodeId(this.random.bytes(ID_BYTES));
  }

  draw(nodes: readonly SimNode[]): SimNode {
    return nodes[this.random.below(nodes.length)]!;
  }

  vote(node: SimNode, key: NodeId, groupSize: number, to: SimNode, content: number): void {
    this.simulation.command(node, {
      type: 'send',
      id: ++this.#calls,
      kind: 'direct',
      target: to.id,
      body: Uint8Array.of(content),
      request: false,
      receipt: true,
      timeoutMs: TIMEOUT_MS,
      fromGroup: key,
      groupSize,
    });
  }

  /** Runs until every vote has its result, and a lookup that began with the last one is over as well. */
  settle(): void {
    const limitMs = this.simulation.now + 2 * TIMEOUT_MS;
    expect(this.simulation.runWhile(() => this.results.length < this.#calls, 10, limitMs)).toBe(true);
    this.simulation.runUntil(this.simulation.now + SETTLE_MS);
  }
}

const SETTLE_MS = 500;
const SIZE = 5;

test.each(SEEDS)('24 nodes, a group of 5, with and without liars, seed %i', (seed) => {
  const assembly = new Assembly(24, seed);
  for (let liars = 0; liars <= SIZE; liars++) {
    const key = assembly.drawKey();
    const members = assembly.groupOf(key, SIZE);
    const to = assembly.draw(assembly.simulation.nodes);
    const lying = new Set(members.toSorted(() => assembly.random.below(3) - 1).slice(0, liars));
    assembly.delivered.length = 0;
    for (const member of members) assembly.vote(member, key, SIZE, to, lying.has(member) ? LIE : TRUTH);
    assembly.settle();
    const isLost = liars > SIZE / 2;
    expect(assembly.delivered.map(({ node, event }) => [node.index, event.body[0]])).toEqual([
      [to.index, isLost ? LIE : TRUTH],
    ]);
    const { fromGroup } = assembly.delivered[0]!.event;
    const agreed = members.filter((member) => lying.has(member) === isLost).map(({ id }) => toHex(id));
    expect(fromGroup).toMatchObject({ key, size: SIZE });
    expect(fromGroup!.members.length).toBeGreaterThan(SIZE / 2);
    expect(agreed).toEqual(expect.arrayContaining(fromGroup!.members.map(toHex)));
  }
  expect(assembly.results.every(({ receipt }) => receipt.ok)).toBe(true);

  const key = assembly.drawKey();
  const outsiders = assembly.groupOf(key, 24).slice(SIZE);
  const to = assembly.draw(outsiders);
  const before = assembly.results.length;
  for (const outsider of outsiders) assembly.vote(outsider, key, SIZE, to, LIE);
  assembly.settle();
  const refused = assembly.results.slice(before).map(({ receipt }) => receipt.reason);
  expect(refused).toEqual(outsiders.map(() => 'not-member'));
  expect(assembly.delivered.length).toBe(1);
});

test('a fifth of all nodes hostile: how often a group of 8 is theirs, measured and by the binomial', () => {
  const groups = 1_000;
  const size = 8;
  const share = 0.2;
  const assembly = new Assembly(40, 11);
  const counts = { lies: 0, stopped: 0 };
  for (let i = 0; i < groups; i++) {
    const key = assembly.drawKey();
    const hostile = new Set(assembly.simulation.nodes.filter(() => assembly.random.fraction() < share));
    const members = assembly.groupOf(key, size);
    const honest = assembly.simulation.nodes.filter((node) => !hostile.has(node));
    const to = assembly.draw(honest);
    assembly.delivered.length = 0;
    for (const member of members) assembly.vote(member, key, size, to, hostile.has(member) ? LIE : TRUTH);
    assembly.settle();
    const bodies = assembly.delivered.map(({ event }) => event.body[0]);
    const liars = members.filter((member) => hostile.has(member)).length;
    expect(bodies).toEqual(liars > size / 2 ? [LIE] : liars < size / 2 ? [TRUTH] : []);
    if (bodies[0] === LIE) counts.lies++;
    if (bodies[0] !== TRUTH) counts.stopped++;
  }
  const chanceOfAtLeast = (least: number): number =>
    Array.from({ length: size + 1 - least }, (_, i) => binomial(size, least + i, share)).reduce(
      (sum, chance) => sum + chance,
    );
  for (const [what, count, chance] of [
    ['a majority', counts.lies, chanceOfAtLeast(5)],
    ['half or more', counts.stopped, chanceOfAtLeast(4)],
  ] as const) {
    const percent = (part: number): string => `${(100 * part).toFixed(2)} %`;
    process.stdout.write(
      `20 % hostile, groups of 8, ${what}: ${percent(count / groups)} of ${groups} groups measured, ${percent(chance)} by the binomial\n`,
    );
    // Two standard deviations of a count of so many draws.
    const deviation = Math.sqrt((chance * (1 - chance)) / groups);
    expect(Math.abs(count / groups - chance)).toBeLessThan(2 * deviation);
  }
});
