/** The options that most scenarios share: how many nodes, of what kind, and how their links behave. */

import { createConfig, REFERENCE } from '../../core/config.ts';
import type { RingConfig } from '../../core/ring/ring-io.ts';
import type { StoreConfig } from '../../core/store/store-config.ts';
import { choice, decimalNumber, ratio, wholeNumber, type OptionValues } from '../options.ts';
import type { SimConfig } from '../sim-node.ts';
import { Simulation } from '../simulator.ts';

export const NETWORK_OPTIONS = {
  nodes: wholeNumber('how many nodes', { min: 1, max: 1_000_000, fallback: 100 }),
  seed: wholeNumber('the run follows from it', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 1 }),
  profile: choice('limits of a browser tab, or links to every contact', ['browser', 'reference']),
  geometry: choice('who is near to whom', ['kademlia', 'chord']),
  successors: wholeNumber('length of the successor list on a ring', { min: 1, max: 64, fallback: 16 }),
  bucketSize: wholeNumber('contacts in a bucket, or kept for each finger', {
    min: 1,
    max: 1_000,
    fallback: 8,
  }),
  links: wholeNumber('most links of a node (default: the profile’s)', {
    min: 1,
    max: 100_000,
    fallback: null,
  }),
  siblings: wholeNumber('nearest nodes to link to (default: the profile’s)', {
    min: 0,
    max: 1_000,
    fallback: null,
  }),
  latency: decimalNumber('mean one-way delay of a link, ms', { min: 0, max: 60_000, fallback: 10 }),
  jitter: ratio('how far the delay of a pair may lie from the mean, as a share of it', 0.2),
  blocked: ratio('share of pairs that can never link', 0),
  repair: choice(
    'off: nodes learn of nobody beyond their --view, and no links form any more once they are quiet',
    ['on', 'off'],
  ),
  skew: ratio('clocks start anywhere within an hour and run up to this share fast or slow', 0),
  work: wholeNumber(
    'bits of work that strangers do before they get a link, a range of a ring, or store a record',
    {
      min: 0,
      max: 18,
      fallback: 0,
    },
  ),
  failover: choice('off: one copy at a time, and whoever has it is trusted', ['on', 'off']),
} as const;

export type NetworkValues = OptionValues<typeof NETWORK_OPTIONS>;

/** The configuration of every node in a scenario, links and contacts still allowed (see `stopRepair`). */
export function configOf(values: NetworkValues): SimConfig {
  return createConfig(values.profile === 'browser' ? 'browser' : REFERENCE, {
    bucketSize: values.bucketSize,
    successors: values.successors,
    failover: values.failover === 'on',
    admissionBits: values.work,
    ...(values.links === null ? {} : { linksMax: values.links }),
    ...(values.siblings === null ? {} : { siblings: values.siblings }),
  });
}

/** An empty simulation with the links and delays of a scenario. */
export function createSimulation(
  values: NetworkValues & { readonly store?: StoreConfig; readonly ring?: RingConfig },
): Simulation {
  const delayMsMin = values.latency * (1 - values.jitter);
  return new Simulation({
    seed: values.seed,
    geometry: values.geometry,
    clockSkew: values.skew,
    ...(values.store === undefined ? {} : { store: values.store }),
    ...(values.ring === undefined ? {} : { ring: values.ring }),
    network: { delayMsMean: values.latency, delayMsMin, blocked: values.blocked },
  });
}
