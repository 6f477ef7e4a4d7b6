/**
 * Goal: a message that somebody on the way alters ends soon after, and a good copy gets through. Method: one real node
 * among scripted peers.
 */

import { describe, expect, test } from 'vitest';
import { messageFrame, parseFrame, type MessageFields } from '../../test-support/frames.ts';
import { createKeys, keysNear } from '../../test-support/keys.ts';
import { Solo, type ScriptedPeer } from '../../test-support/solo.ts';
import type { Control } from '../wire/control.ts';
import { FLAG_RECEIPT, visitedEntry } from '../wire/frame.ts';

interface Scene {
  readonly solo: Solo;
  /** Peers near this node, from where messages come. */
  readonly from: ScriptedPeer;
  readonly alsoFrom: ScriptedPeer;
  /** Peers that lead to targets in the far half of the key space. */
  readonly ways: readonly ScriptedPeer[];
}

function scene(): Scene {
  const solo = new Solo({ config: { sampleOneIn: 2 ** 32 } });
  const [from, alsoFrom] = [2, 3].map((bits) => solo.link(keysNear(solo.random, solo.keys.id, bits)));
  const ways = [1, 2, 3].map(() => solo.link(keysNear(solo.random, solo.keys.id, 0)));
  solo.completeTable();
  return { solo, from: from!, alsoFrom: alsoFrom!, ways };
}

const origin = createKeys(new Solo().random);

/** A message to a node behind the ways, and the same with a bit of its body flipped. */
function copies(at: Scene, fields: Partial<MessageFields> = {}): { good: Uint8Array; bad: Uint8Array } {
  const target = keysNear(at.solo.random, at.solo.keys.id, 0).id;
  for (const way of at.ways) way.tellLinks(target);
  const body = Uint8Array.of(1, 2, 3);
  const good = messageFrame(origin, { kind: 'direct', target, flags: FLAG_RECEIPT, body, ...fields });
  const bad = Uint8Array.from(good);
  bad[bad.length - 1]! ^= 1;
  return { good, bad };
}

function sentBack(peer: ScriptedPeer): Extract<Control, { type: 'no-route' }>['cause'][] {
  return peer.controls('no-route').map(({ cause }) => cause);
}

function tookIt(at: Scene): ScriptedPeer[] {
  return at.ways.filter((way) => way.frames().length > 0);
}

describe('what a hop checks', () => {
  test('[FW36] the first copy goes downhill unchecked; a second one waits for the check, and an altered one is rejected', () => {
    for (const isGood of [true, false]) {
      const at = scene();
      const { good, bad } = copies(at);
      at.solo.holdCrypto = true;
      at.from.send(isGood ? good : bad);
      expect(at.solo.held).toEqual([]);
      const [first, ...others] = tookIt(at);
      expect(others).toEqual([]);
      const { message } = parseFrame(good);
      first!.sendControl({ type: 'no-route', message, budget: 9, cause: 'no-route', visited: [] });
      expect(at.solo.held.length).toBe(1);
      expect(tookIt(at)).toEqual([first]);
      at.solo.answerHeld();
      expect(tookIt(at).length).toBe(isGood ? 2 : 1);
      expect(sentBack(at.from)).toEqual(isGood ? [] : ['rejected']);
    }
  });

  test('[FW36] a message whose target was altered is rejected where it would sidestep; a ping is not checked', () => {
    for (const service of ['app', 'ping'] as const) {
      const at = scene();
      const { good } = copies(at, { target: keysNear(at.solo.random, at.solo.keys.id, 7).id, service });
      const bad = Uint8Array.from(good);
      bad[80]! ^= 1;
      at.from.send(bad);
      expect(sentBack(at.from)).toEqual(service === 'app' ? ['rejected'] : []);
      const others = [at.alsoFrom, ...at.ways];
      const copiesOut = others.flatMap((peer) => peer.allFrames()).filter(({ kind }) => kind === 'direct');
      expect(copiesOut.length).toBe(service === 'app' ? 0 : 1);
    }
  });

  test('[FW36] what somebody rejected a copy of goes on only after a check', () => {
    const at = scene();
    const { good, bad } = copies(at);
    const { message } = parseFrame(good);
    const entry = visitedEntry(at.ways[0]!.id, 'rejected');
    const withEntry = (bytes: Uint8Array): Uint8Array => {
      const { visitedAt } = parseFrame(bytes);
      const longer = Uint8Array.from([
        ...bytes.subarray(0, visitedAt),
        ...entry,
        ...bytes.subarray(visitedAt),
      ]);
      longer[92] = 1;
      return longer;
    };
    at.from.send(withEntry(bad));
    expect(tookIt(at)).toEqual([]);
    expect(at.from.controls('no-route')).toMatchObject([{ message, cause: 'rejected' }]);
    at.from.send(withEntry(good));
    expect(tookIt(at).length).toBe(1);
  });
});

describe('two copies that differ', () => {
  test('[FW37] a good copy takes the place of an altered one, which is rejected', () => {
    const at = scene();
    const { good, bad } = copies(at);
    at.from.send(bad);
    at.alsoFrom.send(good);
    expect(sentBack(at.from)).toEqual(['rejected']);
    expect(sentBack(at.alsoFrom)).toEqual([]);
    expect(at.ways.flatMap((way) => way.frames()).length).toBe(2);
  });

  test('[FW37] an altered copy is rejected and changes nothing, checked or not', () => {
    const at = scene();
    const { good, bad } = copies(at);
    at.from.send(good);
    at.alsoFrom.send(bad);
    expect(sentBack(at.alsoFrom)).toEqual(['rejected']);
    expect(sentBack(at.from)).toEqual([]);
    const [first] = tookIt(at);
    const { message } = parseFrame(good);
    first!.sendControl({ type: 'no-route', message, budget: 9, cause: 'no-route', visited: [] });
    at.solo.holdCrypto = true;
    at.alsoFrom.send(bad);
    expect(at.solo.held).toEqual([]);
    expect(sentBack(at.alsoFrom)).toEqual(['rejected', 'rejected']);
  });
});

test('[FW38] a claim that a nearer node was passed, which the complete table belies, costs six copies and no more', () => {
  const at = scene();
  const target = keysNear(at.solo.random, at.solo.keys.id, 9).id;
  const visited = [keysNear(at.solo.random, target, 12).id];
  const { message } = at.from.message({ kind: 'closest', target, visited }, origin);
  const peers = [at.alsoFrom, ...at.ways];
  const asked = peers.filter((peer) => peer.frames().length > 0);
  expect(asked.length).toBe(1);
  expect(asked[0]!.frames()[0]!.budget).toBeLessThan(6);
  expect(at.solo.events('delivered')).toEqual([]);
  // None of them knows more, and none sends back any of the budget.
  for (let turn = 0; at.solo.events('delivered').length === 0; turn++) {
    expect(turn).toBeLessThan(peers.length);
    for (const peer of peers.filter((one) => one.frames().length > 0)) {
      peer.sendControl({ type: 'no-route', message, budget: 0, cause: 'no-route', visited: [] });
    }
  }
  expect(at.solo.events('delivered')).toMatchObject([{ kind: 'closest', target }]);
});
