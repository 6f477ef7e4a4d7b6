/** What callers of the store may ask for, checked once. Every complaint is a `TypeError` with a sentence. */

import { LIFE_MS_MAX, SEQUENCE_MAX } from '../core/store/record.ts';
import { checkTimeout, refuseUnknown, whole } from './options.ts';
import type { GetOptions, PutOptions, Reducer } from './store-api.ts';

const PUT_OPTIONS: ReadonlySet<string> = new Set<keyof PutOptions>(['own', 'lifeMs', 'cas', 'timeoutMs']);
const GET_OPTIONS: ReadonlySet<string> = new Set<keyof GetOptions>(['lookup', 'reduce', 'timeoutMs']);
const LIFE_MS = 2 * 3_600_000;
const LIFE_MS_MIN = 1_000;

export function checkPutOptions(
  options: PutOptions | undefined,
  timeoutMs: number,
): { readonly own: boolean; readonly lifeMs: number; readonly cas?: number; readonly timeoutMs: number } {
  refuseUnknown('A put', options, PUT_OPTIONS);
  const { own = false, cas } = options ?? {};
  if (typeof own !== 'boolean') throw new TypeError('own is true or false.');
  return {
    own,
    lifeMs: whole('lifeMs', options?.lifeMs, LIFE_MS_MIN, LIFE_MS_MAX, LIFE_MS),
    ...(cas === undefined ? {} : { cas: whole('cas', cas, 0, SEQUENCE_MAX, 0) }),
    timeoutMs: checkTimeout(options?.timeoutMs, timeoutMs),
  };
}

export function checkGetOptions(
  options: GetOptions | undefined,
  timeoutMs: number,
): { readonly recursive: boolean; readonly reduce: Reducer; readonly timeoutMs: number } {
  refuseUnknown('A get', options, GET_OPTIONS);
  const { reduce = 'newest', lookup = 'iterative' } = options ?? {};
  if (lookup !== 'iterative' && lookup !== 'recursive')
    throw new TypeError('lookup is "iterative" or "recursive".');
  if (typeof reduce !== 'function' && !['newest', 'all', 'union'].includes(reduce))
    throw new TypeError('reduce is "newest", "all", "union" or a function.');
  return {
    recursive: lookup === 'recursive',
    reduce,
    timeoutMs: checkTimeout(options?.timeoutMs, timeoutMs),
  };
}
