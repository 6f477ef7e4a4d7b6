import { describe, expect, test } from 'vitest';
import { createKeys } from '../../test-support/keys.ts';
import { messageFrame, messageFrames, parseFrame } from '../../test-support/frames.ts';
import { SeededRandom } from '../../test-support/seeded-random.ts';
import { asNodeId } from '../id/node-id.ts';
import {
  extendPath,
  FLAG_REQUEST,
  frameBody,
  frameSignature,
  messageIdBytes,
  messageKey,
  patchFrame,
  pathIds,
  readFrame,
  SERVICES,
  signedBytes,
  visitedEntries,
  visitedEntry,
} from './frame.ts';

const random = new SeededRandom(1);
const from = createKeys(random);
const target = asNodeId(random.bytes(32));
const ids = Array.from({ length: 40 }, () => asNodeId(random.bytes(32)));
const patchOf = (i: number) => ({ self: ids[i]!, budget: 40 - i, lifeMs: 5_000 - i, visitedMax: 32 });

function changed(
  at: number,
  value: number,
  frame = messageFrame(from, { kind: 'direct', target }),
): Uint8Array {
  const bytes = Uint8Array.from(frame);
  bytes[at] = value;
  return bytes;
}

function entry(id: Uint8Array): Uint8Array {
  return visitedEntry(asNodeId(id), 'passed');
}

describe('reading', () => {
  test('[WR4] what does not fit is named, not thrown', () => {
    const read = (bytes: Uint8Array): unknown => readFrame(bytes, 6, 20);
    expect(read(changed(1, 0x16))).toBe('unknown kind');
    expect(read(changed(1, 0x0f))).toBe('unknown kind');
    expect(read(changed(2, 0x10))).toBe('unknown flag');
    expect(read(changed(3, SERVICES.length))).toBe('unknown service');
    expect(read(changed(5, 21))).toBe('hops above limit');
    expect(read(changed(4, 21))).toBe('hops above limit');
    expect(read(changed(11, 0))).toBe('bad fragment');
    expect(read(changed(11, 7))).toBe('bad fragment');
    expect(read(changed(10, 1))).toBe('bad fragment');
    expect(read(changed(2, 0))).toBe('auth block misplaced');
    expect(read(changed(94, 8))).toBe('bad group size');
    expect(read(changed(1, 0x15))).toBe('bad group size');
    expect(read(changed(93, 200))).toBe('extension past the end');
    expect(read(new Uint8Array(94))).toBe('short frame');
  });

  test('[WR4] only a message of one hop may come without a signature', () => {
    const unsigned = changed(5, 1);
    unsigned[2] = 0;
    expect(readFrame(unsigned, 6, 20)).toMatchObject({ hopLimit: 1, flags: 0 });
    unsigned[5] = 2;
    expect(readFrame(unsigned, 6, 20)).toBe('auth block misplaced');
  });

  test('[WR4] hops at the limit, six fragments and an extension that ends with the frame are fine', () => {
    const frame = messageFrame(from, {
      kind: 'direct',
      target,
      hops: 20,
      body: new Uint8Array(64),
      chunkBytes: 11,
    });
    expect(readFrame(frame, 6, 20)).toMatchObject({ hops: 20, fragments: 6 });
    const empty = messageFrame(from, {
      kind: 'direct',
      target,
      body: new Uint8Array(0),
      visited: ids.slice(0, 3),
    });
    expect(readFrame(empty, 6, 20)).toMatchObject({ visitedCount: 3, bodyAt: empty.length });
  });

  test('[WR3] every field comes back as it was written', () => {
    const message = random.bytes(16);
    const body = random.bytes(100);
    const fields = {
      kind: 'closest',
      target,
      message,
      body,
      flags: FLAG_REQUEST,
      hops: 2,
      budget: 7,
      lifeMs: 513,
    } as const;
    const frame = parseFrame(messageFrame(from, { ...fields, visited: [ids[0]!, ids[1]!] }));
    expect(frame).toMatchObject({
      kind: 'closest',
      hops: 2,
      hopLimit: 20,
      budget: 7,
      lifeMs: 513,
      fragment: 0,
      fragments: 1,
    });
    expect(frame.origin).toEqual(from.id);
    expect(frame.target).toEqual(target);
    expect(messageIdBytes(frame.message)).toEqual(message);
    expect(messageKey(message, 0)).toBe(frame.message);
    expect(frameBody(frame)).toEqual(body);
    expect(visitedEntries(frame)).toEqual([entry(ids[0]!), entry(ids[1]!)]);
  });
});

