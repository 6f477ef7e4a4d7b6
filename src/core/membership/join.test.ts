/** Goal: how a node gets in, stays whole and leaves. Method: one node among scripted peers, and real nodes in a box. */

import { contactsOf } from '../snapshot.ts';
import { describe, expect, test } from 'vitest';
import { Box, type BoxNode } from '../../test-support/box.ts';
import { answerFrame } from '../../test-support/frames.ts';
import { createKeys, keysNear, type TestKeys } from '../../test-support/keys.ts';
import { Solo } from '../../test-support/solo.ts';
import { sameId, toHex, type NodeId } from '../id/node-id.ts';
import { FLAG_SKIP_ORIGIN } from '../wire/frame.ts';

function started(): Solo {
  const solo = new Solo();
  solo.command({ type: 'start' });
  solo.input({ type: 'server-state', connected: true });
  return solo;
}

const states = (solo: Solo): string[] => solo.events('state').map(({ state }) => state);
const keysOf = (count: number): TestKeys[] => {
  const { random } = new Solo({ seed: 50 });
  return Array.from({ length: count }, () => createKeys(random));
};
const dialled = (solo: Solo): string[] => solo.of('dial').map(({ peer }) => toHex(peer));
const knownTo = (node: BoxNode): NodeId[] => contactsOf(node.node.snapshot()).map(({ id }) => id);

describe('getting in', () => {
  test('[JO1] a started node is joining and, with the server there, asks it again until it hears of somebody', () => {
    const solo = new Solo();
    solo.input({ type: 'server-state', connected: true });
    solo.command({ type: 'start' });
    expect(states(solo)).toEqual(['joining']);
    expect(solo.of('server-introduce').length).toBe(1);
    solo.pass(10_000);
    expect(solo.of('server-introduce').length).toBeGreaterThanOrEqual(3);
    solo.input({ type: 'server-state', connected: false });
    solo.clear();
    solo.pass(60_000);
    expect(solo.of('server-introduce')).toEqual([]);
  });

  test('[JO2] when the server knows nobody else the node is alone and complete; somebody who comes ends that', () => {
    const solo = started();
    solo.input({ type: 'server-introductions', ids: [] });
    expect(solo.events('state').at(-1)).toMatchObject({ state: 'alone', complete: true });
    solo.input({ type: 'server-introductions', ids: [solo.keys.id] });
    expect(states(solo)).toEqual(['joining', 'alone']);
    solo.link();
    expect(states(solo).at(-1)).toBe('joining');
  });

  test('[JO3] a random introducer and the nearest are dialled at once, the next when one fails or after 1.5 s', () => {
    const solo = started();
    const keys = keysOf(5);
    const ids = keys.map(({ id }) => id);
    solo.input({ type: 'server-introductions', ids });
    expect(dialled(solo)).toEqual([ids[4]!, ids[0]!].map(toHex));
    solo.input({ type: 'server-undeliverable', to: ids[4]! });
    expect(dialled(solo).at(-1)).toBe(toHex(ids[1]!));
    solo.pass(1_499);
    expect(dialled(solo).length).toBe(3);
    solo.pass(1);
    expect(dialled(solo).at(-1)).toBe(toHex(ids[2]!));
  });

  test('[JO4] the first link makes the node look up its own id, itself left out; the answer makes it ready', () => {
    const solo = started();
    const peer = solo.link();
    expect(states(solo)).toEqual(['joining']);
    solo.pass(1);
    const lookup = peer.allFrames().find(({ service }) => service === 'lookup')!;
    expect(lookup.target).toEqual(solo.keys.id);
    expect(lookup.flags & FLAG_SKIP_ORIGIN).toBe(FLAG_SKIP_ORIGIN);
    peer.answer(lookup, { payload: peer.keys.record });
    expect(states(solo).at(-1)).toBe('ready');
  });

  test('[JO4] a self-lookup that fails is tried again, and the node is not ready until one was answered', () => {
    const solo = started();
    const peer = solo.link();
    solo.pass(8_000);
    const lookups = peer
      .allFrames()
      .filter(({ service, target }) => service === 'lookup' && sameId(target, solo.keys.id));
    expect(lookups.length).toBeGreaterThanOrEqual(2);
    expect(states(solo)).toEqual(['joining']);
  });

  test('[JO5] at most three lookups are under way', () => {
    const solo = started();
    const peers = Array.from({ length: 6 }, (_, i) => solo.link(keysNear(solo.random, solo.keys.id, i)));
    solo.input({
      type: 'contacts',
      records: Array.from({ length: 30 }, () => createKeys(solo.random).record),
    });
    solo.pass(100);
    const lookups = new Set(
      peers
        .flatMap((peer) => peer.allFrames())
        .filter(({ service }) => service === 'lookup')
        .map(({ message }) => message),
    );
    expect(lookups.size).toBeGreaterThan(0);
    expect(lookups.size).toBeLessThanOrEqual(3);
  });

  test('[JO5] what a lookup finds is verified and learned', () => {
    const solo = started();
    const peer = solo.link();
    const found = keysOf(3);
    solo.pass(1);
    const lookup = peer.allFrames().find(({ service }) => service === 'lookup')!;
    peer.answer(lookup, { payload: Buffer.concat(found.map(({ record }) => record)).subarray() });
    const known = contactsOf(solo.node.snapshot()).map(({ id }) => toHex(id));
    for (const { id } of found) expect(known).toContain(toHex(id));
  });
});

