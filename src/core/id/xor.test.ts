import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asNodeId, mapKey, sameId, type NodeId } from './node-id.ts';
import {
  bitAt,
  commonPrefixLength,
  commonPrefixOfKeys,
  compareXor,
  compareXorAt,
  firstWord,
  flipBit,
  idInBucket,
  xorDistance,
} from './xor.ts';

const RUNS = { numRuns: 5_000 };
const lengths = fc.constantFrom(1, 2, 3, 4, 5, 8, 20, 32);

/** Ids of one length, the later ones often equal to the first but for one bit. */
const ids = (count: number): fc.Arbitrary<NodeId[]> =>
  lengths.chain((length) =>
    fc
      .tuple(
        fc.uint8Array({ minLength: length, maxLength: length }),
        fc.array(fc.oneof(fc.uint8Array({ minLength: length, maxLength: length }), fc.nat(8 * length - 1)), {
          minLength: count - 1,
          maxLength: count - 1,
        }),
      )
      .map(([first, others]) => [
        asNodeId(first),
        ...others.map((other) => (typeof other === 'number' ? flipBit(first, other) : asNodeId(other))),
      ]),
  );

const asBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const asBits = (id: Uint8Array): string =>
  Array.from(id, (byte) => byte.toString(2).padStart(8, '0')).join('');

describe('XOR', () => {
  test('[ID1] distances compare like the numbers they stand for', () => {
    fc.assert(
      fc.property(ids(3), ([target, a, b]) => {
        const x = asBigInt(xorDistance(target!, a!));
        const y = asBigInt(xorDistance(target!, b!));
        const expected = x < y ? -1 : x > y ? 1 : 0;
        expect(Math.sign(compareXor(target!, a!, b!))).toBe(expected);
        const packed = Uint8Array.from([9, ...a!, 9, ...b!]);
        expect(Math.sign(compareXorAt(target!, packed, 1, packed, a!.length + 2))).toBe(expected);
      }),
      RUNS,
    );
  });

  test('[ID1] first words decide unless they are equal', () => {
    fc.assert(
      fc.property(ids(3), ([target, a, b]) => {
        const x = (firstWord(a!) ^ firstWord(target!)) >>> 0;
        const y = (firstWord(b!) ^ firstWord(target!)) >>> 0;
        if (x !== y) expect(Math.sign(compareXor(target!, a!, b!))).toBe(x < y ? -1 : 1);
        else expect(sameId(a!.subarray(0, 4), b!.subarray(0, 4))).toBe(true);
      }),
      RUNS,
    );
  });

  test('[ID7] the common prefix is counted in bits, from bytes and from map keys', () => {
    fc.assert(
      fc.property(ids(2), ([a, b]) => {
        const [x, y] = [asBits(a!), asBits(b!)];
        let expected = 0;
        while (expected < x.length && x[expected] === y[expected]) expected++;
        expect(commonPrefixLength(a!, b!)).toBe(expected);
        const ofKeys = commonPrefixOfKeys(mapKey(a!), mapKey(b!));
        if (sameId(a!, b!)) expect(ofKeys).toBeGreaterThanOrEqual(x.length);
        else expect(ofKeys).toBe(expected);
      }),
      RUNS,
    );
  });

  test('[ID7] a bucket address differs in exactly its bit', () => {
    fc.assert(
      fc.property(ids(1), fc.nat(), ([id], n) => {
        const index = n % (8 * id!.length);
        const before = asBits(id!);
        const flipped = flipBit(id!, index);
        expect(commonPrefixLength(id!, flipped)).toBe(index);
        expect(flipBit(flipped, index)).toEqual(id);
        expect(bitAt(flipped, index)).toBe(1 - bitAt(id!, index));
        expect(asBits(id!)).toBe(before);
      }),
      RUNS,
    );
  });

  test('[ID7] a random id of a bucket shares exactly its index of bits', () => {
    fc.assert(
      fc.property(ids(2), fc.nat(), ([self, random], n) => {
        const index = n % (8 * self!.length);
        const id = idInBucket(self!, index, random!);
        expect(commonPrefixLength(self!, id)).toBe(index);
        expect(asBits(id).slice(index + 1)).toBe(asBits(random!).slice(index + 1));
      }),
      RUNS,
    );
  });
});
