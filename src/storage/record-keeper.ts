/**
 * Keeps a node's records over a reload: changes are collected for a moment and written together, so that a busy holder does
 * not wait for the disk. What the moment takes with it when the tab crashes, other holders have. Rules RK1-RK6 (record-keeper.test.ts).
 */

import { toHex } from '../core/id/node-id.ts';
import type { Held } from '../core/store/record-table.ts';
import type { KeptRecord } from '../core/store/store-io.ts';
import type { GeometryName } from '../core/wire/contact.ts';
import type { BatchStorage } from './storage.ts';

/** What stands in storage. Anything else found there is dropped. */
interface StoredRecord extends Omit<KeptRecord, 'lifeMs' | 'ageMs'> {
  readonly version: 1;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly publishedAt: number;
}

export interface KeeperOptions {
  readonly storage: BatchStorage;
  /** Tells the records of this identity and network from others. */
  readonly prefix: string;
  /** Milliseconds since the epoch for a time of the node. */
  readonly toEpoch: (time: number) => number;
}

/** How long changes are collected, ms. */
export const FLUSH_MS = 500;

const FULL =
  'This browser keeps no more records for the page (its storage is full or not available): those this tab holds are gone when it is closed.';

/**
 * The prefix for the records of an identity slot in a network. A room that runs on another geometry is another network.
 * No prefix is the beginning of another one: the room's name is the only free text, and its slashes are escaped.
 */
export function keptRecordsPrefix(
  slot: number,
  { room, geometry }: { readonly room: string; readonly geometry: GeometryName },
): string {
  return `${slot}${geometry === 'kademlia' ? '' : `-${geometry}`}/${encodeURIComponent(room)}/`;
}

export class RecordKeeper {
  readonly #options: KeeperOptions;
  #changes = new Map<string, StoredRecord | undefined>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** Why what this tab holds is gone when it is closed, as a sentence; `undefined` while all is well. */
  problem: string | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** What was kept and is not over. Never rejects: then nothing was kept, and `problem` says so. */
  async load(): Promise<KeptRecord[]> {
    const { storage, prefix } = this.#options;
    try {
      const kept: KeptRecord[] = [];
      const now = Date.now();
      for (const [name, value] of await storage.entries(prefix)) {
        if (isStored(value) && value.expiresAt > now) {
          const { bytes, role, account, expiresAt, publishedAt } = value;
          kept.push({ bytes, role, account, lifeMs: expiresAt - now, ageMs: Math.max(0, now - publishedAt) });
        } else this.#change(name, undefined);
      }
      return kept;
    } catch {
      this.problem = FULL;
      return [];
    }
  }

  /** Keeps a record, or nothing in its slot any more. */
  keep(slot: string, held: Held | undefined): void {
    const { prefix, toEpoch } = this.#options;
    const name = prefix + hexOfKey(slot);
    if (held === undefined) {
      this.#change(name, undefined);
      return;
    }
    const { record, role, account, expiresAt, publishedAt } = held;
    this.#change(name, {
      version: 1,
      bytes: record.bytes,
      role,
      account,
      expiresAt: toEpoch(expiresAt),
      publishedAt: toEpoch(publishedAt),
    });
    // Nobody else may have what was published here just now, and the page may be reloaded at once.
    if (role === 'own') void this.flush();
  }

  /** Writes what was collected; resolves when it stands, or could not be written. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const changes = this.#changes;
    if (changes.size === 0) return this.#writing;
    this.#changes = new Map();
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#options.storage.change(changes);
        this.problem = undefined;
      } catch {
        this.problem = FULL;
        // With the next change it is tried again.
        for (const [name, value] of changes) if (!this.#changes.has(name)) this.#changes.set(name, value);
      }
    });
    return this.#writing;
  }

  #change(name: string, value: StoredRecord | undefined): void {
    this.#changes.set(name, value);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }
}

function isStored(value: unknown): value is StoredRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, bytes, role, account, expiresAt, publishedAt } = value as Partial<StoredRecord>;
  return (
    version === 1 &&
    bytes instanceof Uint8Array &&
    (role === 'own' || role === 'replica' || role === 'cache') &&
    typeof account === 'string' &&
    Number.isFinite(expiresAt) &&
    Number.isFinite(publishedAt)
  );
}

/** A map key is a string of 16-bit units, which need not be text: hexadecimal is. */
function hexOfKey(slot: string): string {
  const bytes = new Uint8Array(2 * slot.length);
  for (let i = 0; i < slot.length; i++) {
    bytes[2 * i] = slot.charCodeAt(i) >> 8;
    bytes[2 * i + 1] = slot.charCodeAt(i) & 0xff;
  }
  return toHex(bytes);
}
