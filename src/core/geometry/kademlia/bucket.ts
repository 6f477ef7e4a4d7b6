/**
 * One bucket: the contacts of a part of the key space, the candidates that wait for a place, and what is known about
 * its completeness. Plain data with a few helpers; the table decides (table.ts).
 */

import type { MapKey, NodeId } from '../../id/node-id.ts';
import { firstWord } from '../../id/xor.ts';
import type { BucketSnapshot } from '../../snapshot.ts';
import type { Contact } from '../../wire/contact.ts';

/** Why a bucket may lack nodes; `none` when it does not. */
export type Gap = BucketSnapshot['gap'];

/** A contact in a table. */
export interface Entry {
  contact: Contact;
  /** First 32 bits of the id: decides nearly every comparison. */
  readonly word: number;
  /** When the node was last heard from or vouched for, or first learned of; ms. */
  lastSeenAt: number;
}

/** The lookup that serves a bucket. */
export interface LookupState {
  /** In flight until then; `-Infinity` when none is. */
  pendingUntil: number;
  /** What was asked for last. */
  target: NodeId | undefined;
  /** A contact was lost after the lookup began, so its answer proves nothing. */
  spoiled: boolean;
  /** In a row. */
  failures: number;
  /** Not before then, after a failure. */
  retryAt: number;
  /** Last answered; the refresh counts from here. */
  doneAt: number;
}

/** A part of the key space. */
export class Bucket {
  /** In the order of arrival. */
  entries: Entry[] = [];
  /** The replacement cache, newest last. Not empty only while the bucket has no room. */
  candidates: Entry[] = [];
  /** Why nodes may be missing. Says nothing while a bucket that does not cover the own id has no room. */
  reason: Gap;
  /** Ids of its range whose nearest nodes are known: as far as a bucket was explored that must hold all of its range. */
  explored: NodeId[] = [];
  lookup: LookupState;

  constructor(reason: Gap, lookup: LookupState) {
    this.reason = reason;
    this.lookup = lookup;
  }
}

/** A contact seen or learned of at `now` (ms). */
export function newEntry(contact: Contact, now: number): Entry {
  return { contact, word: firstWord(contact.id), lastSeenAt: now };
}

/** No lookup under way; the refresh counts from `doneAt` (ms). */
export function newLookupState(doneAt: number): LookupState {
  return {
    pendingUntil: -Infinity,
    target: undefined,
    spoiled: false,
    failures: 0,
    retryAt: -Infinity,
    doneAt,
  };
}

/** Position of a node in a list of entries, or -1. */
export function indexOfKey(entries: readonly Entry[], key: MapKey): number {
  for (let i = 0; i < entries.length; i++) if (entries[i]!.contact.key === key) return i;
  return -1;
}

/** The worse of two states: never explored before lost before complete. */
export function worseGap(a: Gap, b: Gap): Gap {
  if (a === 'not-looked-up' || b === 'not-looked-up') return 'not-looked-up';
  return a === 'none' ? b : a;
}
