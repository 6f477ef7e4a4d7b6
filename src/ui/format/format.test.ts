import { describe, expect, it } from 'vitest';
import { idColours, ID_COLOURS, isFullId, shortId } from './ids.ts';
import { formatPayload } from './payload.ts';
import { retryText } from './retries.ts';
import {
  formatAge,
  formatBytes,
  formatClock,
  formatMs,
  formatRate,
  group,
  plural,
  UNKNOWN,
} from './units.ts';

describe('ids', () => {
  it('shows the first and last four digits', () => {
    expect(shortId(`3f2a${'0'.repeat(56)}9c1d`)).toBe('3f2a…9c1d');
    expect(shortId('abc')).toBe('abc');
    expect(shortId('')).toBe('');
  });

  it('takes colours from the first three bytes and stays in the palette', () => {
    expect(idColours(`000b0c${'0'.repeat(58)}`)).toEqual([0, 11, 0]);
    for (const id of ['', 'zz', 'ffffff', '12']) {
      for (const colour of idColours(id)) expect(colour).toBeGreaterThanOrEqual(0);
      for (const colour of idColours(id)) expect(colour).toBeLessThan(ID_COLOURS);
    }
  });

  it('knows a full id', () => {
    expect(isFullId('A'.repeat(64))).toBe(true);
    expect(isFullId('a'.repeat(63))).toBe(false);
    expect(isFullId(`${'a'.repeat(63)}g`)).toBe(false);
  });
});

describe('units', () => {
  it('shows durations with one decimal below ten and none above', () => {
    expect([0, 0.44, 9.94, 9.96, 42.4, 1500, 1_234_567].map(formatMs)).toEqual([
      '0.0',
      '0.4',
      '9.9',
      '10',
      '42',
      '1,500',
      '1,234,567',
    ]);
    expect(formatMs(undefined)).toBe(UNKNOWN);
    expect(formatMs(Number.NaN)).toBe(UNKNOWN);
  });

  it('shows bytes in the largest fitting unit', () => {
    expect([0, 999, 1000, 9_960, 12_345, 999_600, 65_536_000, 2e15].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '10 kB',
      '12 kB',
      '1.0 MB',
      '66 MB',
      '2,000 TB',
    ]);
    expect(formatBytes(undefined)).toBe(UNKNOWN);
  });

  it('shows ages coarsely', () => {
    expect([-5, 0, 999, 1000, 59_999, 60_000, 3_599_000, 3_600_000, 86_400_000].map(formatAge)).toEqual([
      'now',
      'now',
      'now',
      '1 s',
      '59 s',
      '1 min',
      '59 min',
      '1 h',
      '1 d',
    ]);
  });

  it('shows clock times with milliseconds', () => {
    expect(formatClock(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe('03:04:05.006');
    expect(formatClock(Number.NaN)).toBe(UNKNOWN);
  });

  it('shows rates and counts', () => {
    expect([0, -1, 0.5, 2, 9.96, 1234].map(formatRate)).toEqual(['0', '0', '0.5', '2', '10', '1,234']);
    expect(group(1_000_000)).toBe('1,000,000');
    expect(plural(1, 'hop')).toBe('1 hop');
    expect(plural(2000, 'hop')).toBe('2,000 hops');
  });
});

describe('reasons for another way', () => {
  it('are words, also where the page does not know the code', () => {
    expect(retryText('no-route').word).toBe('no route');
    expect(retryText('unanswered').word).toBe('no answer in time');
    expect(retryText('taken-by-storm').word).toBe('taken by storm');
  });
});

describe('payloads', () => {
  it('shows text as it is, data as JSON and bytes as hexadecimal', () => {
    expect(formatPayload('hi')).toBe('hi');
    expect(formatPayload({ a: [1, null, true] })).toBe('{"a":[1,null,true]}');
    expect(formatPayload(new Uint8Array([1, 171]))).toBe('2 bytes: 01 ab');
    expect(formatPayload({ b: new Uint8Array([255]) })).toBe('{"b":"1 bytes: ff"}');
    expect(formatPayload(undefined)).toBe('');
  });

  it('shows numbers that JSON has no word for', () => {
    expect(formatPayload({ a: NaN, b: [Infinity, -Infinity, -0.5, 1e300] })).toBe(
      '{"a":NaN,"b":[Infinity,-Infinity,-0.5,1e+300]}',
    );
    expect(formatPayload(NaN)).toBe('NaN');
    expect(formatPayload(null)).toBe('null');
  });

  it('cuts what is long and says how much', () => {
    expect(formatPayload('x'.repeat(12), 10)).toBe(`${'x'.repeat(10)}… (2 more characters)`);
    expect(formatPayload(new Uint8Array(100))).toMatch(/^100 bytes: (00 ){64}…$/);
  });
});
