/** Goal: what senders and receivers promise. Method: one real node among scripted peers (test-support/solo.ts). */

import { describe, expect, test } from 'vitest';
import { answerFrame, messageFrame, messageFrames } from '../../test-support/frames.ts';
import { createKeys, keysNear } from '../../test-support/keys.ts';
import { Solo, type ScriptedPeer, type SoloOptions } from '../../test-support/solo.ts';
import { BROWSER } from '../config.ts';
import { sameId, toHex, type NodeId } from '../id/node-id.ts';
import type { Command } from '../io.ts';
import { readAnswer } from '../wire/answer.ts';
import { FLAG_RECEIPT, FLAG_REQUEST, frameBody, messageIdBytes, type Frame } from '../wire/frame.ts';

type Send = Extract<Command, { type: 'send' }>;

function linked(
  options: SoloOptions = {},
  count = 2,
): { solo: Solo; peers: ScriptedPeer[]; peer: ScriptedPeer } {
  const solo = new Solo(options);
  const peers = Array.from({ length: count }, () => solo.link(keysNear(solo.random, solo.keys.id, 0)));
  solo.completeTable();
  return { solo, peers, peer: peers[0]! };
}

let nextId = 1;
function send(solo: Solo, target: NodeId, changes: Partial<Send> = {}): number {
  const id = nextId++;
  const body = Uint8Array.of(1, 2, 3);
  const base = {
    type: 'send',
    id,
    kind: 'direct',
    target,
    body,
    request: false,
    receipt: true,
    timeoutMs: 5_000,
  } as const;
  solo.command({ ...base, ...changes });
  return id;
}

const results = (solo: Solo) => solo.events('result');
const lastResult = (solo: Solo) => results(solo).at(-1)?.receipt;
const answersOf = (peer: ScriptedPeer) => peer.frames().filter(({ kind }) => kind === 'answer');
const readBody = (frame: Frame) => readAnswer(frameBody(frame))!;

describe('every message ends once', () => {
  test('[SN1] with its receipt; what comes later changes nothing', () => {
    const { solo, peer } = linked();
    const id = send(solo, peer.id);
    const [asked] = peer.frames();
    solo.pass(40);
    peer.answer(asked!);
    peer.answer(asked!);
    solo.pass(10_000);
    const [result] = results(solo);
    expect(results(solo).length).toBe(1);
    expect(result).toMatchObject({
      command: id,
      receipt: { ok: true, hops: 1, rttMs: 40, certainty: 'complete' },
    });
    expect(solo.events('settled').filter(({ service }) => service === 'app').length).toBe(1);
  });

  test('[SN1] or at its time-out, to the millisecond', () => {
    const { solo, peer } = linked();
    send(solo, peer.id, { timeoutMs: 700 });
    solo.pass(699);
    expect(results(solo)).toEqual([]);
    solo.pass(1);
    expect(lastResult(solo)).toMatchObject({ ok: false, reason: 'timeout', rttMs: 700 });
  });

  test('[SN1] a time-out above 60 s is 60 s', () => {
    const { solo, peer } = linked();
    send(solo, peer.id, { timeoutMs: 1e9 });
    expect(peer.frames()[0]!.lifeMs).toBe(60_000);
    solo.pass(60_000);
    expect(lastResult(solo)).toMatchObject({ reason: 'timeout' });
  });

  test('[SN1] or when every way was tried, with the reason of the last', () => {
    const { solo, peer, peers } = linked();
    for (const cause of ['no-route', 'hop-limit', 'overloaded'] as const) {
      send(solo, peer.id);
      const { message } = peer.frames().at(-1)!;
      for (const other of peers)
        other.sendControl({ type: 'no-route', message, budget: 0, cause, visited: [] });
      expect(lastResult(solo)).toMatchObject({
        ok: false,
        reason: cause === 'no-route' ? 'unreachable' : cause,
      });
    }
  });

  test('[SN1] a message that cannot be signed is rejected', () => {
    const { solo, peer } = linked();
    solo.holdCrypto = true;
    send(solo, peer.id);
    solo.input({ type: 'crypto-done', job: solo.held[0]!.job, result: { type: 'failed' } });
    expect(lastResult(solo)).toMatchObject({ ok: false, reason: 'rejected' });
  });
});

