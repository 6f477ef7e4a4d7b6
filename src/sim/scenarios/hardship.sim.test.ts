/**
 * Goal: messages arrive although nodes drop, delay, alter or forge them, hardly anybody is known, or pairs cannot link.
 * Method: the scenario `deliver` in small, twenty seeds for each hardship, with few links so that messages take several
 * hops; judged by the oracle.
 */

import { describe, expect, test } from 'vitest';
import { ADVERSARY_KINDS } from '../adversaries/cast.ts';
import { BROADCAST } from './broadcast.ts';
import { DELIVER } from './deliver.ts';
import { GROUP } from './group.ts';
import { runSeeded, SEEDS, type SeededRun } from './seeds.ts';

/** Eight or so links each: a message between thirty nodes takes two hops and more. */
const NARROW = { nodes: 32, view: 1, bucketSize: 2, links: 10, messages: 40 } as const;

function expectAll({ record, findings, command }: SeededRun): void {
  expect(findings, command).toEqual([]);
  expect(record, command).toMatchObject({
    delivered: record['sent'],
    handledTwice: 0,
    handledWrong: 0,
    failures: '',
  });
}

describe('partial knowledge', () => {
  test.each(SEEDS)('three in ten nodes known and never more, seed %i', (seed) => {
    const run = runSeeded(DELIVER, {
      nodes: 30,
      seed,
      view: 0.3,
      repair: 'off',
      bucketSize: 4,
      messages: 40,
    });
    expectAll(run);
    expect(run.record['completePercent'], run.command).toBeLessThan(50);
  });

  test.each(SEEDS)('the same with repair: tables become complete, seed %i', (seed) => {
    const run = runSeeded(DELIVER, { nodes: 24, seed, view: 0.2, bucketSize: 4, messages: 40 });
    expectAll(run);
    expect(run.record['completePercent'], run.command).toBe(100);
  });

  test.each(SEEDS)('15 % of the pairs cannot link, seed %i', (seed) => {
    expectAll(runSeeded(DELIVER, { nodes: 12, seed, blocked: 0.15, messages: 40 }));
  });
});

describe('silent droppers', () => {
  test.each(SEEDS)('20 % of the nodes, seed %i', (seed) => {
    const run = runSeeded(DELIVER, { ...NARROW, seed, droppers: 0.2 });
    expectAll(run);
    expect(run.record['hostileNodes'], run.command).toBe(6);
    expect(run.record['transmissionsMean'], run.command).toBeLessThanOrEqual(4);
  });

  test('without failover they are felt', () => {
    const run = runSeeded(DELIVER, { ...NARROW, droppers: 0.3, failover: 'off', messages: 200 });
    expect(run.record['deliveredPercent'], run.command).toBeLessThan(90);
  });
});

describe.each(ADVERSARY_KINDS.filter((kind) => kind !== 'silent'))('hostile nodes: %s', (adversary) => {
  test.each(SEEDS)('nothing forged or altered is accepted, seed %i', (seed) => {
    const run = runSeeded(DELIVER, { ...NARROW, seed, adversary });
    const { record, findings, command } = run;
    expect(findings, command).toEqual([]);
    expect(record, command).toMatchObject({ forgedAccepted: 0, alteredAccepted: 0, handledTwice: 0 });
    expect(record['wrongNearestPercent'], command).toBeLessThanOrEqual(0.1);
    expect(record['honestRefusedPercent'] ?? 0, command).toBeLessThanOrEqual(1);
    // A header that was altered on the way misleads every hop until somebody checks the signature.
    if (adversary === 'corrupt') expect(record['deliveredPercent'], command).toBeGreaterThanOrEqual(90);
    else expectAll(run);
  });
});

describe('tabs that stop and clocks that are wrong', () => {
  test.each(SEEDS)('seed %i', (seed) => {
    expectAll(
      runSeeded(DELIVER, { nodes: 16, seed, view: 1, skew: 0.03, frozen: 0.1, jumps: 0.1, messages: 40 }),
    );
  });
});

describe('several ways at once', () => {
  test.each(SEEDS)('two ways have no node in common, and the message is handled once, seed %i', (seed) => {
    const run = runSeeded(DELIVER, { ...NARROW, bucketSize: 4, kind: 'direct', seed, routes: 2 });
    expectAll(run);
    expect(run.record['disjointRoutesPercent'], run.command).toBeGreaterThanOrEqual(90);
  });
});

describe('messages to many', () => {
  test.each(SEEDS)('a group of five: every member once, nobody else, few copies, seed %i', (seed) => {
    const { record, findings, command } = runSeeded(GROUP, {
      ...NARROW,
      bucketSize: 5,
      groupSize: 5,
      seed,
      messages: 20,
    });
    expect(findings, command).toEqual([]);
    expect(record, command).toMatchObject({ deliveredPercent: 100, acknowledgedPercent: 100 });
    expect(record['copiesBeyondPathMax'], command).toBeLessThanOrEqual(10);
  });

  test.each(SEEDS)('the whole network: every node once, one copy each, seed %i', (seed) => {
    const { record, findings, command } = runSeeded(BROADCAST, {
      nodes: 32,
      view: 1,
      seed,
      messages: 5,
    });
    expect(findings, command).toEqual([]);
    expect(record, command).toMatchObject({ deliveredPercent: 100, acknowledgedPercent: 100 });
    expect(record['transmissionsMax'], command).toBeLessThanOrEqual(1.05 * 31);
    expect(record['depthMax'], command).toBeLessThanOrEqual(2 * Math.log2(32));
  });
});
