/** Several publishers' records under one key, made into one value. */

import type { RecordView, Reducer } from './store-api.ts';

/** What the reducer makes of records, newest first. */
export function reduceRecords(records: readonly RecordView[], reduce: Reducer): unknown {
  if (typeof reduce === 'function') return reduce(records);
  const values = records.map(({ value }) => value);
  if (reduce === 'newest') return values[0];
  return reduce === 'all' ? values : unionOf(values);
}

/** Lists: each element once, the newest list's first. Records: all fields, the newer wins. Anything else counts as a list of one. */
function unionOf(values: readonly unknown[]): unknown {
  if (values.length > 0 && values.every(isRecord)) return Object.assign({}, ...values.toReversed());
  const union = new Map<string, unknown>();
  for (const element of values.flat()) {
    const name = JSON.stringify(element);
    if (!union.has(name)) union.set(name, element);
  }
  return [...union.values()];
}

function isRecord(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}
