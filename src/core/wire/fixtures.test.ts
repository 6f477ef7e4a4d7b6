/** Goal: nodes of different builds understand each other. Method: encoders still make, decoders still read, frozen bytes. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../id/node-id.ts';
import {
  readInsertAnswer,
  readRing,
  readSplitAnswer,
  writeInsertAnswer,
  writeRing,
  writeSplitAnswer,
} from '../ring/rpc.ts';
import { readRequest, readStoreAnswer, writeRequest, writeStoreAnswer } from '../store/rpc.ts';
import { readAnswer, writeAnswer } from './answer.ts';
import { decodePayload, encodePayload } from './codec.ts';
import { isControl, readControl, writeControl } from './control.ts';
import { readEnvelope, writeEnvelope } from './envelope.ts';
import { EXAMPLES } from './fixtures/examples.ts';
import { VERSION_1 } from './fixtures/version-1.ts';
import { frameBody, readFrame } from './frame.ts';
import { readVote } from './vote.ts';

const bytesOf = (name: string): Uint8Array => fromHex(VERSION_1[name]!)!;
const isFrame = (name: string): boolean =>
  /^(neighbour(?!s)|broadcast|closest|direct|answer)(?!-body)/.test(name);
const others = (prefix: string): string[] => Object.keys(VERSION_1).filter((name) => name.startsWith(prefix));

test('[WR3] encoders make exactly the frozen bytes of version 1', () => {
  expect(Object.keys(EXAMPLES)).toEqual(Object.keys(VERSION_1));
  for (const [name, bytes] of Object.entries(EXAMPLES)) expect(toHex(bytes), name).toBe(VERSION_1[name]);
});

test('[WR3] the frozen routed frames are read field by field', () => {
  for (const name of Object.keys(VERSION_1).filter(isFrame)) {
    const frame = readFrame(bytesOf(name), 6, 20);
    expect(typeof frame, name).toBe('object');
    if (typeof frame === 'string') continue;
    expect(frame.kind, name).toBe(name.split('-')[0]);
    expect(toHex(frame.origin)).toMatch(/^a0a1a2/);
    expect(toHex(frame.target)).toMatch(/^b0b1b2/);
  }
  const vote = readFrame(bytesOf('direct-vote'), 6, 20);
  expect(typeof vote === 'string' ? undefined : readVote(frameBody(vote))).toMatchObject({
    size: 5,
    payload: Uint8Array.of(1, 2, 3, 4, 5),
  });
  const travelled = readFrame(bytesOf('direct-after-two-hops'), 6, 20);
  expect(travelled).toMatchObject({ hops: 2, budget: 63, lifeMs: 0x2700, visitedCount: 4, pathCount: 0 });
});

test('[WR11] the frozen control frames are read and written again', () => {
  const names = [
    'ping',
    'pong',
    'credit',
    'links',
    'news',
    'gone',
    'want',
    'bye-leaving',
    'bye-link',
    'unneeded',
    'stabilize',
    'neighbours',
    'no-route',
  ];
  for (const name of names) {
    const control = readControl(bytesOf(name));
    expect(typeof control, name).toBe('object');
    expect(isControl(bytesOf(name)), name).toBe(true);
    if (typeof control !== 'string') expect(toHex(writeControl(control)), name).toBe(VERSION_1[name]);
  }
});

test('[WR17] [WR20] [WR23] the frozen bodies, envelopes and payload are read and written again', () => {
  for (const name of others('answer-body')) {
    expect(toHex(writeAnswer(readAnswer(bytesOf(name))!)), name).toBe(VERSION_1[name]);
  }
  for (const name of others('envelope')) {
    expect(toHex(writeEnvelope(readEnvelope(bytesOf(name))!)), name).toBe(VERSION_1[name]);
  }
  const request = readRequest(bytesOf('store-request-worked'))!;
  expect(toHex(writeRequest(request))).toBe(VERSION_1['store-request-worked']);
  const answer = readStoreAnswer(bytesOf('store-answer-work'))!;
  expect(toHex(writeStoreAnswer(answer))).toBe(VERSION_1['store-answer-work']);
  expect(toHex(encodePayload(decodePayload(bytesOf('payload')))!)).toBe(VERSION_1['payload']);
});

test('[RG1] the frozen requests of a ring that carry a solution, and what demands it, are read and written again', () => {
  for (const name of ['ring-insert-worked', 'ring-split-worked']) {
    const request = readRing(bytesOf(name))!;
    expect(request, name).toHaveProperty('solution');
    expect(toHex(writeRing(request)), name).toBe(VERSION_1[name]);
  }
  const insert = readInsertAnswer(bytesOf('ring-insert-answer-work'))!;
  const split = readSplitAnswer(bytesOf('ring-split-answer-work'))!;
  expect([insert.demand?.length, split.demand?.length]).toEqual([33, 33]);
  expect(toHex(writeInsertAnswer(insert))).toBe(VERSION_1['ring-insert-answer-work']);
  expect(toHex(writeSplitAnswer(split))).toBe(VERSION_1['ring-split-answer-work']);
});

test('[WR3] every fixture is described in fixtures.md, and nothing else is', () => {
  const text = readFileSync(new URL('fixtures/fixtures.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) =>
    [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  );
  expect(named.toSorted()).toEqual(Object.keys(VERSION_1).toSorted());
});
