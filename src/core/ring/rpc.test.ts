/** Goal: requests and answers come back as they were written, and no bytes whatever throw. Method: properties and mutations. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { caseCount, testSeed } from '../../test-support/seeded-random.ts';
import { DEMAND_BYTES, SOLUTION_BYTES } from '../admission/ask.ts';
import { asNodeId } from '../id/node-id.ts';
import { LIFE_MS_MAX } from '../store/record.ts';
import { CONTACT_BYTES } from '../wire/contact.ts';
import {
  KEYS_MAX,
  readInsertAnswer,
  readNodes,
  readRing,
  readRingAnswer,
  readSplitAnswer,
  readValueAnswer,
  RING_CODES,
  VISIT_BYTES,
  writeInsertAnswer,
  writeNodes,
  writeRing,
  writeRingAnswer,
  writeSplitAnswer,
  writeValueAnswer,
  type RingRequest,
} from './rpc.ts';

const SEED = testSeed(4_102);
const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const count = fc.maxSafeNat();
const key = bytes(32).map(asNodeId);
const record = bytes(CONTACT_BYTES);
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined });
const slots = fc.array(fc.record({ slot: fc.oneof(bytes(32), bytes(64)), sequence: count }), {
  maxLength: 2,
});
const copy = fc.record({
  record: fc.uint8Array({ maxLength: 40 }),
  lifeMs: fc.nat(LIFE_MS_MAX),
  ageMs: count,
});
const copies = fc.array(copy, { maxLength: 2 });
const solution = bytes(SOLUTION_BYTES);
const request: fc.Arbitrary<RingRequest> = fc.oneof(
  fc.record({ op: fc.constant('get-node' as const), keys: fc.array(key, { maxLength: 3 }) }),
  fc.record({ op: fc.constant('get-value' as const), key, have: slots }),
  fc.record({ op: fc.constant('insert-value' as const), copy, cas: maybe(count) }),
  fc.record({ op: fc.constant('split-node' as const), record, visit: bytes(VISIT_BYTES), page: count }),
  fc.record({ op: fc.constant('insert-value' as const), copy, cas: maybe(count), solution }),
  fc.record({
    op: fc.constant('split-node' as const),
    record,
    visit: bytes(VISIT_BYTES),
    page: count,
    solution,
  }),
  fc.record({ op: fc.constant('renew' as const), record }),
  fc.record({ op: fc.constant('inherit' as const), after: key }),
);
const plain = {
  code: fc.constantFrom(...RING_CODES.filter((code) => code !== 'work')),
  owner: maybe(record),
};
const work = {
  code: fc.constant('work' as const),
  owner: fc.constant(undefined),
  demand: bytes(DEMAND_BYTES),
};
const answer = fc.oneof(fc.record(plain), fc.record(work));
const values = { copies, sequences: slots };
const valueAnswer = fc.oneof(fc.record({ ...plain, ...values }), fc.record({ ...work, ...values }));
const counts = { sequence: count, held: count };
const insertAnswer = fc.oneof(fc.record({ ...plain, ...counts }), fc.record({ ...work, ...counts }));
const page = { page: count, copies, after: maybe(key) };
const splitAnswer = fc.oneof(fc.record({ ...plain, ...page }), fc.record({ ...work, ...page }));
const nodes = fc.array(maybe(record), { maxLength: 3 });

const options = { seed: SEED, numRuns: caseCount(300, 20_000) };
const comesBack = <T>(
  values: fc.Arbitrary<T>,
  write: (value: T) => Uint8Array,
  read: (bytes: Uint8Array) => T | undefined,
): void => {
  fc.assert(
    fc.property(values, (value) => {
      const written = write(value);
      expect(read(written)).toEqual(value);
      expect(read(Uint8Array.of(...written, 0))).toBeUndefined();
      expect(read(written.subarray(0, written.length - 1))).toBeUndefined();
    }),
    options,
  );
};

test(`[RG1] everything comes back, and nothing longer or shorter does, seed ${SEED}`, () => {
  comesBack(request, writeRing, readRing);
  comesBack(answer, writeRingAnswer, readRingAnswer);
  comesBack(valueAnswer, writeValueAnswer, readValueAnswer);
  comesBack(insertAnswer, writeInsertAnswer, readInsertAnswer);
  comesBack(splitAnswer, writeSplitAnswer, readSplitAnswer);
  comesBack(nodes, writeNodes, readNodes);
});

test(`[RG1] changed bytes are refused, or are exactly another request, seed ${SEED}`, () => {
  const changed = fc.tuple(request, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([one, at, bits]) => {
    const written = writeRing(one);
    written[at % written.length]! ^= bits;
    return written;
  });
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 60 })), (any) => {
      const read = readRing(any);
      if (read !== undefined) expect([...writeRing(read)]).toEqual([...any]);
    }),
    { ...options, numRuns: caseCount(2_000, 100_000) },
  );
});

test('[RG1] more keys than allowed are no request', () => {
  const keys = (length: number): Uint8Array =>
    writeRing({
      op: 'get-node',
      keys: Array.from({ length }, (_, i) => asNodeId(new Uint8Array(32).fill(i))),
    });
  expect(readRing(keys(KEYS_MAX))).toBeDefined();
  expect(readRing(keys(KEYS_MAX + 1))).toBeUndefined();
});
