/**
 * Goal: with full knowledge every message arrives at the right node, once, within few hops, whatever the size of the
 * network and of the buckets. Method: the scenario `deliver`, judged by the oracle; the command of a failing run is
 * part of the message.
 */

import { describe, expect, test } from 'vitest';
import { toCommandLine, withFallbacks } from '../options.ts';
import { DELIVER } from './deliver.ts';
import { runScenario, type ScenarioRun } from './scenario.ts';

type Given = Parameters<typeof DELIVER.run>[0];

function deliver(given: Partial<Given>): ScenarioRun & { command: string } {
  const command = toCommandLine('deliver', DELIVER.options, withFallbacks(DELIVER.options, given));
  return { ...runScenario(DELIVER, given), command };
}

/** Everything arrives, at the right node, once, within the hops that the targets allow. */
function expectAllDelivered(given: Partial<Given>): ScenarioRun {
  const run = deliver(given);
  const { record, findings, command } = run;
  expect(findings, command).toEqual([]);
  expect(record, command).toMatchObject({
    delivered: record['sent'],
    atTrueNearest: record['closestSent'],
    handledTwice: 0,
    handledWrong: 0,
    failures: '',
  });
  const bits = Math.log2(given.nodes ?? 100);
  if ((given.nodes ?? 100) >= 16) {
    expect(record['hopsMean'], command).toBeLessThanOrEqual(bits / 2);
    expect(record['hopsMax'], command).toBeLessThanOrEqual(bits + 3);
  }
  return run;
}

const BUCKET_SIZES = [1, 2, 4, 8, 20];
const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

describe('full knowledge', () => {
  test.each(SEEDS)('5 nodes, seed %i', (seed) => {
    const profile = seed % 2 === 0 ? 'browser' : 'reference';
    for (const bucketSize of BUCKET_SIZES) {
      expectAllDelivered({
        nodes: 5,
        seed,
        bucketSize,
        profile,
        view: 1,
        messages: 60,
        requests: seed % 3 === 0,
      });
    }
  });

  test.each(SEEDS)('16 nodes, seed %i', (seed) => {
    const bucketSize = BUCKET_SIZES[seed % 5]!;
    const profile = seed % 2 === 0 ? 'browser' : 'reference';
    expectAllDelivered({
      nodes: 16,
      seed,
      bucketSize,
      profile,
      view: 1,
      messages: 200,
      requests: seed % 3 === 0,
    });
  });

  test.each(BUCKET_SIZES)('64 nodes, bucketSize %i', (bucketSize) => {
    for (const profile of ['browser', 'reference'] as const) {
      expectAllDelivered({
        nodes: 64,
        seed: 10 + bucketSize,
        bucketSize,
        profile,
        view: 1,
        messages: 500,
        requests: true,
      });
    }
  });

  test.each([1, 4])('200 nodes, bucketSize %i', (bucketSize) => {
    expectAllDelivered({
      nodes: 200,
      seed: 20 + bucketSize,
      bucketSize,
      view: 1,
      messages: 1_000,
      requests: true,
    });
  });

  // One contact a bucket is the hardest case for hops, and the quickest to run: the others go by command.
  test('1000 nodes', { timeout: 180_000 }, () => {
    const given = {
      nodes: 1_000,
      seed: 7,
      bucketSize: 1,
      profile: 'reference',
      view: 1,
      messages: 3_000,
    } as const;
    expect(expectAllDelivered(given).record['completeNodes']).toBe(1_000);
  });
});

describe('nodes that join one after another', () => {
  test.each([1, 2, 3, 4])('two nodes and three, seed %i', (seed) => {
    for (const nodes of [1, 2, 3]) expectAllDelivered({ nodes, seed, messages: 40, requests: true });
  });

  test.each([1, 2])('50 nodes, seed %i', (seed) => {
    expectAllDelivered({ nodes: 50, seed, messages: 500, requests: seed === 2 });
  });

  test('with 15 % of the pairs unable to link, everything still arrives', () => {
    const { record, command } = deliver({ nodes: 40, seed: 5, blocked: 0.15, messages: 500 });
    expect(record['delivered'], command).toBe(500);
  });

  test('small limits force several hops and still everything arrives', () => {
    const { record, command } = deliver({
      nodes: 40,
      seed: 6,
      bucketSize: 2,
      links: 6,
      siblings: 2,
      messages: 500,
    });
    expect(record['delivered'], command).toBe(500);
    expect(record['hopsMax'], command).toBeGreaterThan(2);
    expect(record['linksMax'], command).toBeLessThanOrEqual(6);
  });
});
