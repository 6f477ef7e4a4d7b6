import { describe, expect, test } from 'vitest';
import { createKeys } from '../../test-support/keys.ts';
import { SeededRandom } from '../../test-support/seeded-random.ts';
import { packIds } from '../id/id-list.ts';
import { asNodeId } from '../id/node-id.ts';
import {
  CONTROL_IDS_MAX,
  LINKS_LIST_MAX,
  NEIGHBOURS_MAX,
  NEWS_MAX,
  PROGRESS_MAX,
  PROGRESS_STAGES,
  readControl,
  writeControl,
  type Control,
  type ProgressMark,
} from './control.ts';
import { messageKey } from './frame.ts';

const random = new SeededRandom(2);
const ids = (count: number) => Array.from({ length: count }, () => asNodeId(random.bytes(32)));
const records = (count: number) => Array.from({ length: count }, () => createKeys(random).record);
const message = messageKey(random.bytes(16), 0);
const prefixes = (count: number) => Array.from({ length: count }, () => random.bytes(8));

function roundTrip(control: Control): void {
  const read = readControl(writeControl(control));
  expect(read).toEqual(control);
}

function marks(count: number): ProgressMark[] {
  return Array.from({ length: count }, (_, i) => ({ stage: PROGRESS_STAGES[i % 3]!, message }));
}

describe('every kind comes back as it was written', () => {
  test('[WR11] heartbeats', () => {
    roundTrip({ type: 'ping', sequence: 65_535 });
    roundTrip({ type: 'pong', sequence: 0 });
    const bytes = writeControl({ type: 'ping', sequence: 1 });
    expect(bytes.length).toBe(4);
    expect(readControl(bytes.subarray(0, 3))).toBe('bad heartbeat');
    expect(readControl(Uint8Array.of(...bytes, 0))).toBe('bad heartbeat');
  });

  test('[WR12] credit', () => {
    roundTrip({ type: 'credit', messages: 2 ** 32 - 1, kibibytes: 2 ** 32 - 1 });
    expect(readControl(writeControl({ type: 'credit', messages: 1, kibibytes: 1 }).subarray(0, 11))).toBe(
      'bad credit',
    );
  });

  test('[WR15] goodbyes and offers to part', () => {
    roundTrip({ type: 'bye', leaving: true });
    roundTrip({ type: 'bye', leaving: false });
    roundTrip({ type: 'unneeded' });
    expect(readControl(Uint8Array.of(1, 8))).toBe('bad bye');
    expect(readControl(Uint8Array.of(1, 9, 0))).toBe('bad unneeded');
  });

  test('[WR16] no-route with up to 32 prefixes, of more the newest', () => {
    roundTrip({ type: 'no-route', message, budget: 255, cause: 'duplicate', visited: prefixes(32) });
    const many = prefixes(33);
    const read = readControl(
      writeControl({ type: 'no-route', message, budget: 0, cause: 'no-route', visited: many }),
    );
    expect(read).toMatchObject({ visited: many.slice(1) });
    const bytes = writeControl({
      type: 'no-route',
      message,
      budget: 0,
      cause: 'no-route',
      visited: prefixes(32),
    });
    expect(readControl(Buffer.concat([bytes, new Uint8Array(8)]))).toBe('bad no-route');
    expect(readControl(Buffer.concat([bytes, new Uint8Array(1)]))).toBe('bad no-route');
    bytes[19] = 7;
    expect(readControl(bytes)).toBe('bad no-route');
  });
});

test('[WR28] whom a node of a ring is certain of: a byte and up to 33 ids, or nothing', () => {
  roundTrip({ type: 'stabilize' });
  expect(readControl(Uint8Array.of(1, 0x0d, 0))).toBe('bad stabilize');
  for (const count of [0, 1, NEIGHBOURS_MAX])
    roundTrip({ type: 'neighbours', body: random.bytes(1 + 32 * count) });
  roundTrip({ type: 'neighbours', body: new Uint8Array(0) });
  for (const bytes of [2, 32, 33 + 32 * NEIGHBOURS_MAX])
    expect(readControl(writeControl({ type: 'neighbours', body: random.bytes(bytes) }))).toBe(
      'bad neighbours',
    );
});

