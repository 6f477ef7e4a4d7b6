/**
 * The rows of the traffic log, oldest first, at most `rowsMax` of them; older ones are dropped and counted. The view
 * of it (`log-view.ts`) asks for what is new or changed since it last looked.
 */

import type { Id, OverlayEvent } from '../../session/api.ts';
import { rowOf, rowOfSettled, settleKey, settleRow, type LogRow } from './rows.ts';

/** What happened to the rows since the last call of `takeChanges`. */
export interface LogChanges {
  /** New rows, oldest first. */
  readonly added: readonly LogRow[];
  /** Rows that were there before and are settled now. */
  readonly settled: readonly LogRow[];
  /** True when the caller must read `rows()` afresh: rows were cleared, or too much changed to tell one by one. */
  readonly all: boolean;
}

/** Settled rows remembered one by one between two looks of the view. */
const SETTLED_MAX = 5_000;

/** Collects overlay events as rows. */
export class TrafficLog {
  #rows: LogRow[] = [];
  /** Index of the oldest row in `#rows`; what lies before it is gone. */
  #head = 0;
  #rowsMax: number;
  #nextSeq = 1;
  #droppedCount = 0;
  #self: Id | undefined;
  #waiting = new Map<string, LogRow>();
  #ofMessage = new Map<string, LogRow[]>();
  #settled = new Set<LogRow>();
  #reportedSeq = 0;
  #all = false;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  /** The own id, the origin of everything this node sends. */
  setSelf(self: Id | undefined): void {
    this.#self = self;
  }

  /** Takes one event in. Cheap enough for thousands a second. */
  push(event: OverlayEvent): void {
    if (event.type === 'settled') {
      this.#settle(event);
      return;
    }
    const row = rowOf(event, this.#nextSeq, this.#self);
    this.#append(row);
    if (row.outcome === 'pending' && row.message !== undefined)
      this.#waiting.set(settleKey(row.message, row.kind), row);
  }

  /** Counts rows that never came because events were lost before. */
  countDropped(count: number): void {
    this.#droppedCount += count;
  }

  /** Forgets every row. Messages still under way get a new row when they are settled. */
  clear(): void {
    this.#rows = [];
    this.#head = 0;
    this.#droppedCount = 0;
    this.#waiting.clear();
    this.#ofMessage.clear();
    this.#settled.clear();
    this.#reportedSeq = this.#nextSeq - 1;
    this.#all = true;
  }

  /** Keeps at most this many rows from now on. */
  setRowsMax(rowsMax: number): void {
    this.#rowsMax = rowsMax;
    this.#trim();
  }

  get rowsMax(): number {
    return this.#rowsMax;
  }

  get size(): number {
    return this.#rows.length - this.#head;
  }

  /** Rows that had to go for newer ones since the log was last cleared. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Number of the oldest row kept, or of the next one to come. */
  get firstSeq(): number {
    return this.#rows[this.#head]?.seq ?? this.#nextSeq;
  }

  /** All rows kept, oldest first; a copy. */
  rows(): readonly LogRow[] {
    return this.#rows.slice(this.#head);
  }

  /** The rows of one message, oldest first. */
  rowsOf(message: string): readonly LogRow[] {
    return this.#ofMessage.get(message) ?? [];
  }

  /** What is new since the last call. One caller only. */
  takeChanges(): LogChanges {
    const all = this.#all;
    const settled = all ? [] : [...this.#settled];
    const added = all ? [] : this.#since(this.#reportedSeq);
    this.#all = false;
    this.#settled.clear();
    this.#reportedSeq = this.#nextSeq - 1;
    return { added, settled, all };
  }

  #settle(event: Extract<OverlayEvent, { type: 'settled' }>): void {
    const key = settleKey(event.message, event.kind);
    const row = this.#waiting.get(key);
    if (row === undefined) {
      this.#append(rowOfSettled(event, this.#nextSeq, this.#self));
      return;
    }
    this.#waiting.delete(key);
    settleRow(row, event.receipt);
    if (row.seq > this.#reportedSeq) return;
    if (this.#settled.size < SETTLED_MAX) this.#settled.add(row);
    else this.#all = true;
  }

  #append(row: LogRow): void {
    this.#rows.push(row);
    this.#nextSeq += 1;
    if (row.message !== undefined) {
      const rows = this.#ofMessage.get(row.message);
      if (rows === undefined) this.#ofMessage.set(row.message, [row]);
      else rows.push(row);
    }
    this.#trim();
  }

  #trim(): void {
    while (this.size > this.#rowsMax) {
      const row = this.#rows[this.#head];
      if (row?.message !== undefined) this.#forget(row, row.message);
      this.#head += 1;
      this.#droppedCount += 1;
    }
    // Cutting the front off now and then keeps the cost of dropping constant on average.
    if (this.#head > 1024 && this.#head > this.#rows.length / 2) {
      this.#rows = this.#rows.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Rows of a message go in the order they came, so the one that goes is its first. */
  #forget(row: LogRow, message: string): void {
    this.#waiting.delete(settleKey(message, row.kind));
    const rows = this.#ofMessage.get(message);
    rows?.shift();
    if (rows?.length === 0) this.#ofMessage.delete(message);
  }

  #since(seq: number): readonly LogRow[] {
    const firstSeq = this.firstSeq;
    return this.#rows.slice(this.#head + Math.max(0, seq + 1 - firstSeq));
  }
}
