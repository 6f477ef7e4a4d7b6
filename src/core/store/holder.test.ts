/** Goal: what one holder takes, refuses and tells. Method: one node, requests of scripted peers as bytes. */

import { contactsOf } from '../snapshot.ts';
import { describe, expect, test } from 'vitest';
import { messageFrames } from '../../test-support/frames.ts';
import { createKeys, idOfKey, keysNear, sign, type TestKeys } from '../../test-support/keys.ts';
import { Solo, type ScriptedPeer } from '../../test-support/solo.ts';
import { asNodeId, toHex, type NodeId } from '../id/node-id.ts';
import { readAnswer } from '../wire/answer.ts';
import { decodeContact } from '../wire/contact.ts';
import { FLAG_RECEIPT, FLAG_REQUEST, frameBody } from '../wire/frame.ts';
import { encodeRecord, recordSignedBytes } from './record.ts';
import {
  readFindAnswer,
  readStoreAnswer,
  readWanted,
  writeFindAnswer,
  writeRequest,
  type FindAnswer,
  type StoreAnswer,
  type StoreRequest,
} from './rpc.ts';

const KEY = asNodeId(new Uint8Array(32).fill(0x5a));
const HOUR = 3_600_000;

interface Fields {
  readonly key?: NodeId;
  readonly sequence?: number;
  readonly value?: string;
  readonly lifeMs?: number;
}

/** A record as its publisher signed it. */
function recordOf({ signingKey }: TestKeys, fields: Fields = {}): Uint8Array {
  const { key = KEY, sequence = 1, value = 'value', lifeMs = HOUR } = fields;
  const bytes = recordSignedBytes({
    kind: 'shared',
    key,
    publisher: signingKey,
    sequence,
    lifeMs,
    forgotten: false,
    value: new TextEncoder().encode(value),
  });
  return encodeRecord(bytes, sign(signingKey, bytes));
}

/** What a peer gets back for a request; `undefined` when it was refused. */
function ask(solo: Solo, peer: ScriptedPeer, body: Uint8Array): Uint8Array | undefined {
  solo.clear();
  const flags = FLAG_REQUEST | FLAG_RECEIPT;
  const fields = { kind: 'direct', service: 'store', target: solo.keys.id, flags, body } as const;
  for (const bytes of messageFrames(peer.keys, fields)) peer.send(bytes);
  const frame = peer.allFrames().find(({ kind }) => kind === 'answer')!;
  const answer = readAnswer(frameBody(frame))!;
  expect(answer.code).toBe(answer.payload === undefined ? 'rejected' : 'ok');
  return answer.payload;
}

function store(
  solo: Solo,
  peer: ScriptedPeer,
  record: Uint8Array,
  more: Partial<StoreRequest & { op: 'store' }> & { lifeMs?: number; ageMs?: number } = {},
): StoreAnswer {
  const { lifeMs = HOUR, ageMs = 0, role = 'replica', cas } = more;
  const request = writeRequest({ op: 'store', copy: { record, lifeMs, ageMs }, role, cas });
  return readStoreAnswer(ask(solo, peer, request)!)!;
}

function find(
  solo: Solo,
  peer: ScriptedPeer,
  want: 'nodes' | 'values' | 'sequences',
  have: (StoreRequest & { op: 'find' })['have'] = [],
): FindAnswer {
  const request = writeRequest({ op: 'find', want, key: KEY, have, asker: peer.keys.record });
  return readFindAnswer(ask(solo, peer, request)!)!;
}

