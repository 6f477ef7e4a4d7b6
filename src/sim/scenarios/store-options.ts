/** Options that the scenarios of the store share. */

import { STORE, type StoreConfig } from '../../core/store/store-config.ts';
import { decimalNumber, wholeNumber, type OptionValues } from '../options.ts';
import { NETWORK_OPTIONS } from './network-options.ts';

export const STORE_OPTIONS = {
  ...NETWORK_OPTIONS,
  joinInterval: wholeNumber('time between two joins at first, ms', { min: 0, max: 3_600_000, fallback: 20 }),
  replicas: wholeNumber('copies of a record', { min: 1, max: 64, fallback: STORE.replicas }),
  values: wholeNumber('how many values are put at first', { min: 1, max: 1_000_000, fallback: 100 }),
  valueBytes: wholeNumber('bytes of a value', { min: 16, max: 32 * 1024, fallback: 64 }),
  life: decimalNumber('how long a copy lives once nobody publishes it again, minutes', {
    min: 0.1,
    max: 1_440,
    fallback: 120,
  }),
  atOnce: wholeNumber('most puts and gets under way, where one waits for the next', {
    min: 1,
    max: 10_000,
    fallback: 20,
  }),
} as const;

export type StoreValues = OptionValues<typeof STORE_OPTIONS>;

export function storeConfigOf({ replicas }: StoreValues): StoreConfig {
  return { ...STORE, replicas };
}

/** Lines of help for what every scenario of the store prints. */
export const STORE_HELP = [
  'written, acked    puts that came to a result while their publisher was there, and those that another node acknowledged',
  'refusals          reasons of the others',
  'read              gets of acknowledged values by nodes that were ready from asking to the result; leftOut: by others',
  'readFirstTry, readPercent   those that brought the value acknowledged last when they began, or a newer one',
  'lost              those that brought no value of the publisher; stale: an older one; forged: one that nobody wrote there',
  'gone              places where, by the oracle, no live node has the value acknowledged last, or a newer one, any more',
  'requestsMean      requests that the lookup of a get made; bytesMean: bytes of store messages on all links for each put and get,',
  '                  upkeep of the records meanwhile included',
];
