/** What the store panel asked and what its watches told, newest first. Belongs to one overlay and ends with it. */

import type { Id, Overlay, Payload } from '../../session/api.ts';
import type { GetResult, PutOptions, PutResult, RecordView } from '../../session/store-api.ts';
import { isFullId } from '../format/ids.ts';

export type StoreAction = 'put' | 'get' | 'forget' | 'change';

/** One thing asked or told. */
export interface StoreEntry {
  readonly number: number;
  readonly at: number;
  readonly action: StoreAction;
  /** The key or name as typed; empty for a value under its own hash. */
  readonly name: string;
  /** Where the record stands, once that is known. */
  readonly key: Id | undefined;
  readonly own: boolean;
  /** What was put, or what a watch told of. */
  readonly value: Payload | undefined;
  readonly put: PutResult | undefined;
  readonly got: GetResult | undefined;
  readonly change: RecordView | undefined;
  /** A sentence when the overlay refused the call itself. */
  readonly misuse: string | undefined;
}

/** A watched key. */
export interface WatchEntry {
  readonly name: string;
  readonly key: string;
  readonly since: number;
  readonly changes: number;
}

const ENTRIES_MAX = 20;

/** The last 20 entries and the watches. */
export class StoreHistory {
  readonly overlay: Overlay;
  #entries: readonly StoreEntry[] = [];
  #watches: readonly (WatchEntry & { readonly stop: () => void })[] = [];
  /** Keys of the own records put here, by their names. */
  #ownKeys = new Map<string, Id>();
  #nextNumber = 1;
  #onChange: () => void;

  constructor(overlay: Overlay, onChange: () => void) {
    this.overlay = overlay;
    this.#onChange = onChange;
  }

  get entries(): readonly StoreEntry[] {
    return this.#entries;
  }

  get watches(): readonly WatchEntry[] {
    return this.#watches;
  }

  /** The key of an own record that was put or forgotten here. */
  keyOfOwn(name: string): Id | undefined {
    return this.#ownKeys.get(name);
  }

  /** Puts and resolves, never rejects, when the outcome is in the entries; a `null` key is the value's hash. */
  async put(key: string | null, value: Payload, options: PutOptions): Promise<void> {
    const entry = this.#begin('put', key ?? '', options.own ?? false, value);
    await this.#finishPut(entry, () => this.overlay.put(key, value, options));
  }

  async forget(key: string, own: boolean): Promise<void> {
    const entry = this.#begin('forget', key, own);
    await this.#finishPut(entry, () => this.overlay.forget(key, { own }));
  }

  /** Reads a key; `name` is what the reader calls it. */
  async get(key: string, name: string): Promise<void> {
    const entry = this.#begin('get', name, false);
    try {
      const got = await this.overlay.get(key);
      this.#finish({ ...entry, key: got.key, got });
    } catch (error) {
      this.#finish({ ...entry, misuse: sentenceOf(error) });
    }
  }

  /** Watches a key until it is stopped; a key that is watched stays so. */
  watch(key: string, name: string): void {
    if (this.#watches.some((watch) => watch.key === key)) return;
    const stop = this.overlay.watch(key, (change) => this.#onWatched(key, name, change));
    this.#watches = [...this.#watches, { name, key, since: Date.now(), changes: 0, stop }];
    this.#onChange();
  }

  unwatch(key: string): void {
    this.#watches.find((watch) => watch.key === key)?.stop();
    this.#watches = this.#watches.filter((watch) => watch.key !== key);
    this.#onChange();
  }

  /** Ends all watches: the panel or the overlay goes away. */
  end(): void {
    for (const watch of this.#watches) watch.stop();
    this.#watches = [];
  }

  #onWatched(key: string, name: string, change: RecordView): void {
    this.#watches = this.#watches.map((watch) =>
      watch.key === key ? { ...watch, changes: watch.changes + 1 } : watch,
    );
    this.#add({
      ...this.#blank('change', name, change.kind === 'own'),
      key: change.key,
      value: change.value,
      change,
    });
  }

  async #finishPut(entry: StoreEntry, call: () => Promise<PutResult>): Promise<void> {
    try {
      const put = await call();
      if (entry.own) this.#ownKeys.set(entry.name, put.key);
      this.#finish({ ...entry, key: put.key, put });
    } catch (error) {
      this.#finish({ ...entry, misuse: sentenceOf(error) });
    }
  }

  #begin(action: StoreAction, name: string, own: boolean, value?: Payload): StoreEntry {
    const entry = { ...this.#blank(action, name, own), value };
    this.#add(entry);
    return entry;
  }

  #blank(action: StoreAction, name: string, own: boolean): StoreEntry {
    const number = this.#nextNumber++;
    const key = isFullId(name) ? name : undefined;
    const open = { value: undefined, put: undefined, got: undefined, change: undefined, misuse: undefined };
    return { number, at: Date.now(), action, name, key, own, ...open };
  }

  #add(entry: StoreEntry): void {
    this.#entries = [entry, ...this.#entries].slice(0, ENTRIES_MAX);
    this.#onChange();
  }

  #finish(finished: StoreEntry): void {
    this.#entries = this.#entries.map((entry) => (entry.number === finished.number ? finished : entry));
    this.#onChange();
  }
}

/** Calls reject on misuse only: the message says what was wrong with the arguments. */
function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