describe('sizes', () => {
  test('[SN2] [WR6] 64 KiB go in at most six frames of 16 KiB, one byte more is too-large at once', () => {
    const { solo, peer } = linked();
    send(solo, peer.id, { body: new Uint8Array(BROWSER.payloadBytesMax) });
    const frames = peer.frames();
    expect(frames.length).toBeLessThanOrEqual(6);
    expect(Math.max(...peer.received.map(({ length }) => length))).toBeLessThanOrEqual(16 * 1024);
    solo.clear();
    for (const kind of ['direct', 'closest', 'neighbour', 'broadcast'] as const) {
      send(solo, peer.id, { kind, body: new Uint8Array(BROWSER.payloadBytesMax + 1) });
      expect(lastResult(solo)).toMatchObject({ ok: false, reason: 'too-large' });
    }
    expect(peer.frames()).toEqual([]);
  });

  test('[WR6] there is room in every fragment for a full visited list and a full path', () => {
    const { solo, peer } = linked();
    send(solo, peer.id, { body: new Uint8Array(BROWSER.payloadBytesMax) });
    const longest = Math.max(...peer.received.map(({ length }) => length));
    // One hop is in it already.
    expect(longest - 8 + 32 * 8 + 21 * 32).toBeLessThanOrEqual(16 * 1024);
  });

  test('[RC2] [WR6] a reply of 64 KiB arrives whole; a larger one is answered with too-large', () => {
    const { solo, peer } = linked();
    for (const [size, code] of [
      [BROWSER.payloadBytesMax, 'ok'],
      [BROWSER.payloadBytesMax + 1, 'too-large'],
      [1024 * 1024, 'too-large'],
    ] as const) {
      solo.clear();
      const asked = peer.message({ kind: 'direct', target: solo.keys.id, flags: FLAG_REQUEST });
      solo.command({
        type: 'reply',
        message: toHex(messageIdBytes(asked.message)),
        body: new Uint8Array(size),
      });
      const answers = answersOf(peer);
      expect(answers.length).toBeLessThanOrEqual(6);
      const whole = Buffer.concat(answers.map(frameBody));
      expect(readAnswer(whole)).toMatchObject({ code });
      expect(readAnswer(whole)!.payload?.length).toBe(code === 'ok' ? size : undefined);
    }
  });
});

