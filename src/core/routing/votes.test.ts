/** Goal: messages from a group. Method: one node with scripted peers that vote and answer its lookups (test-support/solo.ts). */

import { contactsOf } from '../snapshot.ts';
import { describe, expect, test } from 'vitest';
import { createKeys, keysNear, type TestKeys } from '../../test-support/keys.ts';
import { binomial } from '../../test-support/binomial.ts';
import { SeededRandom } from '../../test-support/seeded-random.ts';
import { Solo, type ScriptedPeer, type SoloOptions } from '../../test-support/solo.ts';
import { asNodeId, sameId, type NodeId } from '../id/node-id.ts';
import { readAnswer } from '../wire/answer.ts';
import { FLAG_RECEIPT, frameBody, type FrameKind } from '../wire/frame.ts';
import { readVote, writeVote } from '../wire/vote.ts';

const key = asNodeId(new Uint8Array(32).fill(0x5a));
const TRUTH = Uint8Array.of(1, 2, 3);
const LIE = Uint8Array.of(9);
const SIZE = 5;

interface Scene {
  readonly solo: Solo;
  /** Linked to the node, and no member. */
  readonly relay: ScriptedPeer;
  /** The nodes nearest to the key, nearest first. */
  readonly members: readonly TestKeys[];
}

/** A node far from the key, linked to one peer and acquainted with nobody else. */
function scene(options: SoloOptions = {}): Scene {
  const solo = new Solo({ seed: 3, ...options });
  const relay = solo.link(keysNear(solo.random, key, 1));
  solo.completeTable();
  const members = Array.from({ length: SIZE }, (_, i) => keysNear(solo.random, key, 10 - i));
  expect(contactsOf(solo.node.snapshot()).length).toBe(1);
  return { solo, relay, members };
}

interface VoteFields {
  readonly body?: Uint8Array;
  readonly kind?: FrameKind;
  readonly hopLimit?: number;
}

/** A vote that the relay passes on. */
function vote(
  { solo, relay }: Scene,
  from: TestKeys,
  payload: Uint8Array,
  { body = writeVote({ key, size: SIZE, payload }), kind = 'direct', ...rest }: VoteFields = {},
): void {
  relay.message(
    { kind, service: 'vote', target: solo.keys.id, flags: FLAG_RECEIPT, body, hops: 1, ...rest },
    from,
  );
}

/** Answers the lookups of the key that the node sent since the last call. */
function answerLookups({ relay }: Scene, records: readonly Uint8Array[]): number {
  const asked = relay
    .allFrames()
    .filter(({ service, kind }) => service === 'lookup' && kind === 'closest')
    .filter(({ target }) => sameId(target, key));
  relay.received.length = 0;
  for (const frame of asked) relay.answer(frame, { payload: Buffer.concat(records).subarray() });
  return asked.length;
}

const recordsOf = (members: readonly TestKeys[]): Uint8Array[] => members.map(({ record }) => record);
const idsOf = (members: readonly TestKeys[]): NodeId[] => members.map(({ id }) => id);

const delivered = ({ solo }: Scene) => solo.events('delivered').filter(({ service }) => service === 'app');
const codes = ({ relay }: Scene): (string | undefined)[] =>
  relay
    .allFrames()
    .filter(({ kind, service }) => kind === 'answer' && service === 'vote')
    .map((frame) => readAnswer(frameBody(frame))?.code);

