/** Goal: requests and answers come back as they were written, and no bytes whatever throw. Method: properties and mutations. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { caseCount, testSeed } from '../../test-support/seeded-random.ts';
import { DEMAND_BYTES, SOLUTION_BYTES } from '../admission/ask.ts';
import { asNodeId, toHex } from '../id/node-id.ts';
import { CONTACT_BYTES } from '../wire/contact.ts';
import { LIFE_MS_MAX } from './record.ts';
import {
  readFindAnswer,
  readRequest,
  readStoreAnswer,
  readWanted,
  SLOTS_MAX,
  STORE_CODES,
  writeFindAnswer,
  writeRequest,
  writeStoreAnswer,
  writeWanted,
  type FindAnswer,
  type StoreAnswer,
  type StoreRequest,
} from './rpc.ts';

const SEED = testSeed(4_101);
const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const count = fc.maxSafeNat();
const key = bytes(32).map(asNodeId);
const slot = fc.record({ slot: fc.oneof(bytes(32), bytes(64)), sequence: count });
const slots = fc.array(slot, { maxLength: 2 });
const copy = fc.record({
  record: fc.uint8Array({ maxLength: 40 }),
  lifeMs: fc.nat(LIFE_MS_MAX),
  ageMs: count,
});
const request: fc.Arbitrary<StoreRequest> = fc.oneof(
  fc.record({
    op: fc.constant('find' as const),
    want: fc.constantFrom('nodes' as const, 'values' as const, 'sequences' as const),
    key,
    have: slots,
    asker: bytes(CONTACT_BYTES),
  }),
  fc.record({
    op: fc.constant('store' as const),
    copy,
    role: fc.constantFrom('replica' as const, 'cache' as const),
    cas: fc.option(count, { nil: undefined }),
  }),
  fc.record({
    op: fc.constant('store' as const),
    copy,
    role: fc.constant('replica' as const),
    cas: fc.constant(undefined),
    solution: bytes(SOLUTION_BYTES),
  }),
  fc.record({ op: fc.constant('offer' as const), slots }),
  fc.record({ op: fc.constant('watch' as const), key, on: fc.boolean() }),
  fc.record({ op: fc.constant('changed' as const), copy }),
);
const findAnswer: fc.Arbitrary<FindAnswer> = fc.record({
  copies: fc.array(copy, { maxLength: 2 }),
  sequences: slots,
  contacts: fc.array(bytes(CONTACT_BYTES), { maxLength: 2 }),
});
const storeAnswer: fc.Arbitrary<StoreAnswer> = fc.oneof(
  fc.record({ code: fc.constantFrom(...STORE_CODES.filter((code) => code !== 'work')), sequence: count }),
  fc.record({
    code: fc.constant('work' as const),
    sequence: fc.constant(0),
    demand: bytes(DEMAND_BYTES),
  }),
);
const anything = fc
  .tuple(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      request.map(writeRequest),
      findAnswer.map(writeFindAnswer),
      storeAnswer.map(writeStoreAnswer),
    ),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    fc.option(fc.nat(), { nil: undefined }),
  )
  .map(([written, changes, cutAt]) => {
    const changed = Uint8Array.from(written);
    for (const [at, byte] of changes) if (changed.length > 0) changed[at % changed.length] = byte;
    return cutAt === undefined ? changed : changed.subarray(0, cutAt % (changed.length + 1));
  });

function forAll<T>(cases: fc.Arbitrary<T>, check: (one: T) => void): void {
  const property = fc.property(cases, (one) => {
    check(one);
  });
  fc.assert(property, { numRuns: caseCount(), seed: SEED });
}

describe(`what nodes say about records, seed ${SEED}`, () => {
  test('[KV1] comes back as it was written', () => {
    forAll(request, (one) => expect(readRequest(writeRequest(one))).toEqual(one));
    forAll(findAnswer, (one) => expect(readFindAnswer(writeFindAnswer(one))).toEqual(one));
    forAll(storeAnswer, (one) => expect(readStoreAnswer(writeStoreAnswer(one))).toEqual(one));
    forAll(fc.array(fc.nat(SLOTS_MAX - 1), { maxLength: 9 }), (one) =>
      expect(readWanted(writeWanted(one))).toEqual(one),
    );
  });

  test('[KV1] of other bytes nothing throws, and what reads is written the same', () => {
    forAll(anything, (one) => {
      const asked = readRequest(one);
      if (asked !== undefined) expect(toHex(writeRequest(asked))).toBe(toHex(one));
      const found = readFindAnswer(one);
      if (found !== undefined) expect(toHex(writeFindAnswer(found))).toBe(toHex(one));
      const said = readStoreAnswer(one);
      if (said !== undefined) expect(toHex(writeStoreAnswer(said))).toBe(toHex(one));
      const wanted = readWanted(one);
      if (wanted !== undefined) expect(toHex(writeWanted(wanted))).toBe(toHex(one));
    });
  });

  test('[KV1] more than the limits is refused', () => {
    const slotsOf = (many: number) =>
      Array.from({ length: many }, () => ({ slot: new Uint8Array(32), sequence: 1 }));
    expect(readRequest(writeRequest({ op: 'offer', slots: slotsOf(SLOTS_MAX) }))).toBeDefined();
    expect(readRequest(writeRequest({ op: 'offer', slots: slotsOf(SLOTS_MAX + 1) }))).toBeUndefined();
    const long = { record: new Uint8Array(9), lifeMs: LIFE_MS_MAX + 1, ageMs: 0 };
    expect(readRequest(writeRequest({ op: 'changed', copy: long }))).toBeUndefined();
    expect(readWanted(writeWanted([SLOTS_MAX]))).toBeUndefined();
    expect(readStoreAnswer(writeWanted([STORE_CODES.length, 0]))).toBeUndefined();
  });
});