describe('judging answers', () => {
  test('[SN3] an answer with a wrong signature, of another body, or of somebody who is not the one named is not accepted', () => {
    const { solo, peer } = linked();
    send(solo, peer.id);
    const asked = peer.frames()[0]!;
    peer.answer(asked, { bodyHash: new Uint8Array(32) });
    peer.answer(asked, { record: createKeys(solo.random).record });
    const liar = createKeys(solo.random);
    peer.send(
      messageFrame(liar, {
        kind: 'answer',
        target: solo.keys.id,
        message: messageIdBytes(asked.message),
        body: Uint8Array.of(0),
      }),
    );
    solo.clear();
    peer.answer(asked, { payload: Uint8Array.of(1, 2, 3) });
    expect(results(solo).length).toBe(1);
  });

  test('[SN3] an answer altered on its way, in any byte that is signed, is not accepted', () => {
    const { solo, peer } = linked();
    const far = createKeys(solo.random);
    peer.tellLinks(far.id);
    // Kind, service, limits, message, origin, target, group size; key and signature; the first and last bytes of the body.
    const signed = [3, 5, 6, 12, 27, 28, 59, 94, 95, 126, 127, 190, 223, 224, 225, 228, 301, -1];
    for (const at of signed) {
      send(solo, far.id);
      const asked = peer.frames().at(-1)!;
      const bad = answerFrame(far, asked);
      bad[at < 0 ? bad.length + at : at]! ^= 1;
      const before = results(solo).length;
      peer.send(bad);
      expect(
        results(solo)
          .slice(before)
          .filter(({ receipt }) => receipt.ok),
        `byte ${at}`,
      ).toEqual([]);
      solo.pass(60_000);
    }
    send(solo, far.id);
    peer.send(answerFrame(far, peer.frames().at(-1)!));
    expect(lastResult(solo)).toMatchObject({ ok: true });
  });

  test('[SN3] a forged answer does not end the search: the next candidate gets the message', () => {
    const { solo, peer, peers } = linked();
    peers[1]!.tellLinks(peer.id);
    send(solo, peer.id);
    const asked = peer.frames()[0]!;
    peer.answer(asked, { bodyHash: new Uint8Array(32) });
    expect(peers[1]!.frames()).toMatchObject([{ message: asked.message }]);
    expect(solo.events('retry')).toMatchObject([{ failedHop: peer.id, reason: 'forged' }]);
  });

  test('[SN4] only the target itself may answer a direct message, whatever it says', () => {
    const { solo, peer, peers } = linked();
    send(solo, peer.id);
    const asked = peer.frames()[0]!;
    peers[1]!.answer(asked);
    peers[1]!.answer(asked, { code: 'unreachable' });
    expect(results(solo)).toEqual([]);
    peer.answer(asked);
    expect(lastResult(solo)).toMatchObject({ ok: true, by: [peer.id] });
  });

  test('[SN5] certainty: complete, likely, or unknown when somebody nearer is known or named', () => {
    const { solo, peer } = linked();
    const target = keysNear(solo.random, peer.id, 8).id;
    const nearer = keysNear(solo.random, target, 12);
    const ask = (fields: Parameters<ScriptedPeer['answer']>[1]): unknown => {
      send(solo, target, { kind: 'closest' });
      peer.answer(peer.frames().at(-1)!, fields);
      return lastResult(solo)?.certainty;
    };
    expect(ask({ complete: true })).toBe('complete');
    expect(ask({ complete: false })).toBe('likely');
    expect(ask({ complete: true, siblings: [nearer.record] })).toBe('unknown');
    expect(ask({ complete: true, onTheWay: true })).toBe('unknown');
  });

  test('[SN6] the path runs from the sender to the answerer, by says who answered', () => {
    const { solo, peer } = linked();
    send(solo, peer.id);
    peer.answer(peer.frames().at(-1)!, { onTheWay: true });
    expect(lastResult(solo)).toMatchObject({ by: [peer.id], path: [solo.keys.id, peer.id], onTheWay: true });
  });

  test('[SN10] [SN11] transmissions are the hops and the further copies of the sender; tried says what came to nothing', () => {
    const { solo, peer, peers } = linked();
    peers[1]!.tellLinks(peer.id);
    send(solo, peer.id);
    peer.answer(peer.frames()[0]!);
    expect(lastResult(solo)).toMatchObject({ hops: 1, transmissions: 1, tried: [] });
    send(solo, peer.id);
    const { message } = peer.frames()[1]!;
    peer.sendControl({ type: 'no-route', message, budget: 9, cause: 'no-route', visited: [] });
    peers[1]!.send(answerFrame(peer.keys, peers[1]!.frames()[0]!));
    expect(lastResult(solo)).toMatchObject({
      ok: true,
      transmissions: 2,
      tried: [{ peer: peer.id, reason: 'no-route' }],
    });
  });
});

describe('a time-out', () => {
  test('[SN14] names the next hop where a message or lookup was still under way, and those that were silent', () => {
    for (const what of ['lookup', 'send'] as const) {
      const { solo, peer, peers } = linked();
      peers[1]!.tellLinks(peer.id);
      solo.clear();
      const target = peer.id.with(31, peer.id[31]! ^ 1) as NodeId;
      if (what === 'send') send(solo, target, { kind: 'closest', timeoutMs: 5_000 });
      else solo.command({ type: 'lookup', id: 9_000, key: target, timeoutMs: 5_000 });
      const isCopy = ({ kind, service }: Frame): boolean =>
        kind === 'closest' && service === (what === 'send' ? 'app' : 'lookup');
      const copyAt = (at: ScriptedPeer): Frame | undefined => at.allFrames().find(isCopy);
      const silent = peers.find((one) => copyAt(one) !== undefined)!;
      const next = (): ScriptedPeer | undefined =>
        peers.find((one) => one !== silent && copyAt(one) !== undefined);
      while (next() === undefined) solo.pass(10);
      const { message } = copyAt(next()!)!;
      next()!.sendControl({ type: 'progress', marks: [{ stage: 'arrived', message }] });
      while (lastResult(solo) === undefined) solo.pass(50);
      expect(lastResult(solo), what).toMatchObject({
        ok: false,
        reason: 'timeout',
        tried: [
          { peer: silent.id, reason: 'silent' },
          { peer: next()!.id, reason: 'unanswered' },
        ],
      });
    }
  });
});

