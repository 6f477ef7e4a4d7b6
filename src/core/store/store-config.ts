/** The numbers of the store, with units and reasons. */

import { TABLE_LIMITS, type TableLimits } from './record-table.ts';

export interface StoreConfig {
  /** Copies of a record, and how many of the nearest nodes a lookup hears from: the paper's k. */
  readonly replicas: number;
  /** Requests of a lookup at a time. */
  readonly alpha: number;
  /** A request open for longer no longer counts against alpha, ms. */
  readonly patienceMs: number;
  /** When a request has failed, ms. */
  readonly requestTimeoutMs: number;
  /** Holders of a signed record that a read hears from: one alone may have missed the last write. */
  readonly readFrom: number;
  /** A signed copy that came within this time may answer a request that passes by, ms. */
  readonly freshMs: number;
  /** Browser sessions last minutes: holders make up for lost copies this often, ms, give or take a quarter. */
  readonly repairMs: number;
  /** How often a holder looks whether its neighbours changed, ms. */
  readonly lookMs: number;
  /** Most time that an orderly leave spends on handing records over, ms. */
  readonly handOverMs: number;
  /** A watch is renewed this often, ms; holders forget it after two and a half times as long. */
  readonly watchMs: number;
  /** Holders that are asked to tell of changes. */
  readonly watchedAt: number;
  readonly limits: TableLimits;
}

export const STORE: StoreConfig = {
  replicas: 8,
  alpha: 3,
  patienceMs: 500,
  requestTimeoutMs: 3_000,
  readFrom: 3,
  freshMs: 10_000,
  repairMs: 60_000,
  lookMs: 1_000,
  handOverMs: 2_000,
  watchMs: 60_000,
  watchedAt: 3,
  limits: TABLE_LIMITS,
};