describe('a majority', () => {
  test('[GR8] a content is delivered once, when more than half of the group voted for it', () => {
    const at = scene();
    for (const member of at.members.slice(0, 2)) vote(at, member, TRUTH);
    expect(answerLookups(at, recordsOf(at.members))).toBe(1);
    expect(delivered(at)).toEqual([]);
    vote(at, at.members[4]!, TRUTH);
    expect(delivered(at)).toMatchObject([
      {
        kind: 'direct',
        origin: at.members[0]!.id,
        target: at.solo.keys.id,
        exact: true,
        body: TRUTH,
        wantsReply: false,
        hops: 1,
        fromGroup: { key, size: SIZE, members: idsOf([0, 1, 4].map((i) => at.members[i]!)) },
      },
    ]);
    expect(at.solo.node.snapshot().counters.delivered).toBe(1);
  });

  test('[GR8] votes that were there before the lookup was answered count when it is', () => {
    const at = scene();
    for (const member of at.members) vote(at, member, TRUTH);
    expect(delivered(at)).toEqual([]);
    answerLookups(at, recordsOf(at.members));
    expect(delivered(at).map(({ fromGroup }) => fromGroup?.members)).toEqual([idsOf(at.members)]);
  });

  test('[GR8] a minority is not enough, and its votes are acknowledged', () => {
    const at = scene();
    for (const member of at.members.slice(0, 2)) vote(at, member, TRUTH);
    expect(codes(at)).toEqual(['ok', 'ok']);
    answerLookups(at, recordsOf(at.members));
    at.solo.pass(59_000);
    expect(delivered(at)).toEqual([]);
  });

  test('[GR8] half of an even group is not more than half', () => {
    const at = scene();
    const body = writeVote({ key, size: 4, payload: TRUTH });
    const [a, b, c] = at.members as [TestKeys, TestKeys, TestKeys];
    for (const member of [a, b]) vote(at, member, TRUTH, { body });
    answerLookups(at, recordsOf(at.members));
    expect(delivered(at)).toEqual([]);
    vote(at, c, TRUTH, { body });
    expect(delivered(at).length).toBe(1);
  });

  test('[GR8] the same voter twice counts once', () => {
    const at = scene();
    for (const i of [0, 1, 1, 0, 1]) vote(at, at.members[i]!, TRUTH);
    answerLookups(at, recordsOf(at.members));
    vote(at, at.members[0]!, TRUTH);
    expect(delivered(at)).toEqual([]);
    vote(at, at.members[2]!, TRUTH);
    expect(delivered(at).length).toBe(1);
  });

  test('[GR8] two contents, or two sizes, do not add up', () => {
    const at = scene();
    for (const member of at.members.slice(0, 2)) vote(at, member, TRUTH);
    for (const member of at.members.slice(2, 4)) vote(at, member, LIE);
    const body = writeVote({ key, size: SIZE + 1, payload: TRUTH });
    vote(at, at.members[4]!, TRUTH, { body });
    answerLookups(at, recordsOf(at.members));
    expect(delivered(at)).toEqual([]);
    vote(at, at.members[4]!, LIE);
    expect(delivered(at).map((event) => event.body)).toEqual([LIE]);
  });

  test('[GR8] [GR10] what was delivered is not delivered again within a minute, though all vote once more', () => {
    const at = scene();
    const late = at.members[2]!;
    for (const member of at.members.slice(0, 2)) vote(at, member, TRUTH);
    answerLookups(at, recordsOf(at.members));
    at.solo.pass(50_000);
    vote(at, late, TRUTH);
    expect(delivered(at).length).toBe(1);
    at.solo.pass(50_000);
    at.relay.received.length = 0;
    for (const member of at.members) vote(at, member, TRUTH);
    expect(codes(at)).toEqual(at.members.map(() => 'ok'));
    expect(answerLookups(at, recordsOf(at.members))).toBe(0);
    expect(delivered(at).length).toBe(1);
  });
});