describe('kinds of sending', () => {
  test('[SN7] without receipt and reply the result comes when the first hop has it', () => {
    const { solo, peer } = linked();
    send(solo, peer.id, { receipt: false });
    expect(lastResult(solo)).toMatchObject({
      ok: true,
      path: [solo.keys.id],
      transmissions: 1,
      certainty: 'unknown',
    });
    expect(peer.frames()[0]!.flags & FLAG_RECEIPT).toBe(0);
  });

  test('[SN8] neighbour goes one hop to a linked peer, or fails as not-linked', () => {
    const { solo, peer, peers } = linked();
    send(solo, peer.id, { kind: 'neighbour' });
    expect(peer.frames()).toMatchObject([{ kind: 'neighbour', hopLimit: 1 }]);
    expect(peers[1]!.frames()).toEqual([]);
    peer.answer(peer.frames()[0]!);
    expect(lastResult(solo)).toMatchObject({ ok: true, by: [peer.id] });
    send(solo, createKeys(solo.random).id, { kind: 'neighbour' });
    expect(lastResult(solo)).toMatchObject({ ok: false, reason: 'not-linked' });
  });

  test('[SN9] broadcast goes to every link, one hop, and says to whom; without links it is not-linked', () => {
    const { solo, peers } = linked({}, 3);
    send(solo, solo.keys.id, { kind: 'broadcast' });
    for (const peer of peers) expect(peer.frames()).toMatchObject([{ kind: 'broadcast', hopLimit: 1 }]);
    expect(lastResult(solo)).toMatchObject({ ok: true, hops: 1, transmissions: 3 });
    expect(lastResult(solo)!.by).toEqual(peers.map(({ id }) => id));
    const alone = new Solo();
    send(alone, alone.keys.id, { kind: 'broadcast' });
    expect(lastResult(alone)).toMatchObject({ ok: false, reason: 'not-linked' });
  });

  test('[FW13] a message may go 4·log2 of the estimated size, never less than 16 hops unless the sender asks, never above 20', () => {
    const { solo, peer } = linked();
    send(solo, peer.id);
    send(solo, peer.id, { hopLimit: 3 });
    send(solo, peer.id, { hopLimit: 200 });
    expect(peer.frames().map(({ hopLimit }) => hopLimit)).toEqual([16, 3, 20]);
    const crowded = new Solo();
    const crowd = Array.from({ length: 40 }, () => crowded.link());
    crowded.completeTable();
    send(crowded, crowd[0]!.id);
    expect(crowd[0]!.frames()[0]!.hopLimit).toBe(20);
  });
});

