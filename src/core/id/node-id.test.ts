import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asNodeId, compareIds, fromHex, mapKey, sameId, toHex } from './node-id.ts';

const RUNS = { numRuns: 5_000 };
const anyId = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(asNodeId);
/** Two ids of one length that often begin alike. */
const twoIds = fc
  .tuple(anyId, fc.nat(), fc.nat(255))
  .map(([a, at, byte]) => [a, asNodeId(a.map((old, i) => (i === at % a.length ? byte : old)))] as const);

describe('ids', () => {
  test('[ID1] the first differing byte decides', () => {
    fc.assert(
      fc.property(twoIds, ([a, b]) => {
        const expected = Math.sign(Buffer.compare(a, b));
        expect(Math.sign(compareIds(a, b))).toBe(expected);
        expect(Math.sign(compareIds(b, a))).toBe(expected === 0 ? 0 : -expected);
        expect(sameId(a, b)).toBe(expected === 0);
      }),
      RUNS,
    );
  });

  test('[ID2] map keys are equal exactly for equal ids, of one length or several', () => {
    fc.assert(
      fc.property(twoIds, anyId, ([a, b], other) => {
        expect(mapKey(a) === mapKey(b)).toBe(sameId(a, b));
        expect(mapKey(a) === mapKey(other)).toBe(sameId(a, other));
        expect(mapKey(asNodeId(a.slice()))).toBe(mapKey(a));
      }),
      RUNS,
    );
  });

  test('[ID2] an id and the same id with a zero byte more have different map keys', () => {
    expect(mapKey(asNodeId(Uint8Array.of(7)))).not.toBe(mapKey(asNodeId(Uint8Array.of(7, 0))));
    const long = new Uint8Array(32);
    expect(mapKey(long)).not.toBe(mapKey(long.subarray(1)));
  });

  test('[ID3] hexadecimal is read back in either case', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const text = toHex(id);
        expect(text).toBe(Buffer.from(id).toString('hex'));
        expect(fromHex(text)).toEqual(id);
        expect(fromHex(text.toUpperCase())).toEqual(id);
      }),
      RUNS,
    );
  });

  test('[ID3] what is not hexadecimal is undefined', () => {
    for (const text of ['', 'a', 'abc', '0x', 'zz', ' ab', 'ab ', '1g', 'ａｂ'])
      expect(fromHex(text)).toBeUndefined();
  });
});