describe('the group that is judged by', () => {
  test('[GR9] voters farther from the key than the members do not count', () => {
    const at = scene();
    const outsiders = Array.from({ length: 4 }, () => keysNear(at.solo.random, key, 4));
    for (const outsider of outsiders) vote(at, outsider, LIE);
    answerLookups(at, recordsOf(at.members));
    vote(at, at.members[0]!, LIE);
    vote(at, at.members[1]!, LIE);
    expect(delivered(at)).toEqual([]);
    vote(at, at.members[2]!, LIE);
    expect(delivered(at).map(({ fromGroup }) => fromGroup?.members)).toEqual([idsOf(at.members.slice(0, 3))]);
  });

  test('[GR9] members whom the answer of the lookup leaves out belong to the group once they vote for anything', () => {
    const at = scene();
    const liars = Array.from({ length: 3 }, () => keysNear(at.solo.random, key, 4));
    for (const member of at.members) vote(at, member, TRUTH);
    vote(at, liars[0]!, LIE);
    vote(at, liars[1]!, LIE);
    answerLookups(at, recordsOf(liars));
    vote(at, liars[2]!, LIE);
    expect(delivered(at).map((event) => event.body)).toEqual([TRUTH]);
  });

  test('[GR9] members whom the node has in its table count, though the answer leaves them out', () => {
    const at = scene();
    const liars = Array.from({ length: 3 }, () => keysNear(at.solo.random, key, 4));
    at.solo.input({ type: 'contacts', records: recordsOf(at.members) });
    for (const liar of liars) vote(at, liar, LIE);
    answerLookups(at, recordsOf(liars));
    expect(delivered(at)).toEqual([]);
  });

  test('[GR9] who voted for something of another key counts only there', () => {
    const at = scene();
    const other = asNodeId(key.map((byte, i) => (i === 31 ? byte ^ 1 : byte)));
    const body = writeVote({ key: other, size: SIZE, payload: TRUTH });
    for (let i = 0; i < SIZE; i++) vote(at, keysNear(at.solo.random, key, 11), TRUTH, { body });
    for (const member of at.members.slice(0, 3)) vote(at, member, TRUTH);
    answerLookups(at, recordsOf(at.members));
    expect(delivered(at).map(({ fromGroup }) => fromGroup?.key)).toEqual([key]);
  });

  test('[GR9] a node near the key is a member itself, whether or not the answer says so', () => {
    const random = new SeededRandom(5);
    const [a, self, b, c] = [10, 8, 6, 2].map((bits) => keysNear(random, key, bits)) as TestKeys[];
    const solo = new Solo({ seed: 5, keys: self! });
    const relay = solo.link(a);
    solo.link(b);
    solo.completeTable();
    const at = { solo, relay, members: [a!, self!, b!] };
    const body = writeVote({ key, size: 3, payload: TRUTH });
    for (const voter of [a!, c!]) vote(at, voter, TRUTH, { body });
    expect(answerLookups(at, recordsOf([a!, b!, c!]))).toBe(1);
    expect(delivered(at)).toEqual([]);
    vote(at, b!, TRUTH, { body });
    expect(delivered(at).map(({ fromGroup }) => fromGroup?.members)).toEqual([idsOf([a!, b!])]);
  });

  test('[GR9] records that their owners did not sign make nobody a member', () => {
    const at = scene();
    for (const member of at.members.slice(0, 3)) vote(at, member, TRUTH);
    const forged = Array.from({ length: SIZE }, () => {
      const { record } = keysNear(at.solo.random, key, 9);
      return record.map((byte, i) => (i === record.length - 1 ? byte ^ 1 : byte));
    });
    answerLookups(at, [...forged, ...recordsOf(at.members)]);
    expect(delivered(at).length).toBe(1);
  });

  test('[GR9] without an answer to the lookup nothing is delivered, and it is asked for again', () => {
    const at = scene({ config: { lookupTimeoutMs: 240 } });
    for (const member of at.members) vote(at, member, TRUTH);
    at.solo.pass(5_000);
    expect(delivered(at)).toEqual([]);
    expect(answerLookups(at, recordsOf(at.members))).toBeGreaterThan(1);
    expect(delivered(at).length).toBe(1);
  });
});