describe('the receiver', () => {
  test('[RC1] [FW10] a message is delivered with what its origin signed; a forged or altered one is not', () => {
    const { solo, peer } = linked();
    const from = createKeys(solo.random);
    const good = messageFrame(from, {
      kind: 'direct',
      target: solo.keys.id,
      body: Uint8Array.of(7, 8),
      hops: 2,
    });
    const forgedOrigin = Uint8Array.from(good);
    forgedOrigin.set(createKeys(solo.random).id, 28);
    const altered = Uint8Array.from(good);
    altered[altered.length - 1]! ^= 1;
    const forgedKey = Uint8Array.from(good);
    forgedKey.set(peer.keys.signingKey, 95);
    for (const [i, bytes] of [forgedOrigin, altered, forgedKey].entries()) {
      // Each under a message id of its own, so that it is not taken for the same message again.
      bytes[12]! ^= 1 + i;
      peer.send(bytes);
    }
    expect(solo.events('delivered')).toEqual([]);
    expect(solo.events('malformed').length).toBe(3);
    expect(solo.node.snapshot().counters.malformed).toBe(3);
    peer.send(good);
    const [event] = solo.events('delivered');
    expect(event).toMatchObject({ kind: 'direct', service: 'app', exact: true, hops: 2, wantsReply: false });
    expect([toHex(event!.origin), toHex(event!.body)]).toEqual([toHex(from.id), '0708']);
    expect(answersOf(peer)).toEqual([]);
  });

  test('[RC2] a request is answered with the reply, or no-reply when no handler gave one', () => {
    const { solo, peer } = linked();
    for (const [body, code] of [
      [Uint8Array.of(5), 'ok'],
      [undefined, 'no-reply'],
    ] as const) {
      solo.clear();
      peer.message({ kind: 'closest', target: solo.keys.id, flags: FLAG_REQUEST | FLAG_RECEIPT });
      const [event] = solo.events('delivered');
      expect(event!.wantsReply).toBe(true);
      expect(answersOf(peer)).toEqual([]);
      solo.command({ type: 'reply', message: event!.message, body });
      solo.command({ type: 'reply', message: event!.message, body });
      expect(answersOf(peer).length).toBe(1);
      expect(readBody(answersOf(peer)[0]!)).toMatchObject({ code, payload: body });
    }
  });

  test('[RC3] a message that wants a receipt gets one at once, one that does not gets nothing', () => {
    const { solo, peer } = linked();
    peer.message({ kind: 'direct', target: solo.keys.id, flags: FLAG_RECEIPT });
    expect(answersOf(peer).length).toBe(1);
    peer.message({ kind: 'direct', target: solo.keys.id });
    peer.message({ kind: 'broadcast', target: solo.keys.id, hopLimit: 1 });
    expect(answersOf(peer).length).toBe(1);
    expect(solo.events('delivered').length).toBe(3);
  });

  test('[RC4] a receipt names the receiver, the body it answers, and for closest its nearest siblings', () => {
    const { solo, peer } = linked({}, 5);
    peer.message({ kind: 'closest', target: solo.keys.id, flags: FLAG_RECEIPT, hops: 2 });
    peer.message({ kind: 'direct', target: solo.keys.id, flags: FLAG_RECEIPT });
    const [closest, direct] = answersOf(peer).map(readBody);
    expect(closest).toMatchObject({
      code: 'ok',
      hops: 2,
      record: solo.keys.record,
      complete: true,
    });
    expect(closest!.siblings.length).toBe(3);
    expect(direct!.siblings).toEqual([]);
    expect(toHex(direct!.bodyHash)).toMatch(/^039058c6f2c0cb492c533b0a4d14ef77/);
  });

  test('[RC5] a message that comes once more gets the answer it had, and is not delivered again', () => {
    const { solo, peer } = linked();
    const frames = messageFrames(peer.keys, { kind: 'direct', target: solo.keys.id, flags: FLAG_REQUEST });
    peer.send(frames[0]!);
    const [event] = solo.events('delivered');
    solo.command({ type: 'reply', message: event!.message, body: Uint8Array.of(1) });
    peer.send(frames[0]!);
    const [first, second] = answersOf(peer);
    expect(second!.bytes).toEqual(first!.bytes);
    expect(solo.events('delivered').length).toBe(1);
  });

  test('[RC6] of more than 1,024 requests that wait for the application the oldest is answered overloaded', () => {
    const { solo, peer } = linked({ config: { creditMessages: 5_000 } });
    const first = peer.message({ kind: 'direct', target: solo.keys.id, flags: FLAG_REQUEST, lifeMs: 60_000 });
    for (let i = 0; i < 1_023; i++)
      peer.message({ kind: 'direct', target: solo.keys.id, flags: FLAG_REQUEST });
    expect(answersOf(peer)).toEqual([]);
    peer.message({ kind: 'direct', target: solo.keys.id, flags: FLAG_REQUEST });
    const [answer] = answersOf(peer);
    expect(answer!.message).toBe(first.message);
    expect(readBody(answer!).code).toBe('overloaded');
  });

  test('[RC7] a lookup is answered by the node itself with the records it knows nearest to the key, its own among them', () => {
    const { solo, peer, peers } = linked({}, 4);
    peer.message({
      kind: 'closest',
      service: 'lookup',
      target: solo.keys.id,
      flags: FLAG_REQUEST | FLAG_RECEIPT,
    });
    const answer = readBody(peer.allFrames().find(({ kind }) => kind === 'answer')!);
    const records = Array.from({ length: answer.payload!.length / 134 }, (_, i) =>
      answer.payload!.subarray(134 * i, 134 * (i + 1)),
    );
    expect(records.length).toBe(5);
    expect(records[0]).toEqual(solo.keys.record);
    for (const { keys } of peers) expect(records.some((record) => sameId(record, keys.record))).toBe(true);
    expect(solo.events('result')).toEqual([]);
  });

  test('[RC8] a neighbour message for somebody else is malformed', () => {
    const { solo, peer, peers } = linked();
    peer.message({ kind: 'neighbour', target: peers[1]!.id, hopLimit: 1 });
    expect(solo.events('delivered')).toEqual([]);
    expect(solo.events('malformed').length).toBe(1);
  });
});
