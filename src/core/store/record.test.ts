/**
 * Goal: a record is worth what its key or its signature proves, and bytes from outside never harm. Method: frozen bytes,
 * round trips, arbitrary and mutated bytes.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKeys, sign, verify } from '../../test-support/keys.ts';
import { caseCount, SeededRandom, testSeed } from '../../test-support/seeded-random.ts';
import { asNodeId, toHex } from '../id/node-id.ts';
import {
  decodeRecord,
  encodeRecord,
  immutableRecord,
  keyOfOwn,
  keyOfValue,
  LIFE_MS_MAX,
  recordProof,
  recordSignedBytes,
  SALT_BYTES_MAX,
  SEQUENCE_MAX,
  VALUE_BYTES_MAX,
  type SignedFields,
  type StoreRecord,
} from './record.ts';

const SEED = testSeed(4_711);
const ports = { hash: (bytes: Uint8Array): Uint8Array => sha256(bytes) };
const { signingKey: publisher } = createKeys(new SeededRandom(1));
const key = asNodeId(sha256(Uint8Array.of(1)));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const common = { publisher, sequence: 7, lifeMs: 7_200_000, forgotten: false, value: utf8('value') };
const own: SignedFields = { ...common, kind: 'own', salt: utf8('salt') };
const shared: SignedFields = { ...common, kind: 'shared', key };

function signed(fields: SignedFields): Uint8Array {
  const bytes = recordSignedBytes(fields);
  return encodeRecord(bytes, sign(fields.publisher, bytes));
}

function decoded(bytes: Uint8Array): StoreRecord {
  const record = decodeRecord(bytes, ports);
  if (typeof record === 'string') throw new Error(record);
  return record;
}

/** The record made once more from what was read. */
function encodedAgain(record: StoreRecord): Uint8Array {
  const { kind } = record;
  if (kind === 'immutable') return immutableRecord(record.value, ports).bytes;
  const fields = kind === 'own' ? { ...record, kind } : { ...record, kind };
  return encodeRecord(recordSignedBytes(fields), recordProof(record)!.signature);
}

/** With `bits` of one byte flipped. */
function flipped(bytes: Uint8Array, at: number, bits: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= bits;
  return copy;
}

const value = fc.uint8Array({ maxLength: 200 });
const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const anyFields: fc.Arbitrary<SignedFields> = fc
  .record({
    publisher: anyKey,
    sequence: fc.integer({ min: 1, max: SEQUENCE_MAX }),
    lifeS: fc.integer({ min: 1, max: LIFE_MS_MAX / 1000 }),
    forgotten: fc.boolean(),
    value,
    salt: fc.option(fc.uint8Array({ maxLength: SALT_BYTES_MAX }), { nil: undefined }),
    place: anyKey,
  })
  .map(({ lifeS, forgotten, value, salt, place, ...rest }) => {
    const more = { ...rest, lifeMs: 1000 * lifeS, forgotten, value: forgotten ? new Uint8Array(0) : value };
    return salt === undefined
      ? { ...more, kind: 'shared', key: asNodeId(place) }
      : { ...more, kind: 'own', salt };
  });