describe('staying whole', () => {
  test('[JO6] a ready node that lost all links is cut off, asks the server again, and gets in through it', () => {
    const box = new Box({ seed: 4 });
    const [a, b, c] = box.openAll(3) as [BoxNode, BoxNode, BoxNode];
    box.cut(a, b);
    box.cut(a, c);
    box.pass(1);
    expect(box.stateOf(a)).toBe('cut-off');
    box.settle();
    expect(box.stateOf(a)).toBe('ready');
    expect(box.send(a, 'direct', c.id).receipt.ok).toBe(true);
  });

  test('[JO7] an introduced node that the overlay cannot reach is dialled through the server', () => {
    const solo = started();
    const peer = solo.link();
    solo.completeTable();
    const stranger = createKeys(solo.random);
    solo.input({ type: 'server-introductions', ids: [stranger.id] });
    expect(dialled(solo)).toEqual([]);
    const ping = peer.allFrames().find(({ service }) => service === 'ping');
    if (ping !== undefined) peer.answer(ping, { code: 'unreachable' });
    expect(dialled(solo)).toEqual([toHex(stranger.id)]);
  });

  test('[JO8] a rumour is followed up at most once in five seconds', () => {
    const solo = started();
    const [a, b] = [solo.link(), solo.link()];
    solo.completeTable();
    const keys = createKeys(solo.random);
    a.sendControl({ type: 'news', records: [keys.record] });
    a.tellLinks(keys.id);
    solo.clear();
    const pings = () =>
      [a, b].flatMap((peer) => peer.allFrames()).filter(({ service }) => service === 'ping');
    for (let i = 0; i < 5; i++) b.sendControl({ type: 'gone', ids: [keys.id] });
    expect(pings().length).toBe(1);
    a.send(answerFrame(keys, pings()[0]!));
    expect(contactsOf(solo.node.snapshot()).some(({ id }) => sameId(id, keys.id))).toBe(true);
  });

  test('[JO8] a node that leaves, or lost its own links, spreads no rumour about others', () => {
    const box = new Box({ seed: 8 });
    const [a, b, c] = box.openAll(3) as [BoxNode, BoxNode, BoxNode];
    box.kill(c, 'soon');
    box.pass(15);
    const gone: number[] = [];
    box.filter = (from, _to, bytes) => {
      if (from === a && bytes[1] === 6) gone.push(box.now);
      return bytes;
    };
    box.command(a, { type: 'leave' });
    expect(gone).toEqual([]);
    box.settle();
    expect(knownTo(b)).toEqual([]);
  });

  test('[JO9] a contact that nobody vouches for in a minute is pinged through the overlay, two of them every five seconds', () => {
    const solo = started();
    const peers = [solo.link(), solo.link()];
    const strangers = keysOf(6);
    solo.input({ type: 'contacts', records: strangers.map(({ record }) => record) });
    solo.completeTable();
    peers[0]!.tellLinks(strangers[0]!.id);
    solo.pass(55_000);
    const pings = () =>
      peers
        .flatMap((peer) => peer.allFrames())
        .filter(({ service }) => service === 'ping')
        .map(({ target }) => toHex(target));
    expect(pings()).toEqual([]);
    solo.pass(10_000);
    expect(new Set(pings()).size).toBeGreaterThanOrEqual(2);
    expect(new Set(pings()).size).toBeLessThanOrEqual(4);
    expect(pings()).not.toContain(toHex(strangers[0]!.id));
  });
});

describe('leaving', () => {
  test('[JO10] a goodbye goes out on every link before it is closed, and all neighbours know at once', () => {
    const box = new Box({ seed: 6, delayMs: 5 });
    const nodes = box.openAll(6);
    const [leaver, ...others] = nodes as [BoxNode, ...BoxNode[]];
    const neighbours = others.filter((node) => box.linked(node, leaver));
    expect(neighbours.length).toBeGreaterThan(0);
    box.command(leaver, { type: 'leave' });
    box.pass(10);
    for (const node of neighbours) {
      expect(box.linked(node, leaver)).toBe(false);
      expect(knownTo(node).some((id) => sameId(id, leaver.id))).toBe(false);
    }
    expect(box.stateOf(leaver)).toBe('left');
    box.settle();
    for (const node of others) expect(knownTo(node).some((id) => sameId(id, leaver.id))).toBe(false);
  });
});
