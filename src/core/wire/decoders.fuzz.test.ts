/**
 * Goal: bytes from outside never throw, never hang, and nothing beyond the limits comes out. Method: arbitrary bytes, and
 * valid ones with bits flipped, parts cut out, doubled or appended, for every decoder.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idOfKey } from '../../test-support/keys.ts';
import { caseCount, testSeed } from '../../test-support/seeded-random.ts';
import { readIdList } from '../id/id-list.ts';
import { isInOrder } from '../geometry/chord/chain.ts';
import { readNeighbours, writeNeighbours } from '../geometry/chord/neighbours.ts';
import { fromHex, type NodeId } from '../id/node-id.ts';
import {
  readInsertAnswer,
  readNodes,
  readRing,
  readRingAnswer,
  readSplitAnswer,
  readValueAnswer,
  writeInsertAnswer,
  writeNodes,
  writeRing,
  writeRingAnswer,
  writeSplitAnswer,
  writeValueAnswer,
} from '../ring/rpc.ts';
import { readAnswer, SIBLINGS_MAX, writeAnswer } from './answer.ts';
import { decodePayload, encodePayload } from './codec.ts';
import {
  CONTROL_IDS_MAX,
  LINKS_LIST_MAX,
  NEIGHBOURS_MAX,
  NEWS_MAX,
  readControl,
  writeControl,
} from './control.ts';
import { CONTACT_BYTES, decodeContact } from './contact.ts';
import { readEnvelope, SIGNAL_BYTES_MAX, writeEnvelope } from './envelope.ts';
import { VERSION_1 } from './fixtures/version-1.ts';
import {
  FLAG_AUTH,
  frameBody,
  framePublicKey,
  frameSignature,
  patchFrame,
  pathIds,
  readFrame,
  visitedEntries,
} from './frame.ts';
import { GROUP_SIZE_MAX, readVote, writeVote } from './vote.ts';

const SEED = testSeed(20_260);
const valid = Object.values(VERSION_1).map((hex) => fromHex(hex)!);

/** A valid example with a few changes. */
const mutated: fc.Arbitrary<Uint8Array> = fc
  .record({
    from: fc.constantFrom(...valid),
    flips: fc.array(fc.record({ at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) }), { maxLength: 6 }),
    cutAt: fc.option(fc.nat(), { nil: undefined }),
    more: fc.uint8Array({ maxLength: 40 }),
  })
  .map(({ from, flips, cutAt, more }) => {
    const bytes = Uint8Array.from(from);
    for (const { at, bits } of flips) bytes[at % bytes.length]! ^= bits;
    const kept = cutAt === undefined ? bytes : bytes.subarray(0, cutAt % (bytes.length + 1));
    return Uint8Array.from([...kept, ...more]);
  });

/** Arbitrary bytes that start like a frame of this version. */
const headed = fc
  .tuple(fc.integer({ min: 0, max: 0x16 }), fc.uint8Array({ maxLength: 400 }))
  .map(([kind, rest]) => Uint8Array.from([1, kind, ...rest]));
const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 600 }), headed, mutated);

function forAny(check: (bytes: Uint8Array) => void): void {
  fc.assert(fc.property(anyBytes, check), { numRuns: caseCount(), seed: SEED });
}