test('[WR26] what changed of a list of links: 1 to 511 ids, each part in order', () => {
  const list = packIds(ids(LINKS_LIST_MAX));
  const none = packIds([]);
  roundTrip({ type: 'links-changed', added: list, removed: none });
  roundTrip({ type: 'links-changed', added: packIds(ids(2)), removed: packIds(ids(3)) });
  const bad = 'bad change of links';
  const more = packIds(ids(LINKS_LIST_MAX + 1));
  expect(readControl(writeControl({ type: 'links-changed', added: none, removed: none }))).toBe(bad);
  expect(readControl(writeControl({ type: 'links-changed', added: none, removed: more }))).toBe(bad);
  const bytes = writeControl({ type: 'links-changed', added: packIds(ids(2)), removed: none });
  expect(readControl(bytes.subarray(0, bytes.length - 1))).toBe(bad);
  expect(readControl(bytes.subarray(0, bytes.length - 32))).toBe(bad);
  bytes.set(bytes.slice(4, 36), 36);
  expect(readControl(bytes)).toBe(bad);
});

test('[WR25] up to 64 marks of progress are read, none or one more is not', () => {
  roundTrip({ type: 'progress', marks: marks(PROGRESS_MAX) });
  expect(readControl(writeControl({ type: 'progress', marks: marks(PROGRESS_MAX + 1) }))).toBe(
    'bad progress',
  );
  expect(readControl(writeControl({ type: 'progress', marks: [] }))).toBe('bad progress');
  const bytes = writeControl({ type: 'progress', marks: marks(1) });
  bytes[2] = 3;
  expect(readControl(bytes)).toBe('bad progress');
});

describe('limits', () => {
  test('[WR13] a links list of 511 is read, one of 512 is not, nor one out of order', () => {
    const list = packIds(ids(LINKS_LIST_MAX));
    expect(readControl(writeControl({ type: 'links', list }))).toMatchObject({
      type: 'links',
      list: { count: 511 },
    });
    expect(readControl(writeControl({ type: 'links', list: packIds(ids(LINKS_LIST_MAX + 1)) }))).toBe(
      'bad links list',
    );
    const [a, b] = ids(2).sort((x, y) => Buffer.compare(x, y));
    const bytes = writeControl({ type: 'links', list: packIds([a!, b!]) });
    expect(readControl(Buffer.concat([bytes.subarray(0, 2), b!, a!]))).toBe('bad links list');
    expect(readControl(Buffer.concat([bytes.subarray(0, 2), a!, a!]))).toBe('bad links list');
  });

  test('[WR14] eight records of news and 32 ids of gone or want are read, one more is not', () => {
    roundTrip({ type: 'news', records: records(NEWS_MAX) });
    expect(readControl(writeControl({ type: 'news', records: records(NEWS_MAX + 1) }))).toBe('bad news');
    for (const type of ['gone', 'want'] as const) {
      roundTrip({ type, ids: ids(CONTROL_IDS_MAX) });
      expect(readControl(writeControl({ type, ids: ids(CONTROL_IDS_MAX + 1) }))).toBe('bad id list');
    }
  });

  test('[WR10] the longest control frames, links lists apart, are within 1,200 bytes; a list is 32 bytes a link', () => {
    const longest: Control[] = [
      { type: 'news', records: records(NEWS_MAX) },
      { type: 'gone', ids: ids(CONTROL_IDS_MAX) },
      { type: 'want', ids: ids(CONTROL_IDS_MAX) },
      { type: 'no-route', message, budget: 1, cause: 'no-route', visited: prefixes(40) },
      { type: 'progress', marks: marks(PROGRESS_MAX) },
      { type: 'neighbours', body: new Uint8Array(1 + 32 * NEIGHBOURS_MAX) },
    ];
    for (const control of longest)
      expect(writeControl(control).length, control.type).toBeLessThanOrEqual(1_200);
    expect(writeControl({ type: 'links', list: packIds(ids(48)) }).length).toBe(2 + 48 * 32);
  });

  test('[WR10] an unknown kind is named', () => {
    expect(readControl(Uint8Array.of(1, 0x0f))).toBe('unknown kind');
    expect(readControl(Uint8Array.of(1, 0))).toBe('unknown kind');
  });
});
