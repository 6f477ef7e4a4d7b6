/**
 * Goal: at any time at most one node answers for a key, exactly one when all is quiet, and no acknowledged value is lost
 * while a copy lives. Method: up to twelve real nodes; joins, orderly leaves, crashes, standstills, GetValue and
 * InsertValue drawn by chance; ranges are compared after every single thing that happens.
 */

import { describe, expect, test } from 'vitest';
import { Box, type BoxNode } from '../../test-support/box.ts';
import { caseCount, testSeed } from '../../test-support/seeded-random.ts';
import { asNodeId, compareIds, sameId, toHex, type NodeId } from '../id/node-id.ts';
import { overlap } from './ownership.ts';

const SEED = testSeed(9_100);
const NODES_MAX = 12;
const NO_SALT = new Uint8Array(0);

interface Written {
  readonly publisher: BoxNode;
  readonly key: NodeId;
  sequence: number;
}

export class Run {
  readonly box: Box;
  readonly problems: string[] = [];
  readonly written: Written[] = [];
  readonly counts = { inserts: 0, acked: 0, gets: 0, crashes: 0, leaves: 0, joins: 0, freezes: 0 };
  private readonly pending: { readonly node: BoxNode; readonly id: number; readonly key: NodeId }[] = [];

  constructor(seed: number) {
    this.box = new Box({ ring: true, seed });
    this.box.afterStep = () => this.check();
  }

  get live(): BoxNode[] {
    return this.box.nodes.filter((node) => node.alive && this.box.stateOf(node) !== 'left');
  }

  check(): void {
    const ranges = this.live.flatMap(({ node, index }) => {
      const range = node.store?.range?.(this.box.now);
      return range === undefined ? [] : [{ range, index }];
    });
    ranges.forEach((a, i) => {
      for (const b of ranges.slice(i + 1))
        if (overlap(a.range, b.range))
          this.problems.push(`at ${this.box.now} nodes ${a.index} and ${b.index} own the same keys`);
    });
  }

  step(): void {
    const { box } = this;
    const draw = box.random.below(20);
    const live = this.live.filter(({ frozen }) => !frozen);
    const one = live[box.random.below(live.length)]!;
    if (draw < 3 && this.live.length < NODES_MAX) {
      this.counts.joins++;
      box.open(box.newKeys());
    } else if (draw === 3 && live.length > 2) {
      this.counts.leaves++;
      box.command(one, { type: 'leave', handOver: true });
    } else if (draw === 4 && live.length > 2) {
      this.counts.crashes++;
      box.kill(one, box.random.below(2) === 0 ? 'soon' : 'never');
    } else if (draw === 5 && live.length > 3) {
      this.counts.freezes++;
      box.freeze(one);
    } else if (draw === 6) {
      for (const node of box.nodes) if (node.frozen) box.thaw(node);
    } else if (draw < 14) this.insert(one);
    else {
      this.counts.gets++;
      const place = this.written[box.random.below(Math.max(1, this.written.length))];
      if (place !== undefined) box.beginRing(one, { op: 'get-value', key: place.key });
    }
    box.pass([0, 5, 40, 200, 1_000, 5_000][box.random.below(6)]!);
    this.collect();
  }

  private insert(node: BoxNode): void {
    const { box } = this;
    this.counts.inserts++;
    const again = this.written.filter(({ publisher }) => publisher === node);
    const key =
      again.length > 0 && box.random.below(3) === 0
        ? again[box.random.below(again.length)]!.key
        : asNodeId(box.random.bytes(32));
    const value = box.random.bytes(8);
    const ask = { op: 'insert-value', kind: 'shared', key, salt: NO_SALT, value, lifeMs: 7_200_000 } as const;
    this.pending.push({ node, id: box.beginRing(node, ask), key });
  }

  /** Notes what was acknowledged. */
  private collect(): void {
    for (const { node, id, key } of this.pending.splice(0)) {
      const result = this.box.ringResultOf(node, id);
      if (result === undefined) this.pending.push({ node, id, key });
      else if (result.reason === undefined) {
        this.counts.acked++;
        const place = this.written.find((one) => one.publisher === node && sameId(one.key, key));
        if (place === undefined) this.written.push({ publisher: node, key, sequence: result.sequence });
        else place.sequence = Math.max(place.sequence, result.sequence);
      }
    }
  }

  /** Everybody wakes up, and nothing happens for a while. */
  quiet(): void {
    for (const node of this.box.nodes) if (node.frozen) this.box.thaw(node);
    this.box.settle();
    this.box.pass(90_000);
    this.collect();
    const live = this.live.toSorted((a, b) => compareIds(a.id, b.id));
    live.forEach((node, i) => {
      const range = node.node.store?.range?.(this.box.now);
      const before = live.at(i - 1)!;
      if (range === undefined || !sameId(range.after, before.id))
        this.problems.push(
          `quiet: node ${node.index} owns from ${range && toHex(range.after).slice(0, 6)}, not from node ${before.index}`,
        );
    });
  }

  /** Acknowledged values that somebody still has, and that are not read. */
  lost(): string[] {
    const held = new Set(
      this.live.flatMap(({ node }) =>
        node.held().map(({ record }) => `${toHex(record.key)} ${record.sequence}`),
      ),
    );
    return this.written.flatMap(({ key, sequence, publisher }) => {
      if (!held.has(`${toHex(key)} ${sequence}`)) return [];
      const reader = this.live[this.box.random.below(this.live.length)]!;
      const { found, reason } = this.box.ring(reader, { op: 'get-value', key });
      const mine = found.find(({ record }) => sameId(record.publisher, publisher.keys.signingKey));
      return (mine?.record.sequence ?? 0) >= sequence ? [] : [`${toHex(key).slice(0, 6)}: ${reason}`];
    });
  }
}

describe('a ring whose nodes come and go', () => {
  const seeds = Array.from({ length: caseCount(30, 300) }, (_, i) => SEED + i);
  test.each(seeds)('[RG9] [RG10] [RG16] at most one owner, one when quiet, nothing lost, seed %i', (seed) => {
    const run = new Run(seed);
    run.box.open(run.box.newKeys());
    run.box.pass(1_000);
    for (let i = 0; i < 60; i++) run.step();
    run.quiet();
    expect(run.problems.slice(0, 5)).toEqual([]);
    expect(run.lost()).toEqual([]);
    expect(run.counts.acked).toBeGreaterThan(0);
  });
});