describe(`arbitrary and mutated bytes, seed ${SEED}`, () => {
  test('[WR4] readFrame', () => {
    const patch = { self: fromHex('ab'.repeat(32))!, budget: 1, lifeMs: 1, visitedMax: 32 };
    forAny((bytes) => {
      const frame = readFrame(bytes, 6, 20);
      if (typeof frame === 'string') return;
      expect(frame.hops <= frame.hopLimit && frame.hopLimit <= 20 && frame.fragment < frame.fragments).toBe(
        true,
      );
      expect(frame.fragments).toBeLessThanOrEqual(6);
      expect(visitedEntries(frame).length + pathIds(frame).length).toBe(frame.visitedCount + frame.pathCount);
      expect(frameBody(frame).length).toBeLessThanOrEqual(bytes.length - 95);
      if ((frame.flags & FLAG_AUTH) !== 0)
        expect([framePublicKey(frame).length, frameSignature(frame).length]).toEqual([32, 64]);
      expect(patchFrame(frame, patch)[92]).toBeLessThanOrEqual(32);
    });
  });

  test('[WR10] [WR13] [WR14] readControl', () => {
    forAny((bytes) => {
      const control = readControl(bytes);
      if (typeof control === 'string') return;
      if (control.type === 'links') expect(control.list.count).toBeLessThanOrEqual(LINKS_LIST_MAX);
      if (control.type === 'news') expect(control.records.length).toBeLessThanOrEqual(NEWS_MAX);
      if (control.type === 'gone' || control.type === 'want')
        expect(control.ids.length).toBeLessThanOrEqual(CONTROL_IDS_MAX);
      if (control.type === 'neighbours')
        expect(control.body.length).toBeLessThanOrEqual(1 + 32 * NEIGHBOURS_MAX);
      if (control.type === 'no-route') expect(control.visited.length).toBeLessThanOrEqual(32);
      const again = readControl(writeControl(control));
      expect(again).toEqual(control);
    });
  });

  test('[CM3] readNeighbours', () => {
    const sender = fromHex('5c'.repeat(32))! as NodeId;
    forAny((bytes) => {
      if (bytes.length % 32 !== 1) return;
      const chain = readNeighbours(bytes, sender);
      if (chain === undefined) return;
      expect(isInOrder(chain)).toBe(true);
      expect(Buffer.from(writeNeighbours(chain, sender)).equals(bytes)).toBe(true);
    });
  });

  test('[WR17] [WR18] readAnswer', () => {
    forAny((bytes) => {
      const answer = readAnswer(bytes);
      if (answer === undefined) return;
      expect(answer.siblings.length).toBeLessThanOrEqual(SIBLINGS_MAX);
      expect(Buffer.from(writeAnswer(answer)).equals(bytes)).toBe(true);
    });
  });

  test('[WR20] [WR21] readEnvelope', () => {
    forAny((bytes) => {
      const envelope = readEnvelope(bytes);
      if (envelope === undefined) return;
      expect(envelope.data.length).toBeLessThanOrEqual(SIGNAL_BYTES_MAX);
      expect(Buffer.from(writeEnvelope(envelope)).equals(bytes)).toBe(true);
    });
  });

  test('[ID5] decodeContact', () => {
    forAny((bytes) => {
      const contact = decodeContact(bytes, { idOfKey });
      if (contact !== undefined)
        expect([contact.record.length, contact.id.length]).toEqual([CONTACT_BYTES, 32]);
    });
  });

  test('[WR24] decodePayload', () => {
    forAny((bytes) => {
      const value = decodePayload(bytes);
      if (value !== undefined) expect(encodePayload(value)).toBeDefined();
    });
  });

  test('[WR27] readVote', () => {
    forAny((bytes) => {
      const vote = readVote(bytes);
      if (vote === undefined) return;
      expect(vote.size >= 1 && vote.size <= GROUP_SIZE_MAX).toBe(true);
      expect(Buffer.from(writeVote(vote)).equals(bytes)).toBe(true);
    });
  });

  test('[RG1] requests and answers of a ring', () => {
    forAny((bytes) => {
      const pairs = [
        [readRing, writeRing],
        [readNodes, writeNodes],
        [readRingAnswer, writeRingAnswer],
        [readValueAnswer, writeValueAnswer],
        [readInsertAnswer, writeInsertAnswer],
        [readSplitAnswer, writeSplitAnswer],
      ] as const;
      for (const [read, write] of pairs) {
        const value = read(bytes);
        if (value !== undefined)
          expect(Buffer.from((write as (one: unknown) => Uint8Array)(value)).equals(bytes)).toBe(true);
      }
    });
  });

  test('[ID8] readIdList', () => {
    const packed = fc
      .array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 6 })
      .map((ids) => Uint8Array.from(ids.sort((a, b) => Buffer.compare(a, b)).flatMap((id) => [...id])));
    const check = (bytes: Uint8Array): void => {
      const list = readIdList(bytes);
      if (list !== undefined) expect(list.count * 32).toBe(bytes.length);
    };
    fc.assert(fc.property(fc.oneof(anyBytes, packed), check), { numRuns: caseCount(), seed: SEED });
  });
});

test(`[WR23] every plain value comes back equal, seed ${SEED}`, () => {
  const bytes = fc.uint8Array({ maxLength: 20 });
  const plain = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.double({ noNaN: true }).filter((n) => !Object.is(n, -0)),
      fc.string({ unit: 'grapheme' }),
      bytes,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const check = (value: unknown): void => {
    const encoded = encodePayload(value);
    expect(encoded).toBeDefined();
    const decoded = decodePayload(encoded!);
    expect(decoded).toEqual(value);
    expect(encodePayload(decoded)).toEqual(encoded);
  };
  fc.assert(fc.property(plain, check), { numRuns: caseCount(2_000, 50_000), seed: SEED });
});
