/** Goal: a message gets through where hops fail, fall silent or lie. Method: one real node among scripted peers. */

import { describe, expect, test } from 'vitest';
import { answerFrame, messageFrame } from '../../test-support/frames.ts';
import { createKeys, keysNear } from '../../test-support/keys.ts';
import { mark, origin, pass, receiptOf, retriesOf, scene, send } from '../../test-support/crossing.ts';
import { Solo, type ScriptedPeer } from '../../test-support/solo.ts';
import { FLAG_RECEIPT, isSilentEntry, visitedEntries, visitedEntry } from '../wire/frame.ts';

describe('signs of progress', () => {
  test('[FW23] got at once, passed when the next hop has it, arrived as it comes; none for what was answered', () => {
    const at = scene();
    const { message } = pass(at);
    expect(at.from.controls('progress')).toEqual([]);
    at.solo.pass(15);
    expect(at.from.controls('progress')).toMatchObject([{ marks: [{ stage: 'got', message }] }]);
    mark(at.ways[0]!, 'got', message);
    mark(at.ways[0]!, 'arrived', message);
    at.solo.pass(15);
    expect(at.from.controls('progress')[1]).toMatchObject({
      marks: [
        { stage: 'passed', message },
        { stage: 'arrived', message },
      ],
    });
    at.solo.clear();
    pass(at);
    at.ways[0]!.send(answerFrame(at.target, at.ways[0]!.frames()[0]!));
    at.solo.pass(2_000);
    expect(at.from.controls('progress')).toEqual([]);
  });

  test('[FW23] a mark from somebody who does not have the message says nothing', () => {
    const at = scene();
    const { message } = pass(at);
    mark(at.ways[1]!, 'passed', message);
    at.solo.pass(2_100);
    expect(retriesOf(at.solo)).toContain('silent');
  });

  test('[FW24] [FW25] without a sign in time the next candidate gets a copy, the silent one stays open', () => {
    const at = scene();
    const { message } = pass(at, { lifeMs: 20_000, budget: 64 });
    const given = at.ways[0]!.frames()[0]!.budget;
    at.solo.pass(249);
    expect(at.ways[1]!.frames()).toEqual([]);
    at.solo.pass(1_851);
    const [second] = at.ways[1]!.frames();
    expect(second).toMatchObject({ message });
    expect(second!.budget).toBeLessThanOrEqual(given);
    expect(at.solo.events('retry')[0]).toMatchObject({
      reason: 'silent',
      failedHop: at.ways[0]!.id,
      nextHop: at.ways[1]!.id,
    });
    at.ways[0]!.send(answerFrame(at.target, at.ways[0]!.frames()[0]!));
    expect(at.from.frames().map(({ kind }) => kind)).toEqual(['answer']);
  });

  test('[FW25] a copy that went on in time is not followed by another', () => {
    const at = scene();
    const { message } = pass(at, { lifeMs: 20_000 });
    mark(at.ways[0]!, 'passed', message);
    at.solo.pass(15_000);
    expect(at.ways[1]!.frames()).toEqual([]);
    expect(retriesOf(at.solo)).toEqual([]);
  });

  test('[FW20] the silent node is on the visited list of the next copy, the target never', () => {
    const at = scene();
    pass(at);
    at.solo.pass(2_100);
    const entries = visitedEntries(at.ways[1]!.frames()[0]!).filter(isSilentEntry);
    expect(entries).toEqual([visitedEntry(at.ways[0]!.id, 'silent')]);
    const other = scene();
    other.ways[1]!.tellLinks(other.ways[0]!.id);
    pass(other, { target: other.ways[0]!.id });
    other.solo.pass(2_100);
    expect(visitedEntries(other.ways[1]!.frames()[0]!).filter(isSilentEntry)).toEqual([]);
  });

  test('[FW35] a nearer peer whose link went down is named as missed to the next hop', () => {
    const at = scene();
    at.solo.input({ type: 'link-down', link: at.ways[0]!.link, reason: 'closed' });
    pass(at);
    const [frame] = at.ways[1]!.frames();
    expect(visitedEntries(frame!)).toContainEqual(visitedEntry(at.ways[0]!.id, 'missed'));
    at.solo.pass(15_000);
    at.solo.clear();
    pass(at);
    const later = at.ways.slice(1).flatMap((way) => way.frames());
    expect(later.flatMap(visitedEntries).filter(isSilentEntry)).toEqual([]);
  });

  test('[FW29] [FW35] a missed node goes on getting it from who hears from it, one that rejected a copy too, a silent one not', () => {
    for (const said of ['missed', 'rejected', 'silent'] as const) {
      const at = scene({}, 2);
      const { message } = pass(at);
      const visited = [visitedEntry(at.ways[1]!.id, said)];
      at.ways[0]!.sendControl({ type: 'no-route', message, budget: 20, cause: 'no-route', visited });
      expect(at.ways[1]!.frames().length, said).toBe(said === 'silent' ? 0 : 1);
    }
  });

  test('[FW35] what others miss and this node doubts does not get it, though it is heard from', () => {
    for (const isMissed of [false, true]) {
      const at = scene({}, 2);
      const [first, doubtful] = at.ways as [ScriptedPeer, ScriptedPeer];
      const failFirst = (visited: readonly Uint8Array[]): void => {
        const { message } = pass(at, { lifeMs: 20_000 });
        first.sendControl({ type: 'no-route', message, budget: 20, cause: 'no-route', visited });
      };
      failFirst([]);
      at.solo.pass(2_100);
      expect(doubtful.frames().length).toBe(1);
      at.solo.clear();
      failFirst(isMissed ? [visitedEntry(doubtful.id, 'missed')] : []);
      expect(doubtful.frames().length).toBe(isMissed ? 0 : 1);
    }
  });

  test('[FW35] a peer that closed its link before it said anything is not missed', () => {
    const at = scene();
    const target = createKeys(at.solo.random);
    const shy = at.solo.link(keysNear(at.solo.random, target.id, 0));
    at.solo.input({ type: 'link-down', link: shy.link, reason: 'closed' });
    pass(at, { target: shy.id.with(31, shy.id[31]! ^ 1) });
    const [frame] = at.ways.flatMap((way) => way.frames());
    expect(visitedEntries(frame!).filter(isSilentEntry)).toEqual([]);
  });

  test('[FW2] a suspect peer is still tried with what is for itself alone', () => {
    const solo = new Solo();
    const slow = solo.link(createKeys(solo.random));
    solo.completeTable();
    slow.mute = true;
    while (!solo.events('link').some(({ state }) => state === 'suspect')) solo.pass(250);
    solo.clear();
    send(solo, slow.id);
    expect(slow.frames().length).toBe(1);
    slow.answer(slow.frames()[0]!);
    expect(receiptOf(solo)).toMatchObject({ ok: true });
  });

  test('[FW30] with nothing but silent copies left the hop before hears silent, once; a late answer still passes', () => {
    const at = scene({}, 1);
    const { message } = pass(at, { lifeMs: 20_000 });
    at.solo.pass(9_000);
    expect(at.from.controls('no-route')).toMatchObject([{ message, cause: 'silent' }]);
    at.ways[0]!.send(answerFrame(at.target, at.ways[0]!.frames()[0]!));
    expect(at.from.frames().map(({ kind }) => kind)).toEqual(['answer']);
  });

  test('[FW30] an origin left with a silent copy waits for it', () => {
    const { solo, ways, target } = scene({}, 1);
    send(solo, target.id);
    const [asked] = ways[0]!.frames();
    ways[0]!.sendControl({
      type: 'no-route',
      message: asked!.message,
      budget: 0,
      cause: 'silent',
      visited: [],
    });
    solo.pass(3_000);
    expect(receiptOf(solo)).toBeUndefined();
    ways[0]!.send(answerFrame(target, asked!));
    expect(receiptOf(solo)).toMatchObject({ ok: true });
    expect(receiptOf(solo)!.tried[0]).toEqual({ peer: ways[0]!.id, reason: 'silent' });
  });
});

