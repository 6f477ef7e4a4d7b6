/** Goal: strangers work before they get a link or a record kept, and nobody works in vain. Method: one node among scripted peers, and nodes in a box. */

import { describe, expect, test } from 'vitest';
import { Box, type BoxNode } from '../../test-support/box.ts';
import { messageFrames } from '../../test-support/frames.ts';
import { createKeys, sign, testPorts, type TestKeys } from '../../test-support/keys.ts';
import { SeededRandom } from '../../test-support/seeded-random.ts';
import { Solo, type ScriptedPeer } from '../../test-support/solo.ts';
import type { NodeContext } from '../context.ts';
import { asNodeId, sameId } from '../id/node-id.ts';
import type { LinkId } from '../io.ts';
import { encodeRecord, recordSignedBytes } from '../store/record.ts';
import {
  readRequest,
  readStoreAnswer,
  readWanted,
  writeFindAnswer,
  writeRequest,
  writeStoreAnswer,
  type StoreAnswer,
} from '../store/rpc.ts';
import { concat } from '../util/pieces.ts';
import { readAnswer } from '../wire/answer.ts';
import { readEnvelope, writeEnvelope, type Envelope, type EnvelopeType } from '../wire/envelope.ts';
import { FLAG_RECEIPT, FLAG_REQUEST, frameBody } from '../wire/frame.ts';
import { DEMAND_BYTES, FOR_LINK, FOR_STORE } from './ask.ts';
import { Admission } from './checker.ts';
import { findSolution } from './work.ts';

const BITS = 8;
const KEY = asNodeId(new Uint8Array(32).fill(0x5a));
const HOUR = 3_600_000;
const PORTS = testPorts(new SeededRandom(1));

const checking = (): Solo => new Solo({ config: { admissionBits: BITS } });

/** What a peer works out for the node. */
function solutionOf(solo: Solo, from: TestKeys, demand: Uint8Array, subject?: Uint8Array): Uint8Array {
  const bound = subject === undefined ? { purpose: FOR_LINK } : { purpose: FOR_STORE, subject };
  const request = { ...bound, type: 'work', demand, bitsMax: 18, checker: solo.keys.id } as const;
  const result = findSolution(request, from.id, PORTS);
  if (result.type !== 'worked' || result.solution === 'too-hard') throw new Error('no solution');
  return result.solution;
}

const sentTo = (solo: Solo, { id }: TestKeys): Envelope[] =>
  solo.of('server-signal').flatMap((out) => (sameId(out.to, id) ? [readEnvelope(out.data)!] : []));

/** An envelope of a peer through the server; the link that the node accepts it with, if it does. */
function tell(
  solo: Solo,
  from: TestKeys,
  type: EnvelopeType,
  attempt: Uint8Array,
  data: Uint8Array = Uint8Array.of(7),
): LinkId | undefined {
  const before = solo.of('accept').length;
  const bytes = writeEnvelope({ type, joining: true, attempt, record: from.record, data });
  solo.input({ type: 'server-signal', from: from.id, data: bytes });
  return solo.of('accept')[before]?.link;
}

const NAME = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** A peer that did what the node demanded. */
function linkWorked(solo: Solo, keys = createKeys(solo.random)): ScriptedPeer {
  expect(tell(solo, keys, 'offer', NAME)).toBeUndefined();
  const link = tell(solo, keys, 'offer', solutionOf(solo, keys, sentTo(solo, keys).at(-1)!.data));
  return solo.up(link!, keys);
}

function recordOf({ signingKey }: TestKeys, value = 'value', sequence = 1): Uint8Array {
  const fields = { kind: 'shared', key: KEY, publisher: signingKey, sequence, lifeMs: HOUR } as const;
  const bytes = recordSignedBytes({ ...fields, forgotten: false, value: new TextEncoder().encode(value) });
  return encodeRecord(bytes, sign(signingKey, bytes));
}

