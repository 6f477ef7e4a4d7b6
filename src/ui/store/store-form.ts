/** What the store panel's fields mean: which key, value and options they name, or what is wrong with them. Pure. */

import type { Payload } from '../../session/api.ts';
import type { PutOptions } from '../../session/store-api.ts';
import { VALUE_BYTES, valueBytesOf } from '../../session/store-values.ts';
import { isFullId } from '../format/ids.ts';
import { group } from '../format/units.ts';
import type { StoredFile } from './stored-file.ts';

/** Who may write: everybody a record of their own, this tab alone, or nobody after the first time. */
export type WriteMode = 'shared' | 'own' | 'hash';

/** What the value field holds. */
export type ValueType = 'text' | 'json' | 'file';

/** The fields as they stand. Text and JSON share one field, so that changing the type loses nothing. */
export interface StoreForm {
  readonly key: string;
  readonly mode: WriteMode;
  readonly type: ValueType;
  readonly text: string;
  readonly file: StoredFile | undefined;
  readonly lifeMs: number;
  /** The sequence it must have now; empty for any. */
  readonly cas: string;
}

/** The fields that can be refused. */
export type StoreField = 'key' | 'value' | 'cas';

/** A field can be used, or the sentence says why not. */
export type FieldResult<T> =
  | { readonly ok: true; readonly value: T; readonly hint: string }
  | { readonly ok: false; readonly hint: string };

/** What a put comes to, or the field that keeps it from being done. */
export type PutPlan =
  | {
      readonly ok: true;
      /** `null` where the key follows from the value. */
      readonly key: string | null;
      readonly value: Payload;
      readonly options: PutOptions;
    }
  | { readonly ok: false; readonly field: StoreField };

/** Bytes of an own record's name, at most. */
const NAME_BYTES_MAX = 64;
const SEQUENCE_DIGITS_MAX = 15;

/** The lives to choose from, ms. */
export const LIVES: readonly (readonly [number, string])[] = [
  [600_000, '10 minutes'],
  [7_200_000, '2 hours'],
  [86_400_000, '24 hours'],
];

/** The modes, in a few words and in a sentence. */
export const MODES: readonly (readonly [WriteMode, string, string])[] = [
  ['shared', 'everybody (shared key)', 'Each tab that writes has a record of its own under the key.'],
  ['own', 'only this tab (own record)', 'Others read it under the key that Put answers with.'],
  ['hash', 'nobody (under its own hash)', 'Put answers with the key. The value stays the same for ever.'],
];

/** Reads the key field for what is about to be put, read, watched or forgotten. */
export function readKey({ key, mode }: Pick<StoreForm, 'key' | 'mode'>): FieldResult<string> {
  const typed = key.trim();
  if (typed === '') return { ok: false, hint: 'A key is missing: any text, or 64 hexadecimal digits.' };
  if (mode === 'own') {
    const bytes = new TextEncoder().encode(key).length;
    if (isFullId(typed)) return { ok: true, value: typed.toLowerCase(), hint: 'Taken as a key to read.' };
    if (bytes > NAME_BYTES_MAX)
      return {
        ok: false,
        hint: `The name of an own record has at most ${NAME_BYTES_MAX} bytes; this has ${bytes}.`,
      };
    return { ok: true, value: key, hint: 'A name: this tab and the name make the key.' };
  }
  if (isFullId(typed)) return { ok: true, value: typed.toLowerCase(), hint: 'Taken as a key of 64 digits.' };
  return { ok: true, value: key, hint: 'Text: its hash is the key.' };
}

/** Reads the value field; the hint of a usable one tells its size. */
export function readValue({
  type,
  text,
  file,
}: Pick<StoreForm, 'type' | 'text' | 'file'>): FieldResult<Payload> {
  if (type === 'file') {
    if (file === undefined) return { ok: false, hint: 'Choose a file of at most 32 KiB.' };
    return sized({ ...file });
  }
  if (text === '') return { ok: false, hint: type === 'json' ? 'Type a value as JSON.' : 'Type a value.' };
  if (type === 'text') return sized(text);
  try {
    return sized(JSON.parse(text) as Payload);
  } catch (error) {
    return { ok: false, hint: `This is not valid JSON: ${(error as Error).message}.` };
  }
}

/** Reads the sequence that compare-and-set asks for; `undefined` when the field is empty. */
export function readCas(text: string): FieldResult<number | undefined> {
  const typed = text.trim();
  if (typed === '') return { ok: true, value: undefined, hint: '' };
  if (!/^\d+$/.test(typed) || typed.length > SEQUENCE_DIGITS_MAX)
    return { ok: false, hint: 'A sequence is a whole number: 0 for “not there yet”, or empty for any.' };
  return { ok: true, value: Number(typed), hint: '' };
}

/** The whole form as a put; fields are complained about from top to bottom. */
export function readPut(form: StoreForm): PutPlan {
  const key = readKey(form);
  const value = readValue(form);
  const cas = readCas(form.cas);
  const isHash = form.mode === 'hash';
  if (!isHash && (!key.ok || isOwnUnderDigits(form))) return { ok: false, field: 'key' };
  if (!value.ok) return { ok: false, field: 'value' };
  if (isHash || !key.ok) return { ok: true, key: null, value: value.value, options: {} };
  if (!cas.ok) return { ok: false, field: 'cas' };
  return {
    ok: true,
    key: key.value,
    value: value.value,
    options: {
      lifeMs: form.lifeMs,
      ...(form.mode === 'own' ? { own: true } : {}),
      ...(cas.value === undefined ? {} : { cas: cas.value }),
    },
  };
}

/** An own record is put by its name: 64 digits are the key that came of it. */
export function isOwnUnderDigits({ key, mode }: Pick<StoreForm, 'key' | 'mode'>): boolean {
  return mode === 'own' && isFullId(key.trim());
}

function sized(value: Payload): FieldResult<Payload> {
  const bytes = valueBytesOf(value);
  if (bytes === undefined)
    return { ok: false, hint: 'This value is nested too deeply, or holds what no record can carry.' };
  if (bytes > VALUE_BYTES)
    return {
      ok: false,
      hint: `The value takes ${group(bytes)} bytes; a record carries at most ${group(VALUE_BYTES)}.`,
    };
  return { ok: true, value, hint: `${group(bytes)} bytes of ${group(VALUE_BYTES)}` };
}