describe('what a record is', () => {
  test('[RE1] the key of an immutable record is the hash of its value; nobody signs it', () => {
    const record = immutableRecord(utf8('value'), ports);
    expect(record).toMatchObject({ kind: 'immutable', sequence: 0, lifeMs: LIFE_MS_MAX, forgotten: false });
    expect([record.publisher.length, record.salt.length, recordProof(record)]).toEqual([0, 0, undefined]);
    expect(toHex(record.key)).toBe(toHex(sha256(utf8('hopline/value/1value'))));
    expect(toHex(keyOfValue(utf8('value'), ports))).toBe(toHex(record.key));
    const other = decoded(flipped(record.bytes, 6, 1));
    expect([toHex(other.key) === toHex(record.key), other.slot === record.slot]).toEqual([false, false]);
  });

  test('[RE2] the key of an own record is the hash of publisher and salt', () => {
    const record = decoded(signed(own));
    const hashed = sha256(Buffer.concat([utf8('hopline/own/1'), publisher, utf8('salt')]));
    expect(record).toMatchObject({ ...own, key: hashed });
    expect(toHex(keyOfOwn(publisher, utf8('salt'), ports))).toBe(toHex(record.key));
    expect(toHex(decoded(signed({ ...own, salt: utf8('') })).key)).not.toBe(toHex(record.key));
  });

  test('[RE3] under one key each publisher has a slot of its own', () => {
    const other = createKeys(new SeededRandom(2)).signingKey;
    const slots = [
      signed(shared),
      signed({ ...shared, sequence: 8, value: utf8('new') }),
      signed({ ...shared, publisher: other }),
      signed({ ...shared, key: asNodeId(sha256(key)) }),
    ].map((bytes) => decoded(bytes).slot);
    expect(slots[1]).toBe(slots[0]);
    expect(new Set(slots).size).toBe(3);
    expect(decoded(signed(shared))).toMatchObject({ ...shared, salt: new Uint8Array(0) });
  });

  test('[RE4] a signed record verifies, and with any byte changed does not', () => {
    const tombstone: SignedFields = { ...shared, forgotten: true, value: utf8('') };
    for (const bytes of [own, shared, tombstone].map(signed)) {
      expect(verify(recordProof(decoded(bytes))!)).toBe(true);
      let checked = 0;
      for (let at = 0; at < bytes.length; at++) {
        for (let bits = 1; bits < 256; bits++) {
          const record = decodeRecord(flipped(bytes, at, bits), ports);
          if (typeof record === 'string') continue;
          checked++;
          const proof = recordProof(record);
          // As an immutable record it is under a key that nobody asked for.
          if (proof === undefined) expect(toHex(record.key)).not.toBe(toHex(decoded(bytes).key));
          else if (verify(proof)) expect.fail(`byte ${at} ^ ${bits}`);
        }
      }
      expect(checked).toBeGreaterThan(100 * 255);
    }
  });

  test('[RE5] the text that is signed begins with its domain and holds the whole record', () => {
    const text = recordSignedBytes(own);
    expect(Buffer.from(text.subarray(0, 16)).toString()).toBe('hopline/record/1');
    const proof = recordProof(decoded(signed(own)))!;
    expect(toHex(proof.bytes)).toBe(toHex(text));
    expect(toHex(proof.publicKey)).toBe(toHex(publisher));
  });

  test('[RE7] the bytes of each kind are frozen', () => {
    const signature = new Uint8Array(64).fill(9);
    const fixed = { publisher: new Uint8Array(32).fill(0xa0), sequence: 0x010203040506, lifeMs: 7_200_000 };
    const fields = { ...fixed, forgotten: false, value: utf8('hi') };
    const head = (kind: string, flags: string): string =>
      `01${kind}${flags}01020304050600001c20${'a0'.repeat(32)}`;
    const hexOf = (fields: SignedFields): string => toHex(encodeRecord(recordSignedBytes(fields), signature));
    const end = '09'.repeat(64);
    expect(toHex(immutableRecord(utf8('hi'), ports).bytes)).toBe('01016869');
    expect(hexOf({ ...fields, kind: 'own', salt: utf8('s') })).toBe(`${head('02', '00')}01736869${end}`);
    const at = asNodeId(new Uint8Array(32).fill(0xb0));
    expect(hexOf({ ...fields, kind: 'shared', key: at })).toBe(
      `${head('03', '00')}${'b0'.repeat(32)}6869${end}`,
    );
    expect(hexOf({ ...fields, kind: 'own', salt: utf8(''), forgotten: true, value: utf8('') })).toBe(
      `${head('02', '01')}00${end}`,
    );
  });

  test('[RE9] what was read keeps no hold on the bytes it came from', () => {
    for (const bytes of [signed(own), signed(shared), immutableRecord(utf8('value'), ports).bytes]) {
      const given = Buffer.from(bytes);
      const record = decoded(given);
      given.fill(0);
      expect(toHex(record.bytes)).toBe(toHex(bytes));
      expect(toHex(record.value)).toBe(toHex(utf8('value')));
    }
    const given = utf8('value');
    const record = immutableRecord(given, ports);
    given.fill(0);
    expect(toHex(record.value)).toBe(toHex(utf8('value')));
  });
});