describe('limits', () => {
  test('[GR10] votes are forgotten after a minute', () => {
    const at = scene();
    for (const member of at.members.slice(0, 2)) vote(at, member, TRUTH);
    answerLookups(at, recordsOf(at.members));
    at.solo.pass(62_000);
    vote(at, at.members[2]!, TRUTH);
    answerLookups(at, recordsOf(at.members));
    expect(delivered(at)).toEqual([]);
    for (const member of at.members.slice(0, 2)) vote(at, member, TRUTH);
    expect(delivered(at).length).toBe(1);
  });

  test('[GR10] whoever floods a node with contents loses its own, not those of others', () => {
    const at = scene({ config: { creditMessages: 100_000 } });
    const [a, b, c, flooder] = at.members as [TestKeys, TestKeys, TestKeys, TestKeys];
    for (const member of [a, b]) vote(at, member, TRUTH);
    for (let i = 0; i < 1_100; i++) vote(at, flooder, Uint8Array.of(0xff, i >> 8, i & 0xff));
    vote(at, c, TRUTH);
    answerLookups(at, recordsOf(at.members));
    expect(delivered(at).map((event) => event.body)).toEqual([TRUTH]);
  });

  test('[GR10] large contents make room as well, the oldest first', () => {
    const at = scene({ config: { creditMessages: 100_000, creditBytes: 2 ** 30 } });
    const [a, b, c, flooder] = at.members as [TestKeys, TestKeys, TestKeys, TestKeys];
    const large = (i: number): Uint8Array => new Uint8Array(12_000).fill(i);
    const heard = (): (number | undefined)[] => delivered(at).map(({ body }) => body[0]);
    for (const member of [a, b]) vote(at, member, large(0));
    for (let i = 1; i <= 200; i++) vote(at, flooder, large(i));
    vote(at, c, large(0));
    while (answerLookups(at, recordsOf(at.members)) > 0);
    expect(heard()).toEqual([0]);
    // The first of the flood is gone, and with it the flooder's vote; the last one is there.
    for (const member of [a, b]) for (const i of [1, 200]) vote(at, member, large(i));
    answerLookups(at, recordsOf(at.members));
    expect(heard()).toEqual([0, 200]);
    vote(at, c, large(1));
    expect(heard()).toEqual([0, 200, 1]);
  });

  test('[GR10] what was given up is not delivered when its lookup is answered, but may be voted for anew', () => {
    const at = scene({ config: { creditMessages: 100_000, creditBytes: 2 ** 30 } });
    const [flooder, ...others] = at.members as [TestKeys, ...TestKeys[]];
    for (const member of [flooder, ...others]) vote(at, member, TRUTH);
    for (let i = 1; i <= 200; i++) vote(at, flooder, new Uint8Array(12_000).fill(i));
    while (answerLookups(at, recordsOf(at.members)) > 0);
    expect(delivered(at)).toEqual([]);
    for (const member of others) vote(at, member, TRUTH);
    answerLookups(at, recordsOf(at.members));
    expect(delivered(at).length).toBe(1);
  });

  test('[GR10] of a content the votes nearest to the key are kept, as many as the group has members', () => {
    const at = scene();
    for (let i = 0; i < 60; i++) vote(at, keysNear(at.solo.random, key, 4), TRUTH);
    for (const member of at.members.toReversed()) vote(at, member, TRUTH);
    for (let i = 0; i < 60; i++) vote(at, keysNear(at.solo.random, key, 4), TRUTH);
    answerLookups(at, []);
    expect(delivered(at).map(({ fromGroup }) => fromGroup?.members)).toEqual([idsOf(at.members)]);
  });

  test('[GR10] at most eight lookups are under way', () => {
    const at = scene();
    const lookups = (): number =>
      at.relay.allFrames().filter(({ service, kind }) => service === 'lookup' && kind === 'closest').length;
    for (let i = 0; i < 20; i++) {
      const target = asNodeId(new Uint8Array(32).fill(i));
      vote(at, at.members[0]!, TRUTH, { body: writeVote({ key: target, size: SIZE, payload: TRUTH }) });
    }
    expect(lookups()).toBe(8);
    for (const frame of at.relay.allFrames())
      if (frame.service === 'lookup') at.relay.answer(frame, { payload: at.members[0]!.record });
    expect(lookups()).toBe(16);
  });

  test('[GR10] a node without votes has nothing to wake for', () => {
    const at = scene();
    const other = scene();
    for (const member of at.members) vote(at, member, TRUTH);
    answerLookups(at, recordsOf(at.members));
    at.solo.pass(130_000);
    other.solo.pass(130_000);
    const wait = ({ solo }: Scene): number => Math.round((solo.node.nextTimeout() - solo.now) / 1_000);
    expect(wait(at)).toBe(wait(other));
  });
});