/** The answer of the node's store to a peer. */
function ask(solo: Solo, peer: ScriptedPeer, body: Uint8Array): Uint8Array {
  solo.clear();
  const flags = FLAG_REQUEST | FLAG_RECEIPT;
  const fields = { kind: 'direct', service: 'store', target: solo.keys.id, flags, body } as const;
  for (const bytes of messageFrames(peer.keys, fields)) peer.send(bytes);
  return readAnswer(frameBody(peer.allFrames().find(({ kind }) => kind === 'answer')!))!.payload!;
}

function store(solo: Solo, peer: ScriptedPeer, record: Uint8Array, solution?: Uint8Array): StoreAnswer {
  const copy = { record, lifeMs: HOUR, ageMs: 0 };
  const more = solution === undefined ? {} : { solution };
  const body = writeRequest({ op: 'store', copy, role: 'replica', cas: undefined, ...more });
  return readStoreAnswer(ask(solo, peer, body))!;
}

describe('links', () => {
  test('[AW5] a stranger gets its link for work; who is known needs none, and who is refused anyway is not asked', () => {
    const solo = checking();
    const peer = linkWorked(solo);
    expect(sentTo(solo, peer.keys)[0]).toMatchObject({ type: 'work', attempt: NAME });
    // A contact now: its next offer is taken as it is.
    solo.input({ type: 'link-down', link: peer.link, reason: 'closed' });
    expect(tell(solo, peer.keys, 'offer', NAME)).toBeDefined();
    const crowd = Array.from({ length: 7 }, () => createKeys(solo.random));
    for (const keys of crowd) {
      tell(solo, keys, 'offer', NAME);
      tell(solo, keys, 'offer', solutionOf(solo, keys, sentTo(solo, keys)[0]!.data));
    }
    const late = createKeys(solo.random);
    tell(solo, late, 'offer', NAME);
    expect(sentTo(solo, late).map(({ type }) => type)).toEqual(['busy']);
  });

  test('[AW4] [AW5] a solution that another node worked out opens nothing', () => {
    const solo = checking();
    const thieves = Array.from({ length: 8 }, () => createKeys(solo.random));
    const worker = createKeys(solo.random);
    tell(solo, worker, 'offer', NAME);
    const solution = solutionOf(solo, worker, sentTo(solo, worker)[0]!.data);
    const accepted = thieves.filter((thief) => tell(solo, thief, 'offer', solution) !== undefined);
    expect(accepted.length).toBeLessThan(2);
    expect(tell(solo, worker, 'offer', solution)).toBeDefined();
  });

  /** A node that dials a peer, which demands work of it. */
  function demanded(bits: number, holdCrypto = false): { solo: Solo; peer: TestKeys; demand: Uint8Array } {
    const solo = new Solo();
    const peer = createKeys(solo.random);
    solo.command({ type: 'start' });
    solo.input({ type: 'server-state', connected: true });
    solo.input({ type: 'server-introductions', ids: [peer.id] });
    const [dial] = solo.of('dial');
    for (const part of [1, 2])
      solo.input({ type: 'signal-out', link: dial!.link, data: Uint8Array.of(part) });
    solo.holdCrypto = holdCrypto;
    const demand = concat([solo.random.bytes(DEMAND_BYTES - 1), Uint8Array.of(bits)]);
    tell(solo, peer, 'work', sentTo(solo, peer)[0]!.attempt, demand);
    return { solo, peer, demand };
  }

  test('[AW5] [AW8] a node that is asked works once and sends all signals again under the solution', () => {
    const { solo, peer, demand } = demanded(BITS);
    const sent = sentTo(solo, peer);
    expect(sent.map(({ type, data }) => [type, data[0]])).toEqual([
      ['offer', 1],
      ['offer', 2],
      ['offer', 1],
      ['offer', 2],
    ]);
    const request = { type: 'work', demand, bitsMax: 18, purpose: FOR_LINK, checker: peer.id } as const;
    const expected = findSolution({ ...request, start: sent[0]!.attempt }, solo.keys.id, PORTS);
    expect(expected).toEqual({ type: 'worked', solution: sent[2]!.attempt });
    const jobs = solo.of('crypto').length;
    tell(solo, peer, 'work', sent[2]!.attempt, demand);
    expect(solo.of('crypto')).toHaveLength(jobs);
    tell(solo, peer, 'answer', sent[2]!.attempt);
    expect(solo.of('signal')).toHaveLength(1);
  });

  test('[AW7] a demand that is too hard or malformed ends the attempt with the reason', () => {
    expect(demanded(19).solo.events('link').at(-1)).toMatchObject({ state: 'down', reason: 'too-hard' });
    const { solo, peer } = demanded(BITS, true);
    solo.held.length = 0;
    tell(solo, peer, 'work', NAME, new Uint8Array(0));
    expect(solo.held).toEqual([]);
  });

  test('[AW9] work for an attempt that is over is cancelled, and its answer changes nothing', () => {
    const { solo, peer } = demanded(BITS, true);
    const [work] = solo.held;
    expect(work?.request.type).toBe('work');
    tell(solo, peer, 'busy', sentTo(solo, peer)[0]!.attempt);
    expect(solo.of('crypto').at(-1)!.request).toEqual({ type: 'cancel', job: work!.job });
    const before = solo.outputs.length;
    solo.answerHeld();
    expect(solo.outputs.slice(before)).toEqual([]);
  });

  test('[AW5] nodes that all ask for work form a network, in which each is linked to each', () => {
    const box = new Box({ seed: 3, config: { admissionBits: BITS } });
    const nodes = box.openAll(8);
    for (const a of nodes) for (const b of nodes) expect(a === b || box.linked(a, b)).toBe(true);
  });

  test('[AW7] a newcomer that accepts less than is asked gets no link by asking, and those inside notice nothing', () => {
    const box = new Box({ seed: 4, config: { admissionBits: BITS } });
    const [a, b] = box.openAll(2) as [BoxNode, BoxNode];
    const poor = box.open(undefined, { admissionBits: 0, admissionBitsMax: BITS - 1 });
    // Later somebody inside may dial it, and asks for nothing then.
    box.pass(1_500);
    expect(box.stateOf(poor)).toBe('joining');
    const reasons = poor.events.flatMap((event) => (event.type === 'link' ? [event.reason] : []));
    expect(reasons).toContain('too-hard');
    expect([box.stateOf(a), box.stateOf(b)]).toEqual(['ready', 'ready']);
    // One that asks for nothing itself but works gets in.
    const willing = box.open(undefined, { admissionBits: 0 });
    box.pass(1_500);
    expect(box.stateOf(willing)).toBe('ready');
  });
});