describe('at the origin', () => {
  test('[FW32] an answer that stays out makes it try another way, unless the message arrived', () => {
    const { solo, ways, target } = scene();
    send(solo, target.id);
    const { message } = ways[0]!.frames()[0]!;
    mark(ways[0]!, 'passed', message);
    solo.pass(1_950);
    expect(ways[1]!.frames()).toEqual([]);
    solo.pass(100);
    expect(ways[1]!.frames()).toMatchObject([{ message }]);
    const waits = scene();
    send(waits.solo, waits.target.id);
    mark(waits.ways[0]!, 'passed', waits.ways[0]!.frames()[0]!.message);
    mark(waits.ways[0]!, 'arrived', waits.ways[0]!.frames()[0]!.message);
    waits.solo.pass(9_000);
    expect(waits.ways[1]!.frames()).toEqual([]);
  });

  test('[FW33] at most 32 of the budget go with a copy, seven eighths of a smaller one', () => {
    const { solo, ways, target } = scene();
    send(solo, target.id);
    expect(ways[0]!.frames()[0]!.budget).toBe(31);
    const at = scene();
    pass(at, { budget: 24 });
    expect(at.ways[0]!.frames()[0]!.budget).toBe(20);
  });

  test('[FW31] a message with routes sets out in copies to different next hops, each signed', () => {
    const { solo, ways, target } = scene();
    send(solo, target.id, { routes: 2 });
    expect(ways.map((way) => way.frames().map(({ route }) => route))).toEqual([[0], [1], []]);
    ways[1]!.send(answerFrame(target, ways[1]!.frames()[0]!));
    expect(receiptOf(solo)).toMatchObject({ ok: true, transmissions: 2 });
  });

  test('[FW19] told that its target does not exist, it asks others with sixteen copies, then says unreachable', () => {
    const { solo, ways, target } = scene();
    send(solo, target.id);
    const { message } = ways[0]!.frames()[0]!;
    ways[0]!.sendControl({ type: 'no-route', message, budget: 50, cause: 'absent', visited: [] });
    expect(ways[1]!.frames()[0]!.budget).toBeLessThan(16);
    for (const way of ways.slice(1)) {
      way.sendControl({ type: 'no-route', message, budget: 0, cause: 'absent', visited: [] });
    }
    expect(receiptOf(solo)).toMatchObject({ ok: false, reason: 'unreachable' });
  });

  test('[FW34] without failover one copy is all there is', () => {
    const { solo, ways, target } = scene({ config: { failover: false } });
    send(solo, target.id);
    const { message } = ways[0]!.frames()[0]!;
    solo.pass(5_000);
    expect(ways[1]!.frames()).toEqual([]);
    ways[0]!.sendControl({ type: 'no-route', message, budget: 9, cause: 'no-route', visited: [] });
    expect(receiptOf(solo)).toMatchObject({ ok: false, reason: 'unreachable' });
    expect(ways[1]!.frames()).toEqual([]);
  });
});