describe('what hostile nodes can do', () => {
  /** What of the two is delivered when so many of eight members lie. */
  function outcomeOf(liars: number): 'truth' | 'lie' | 'nothing' {
    const size = 8;
    const solo = new Solo({ seed: 6 });
    const relay = solo.link(keysNear(solo.random, key, 1));
    solo.completeTable();
    const members = Array.from({ length: size }, () => keysNear(solo.random, key, 6));
    const at = { solo, relay, members };
    members.forEach((member, i) => {
      const payload = i < liars ? LIE : TRUTH;
      vote(at, member, payload, { body: writeVote({ key, size, payload }) });
    });
    answerLookups(at, recordsOf(members));
    const bodies = delivered(at).map(({ body }) => body);
    expect(bodies.length).toBeLessThanOrEqual(1);
    return bodies[0] === undefined ? 'nothing' : sameId(bodies[0], LIE) ? 'lie' : 'truth';
  }

  test('[GR11] anybody is a group of one around its own id, and the message says so', () => {
    const at = scene();
    const [anybody] = at.members as [TestKeys];
    const body = writeVote({ key: anybody.id, size: 1, payload: LIE });
    vote(at, anybody, LIE, { body });
    for (const frame of at.relay.allFrames())
      if (frame.service === 'lookup') at.relay.answer(frame, { payload: anybody.record });
    expect(delivered(at).map(({ fromGroup }) => fromGroup)).toEqual([
      { key: anybody.id, size: 1, members: [anybody.id] },
    ]);
  });

  test('[GR11] a fifth of all nodes has a group of 8 in its hands in 1.0 % of cases, and stops it in 5.6 %', () => {
    const outcomes = Array.from({ length: 9 }, (_, liars) => outcomeOf(liars));
    const chances = outcomes.map((_, liars) => binomial(8, liars, 0.2));
    const percentOf = (isMeant: (outcome: string) => boolean): string =>
      (100 * chances.reduce((sum, p, i) => sum + (isMeant(outcomes[i]!) ? p : 0), 0)).toFixed(1);
    expect(percentOf((outcome) => outcome === 'lie')).toBe('1.0');
    expect(percentOf((outcome) => outcome !== 'truth')).toBe('5.6');
  });
});

