import { describe, expect, it } from 'vitest';
import { VALUE_BYTES } from './store-values.ts';
import { storeReasonText } from './store-reasons.ts';

const CODES = [
  'not-found',
  'timeout',
  'alone',
  'stale',
  'conflict',
  'over-quota',
  'expired',
  'too-large',
  'rejected',
  'left',
] as const;

describe('reasons of the store', () => {
  it('are sentences, each its own', () => {
    const texts = CODES.map(storeReasonText);
    expect(new Set(texts).size).toBe(CODES.length);
    for (const text of texts) expect(text).toMatch(/^[A-Z].{30,}\.$/u);
  });

  it('name the limit that holds', () => {
    expect(storeReasonText('too-large')).toContain(`${VALUE_BYTES / 1024} KiB`);
  });
});