describe('at a hop', () => {
  test('[WR5] a hop changes hops, budget, life and the visited list, and nothing else', () => {
    const original = messageFrame(from, {
      kind: 'direct',
      target,
      body: random.bytes(50),
      visited: [ids[9]!],
    });
    const before = parseFrame(original);
    const after = parseFrame(patchFrame(before, patchOf(0)));
    expect(after).toMatchObject({ hops: 1, budget: 40, lifeMs: 5_000, visitedCount: 2 });
    expect(frameBody(after)).toEqual(frameBody(before));
    expect(frameSignature(after)).toEqual(frameSignature(before));
    expect(visitedEntries(after)[1]).toEqual(entry(ids[0]!));
    const mutable = new Set([4, 7, 8, 9, 92, 93]);
    for (let i = 0; i < 95 + 96; i++) if (!mutable.has(i)) expect(after.bytes[i]).toBe(original[i]);
    expect(signedBytes(after.bytes, new Uint8Array(32))).toEqual(signedBytes(original, new Uint8Array(32)));
  });

  test('[WR5] an answer only gets a hop, its life and one more id on its path', () => {
    const before = parseFrame(messageFrame(from, { kind: 'answer', target, body: random.bytes(50) }));
    const once = parseFrame(extendPath(before, ids[0]!, 900));
    const twice = parseFrame(extendPath(once, ids[1]!, 800));
    expect(twice).toMatchObject({ hops: 2, lifeMs: 800, pathCount: 2, visitedCount: 0 });
    expect(pathIds(twice)).toEqual([ids[0], ids[1]]);
    expect(frameBody(twice)).toEqual(frameBody(before));
    expect(frameSignature(twice)).toEqual(frameSignature(before));
  });

  test('[WR7] the visited list keeps the newest 32 prefixes, those brought back among them', () => {
    let frame = parseFrame(
      messageFrame(from, { kind: 'direct', target, visited: ids.slice(0, 31), body: random.bytes(9) }),
    );
    frame = parseFrame(patchFrame(frame, patchOf(31)));
    expect(visitedEntries(frame)).toEqual(ids.slice(0, 32).map((id) => entry(id)));
    frame = parseFrame(patchFrame(frame, patchOf(32)));
    expect(visitedEntries(frame)).toEqual(ids.slice(1, 33).map((id) => entry(id)));
    const extra = [ids[33]!, ids[34]!].map((id) => entry(id));
    const merged = parseFrame(patchFrame(frame, { ...patchOf(35), visited: extra }));
    expect(visitedEntries(merged)).toEqual(
      [...ids.slice(4, 33), ids[33]!, ids[34]!, ids[35]!].map((id) => entry(id)),
    );
    expect(frameBody(merged)).toEqual(frameBody(frame));
    const flood = Array.from({ length: 40 }, (_, i) => entry(ids[i]!));
    const flooded = parseFrame(patchFrame(frame, { ...patchOf(5), visited: flood }));
    expect(visitedEntries(flooded)).toEqual([...flood.slice(9), entry(ids[5]!)]);
    expect(frameBody(flooded)).toEqual(frameBody(frame));
  });
});

test('[WR8] what is signed differs for every other origin, target, message, kind, limit, count or body', () => {
  const [frame] = messageFrames(from, { kind: 'direct', target, message: ids[0]!.subarray(0, 16) });
  const hash = random.bytes(32);
  const base = Buffer.from(signedBytes(frame!, hash)).toString('hex');
  for (const at of [0, 1, 3, 5, 6, 11, 94, ...Array.from({ length: 80 }, (_, i) => 12 + i)]) {
    const other = changed(at, frame![at]! ^ 1, frame);
    expect(Buffer.from(signedBytes(other, hash)).toString('hex'), `byte ${at}`).not.toBe(base);
  }
  expect(Buffer.from(signedBytes(frame!, random.bytes(32))).toString('hex')).not.toBe(base);
});