describe('taking records', () => {
  test('[KV3] a record is kept when it verifies; every other write is refused with its reason', () => {
    const solo = new Solo();
    const peer = solo.link();
    expect(store(solo, peer, recordOf(peer.keys, { sequence: 5 }))).toEqual({ code: 'stored', sequence: 5 });
    expect(store(solo, peer, recordOf(peer.keys, { sequence: 5 }))).toEqual({ code: 'stored', sequence: 5 });
    expect(store(solo, peer, recordOf(peer.keys, { sequence: 4 }))).toEqual({ code: 'stale', sequence: 5 });
    const other = recordOf(peer.keys, { sequence: 5, value: 'another' });
    expect(store(solo, peer, other)).toEqual({ code: 'stale', sequence: 5 });
    const next = recordOf(peer.keys, { sequence: 6 });
    expect(store(solo, peer, next, { cas: 4 })).toEqual({ code: 'conflict', sequence: 5 });
    expect(store(solo, peer, next, { cas: 5 })).toEqual({ code: 'stored', sequence: 6 });
    const late = recordOf(peer.keys, { sequence: 7 });
    expect(store(solo, peer, late, { lifeMs: 0 })).toEqual({ code: 'expired', sequence: 6 });
    const forged = Uint8Array.from(late);
    forged[forged.length - 1]! ^= 1;
    expect(store(solo, peer, forged)).toEqual({ code: 'rejected', sequence: 0 });
    expect(store(solo, peer, new Uint8Array(70))).toEqual({ code: 'rejected', sequence: 0 });
    const large = recordOf(peer.keys, { sequence: 8, value: 'x'.repeat(32_769) });
    expect(store(solo, peer, large)).toEqual({ code: 'too-large', sequence: 0 });
    expect(find(solo, peer, 'values').copies.map(({ record }) => Buffer.from(record))).toEqual([
      Buffer.from(next),
    ]);
  });

  test('[KV1] [KV3] what is no request is refused, and nothing happens', () => {
    const solo = new Solo();
    const peer = solo.link();
    expect(ask(solo, peer, Uint8Array.of(0xff, 1, 2))).toBeUndefined();
    expect(solo.of('persist')).toEqual([]);
  });

  test('[KV4] a copy lives as long as it had left, and no longer than its publisher allowed', () => {
    const solo = new Solo();
    const peer = solo.link();
    store(solo, peer, recordOf(peer.keys, { lifeMs: HOUR }), { lifeMs: 20 * HOUR, ageMs: 7_000 });
    expect(solo.of('persist').at(-1)!.held).toMatchObject({
      expiresAt: solo.now + HOUR,
      publishedAt: solo.now - 7_000,
    });
    store(solo, peer, recordOf(peer.keys, { sequence: 2 }), { lifeMs: 5_000 });
    expect(find(solo, peer, 'values').copies[0]!.lifeMs).toBe(5_000);
    solo.pass(5_001);
    expect(find(solo, peer, 'values').copies).toEqual([]);
    expect(solo.node.held()).toEqual([]);
  });

  test('[KV5] a cached copy lives half as long for each node between it and the nearest ones', () => {
    const solo = new Solo();
    // Ten nodes on the key's side, this one on the other.
    const key = asNodeId(solo.keys.id.map((byte) => byte ^ 0xff));
    const near = Array.from({ length: 10 }, (_, i) => solo.link(keysNear(solo.random, key, i % 5)));
    solo.completeTable();
    const contacts = contactsOf(solo.node.snapshot()).length;
    const lifeMs = HOUR;
    store(solo, near[0]!, recordOf(near[0]!.keys, { key, lifeMs }), { role: 'cache', lifeMs });
    const { expiresAt } = solo.of('persist').at(-1)!.held!;
    expect(expiresAt - solo.now).toBe(lifeMs / 2 ** (contacts - 8 + 1));
    expect(contacts).toBeGreaterThanOrEqual(8);
  });
});

