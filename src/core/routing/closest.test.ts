/**
 * Goal: a `closest` message ends at the node nearest to its key, also where nearer ones are silent, slow or unknown.
 * Method: one real node among scripted peers.
 */

import { expect, test } from 'vitest';
import { keysNear } from '../../test-support/keys.ts';
import { mark, origin, pass, receiptOf, retriesOf, scene, send } from '../../test-support/crossing.ts';
import { Solo, type ScriptedPeer } from '../../test-support/solo.ts';
import { ruledOutBy } from '../wire/answer.ts';
import { frameBody } from '../wire/frame.ts';

test('[FW21] at a local minimum with an incomplete table a message looks around with six copies before it is delivered', () => {
  const solo = new Solo();
  const peers = [0, 0, 0].map(() => solo.link(keysNear(solo.random, solo.keys.id, 0)));
  const target = keysNear(solo.random, solo.keys.id, 9).id;
  const { message } = peers[0]!.message({ kind: 'closest', target }, origin);
  expect(solo.events('delivered')).toEqual([]);
  const asked = peers.slice(1).filter((peer) => peer.frames().length > 0);
  expect(asked.length).toBe(1);
  expect(asked[0]!.frames()[0]!.budget).toBeLessThan(6);
  for (const peer of peers.slice(1)) {
    peer.sendControl({ type: 'no-route', message, budget: 0, cause: 'no-route', visited: [] });
  }
  expect(solo.events('delivered').length).toBe(1);
});

test('[FW21] a node that may learn of nobody looks around although its lookups were answered', () => {
  const sidesteps = [true, false].map((repair) => {
    const solo = new Solo();
    const peers = [0, 0, 0].map(() => solo.link(keysNear(solo.random, solo.keys.id, 0)));
    solo.completeTable();
    solo.config.repair = repair;
    const target = keysNear(solo.random, solo.keys.id, 9).id;
    peers[0]!.message({ kind: 'closest', target }, origin);
    return peers.slice(1).filter((peer) => peer.frames().length > 0).length;
  });
  expect(sidesteps).toEqual([0, 1]);
});

test('[FW20] [FW33] a message that eight copies found nobody nearer for is delivered', () => {
  const solo = new Solo();
  const from = solo.link(keysNear(solo.random, solo.keys.id, 2));
  const others = Array.from({ length: 9 }, () => solo.link(keysNear(solo.random, solo.keys.id, 0)));
  const nearest = solo.link(keysNear(solo.random, solo.keys.id, 6));
  nearest.tellLinks(solo.keys.id);
  solo.completeTable();
  const key = keysNear(solo.random, nearest.id, 12).id;
  solo.input({ type: 'link-down', link: nearest.link, reason: 'closed' });
  const { message } = from.message({ kind: 'closest', target: key, budget: 60 }, origin);
  const asked = new Set<ScriptedPeer>();
  for (;;) {
    const next = others.find((peer) => peer.frames().length > 0 && !asked.has(peer));
    if (next === undefined) break;
    expect(solo.events('delivered')).toEqual([]);
    asked.add(next);
    next.sendControl({ type: 'no-route', message, budget: 60, cause: 'duplicate', visited: [] });
  }
  expect(asked.size).toBe(8);
  expect(solo.events('delivered').length).toBe(1);
});

test('[FW39] what a nearer hop had before, or got and is slow with, is not delivered here as well', () => {
  for (const isSlow of [false, true]) {
    const at = scene({}, 1);
    const way = at.ways[0]!;
    const key = keysNear(at.solo.random, way.id, 12).id;
    const { message } = pass(at, { kind: 'closest', target: key, lifeMs: 20_000 });
    expect(way.frames().length).toBe(1);
    if (isSlow) mark(way, 'got', message);
    else way.sendControl({ type: 'no-route', message, budget: 9, cause: 'duplicate', visited: [] });
    at.solo.pass(2_100);
    expect(at.solo.events('delivered')).toEqual([]);
    expect(at.from.controls('no-route')).toMatchObject([{ message, cause: isSlow ? 'silent' : 'no-route' }]);
  }
});

test('[FW20] [SN13] a silent nearer node is looked for elsewhere, then ruled out in the answer', () => {
  const at = scene({}, 2);
  const key = keysNear(at.solo.random, at.ways[0]!.id, 12).id;
  const { message } = pass(at, { kind: 'closest', target: key, lifeMs: 20_000 });
  expect(at.ways[0]!.frames().length).toBe(1);
  at.solo.pass(2_100);
  at.ways[1]!.sendControl({ type: 'no-route', message, budget: 0, cause: 'no-route', visited: [] });
  at.solo.pass(2_100);
  expect(at.solo.events('delivered').length).toBe(1);
  const [answer] = at.from.frames().filter(({ kind }) => kind === 'answer');
  expect(ruledOutBy(frameBody(answer!))).toContainEqual(at.ways[0]!.id.subarray(0, 7));
  const sender = scene({}, 1);
  const near = keysNear(sender.solo.random, sender.ways[0]!.id, 12).id;
  send(sender.solo, near, { kind: 'closest' });
  sender.ways[0]!.answer(sender.ways[0]!.frames()[0]!, { ruledOut: [near.subarray(0, 7)] });
  expect(receiptOf(sender.solo)!.ruledOut).toEqual([near.subarray(0, 7)]);
});

test('[FW26] an answer from a node that is not the nearest is refused on its way, unless it rules the nearer one out', () => {
  for (const excused of [false, true]) {
    const at = scene();
    const nearest = keysNear(at.solo.random, at.target.id, 14);
    at.ways[0]!.tellLinks(nearest.id);
    pass(at, { kind: 'closest', target: nearest.id });
    const asked = at.ways.find((way) => way.frames().length > 0)!;
    const ruledOut = excused ? [nearest.id.subarray(0, 7)] : [];
    asked.answer(asked.frames()[0]!, { ruledOut: [...ruledOut, at.target.id.subarray(0, 7)] });
    expect(at.from.frames().length).toBe(excused ? 1 : 0);
    expect(retriesOf(at.solo)).toEqual(excused ? [] : ['refused']);
  }
});

test('[FW26] [FW28] [SN12] its sender refuses it too, and accepts it as unknown when nothing better comes', () => {
  const { solo, ways } = scene({}, 2);
  const [asked, other] = ways as [ScriptedPeer, ScriptedPeer];
  const nearest = keysNear(solo.random, asked.id, 14);
  asked.tellLinks(nearest.id);
  send(solo, nearest.id, { kind: 'closest' });
  asked.answer(asked.frames()[0]!);
  expect(receiptOf(solo)).toBeUndefined();
  for (const frame of other.frames()) {
    const { message } = frame;
    other.sendControl({ type: 'no-route', message, budget: 0, cause: 'no-route', visited: [] });
  }
  for (let waited = 0; receiptOf(solo) === undefined && waited < 10_000; waited += 100) solo.pass(100);
  expect(receiptOf(solo)).toMatchObject({ ok: true, by: [asked.id], certainty: 'unknown' });
});