describe('what is no vote', () => {
  test('[GR7] [WR27] anything malformed is refused, counted, and never delivered', () => {
    const at = scene();
    const good = writeVote({ key, size: 1, payload: TRUTH });
    const sized = (size: number): Uint8Array => good.map((byte, i) => (i === 32 ? size : byte));
    const bodies = [new Uint8Array(0), good.slice(0, 32), sized(0), sized(33), sized(255)];
    for (const body of bodies) {
      expect(readVote(body)).toBeUndefined();
      vote(at, at.members[0]!, TRUTH, { body });
    }
    vote(at, at.relay.keys, TRUTH, { body: good, kind: 'neighbour', hopLimit: 1 });
    expect(codes(at)).toEqual([...bodies, good].map(() => 'rejected'));
    expect(at.solo.node.snapshot().counters.malformed).toBe(bodies.length + 1);
    expect(at.solo.events('malformed').length).toBe(bodies.length + 1);
    answerLookups(at, recordsOf(at.members));
    expect(delivered(at)).toEqual([]);
  });

  test('[WR27] an empty content is one', () => {
    expect(readVote(writeVote({ key, size: 32, payload: new Uint8Array(0) }))).toEqual({
      key,
      size: 32,
      payload: new Uint8Array(0),
    });
  });

  test('[GR7] a vote whose signature is wrong counts for nobody', () => {
    const at = scene();
    for (const member of at.members.slice(0, 2)) vote(at, member, TRUTH);
    const forger = createKeys(at.solo.random);
    vote(at, { ...forger, id: at.members[2]!.id }, TRUTH);
    answerLookups(at, recordsOf(at.members));
    expect(delivered(at)).toEqual([]);
  });
});

describe('a member', () => {
  const send = (solo: Solo, to: NodeId, body = TRUTH, groupSize = 2): void =>
    solo.command({
      type: 'send',
      id: 1,
      kind: 'direct',
      target: to,
      body,
      request: false,
      receipt: true,
      timeoutMs: 5_000,
      fromGroup: key,
      groupSize,
    });

  test('[GR6] sends its vote as a signed direct message, and its receipt says that the receiver has it', () => {
    const solo = new Solo({ seed: 8 });
    const peer = solo.link();
    solo.completeTable();
    send(solo, peer.id);
    const [frame] = peer.allFrames().filter(({ service }) => service === 'vote');
    expect(frame).toMatchObject({ kind: 'direct', groupSize: 0, origin: solo.keys.id });
    expect(readVote(frameBody(frame!))).toEqual({ key, size: 2, payload: TRUTH });
    peer.answer(frame!);
    expect(solo.events('result')).toMatchObject([{ command: 1, receipt: { ok: true, by: [peer.id] } }]);
    expect(solo.node.snapshot().counters.sent).toBe(1);
  });

  test('[GR6] who is no member by its own table sends nothing and ends with not-member', () => {
    const at = scene();
    at.solo.input({ type: 'contacts', records: recordsOf(at.members) });
    const before = at.relay.received.length;
    send(at.solo, at.relay.id, TRUTH, SIZE);
    expect(at.solo.events('result')).toMatchObject([{ receipt: { ok: false, reason: 'not-member' } }]);
    expect(at.relay.received.length).toBe(before);
    expect(at.solo.events('sent').filter(({ service }) => service === 'vote')).toEqual([]);
  });

  test('[GR6] a content may be as large as any payload, and no larger', () => {
    const solo = new Solo({ seed: 8 });
    const peer = solo.link();
    solo.completeTable();
    const bytesMax = 64 * 1024 + 16;
    send(solo, peer.id, new Uint8Array(bytesMax + 1));
    expect(solo.events('result')).toMatchObject([{ receipt: { ok: false, reason: 'too-large' } }]);
    solo.clear();
    send(solo, peer.id, new Uint8Array(bytesMax));
    expect(peer.allFrames().filter(({ service }) => service === 'vote').length).toBeGreaterThan(1);
    expect(solo.events('result')).toEqual([]);
  });

  test('[GR6] votes for itself as for anybody else', () => {
    const random = new SeededRandom(8);
    const solo = new Solo({ seed: 8, keys: keysNear(random, key, 8) });
    solo.link(keysNear(random, key, 1));
    solo.completeTable();
    send(solo, solo.keys.id, TRUTH, 1);
    solo.pass(100);
    expect(solo.events('result')).toMatchObject([{ receipt: { ok: true, by: [solo.keys.id] } }]);
    const deliveries = solo.events('delivered').filter(({ service }) => service === 'app');
    expect(deliveries.map(({ fromGroup }) => fromGroup?.members)).toEqual([[solo.keys.id]]);
  });
});
