/** The records this tab holds as rows of a table: newest first, the first of them, and what all come to. Pure. */

import type { HeldRecordView } from '../../session/store-api.ts';

const ROWS_MAX = 200;

export interface HeldRows {
  readonly rows: readonly HeldRecordView[];
  /** Records that are not among the rows. */
  readonly more: number;
  readonly records: number;
  readonly bytes: number;
}

/** The rows and the totals. */
export function heldRows(records: readonly HeldRecordView[], rowsMax: number = ROWS_MAX): HeldRows {
  return {
    rows: records.toSorted((a, b) => a.ageMs - b.ageMs).slice(0, rowsMax),
    more: Math.max(0, records.length - rowsMax),
    records: records.length,
    bytes: records.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