describe('what is none', () => {
  const problem = (fields: SignedFields): string => {
    const record = decodeRecord(signed(fields), ports);
    return typeof record === 'string' ? record : 'none';
  };

  test('[RE6] numbers beyond their limits, unknown flags and kinds, and a value in a tombstone', () => {
    const most = {
      ...own,
      sequence: SEQUENCE_MAX,
      lifeMs: LIFE_MS_MAX,
      salt: new Uint8Array(SALT_BYTES_MAX),
    };
    expect([problem(most), problem({ ...own, sequence: 1, lifeMs: 1000 })]).toEqual(['none', 'none']);
    expect(decoded(signed(most)).sequence).toBe(SEQUENCE_MAX);
    const wrong: SignedFields[] = [
      { ...own, sequence: 0 },
      { ...own, sequence: SEQUENCE_MAX + 1 },
      { ...own, lifeMs: 0 },
      { ...own, lifeMs: 999 },
      { ...own, lifeMs: LIFE_MS_MAX + 1000 },
      { ...own, salt: new Uint8Array(SALT_BYTES_MAX + 1) },
      { ...own, forgotten: true },
    ];
    expect(wrong.map(problem)).toEqual(wrong.map(() => 'malformed'));
    const bytes = signed({ ...own, forgotten: true, value: utf8('') });
    for (const [at, values] of [
      [0, [0, 2, 255]],
      [1, [0, 4, 255]],
      [2, [2, 3, 128]],
    ] as const)
      for (const byte of values)
        expect(decodeRecord(flipped(bytes, at, bytes[at]! ^ byte), ports)).toBe('malformed');
  });

  test('[RE6] bytes that end early, and bytes after a tombstone', () => {
    for (const fields of [own, shared]) {
      const whole = signed({ ...fields, value: utf8('') });
      for (let length = 0; length < whole.length; length++)
        expect(decodeRecord(whole.subarray(0, length), ports)).toBe('malformed');
    }
    const tombstone = signed({ ...shared, forgotten: true, value: utf8('') });
    expect(decodeRecord(Uint8Array.from([...tombstone, 0]), ports)).toBe('malformed');
  });

  test('[RE8] a value beyond 32 KiB is too large, of whatever kind', () => {
    const largest = new Uint8Array(VALUE_BYTES_MAX);
    const larger = new Uint8Array(VALUE_BYTES_MAX + 1);
    for (const fields of [own, shared])
      expect([problem({ ...fields, value: largest }), problem({ ...fields, value: larger })]).toEqual([
        'none',
        'too-large',
      ]);
    expect(decoded(immutableRecord(largest, ports).bytes).value.length).toBe(VALUE_BYTES_MAX);
    expect(decodeRecord(Uint8Array.from([1, 1, ...larger]), ports)).toBe('too-large');
    expect(() => immutableRecord(larger, ports)).toThrow('fits');
  });
});

describe(`whatever the content, seed ${SEED}`, () => {
  test('[RE7] signed records come back equal', () => {
    const check = (fields: SignedFields): void => {
      const record = decoded(signed(fields));
      expect(record).toMatchObject(fields);
      expect(toHex(encodedAgain(record))).toBe(toHex(record.bytes));
      expect(verify(recordProof(record)!)).toBe(true);
    };
    fc.assert(fc.property(anyFields, check), { numRuns: caseCount(1_000, 20_000), seed: SEED });
  });

  test('[RE1] [RE7] immutable records come back equal', () => {
    const check = (value: Uint8Array): void => {
      const record = immutableRecord(value, ports);
      expect(decoded(record.bytes)).toEqual(record);
      expect(toHex(record.value)).toBe(toHex(value));
    };
    fc.assert(fc.property(value, check), { numRuns: caseCount(1_000, 20_000), seed: SEED });
  });

  test('[RE6] [RE7] arbitrary and mutated bytes never throw, and what reads as a record is its one encoding', () => {
    const mutated = fc
      .record({
        from: anyFields.map(signed),
        flips: fc.array(fc.record({ at: fc.nat(80), bits: fc.integer({ min: 1, max: 255 }) }), {
          maxLength: 3,
        }),
        cutAt: fc.option(fc.nat(), { nil: undefined }),
        more: fc.uint8Array({ maxLength: 20 }),
      })
      .map(({ from, flips, cutAt, more }) => {
        const bytes = flips.reduce((bytes, { at, bits }) => flipped(bytes, at % from.length, bits), from);
        const kept = cutAt === undefined ? bytes : bytes.subarray(0, cutAt % (bytes.length + 1));
        return Uint8Array.from([...kept, ...more]);
      });
    const headed = fc
      .tuple(fc.nat(4), fc.uint8Array({ maxLength: 300 }))
      .map(([kind, rest]) => Uint8Array.from([1, kind, ...rest]));
    let read = 0;
    let cases = 0;
    const check = (bytes: Uint8Array): void => {
      cases++;
      const record = decodeRecord(bytes, ports);
      if (typeof record === 'string') return;
      read++;
      expect(toHex(encodedAgain(record))).toBe(toHex(bytes));
      expect(record.value.length).toBeLessThanOrEqual(VALUE_BYTES_MAX);
      expect(record.lifeMs > 0 && record.lifeMs <= LIFE_MS_MAX).toBe(true);
    };
    const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), headed, mutated, mutated);
    fc.assert(fc.property(anyBytes, check), { numRuns: caseCount(), seed: SEED });
    expect(read).toBeGreaterThan(cases / 20);
  });
});
