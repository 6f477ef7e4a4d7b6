import { describe, expect, it } from 'vitest';
import type { GetResult, PutResult, RecordView } from '../../session/store-api.ts';
import { idOf } from '../test-data.ts';
import type { StoreEntry } from './store-history.ts';
import {
  expiryText,
  headline,
  nameText,
  outcomeOf,
  outcomeText,
  publisherText,
  typeText,
} from './store-texts.ts';

const self = idOf('a');
const other = idOf('b');
const entry: StoreEntry = {
  number: 1,
  at: 0,
  action: 'put',
  name: 'k',
  key: undefined,
  own: false,
  value: 'v',
  put: undefined,
  got: undefined,
  change: undefined,
  misuse: undefined,
};
const put: PutResult = {
  ok: true,
  key: idOf('c'),
  sequence: 3,
  acknowledgedBy: [self, other],
  refusedBy: [{ node: idOf('d'), reason: 'over-quota' }],
  requests: 4,
  steps: [],
  tookMs: 12,
};
const record: RecordView = {
  key: idOf('c'),
  kind: 'shared',
  publisher: other,
  sequence: 2,
  value: { a: 1 },
  bytes: 200,
  ageMs: 1_000,
  lifeMs: 60_000,
};
const got: GetResult = {
  ok: true,
  key: idOf('c'),
  value: { a: 1 },
  records: [record, { ...record, publisher: self }],
  requests: 2,
  steps: [],
  tookMs: 5,
};

describe('outcome in words', () => {
  it('of a put', () => {
    expect(outcomeOf(entry)).toBe('pending');
    expect(headline(entry, self)).toBe('Putting…');
    expect(headline({ ...entry, put }, self)).toBe('Acknowledged by 2 of 3 nodes, sequence 3.');
    expect(headline({ ...entry, put: { ...put, sequence: 0, refusedBy: [] } }, self)).toBe(
      'Acknowledged by 2 of 2 nodes.',
    );
    expect(headline({ ...entry, action: 'forget', put }, self)).toBe(
      'Taken back at 2 of 3 nodes, sequence 3.',
    );
    expect(outcomeText({ ...entry, put })).toBe('12 ms');
  });

  it('of a conflict tells the sequence when it is known', () => {
    const conflict: PutResult = { ...put, ok: false, reason: 'conflict', acknowledgedBy: [], refusedBy: [] };
    expect(outcomeOf({ ...entry, put: conflict })).toBe('failed');
    expect(headline({ ...entry, put: conflict }, self)).toMatch(/It has sequence 3 now\.$/u);
    expect(headline({ ...entry, put: { ...conflict, sequence: 0 } }, self)).toMatch(/its sequence is 0\.$/u);
    const there: PutResult = { ...conflict, refusedBy: [{ node: other, reason: 'conflict' }] };
    expect(headline({ ...entry, put: there }, self)).not.toContain('It has');
  });

  it('of a read', () => {
    const reading = { ...entry, action: 'get' } as const;
    expect(headline({ ...reading, got }, self)).toBe('JSON found, sequence 2. The newest of 2 publishers.');
    const missed: GetResult = { ...got, ok: false, reason: 'not-found', records: [] };
    expect(headline({ ...reading, got: missed }, self)).toContain('have none');
    expect(outcomeText({ ...reading, got: missed })).toBe('not found');
  });

  it('of a change and of a refused call', () => {
    expect(headline({ ...entry, action: 'change', change: record }, self)).toBe(
      'Put by b000…0000, sequence 2.',
    );
    const { value: _, ...gone } = record;
    expect(headline({ ...entry, action: 'change', change: { ...gone, publisher: self } }, self)).toBe(
      'Forgotten by this tab, sequence 2.',
    );
    expect(headline({ ...entry, misuse: 'A key is text.' }, self)).toBe('Not done: A key is text.');
  });
});

describe('parts of a record in words', () => {
  it('name key, type, publisher and expiry', () => {
    expect(nameText('')).toBe('under its hash');
    expect(nameText(idOf('ab'))).toBe('ab00…0000');
    expect(nameText('x'.repeat(30))).toBe(`“${'x'.repeat(23)}…”`);
    expect(['a', 1, new Uint8Array(1), undefined].map(typeText)).toEqual([
      'text',
      'JSON',
      'bytes',
      'nothing',
    ]);
    expect(typeText({ name: 'a', type: '', bytes: new Uint8Array(1) })).toBe('file');
    expect(publisherText(record, other)).toBe('shared, this tab');
    expect(publisherText(record, self)).toBe('shared, b000…0000');
    const lives = [86_400_000, 7_200_001, 7_200_000, 61_000, 60_000, 900, -5];
    expect(lives.map(expiryText)).toEqual(['24 h', '2 h', '120 min', '2 min', '60 s', '1 s', '0 s']);
  });
});
