/** What came of a put, a read, a forget or a watch, in words. Pure. */

import type { Id } from '../../session/api.ts';
import type {
  GetResult,
  HeldRecordView,
  LookupStepView,
  PutResult,
  RecordView,
} from '../../session/store-api.ts';
import { storeReasonText } from '../../session/store-reasons.ts';
import { isFullId, shortId } from '../format/ids.ts';
import { formatMs, group, plural } from '../format/units.ts';
import { fileOf } from './stored-file.ts';
import type { StoreEntry } from './store-history.ts';

export type Outcome = 'pending' | 'ok' | 'failed';

/** How an entry stands. */
export function outcomeOf({ misuse, put, got, change }: StoreEntry): Outcome {
  if (misuse !== undefined) return 'failed';
  if (change !== undefined) return 'ok';
  const result = put ?? got;
  if (result === undefined) return 'pending';
  return result.ok ? 'ok' : 'failed';
}

/** The outcome in a sentence or two. */
export function headline(entry: StoreEntry, self: Id | undefined): string {
  const { misuse, put, got, change, action } = entry;
  if (misuse !== undefined) return `Not done: ${misuse}`;
  if (change !== undefined) return changeText(change, self);
  if (got !== undefined) return got.ok ? foundText(got) : reasonOf(got);
  if (put !== undefined) return put.ok ? keptText(action, put) : putFailure(put);
  return action === 'get' ? 'Reading…' : action === 'forget' ? 'Taking it back…' : 'Putting…';
}

/** An entry in a few words, for a row. */
export function outcomeText(entry: StoreEntry): string {
  const { misuse, put, got, change } = entry;
  if (misuse !== undefined) return 'not done';
  if (change !== undefined) return `sequence ${group(change.sequence)}`;
  const result = put ?? got;
  if (result === undefined) return '…';
  return result.ok ? `${formatMs(result.tookMs)} ms` : (result.reason ?? 'failed').replaceAll('-', ' ');
}

/** A key as a reader knows it. */
export function nameText(name: string): string {
  if (name === '') return 'under its hash';
  if (isFullId(name)) return shortId(name);
  return `“${name.length > 24 ? `${name.slice(0, 23)}…` : name}”`;
}

/** What sort of value it is. */
export function typeText(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Uint8Array) return 'bytes';
  if (fileOf(value) !== undefined) return 'file';
  return typeof value === 'string' ? 'text' : 'JSON';
}

/** Whose record it is. */
export function publisherText({ kind, publisher }: RecordView, self: Id | undefined): string {
  if (publisher === undefined) return 'under its hash';
  return `${kind}, ${publisher === self ? 'this tab' : shortId(publisher)}`;
}

/** How long a copy still lives if nobody renews it: in minutes up to two hours, where one more or less matters. */
export function expiryText(lifeMs: number): string {
  if (lifeMs > 2 * 3_600_000) return `${Math.round(lifeMs / 3_600_000)} h`;
  if (lifeMs > 60_000) return `${Math.ceil(lifeMs / 60_000)} min`;
  return `${Math.max(0, Math.ceil(lifeMs / 1_000))} s`;
}

/** Why a tab holds a record, as a word and a sentence. */
export const ROLE_TEXTS: Readonly<Record<HeldRecordView['role'], string>> = {
  own: 'Published by this tab, which renews it while it is open',
  replica: 'This tab is one of the nodes nearest to the key',
  cache: 'Left here by a lookup, to answer the next one sooner',
};

/** How a node took part in a lookup, as a word and a sentence. */
export const STEP_TEXTS: Readonly<
  Record<LookupStepView['state'], { readonly word: string; readonly note: string }>
> = {
  answered: { word: 'answered', note: 'It was asked and answered' },
  asked: { word: 'asked', note: 'It was asked; the lookup ended before its answer came' },
  slow: { word: 'slow', note: 'It was asked and took so long that others were asked meanwhile' },
  failed: { word: 'failed', note: 'It was asked and did not answer in time' },
  introduced: { word: 'named only', note: 'Its name came up, and it did not have to be asked' },
};

function keptText(action: StoreEntry['action'], { acknowledgedBy, refusedBy, sequence }: PutResult): string {
  const asked = acknowledgedBy.length + refusedBy.length;
  const verb = action === 'forget' ? 'Taken back' : 'Acknowledged';
  const where = action === 'forget' ? 'at' : 'by';
  const version = sequence === 0 ? '' : `, sequence ${group(sequence)}`;
  return `${verb} ${where} ${acknowledgedBy.length} of ${plural(asked, 'node')}${version}.`;
}

function putFailure(put: PutResult): string {
  // Refused before anything was sent: then the sequence is the one the record has.
  if (put.reason !== 'conflict' || put.refusedBy.length > 0) return reasonOf(put);
  const now =
    put.sequence === 0
      ? 'It is not there yet: its sequence is 0'
      : `It has sequence ${group(put.sequence)} now`;
  return `${reasonOf(put)} ${now}.`;
}

function foundText({ records, value }: GetResult): string {
  const newest = records[0];
  const kind = capital(typeText(value));
  if (newest === undefined) return `${kind} found.`;
  const several = records.length > 1 ? ` The newest of ${plural(records.length, 'publisher')}.` : '';
  const version = newest.sequence === 0 ? '' : `, sequence ${group(newest.sequence)}`;
  return `${kind} found${version}.${several}`;
}

function changeText({ value, publisher, sequence }: RecordView, self: Id | undefined): string {
  const who = publisher === undefined ? '' : ` by ${publisher === self ? 'this tab' : shortId(publisher)}`;
  const version = sequence === 0 ? '' : `, sequence ${group(sequence)}`;
  return `${value === undefined ? 'Forgotten' : 'Put'}${who}${version}.`;
}

function reasonOf({ reason }: PutResult | GetResult): string {
  return reason === undefined ? 'It did not work, and no reason was given.' : storeReasonText(reason);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