describe('telling of records', () => {
  test('[KV2] an asker without a link is learned', () => {
    const solo = new Solo();
    const peer = solo.link();
    const stranger = createKeys(solo.random);
    const body = writeRequest({ op: 'find', want: 'nodes', key: KEY, have: [], asker: stranger.record });
    const known = (): string[] => contactsOf(solo.node.snapshot()).map(({ id }) => toHex(id));
    expect(known()).not.toContain(toHex(stranger.id));
    ask(solo, peer, body);
    expect(known()).toContain(toHex(stranger.id));
  });

  test('[KV2] who is asked names the nearest, itself among them', () => {
    const solo = new Solo();
    const peers = Array.from({ length: 5 }, () => solo.link());
    const { contacts, copies, sequences } = find(solo, peers[0]!, 'nodes');
    const ids = contacts.map((record) => Buffer.from(decodeContact(record, { idOfKey })!.id).toString('hex'));
    const all = [solo.keys.id, ...peers.map(({ id }) => id)].map((id) => Buffer.from(id).toString('hex'));
    expect(ids.toSorted()).toEqual(all.toSorted());
    expect([copies, sequences]).toEqual([[], []]);
  });

  test('[KV2] records that the asker has are named and not sent again', () => {
    const solo = new Solo();
    const [a, b] = [solo.link(), solo.link()];
    store(solo, a, recordOf(a.keys, { sequence: 3 }));
    store(solo, b, recordOf(b.keys, { sequence: 1 }));
    const all = find(solo, a, 'values');
    expect(all.copies.length).toBe(2);
    expect(all.sequences.map(({ sequence }) => sequence)).toEqual([3, 1]);
    const [first] = all.sequences;
    expect(find(solo, a, 'values', [first!]).copies.length).toBe(1);
    const older = { ...first!, sequence: 2 };
    expect(find(solo, a, 'values', [older]).copies.length).toBe(2);
    expect(find(solo, a, 'sequences')).toMatchObject({ copies: [], sequences: all.sequences });
  });

  test('[KV2] a cached copy is given, and not counted among what the node has', () => {
    const solo = new Solo();
    const peer = solo.link();
    store(solo, peer, recordOf(peer.keys), { role: 'cache' });
    expect(find(solo, peer, 'values')).toMatchObject({ copies: [{}], sequences: [] });
    expect(find(solo, peer, 'sequences').sequences).toEqual([]);
    store(solo, peer, recordOf(peer.keys));
    expect(find(solo, peer, 'values').sequences.length).toBe(1);
  });

  test('[KV12] of what it is offered a node wants what it lacks, or has older', () => {
    const solo = new Solo();
    const [a, b] = [solo.link(), solo.link()];
    store(solo, a, recordOf(a.keys, { sequence: 3 }));
    const [held] = find(solo, a, 'sequences').sequences;
    const slots = [held!, { ...held!, sequence: 4 }, { ...held!, sequence: 2 }, { slot: KEY, sequence: 0 }];
    expect(readWanted(ask(solo, b, writeRequest({ op: 'offer', slots }))!)).toEqual([1, 3]);
  });
});

describe('limits', () => {
  test('[KV6] sequences that others claim count for a leap of a million', () => {
    for (const claimed of [5, 2 ** 40]) {
      const solo = new Solo();
      const peer = solo.link();
      solo.completeTable();
      const put = { type: 'put', id: 1, kind: 'shared', key: KEY, salt: new Uint8Array(0) } as const;
      const more = { value: new Uint8Array(3), lifeMs: HOUR, forget: false, timeoutMs: 5_000 } as const;
      solo.command({ ...put, ...more });
      const [asked] = peer.allFrames().filter(({ service }) => service === 'store');
      const slot = Uint8Array.from([...KEY, ...solo.keys.signingKey]);
      const sequences = [{ slot, sequence: claimed }];
      peer.answer(asked!, { payload: writeFindAnswer({ copies: [], sequences, contacts: [] }) });
      const [held] = solo.node.held();
      expect(held!.record.sequence).toBe(Math.min(claimed, 1_000_000) + 1);
    }
  });

  test('[KV17] of more than 64 watchers of a key the first ones are forgotten', () => {
    const solo = new Solo();
    const peer = solo.link();
    solo.completeTable();
    const watchers = Array.from({ length: 65 }, () => createKeys(solo.random));
    const body = writeRequest({ op: 'watch', key: KEY, on: true });
    for (const keys of watchers) {
      const flags = FLAG_REQUEST | FLAG_RECEIPT;
      peer.message({ kind: 'direct', service: 'store', target: solo.keys.id, flags, body }, keys);
    }
    store(solo, peer, recordOf(peer.keys));
    const told = solo.events('sent').filter(({ service }) => service === 'store');
    expect(told.map(({ target }) => toHex(target)).toSorted()).toEqual(
      watchers
        .slice(1)
        .map(({ id }) => toHex(id))
        .toSorted(),
    );
  });
});

test('[KV19] a node without a store refuses requests and commands', () => {
  const solo = new Solo({ withoutStore: true });
  const peer = solo.link();
  const request = writeRequest({ op: 'find', want: 'nodes', key: KEY, have: [], asker: peer.keys.record });
  expect(ask(solo, peer, request)).toBeUndefined();
  solo.command({ type: 'get', id: 7, key: KEY, timeoutMs: 1_000 });
  expect(solo.events('store-result')).toMatchObject([{ command: 7, result: { reason: 'rejected' } }]);
});
