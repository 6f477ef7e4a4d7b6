/**
 * Goal: what was acknowledged is readable, whoever comes, goes or floods; nobody reads what nobody wrote; limits hold.
 * Method: the scenarios of the store in small, twenty seeds each.
 */

import { describe, expect, test } from 'vitest';
import { runSeeded, SEEDS } from './seeds.ts';
import { STORE_CHURN } from './store-churn.ts';
import { STORE_COST } from './store-cost.ts';
import { STORE_CRASH } from './store-crash.ts';
import { STORE_JOIN_LEAVE } from './store-join-leave.ts';
import { STORE_SPAM } from './store-spam.ts';
import { STORE_SCENARIO } from './store.ts';

describe('values of a network at rest', () => {
  test.each(SEEDS)('every other node reads them at once, and a miss is told soon, seed %i', (seed) => {
    const run = runSeeded(STORE_SCENARIO, { nodes: 2 + seed, seed, values: 6, readers: 0, misses: 5 });
    const { record, findings, command } = run;
    expect(findings, command).toEqual([]);
    expect(record, command).toMatchObject({
      written: 6,
      acked: 6,
      read: 6 * (1 + seed),
      readFirstTry: 6 * (1 + seed),
      forged: 0,
      missed: 5,
    });
    expect(record['missShare'], command).toBeLessThan(0.5);
  });
});

describe('what a lookup costs', () => {
  test.each(SEEDS.slice(0, 5))('at most replicas + 4 · alpha requests, seed %i', (seed) => {
    const { record, findings, command } = runSeeded(STORE_COST, { nodes: 30, seed, values: 5 });
    expect(findings, command).toEqual([]);
    expect(record['failed'], command).toBe(0);
    for (const name of ['putRequestsMax', 'getRequestsMax', 'missRequestsMax'])
      expect(record[name], command).toBeLessThanOrEqual(20);
    expect(record['lookupFramesMean'], command).toBeGreaterThan(0);
  });
});

describe('nodes come and go', () => {
  test.each(SEEDS)('what was acknowledged is read, newest first, seed %i', (seed) => {
    const run = runSeeded(STORE_CHURN, {
      nodes: 14,
      seed,
      session: 1,
      values: 12,
      duration: 40,
      reads: 60,
      updates: 12,
    });
    const { record, findings, command } = run;
    expect(findings, command).toEqual([]);
    expect(record['read'], command).toBeGreaterThan(40);
    expect(record, command).toMatchObject({ lost: 0, stale: 0, forged: 0, gone: 0 });
  });

  test('they do, with and without a goodbye', () => {
    const { record, command } = runSeeded(STORE_CHURN, {
      nodes: 14,
      session: 0.2,
      values: 12,
      duration: 60,
      reads: 30,
      updates: 5,
    });
    expect(record['left'], command).toBeGreaterThan(2);
    expect(record['crashed'], command).toBeGreaterThan(2);
    expect(record['publishersGone'], command).toBeGreaterThan(0);
  });
});

describe('30 % of the nodes die at once', () => {
  test.each(SEEDS)('what any other node holds is everywhere it belongs again, seed %i', (seed) => {
    const how = (['silent', 'hung', 'closed'] as const)[seed % 3]!;
    const run = runSeeded(STORE_CRASH, { nodes: 16, seed, replicas: 5, values: 10, readers: 2, how });
    const { record, findings, command } = run;
    expect(findings, command).toEqual([]);
    expect(record, command).toMatchObject({ killed: 5, read: 20, forged: 0, stale: 0 });
    // With a third of so few nodes all five copies of a value may go at once.
    expect(record['lost'], command).toBeLessThanOrEqual(2);
    expect(record['copiesBackMs'], command).toBeLessThanOrEqual(75_000);
  });
});

describe('nodes join and leave in an orderly way in a storm of puts and gets', () => {
  test.each(SEEDS)('nothing acknowledged is lost, seed %i', (seed) => {
    const run = runSeeded(STORE_JOIN_LEAVE, {
      nodes: 12,
      seed,
      values: 10,
      duration: 6,
      joins: 6,
      leaves: 6,
      puts: 30,
      gets: 30,
      readers: 1,
    });
    const { record, findings, command } = run;
    expect(findings, command).toEqual([]);
    expect(record, command).toMatchObject({ joined: 6, left: 6, lost: 0, forged: 0, gone: 0 });
    expect(record['acked'], command).toBeGreaterThan(30);
  });
});

describe('spammers', () => {
  test.each(SEEDS)('fill tables up to the limit, and honest values stay, seed %i', (seed) => {
    const run = runSeeded(STORE_SPAM, {
      nodes: 12,
      seed,
      spammers: 3,
      values: 2,
      puts: 150,
      recordsMax: 60,
      accountBytes: 45_000,
    });
    const { record, findings, command } = run;
    expect(findings, command).toEqual([]);
    expect(record['heldMax'], command).toBeLessThanOrEqual(60);
    expect(record['accountBytesMax'], command).toBeLessThanOrEqual(45_000);
    expect(record['accountBytesMax'], command).toBeGreaterThan(40_000);
    expect(record, command).toMatchObject({ written: 18, acked: 18, honestPercent: 100 });
  });
});

describe('work', () => {
  test('strangers pay for links and records, everything else stays as it was', () => {
    const run = runSeeded(STORE_SPAM, { nodes: 16, seed: 1, spammers: 4, values: 1, puts: 20, work: 8 });
    const { record, findings, command } = run;
    expect(findings, command).toEqual([]);
    expect(record, command).toMatchObject({ written: 12, acked: 12, honestPercent: 100, spamAcked: 20 });
    expect(record['worksPerJoin'], command).toBeGreaterThan(1);
    for (const put of ['HonestPut', 'SpamPut']) {
      // Eight holders, the publisher among them now and then.
      expect(record[`worksPer${put}`], command).toBeGreaterThan(4);
      expect(record[`worksPer${put}`], command).toBeLessThanOrEqual(8);
      const each = (record[`hashesPer${put}`] as number) / (record[`worksPer${put}`] as number);
      expect(each, command).toBeGreaterThan(128);
      expect(each, command).toBeLessThan(512);
    }
  });

  test('without it nothing is counted', () => {
    const { record } = runSeeded(STORE_SPAM, { nodes: 6, seed: 1, spammers: 1, values: 1, puts: 5 });
    expect(Object.keys(record).filter((name) => name.startsWith('works'))).toEqual([]);
  });
});