describe('what was altered or forged', () => {
  test('[FW27] a forged answer is not passed on, and the next candidate gets the message', () => {
    const at = scene();
    pass(at);
    const forged = answerFrame(at.target, at.ways[0]!.frames()[0]!);
    forged[forged.length - 1]! ^= 1;
    at.ways[0]!.send(forged);
    expect(at.from.frames()).toEqual([]);
    expect(retriesOf(at.solo)).toEqual(['forged']);
    expect(at.solo.events('malformed')).toMatchObject([{ peer: at.ways[0]!.id }]);
    at.ways[1]!.send(answerFrame(at.target, at.ways[1]!.frames()[0]!));
    expect(at.from.frames().length).toBe(1);
  });

  test('[FW27] after eight answers that were right only a sample is checked', () => {
    const at = scene({ config: { sampleOneIn: 2 ** 32 } });
    for (let i = 0; i < 8; i++) {
      pass(at);
      at.ways[0]!.send(answerFrame(at.target, at.ways[0]!.frames()[i]!));
    }
    at.solo.holdCrypto = true;
    pass(at);
    at.ways[0]!.send(answerFrame(at.target, at.ways[0]!.frames()[8]!));
    expect(at.solo.held).toEqual([]);
    expect(at.from.frames().length).toBe(9);
  });

  test('[FW29] a receiver that finds a message altered says so, and takes a good copy of it', () => {
    const at = scene();
    const good = messageFrame(origin, { kind: 'direct', target: at.solo.keys.id, body: Uint8Array.of(1, 2) });
    const bad = Uint8Array.from(good);
    bad[bad.length - 1]! ^= 1;
    at.from.send(bad);
    expect(at.from.controls('no-route')).toMatchObject([{ cause: 'rejected' }]);
    at.ways[0]!.send(good);
    expect(at.solo.events('delivered').length).toBe(1);
  });

  test('[FW29] a hop whose own copy is good blames the next one, a hop whose copy is bad passes the word back', () => {
    const at = scene();
    const { message } = pass(at);
    const rejected = { type: 'no-route', message, budget: 9, cause: 'rejected', visited: [] } as const;
    at.ways[0]!.sendControl(rejected);
    expect(at.ways[1]!.frames().length).toBe(1);
    expect(at.from.controls('no-route')).toEqual([]);
    const bytes = messageFrame(origin, { kind: 'direct', target: at.target.id, body: Uint8Array.of(3) });
    bytes[bytes.length - 1]! ^= 1;
    at.solo.clear();
    at.from.send(bytes);
    const way = at.ways.find((one) => one.frames().length > 0)!;
    way.sendControl({ ...rejected, message: way.frames()[0]!.message });
    expect(at.from.controls('no-route')).toMatchObject([{ cause: 'rejected' }]);
  });

  test('[FW29] who rejected an altered copy may still get a good one, and nobody farther delivers the message', () => {
    const at = scene({}, 1);
    const target = at.ways[0]!;
    const other = at.solo.link(keysNear(at.solo.random, at.solo.keys.id, 0));
    other.tellLinks(target.id);
    const key = keysNear(at.solo.random, target.id, 12).id;
    const { message } = pass(at, { kind: 'closest', target: key });
    const visited = [visitedEntry(target.id, 'rejected')];
    target.sendControl({ type: 'no-route', message, budget: 9, cause: 'rejected', visited });
    // By way of somebody else, with the word that it is not to be passed over.
    expect(visitedEntries(other.frames()[0]!)).toContainEqual(visited[0]!);
    other.sendControl({ type: 'no-route', message, budget: 9, cause: 'no-route', visited: [] });
    expect(at.solo.events('delivered')).toEqual([]);
    expect(at.from.controls('no-route')).toMatchObject([{ message }]);
  });

  test('[FW29] a hop that hears of two altered copies leaves it to the one before', () => {
    const at = scene();
    const { message } = pass(at, { budget: 40 });
    for (const way of at.ways.slice(0, 2)) {
      expect(at.from.controls('no-route')).toEqual([]);
      way.sendControl({ type: 'no-route', message, budget: 9, cause: 'rejected', visited: [] });
    }
    expect(at.ways[2]!.frames()).toEqual([]);
    expect(at.from.controls('no-route')).toMatchObject([{ message, cause: 'rejected' }]);
  });

  test('[RC9] over the link of its origin a message of one hop needs no signature, from elsewhere every message does', () => {
    const at = scene();
    at.solo.holdCrypto = true;
    at.from.message({ kind: 'neighbour', target: at.solo.keys.id, hopLimit: 1 });
    expect(at.solo.events('delivered').length).toBe(1);
    at.ways[0]!.message({ kind: 'direct', target: at.solo.keys.id }, origin);
    expect(at.solo.events('delivered').length).toBe(1);
    expect(at.solo.held.length).toBe(1);
    send(at.solo, at.from.id, { kind: 'neighbour' });
    expect(at.from.frames().at(-1)).toMatchObject({ kind: 'neighbour', hopLimit: 1, flags: FLAG_RECEIPT });
  });
});

test('[FW22] a peer that was silent comes after others that lead downhill, until it did well again', () => {
  const at = scene({ config: { sampleOneIn: 2 ** 32 } });
  const { message } = pass(at, { lifeMs: 20_000 });
  while (at.solo.events('retry').length === 0) at.solo.pass(50);
  mark(at.ways[1]!, 'passed', message);
  at.solo.clear();
  const first = (): number => {
    pass(at);
    const index = at.ways.findIndex((way) => way.frames().length > 0);
    at.ways[index]!.send(answerFrame(at.target, at.ways[index]!.frames()[0]!));
    at.solo.clear();
    return index;
  };
  const chosen = Array.from({ length: 40 }, first);
  expect(chosen.filter((index) => index === 1).length).toBeGreaterThan(25);
  at.solo.pass(120_000);
  expect(first()).toBe(0);
});
