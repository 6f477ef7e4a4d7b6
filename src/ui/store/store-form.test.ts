import { describe, expect, it } from 'vitest';
import { VALUE_BYTES } from '../../session/store-values.ts';
import { idOf } from '../test-data.ts';
import { isOwnUnderDigits, readCas, readKey, readPut, readValue, type StoreForm } from './store-form.ts';

const form: StoreForm = {
  key: 'greeting',
  mode: 'shared',
  type: 'text',
  text: 'hello',
  file: undefined,
  lifeMs: 7_200_000,
  cas: '',
};

describe('key of the store form', () => {
  it('is any text as typed, or 64 digits in either case', () => {
    expect(readKey(form)).toMatchObject({ ok: true, value: 'greeting' });
    expect(readKey({ ...form, key: ' spaced ' })).toMatchObject({ ok: true, value: ' spaced ' });
    expect(readKey({ ...form, key: ` ${idOf('AB')} ` })).toMatchObject({ ok: true, value: idOf('ab') });
    expect(readKey({ ...form, key: '  ' }).ok).toBe(false);
  });

  it('is a short name for an own record', () => {
    const own = { ...form, mode: 'own' } as const;
    expect(readKey({ ...own, key: 'ä'.repeat(32) }).ok).toBe(true);
    expect(readKey({ ...own, key: 'ä'.repeat(33) })).toEqual({
      ok: false,
      hint: 'The name of an own record has at most 64 bytes; this has 66.',
    });
    expect(isOwnUnderDigits({ ...own, key: idOf('ab') })).toBe(true);
    expect(isOwnUnderDigits({ ...form, key: idOf('ab') })).toBe(false);
  });
});

describe('value of the store form', () => {
  it('is text or JSON from one field', () => {
    expect(readValue({ ...form, text: '[1, {"a": null}]' })).toMatchObject({
      ok: true,
      value: '[1, {"a": null}]',
    });
    expect(readValue({ ...form, type: 'json', text: '[1, {"a": null}]' })).toMatchObject({
      ok: true,
      value: [1, { a: null }],
    });
    expect(readValue({ ...form, text: '' }).ok).toBe(false);
  });

  it('is refused with a sentence when the JSON is broken', () => {
    for (const text of ['{broken', '', "{'a': 1}", 'undefined', '1 2']) {
      const { ok, hint } = readValue({ ...form, type: 'json', text });
      expect(ok, text).toBe(false);
      expect(hint, text).toMatch(/JSON.*\.$/u);
    }
  });

  it('is a file with its name', () => {
    const file = { name: 'a.txt', type: 'text/plain', bytes: Uint8Array.of(1, 2) };
    expect(readValue({ ...form, type: 'file', file })).toMatchObject({ ok: true, value: file });
    expect(readValue({ ...form, type: 'file' }).ok).toBe(false);
  });

  it('tells its size, and is refused beyond 32 KiB', () => {
    // The text itself, and what says that it is text: four bytes at this length.
    expect(readValue({ ...form, text: 'x'.repeat(VALUE_BYTES - 4) })).toMatchObject({ ok: true });
    const { ok, hint } = readValue({ ...form, text: 'x'.repeat(VALUE_BYTES) });
    expect(ok).toBe(false);
    expect(hint).toContain('at most 32,768');
  });
});

describe('sequence of the store form', () => {
  it('is empty or a whole number', () => {
    expect(readCas('  ')).toMatchObject({ ok: true, value: undefined });
    expect(readCas(' 12 ')).toMatchObject({ ok: true, value: 12 });
    expect(readCas('0')).toMatchObject({ ok: true, value: 0 });
    for (const text of ['-1', '1.5', 'two', '1e3', '9'.repeat(16)])
      expect(readCas(text).ok, text).toBe(false);
  });
});

describe('put', () => {
  it('has the options that the mode allows', () => {
    expect(readPut({ ...form, cas: '3' })).toEqual({
      ok: true,
      key: 'greeting',
      value: 'hello',
      options: { lifeMs: 7_200_000, cas: 3 },
    });
    expect(readPut({ ...form, mode: 'own' })).toMatchObject({ options: { own: true, lifeMs: 7_200_000 } });
    expect(readPut({ ...form, mode: 'hash', key: '', cas: '3' })).toEqual({
      ok: true,
      key: null,
      value: 'hello',
      options: {},
    });
  });

  it('names the first field that cannot be used', () => {
    expect(readPut({ ...form, key: '', text: '', cas: 'x' })).toEqual({ ok: false, field: 'key' });
    expect(readPut({ ...form, mode: 'own', key: idOf('1') })).toEqual({ ok: false, field: 'key' });
    expect(readPut({ ...form, text: '', cas: 'x' })).toEqual({ ok: false, field: 'value' });
    expect(readPut({ ...form, cas: 'x' })).toEqual({ ok: false, field: 'cas' });
  });
});
