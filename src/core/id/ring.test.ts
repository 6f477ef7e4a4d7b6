import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { asNodeId, type NodeId } from './node-id.ts';
import { cellOf, compareClockwise, fingerTo, isWithin, plusPower } from './ring.ts';

const BYTES = 3;
const SIZE = 2n ** BigInt(8 * BYTES);
const anyId = fc
  .oneof(
    fc.uint8Array({ minLength: BYTES, maxLength: BYTES }),
    // Near zero from both sides.
    fc.tuple(fc.constantFrom(0x00, 0xff), fc.nat(255)).map(([high, low]) => Uint8Array.of(high, high, low)),
  )
  .map(asNodeId);
const toNumber = (id: Uint8Array): bigint => id.reduce((sum, byte) => 256n * sum + BigInt(byte), 0n);
const wayFrom = (from: Uint8Array, to: Uint8Array): bigint => (toNumber(to) - toNumber(from) + SIZE) % SIZE;
const sign = (difference: bigint): number => (difference < 0n ? -1 : difference > 0n ? 1 : 0);

describe('ids on a circle', () => {
  test('[CH1] order is that of the way clockwise', () => {
    fc.assert(
      fc.property(anyId, anyId, anyId, (from, a, b) => {
        expect(Math.sign(compareClockwise(from, a, b))).toBe(sign(wayFrom(from, a) - wayFrom(from, b)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('[CH2] intervals are open at their beginning, closed at their end, and may wrap', () => {
    fc.assert(
      fc.property(anyId, anyId, anyId, (id, after, upTo) => {
        const whole = wayFrom(after, upTo) === 0n;
        const way = wayFrom(after, id);
        expect(isWithin(id, after, upTo)).toBe(whole || (way > 0n && way <= wayFrom(after, upTo)));
      }),
      { numRuns: 2_000 },
    );
    const [low, high] = [Uint8Array.of(0, 0, 5), Uint8Array.of(0xff, 0xff, 0xf0)];
    expect(isWithin(Uint8Array.of(0, 0, 0), high, low)).toBe(true);
    expect(isWithin(high, high, low)).toBe(false);
    expect(isWithin(low, high, low)).toBe(true);
  });

  test('[CH3] fingers and cells follow from the distance', () => {
    fc.assert(
      fc.property(anyId, anyId, fc.integer({ min: 1, max: 20 }), (from, to, cells) => {
        const way = wayFrom(from, to);
        const exponent = fingerTo(from, to);
        if (way === 0n) {
          expect(exponent).toBe(-1);
          return;
        }
        const length = 2n ** BigInt(exponent);
        expect(way >= length && way < 2n * length).toBe(true);
        const cell = cellOf(from, to, exponent, cells);
        expect(cell).toBeGreaterThanOrEqual(0);
        expect(cell).toBeLessThan(cells);
        // Of a distance that is looked at in full the cell is exact.
        if (exponent <= 16) expect(cell).toBe(Number(((way - length) * BigInt(cells)) / length));
      }),
      { numRuns: 2_000 },
    );
  });

  test('[CH3] where a finger begins is found with carries, across zero as well', () => {
    fc.assert(
      fc.property(anyId, fc.nat(8 * BYTES - 1), (id: NodeId, exponent) => {
        expect(wayFrom(id, plusPower(id, exponent))).toBe(2n ** BigInt(exponent));
      }),
      { numRuns: 500 },
    );
  });
});