describe('records', () => {
  test('[AW6] a record is kept for work, asked for before its signature is looked at', () => {
    const solo = checking();
    const peer = linkWorked(solo);
    const record = recordOf(peer.keys);
    const said = store(solo, peer, record);
    expect(said).toMatchObject({ code: 'work', sequence: 0 });
    expect(solo.of('crypto').filter(({ request }) => request.type === 'verify')).toEqual([]);
    const solution = solutionOf(solo, peer.keys, said.demand!, PORTS.hash(record));
    expect(store(solo, peer, record, solution)).toMatchObject({ code: 'stored' });
    // Again, as at half its life, it costs nothing.
    expect(store(solo, peer, record)).toMatchObject({ code: 'stored' });
    // One solution does not admit others.
    const others = Array.from({ length: 8 }, (_, i) => recordOf(peer.keys, `other ${i}`, 2 + i));
    const kept = others.filter((other) => store(solo, peer, other, solution).code === 'stored');
    expect(kept.length).toBeLessThan(2);
  });

  test('[AW6] what the node asked for after an offer of one of the replica set needs no work', () => {
    const solo = checking();
    const peer = linkWorked(solo);
    const record = recordOf(peer.keys);
    const slot = concat([KEY, peer.keys.signingKey]);
    const offer = writeRequest({ op: 'offer', slots: [{ slot, sequence: 1 }] });
    expect(readWanted(ask(solo, peer, offer))).toEqual([0]);
    solo.pass(61_000);
    expect(store(solo, peer, record).code).toBe('work');
    ask(solo, peer, offer);
    expect(store(solo, peer, record).code).toBe('stored');
  });

  function boxOf(bits: number, seed = 6): { box: Box; nodes: BoxNode[] } {
    const box = new Box({ seed, config: { admissionBits: bits }, store: { replicas: 3 } });
    return { box, nodes: box.openAll(6) };
  }

  test('[AW6] a put works for each holder, and others read it', () => {
    const { box, nodes } = boxOf(BITS);
    const put = box.put(nodes[0]!, { key: KEY, value: Uint8Array.of(1) });
    expect(put.reason).toBeUndefined();
    expect([put.acknowledged.length, put.refused.length]).toEqual([3, 0]);
    for (const node of nodes) expect(box.get(node, KEY).found).toHaveLength(1);
  });

  test('[AW7] a put that nobody keeps for as little work as the node accepts ends with the reason', () => {
    const box = new Box({ seed: 7, config: { admissionBits: BITS } });
    const frugal = box.open(undefined, { admissionBits: 0, admissionBitsMax: BITS - 1 });
    box.pass(100);
    box.openAll(3);
    const put = box.put(frugal, { key: KEY, value: Uint8Array.of(1) });
    expect(put.reason).toBe('too-hard');
    expect(put.refused.map(({ reason }) => reason)).toEqual(['too-hard', 'too-hard', 'too-hard']);
  });

  test('[AW8] a put whose work counts for nothing ends with the reason, after one solution for each holder', () => {
    class Insatiable extends Admission {
      override demandForLink(): undefined {
        return undefined;
      }
      override demand(ctx: NodeContext, asked: Parameters<Admission['demand']>[1]): Uint8Array | undefined {
        return super.demand(ctx, asked, undefined);
      }
    }
    const box = new Box({ seed: 8, config: { admissionBits: BITS }, admission: () => new Insatiable() });
    const [first] = box.openAll(4) as [BoxNode];
    const put = box.put(first, { key: KEY, value: Uint8Array.of(1) });
    expect(put.reason).toBe('work');
    expect(put.refused.map(({ reason }) => reason)).toEqual(['work', 'work', 'work']);
  });

  test('[AW9] work for a put that is over is cancelled', () => {
    const solo = checking();
    const peers = [linkWorked(solo), linkWorked(solo)];
    solo.completeTable();
    solo.command({
      type: 'put',
      id: 5,
      kind: 'immutable',
      key: KEY,
      salt: NONE,
      value: NONE,
      lifeMs: HOUR,
      forget: false,
      timeoutMs: 2_000,
    });
    solo.holdCrypto = true;
    const held: typeof solo.held = [];
    const answered = new Set<string>();
    for (let turn = 0; turn < 10; turn++) {
      for (const peer of peers)
        for (const frame of peer.allFrames()) {
          if (frame.service !== 'store' || frame.kind !== 'direct' || answered.has(frame.message)) continue;
          answered.add(frame.message);
          const request = readRequest(frameBody(frame))!;
          const demand = concat([solo.random.bytes(DEMAND_BYTES - 1), Uint8Array.of(BITS)]);
          const payload =
            request.op === 'find'
              ? writeFindAnswer({ copies: [], sequences: [], contacts: [] })
              : writeStoreAnswer({ code: 'work', sequence: 0, demand });
          peer.answer(frame, { payload });
        }
      const isWork = ({ request }: (typeof solo.held)[number]): boolean => request.type === 'work';
      held.push(...solo.held.filter(isWork));
      const rest = solo.held.filter((one) => !isWork(one));
      solo.held.splice(0, Infinity, ...rest);
      solo.answerHeld();
      solo.pass(20);
    }
    const works = held.map(({ job }) => job);
    expect(works).toHaveLength(2);
    solo.pass(3_000);
    expect(solo.events('store-result').at(-1)?.result.reason).toBe('timeout');
    const cancelled = solo
      .of('crypto')
      .flatMap(({ request }) => (request.type === 'cancel' ? [request.job] : []));
    expect(cancelled.filter((job) => works.includes(job)).sort()).toEqual(works.sort());
    const before = solo.of('transmit').length;
    solo.held.splice(0, Infinity, ...held);
    solo.answerHeld();
    expect(solo.of('transmit')).toHaveLength(before);
  });
});

const NONE = new Uint8Array(0);
