/**
 * What the log panel shows of the traffic log: the rows that pass the filter, kept up to date step by step, and held
 * still while the reader has paused it or scrolled away from the newest row.
 */

import { isUpkeep, type LogRow } from './rows.ts';
import { parseFilter, type LogFilter } from './filter.ts';
import type { TrafficLog } from './traffic-log.ts';

/** Which groups of rows are shown at all, before the filter text is asked. */
export interface LogGroups {
  /** Messages of applications. */
  readonly app: boolean;
  /** Lookups, pings and signals of the node itself. */
  readonly upkeep: boolean;
  /** Links, states, the server. */
  readonly node: boolean;
}

/** A filtered view of one log. Call `update` once a frame. */
export class LogView {
  #log: TrafficLog;
  #matching: LogRow[] = [];
  #filterText = '';
  #filter: LogFilter = parseFilter('');
  #groups: LogGroups = { app: true, upkeep: false, node: true };
  /** The rows on show while held; `undefined` when following. */
  #held: readonly LogRow[] | undefined;
  #heldSeq = 0;

  constructor(log: TrafficLog) {
    this.#log = log;
  }

  /** Takes in what the log has new. Costs in proportion to what changed. */
  update(): void {
    const changes = this.#log.takeChanges();
    if (changes.all) {
      this.#refill();
      return;
    }
    for (const row of changes.settled) this.#place(row);
    for (const row of changes.added) if (this.#passes(row)) this.#matching.push(row);
    this.#forget();
  }

  /** The rows on show, oldest first. */
  get rows(): readonly LogRow[] {
    return this.#held ?? this.#matching;
  }

  /** Matching rows that arrived since the view was held. */
  get newCount(): number {
    if (this.#held === undefined) return 0;
    return this.#matching.length - lowerBound(this.#matching, this.#heldSeq + 1);
  }

  get held(): boolean {
    return this.#held !== undefined;
  }

  get filterText(): string {
    return this.#filterText;
  }

  get groups(): LogGroups {
    return this.#groups;
  }

  /** Terms of the filter that mean nothing. */
  get unknownTerms(): readonly string[] {
    return this.#filter.unknown;
  }

  /** Keeps the rows as they are until `release`. */
  hold(): void {
    if (this.#held !== undefined) return;
    this.#held = [...this.#matching];
    this.#heldSeq = this.#matching.at(-1)?.seq ?? this.#log.firstSeq - 1;
  }

  /** Follows the log again. */
  release(): void {
    this.#held = undefined;
  }

  /** Shows what passes this filter; a held view is refilled with what it would have held. */
  setFilter(text: string): void {
    this.#filterText = text;
    this.#filter = parseFilter(text);
    this.#refill();
  }

  setGroups(groups: LogGroups): void {
    this.#groups = groups;
    this.#refill();
  }

  /** Empties the view with the log. */
  clear(): void {
    this.#log.clear();
    this.#held = this.#held === undefined ? undefined : [];
    this.#heldSeq = this.#log.firstSeq - 1;
    this.update();
  }

  #refill(): void {
    // Changes not yet taken are part of what `rows` returns; taking them again would double them.
    this.#log.takeChanges();
    this.#matching = this.#log.rows().filter((row) => this.#passes(row));
    if (this.#held !== undefined) this.#held = this.#matching.filter((row) => row.seq <= this.#heldSeq);
  }

  #passes(row: LogRow): boolean {
    const group = row.service === 'node' ? 'node' : isUpkeep(row) ? 'upkeep' : 'app';
    return this.#groups[group] && this.#filter.matches(row);
  }

  /** Puts a changed row in or takes it out, as the filter now says. */
  #place(row: LogRow): void {
    const at = lowerBound(this.#matching, row.seq);
    const present = this.#matching[at]?.seq === row.seq;
    const wanted = this.#passes(row);
    if (present && !wanted) this.#matching.splice(at, 1);
    if (!present && wanted) this.#matching.splice(at, 0, row);
  }

  #forget(): void {
    const gone = lowerBound(this.#matching, this.#log.firstSeq);
    if (gone > 0) this.#matching.splice(0, gone);
  }
}

/** Index of the first row with at least this number. */
function lowerBound(rows: readonly LogRow[], seq: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
