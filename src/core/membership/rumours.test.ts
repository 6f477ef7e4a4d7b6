/** Goal: who is forgotten, when, and who comes back. Method: one node among scripted peers. */

import { contactsOf } from '../snapshot.ts';
import { describe, expect, test } from 'vitest';
import { answerFrame } from '../../test-support/frames.ts';
import { createKeys, keysNear, keysOf, type TestKeys } from '../../test-support/keys.ts';
import { Solo, type ScriptedPeer } from '../../test-support/solo.ts';
import { BROWSER } from '../config.ts';
import { sameId, type NodeId } from '../id/node-id.ts';
import type { Frame } from '../wire/frame.ts';

/** A node with linked peers and one contact without a link, which nobody is linked to. */
function started(count = 3): { solo: Solo; peers: ScriptedPeer[]; contact: TestKeys } {
  const solo = new Solo({ config: { siblings: 0, linksWanted: count } });
  solo.command({ type: 'start' });
  solo.input({ type: 'server-state', connected: true });
  const peers = Array.from({ length: count }, () => solo.link(keysNear(solo.random, solo.keys.id, 0)));
  solo.completeTable();
  const contact = keysNear(solo.random, solo.keys.id, 0);
  solo.input({ type: 'contacts', records: [contact.record] });
  for (const peer of peers) peer.tellLinks(...peers.filter((other) => other !== peer).map(({ id }) => id));
  solo.pass(3_000);
  solo.clear();
  return { solo, peers, contact };
}

const knows = (solo: Solo, id: NodeId): boolean =>
  contactsOf(solo.node.snapshot()).some((contact) => sameId(contact.id, id));
/** The node's questions to somebody, each once however many copies of it went out. */
function questions(peers: readonly ScriptedPeer[], id: NodeId): Frame[] {
  const asked = peers
    .flatMap((peer) => peer.allFrames())
    .filter(({ service, target }) => service === 'ping' && sameId(target, id));
  return asked.filter(({ message }, i) => asked.findIndex((other) => other.message === message) === i);
}

/** Passes time until the contact is forgotten; when that was, `undefined` if it was not. */
function forgottenAt(solo: Solo, id: NodeId, limitMs: number): number | undefined {
  const end = solo.now + limitMs;
  while (solo.now < end) {
    if (!knows(solo, id)) return solo.now;
    solo.pass(100);
  }
  return undefined;
}

describe('being forgotten', () => {
  test('[JO11] a peer whose link broke is forgotten ten seconds after it was last heard from, not before', () => {
    const { solo, peers } = started();
    const [lost] = peers as [ScriptedPeer];
    lost.tellLinks();
    const heardAt = solo.now;
    for (const peer of peers.slice(1)) peer.tellLinks();
    solo.input({ type: 'link-down', link: lost.link, reason: 'closed' });
    const at = forgottenAt(solo, lost.id, 30_000);
    expect(at! - heardAt).toBeGreaterThanOrEqual(10_000);
    expect(at! - heardAt).toBeLessThanOrEqual(17_000);
    expect(questions(peers, lost.id).length).toBeGreaterThanOrEqual(2);
  });

  test('[JO11] who was lost from the last list is asked three times until then, and no more often', () => {
    const { solo, peers, contact } = started();
    peers[0]!.tellLinks(contact.id);
    solo.clear();
    peers[0]!.tellLinks();
    const lostAt = solo.now;
    const at = forgottenAt(solo, contact.id, 30_000);
    expect(at! - lostAt).toBeGreaterThanOrEqual(10_000);
    expect(at! - lostAt).toBeLessThanOrEqual(14_000);
    expect(questions(peers, contact.id).length).toBe(3);
  });

  test('[JO11] one that a peer saw go is forgotten after two questions at least three seconds apart', () => {
    const { solo, peers, contact } = started();
    peers[0]!.sendControl({ type: 'gone', ids: [contact.id] });
    const from = solo.now;
    const at = forgottenAt(solo, contact.id, 30_000);
    expect(at! - from).toBeGreaterThanOrEqual(3_000);
    expect(at! - from).toBeLessThanOrEqual(10_000);
  });

  test('[JO11] while a linked peer says that it is linked to it, nobody is forgotten', () => {
    const { solo, peers, contact } = started();
    peers[1]!.tellLinks(contact.id);
    peers[0]!.sendControl({ type: 'gone', ids: [contact.id] });
    expect(forgottenAt(solo, contact.id, 30_000)).toBeUndefined();
    const asked = questions(peers, contact.id).length;
    expect(asked).toBeGreaterThanOrEqual(3);
    peers[1]!.tellLinks();
    expect(forgottenAt(solo, contact.id, 70_000)).toBeDefined();
  });

  test('[JO11] an answer ends the doubt', () => {
    const { solo, peers, contact } = started();
    peers[0]!.sendControl({ type: 'gone', ids: [contact.id] });
    solo.pass(4_000);
    // Two questions; each went to more than one peer, since nothing showed that it went on.
    expect(new Set(questions(peers, contact.id).map(({ message }) => message)).size).toBe(2);
    const last = questions(peers, contact.id).at(-1)!;
    for (const peer of peers) {
      if (peer.allFrames().some(({ bytes }) => bytes === last.bytes)) peer.send(answerFrame(contact, last));
    }
    expect(forgottenAt(solo, contact.id, 30_000)).toBeUndefined();
  });

  test('[LV4] [JO11] a silent peer that another one is linked to is hung up and stays a contact', () => {
    const { solo, peers } = started();
    const [silent, ...others] = peers as [ScriptedPeer, ...ScriptedPeer[]];
    silent.mute = true;
    solo.pass(12_000);
    expect(solo.hungUp(silent.link)).toBe('timeout');
    expect(knows(solo, silent.id)).toBe(true);
    for (const peer of others) peer.tellLinks();
    expect(forgottenAt(solo, silent.id, 20_000)).toBeDefined();
  });

  test('[JO12] [LV8] while most peers miss heartbeats at once, questions without an answer count for nothing', () => {
    const { solo, peers, contact } = started();
    for (const peer of peers.slice(1)) peer.mute = true;
    solo.pass(4_000);
    peers[0]!.sendControl({ type: 'gone', ids: [contact.id] });
    for (let i = 0; i < 20; i++) {
      solo.pass(500);
      // Now and then something is heard: the links stay up, and late.
      if (i % 8 === 7) for (const peer of peers.slice(1)) peer.tellLinks(peers[0]!.id);
    }
    expect(questions(peers, contact.id).length).toBeGreaterThanOrEqual(2);
    expect(knows(solo, contact.id)).toBe(true);
    for (const peer of peers) {
      peer.mute = false;
      peer.tellLinks();
    }
    expect(forgottenAt(solo, contact.id, 20_000)).toBeDefined();
  });

  test('[JO12] [LV8] a question that was out while this node ran late counts for nothing', () => {
    const { solo, peers, contact } = started();
    peers[0]!.sendControl({ type: 'gone', ids: [contact.id] });
    for (let i = 0; i < 12; i++) {
      solo.pass(600);
      solo.now = solo.node.nextTimeout() + 400;
      solo.input({ type: 'wake' });
      for (const peer of peers) peer.tellLinks();
    }
    expect(questions(peers, contact.id).length).toBeGreaterThanOrEqual(2);
    expect(knows(solo, contact.id)).toBe(true);
    expect(forgottenAt(solo, contact.id, 20_000)).toBeDefined();
  });

  test('[JO13] a node that is alone forgets whom it doubted', () => {
    const { solo, peers, contact } = started(1);
    peers[0]!.sendControl({ type: 'gone', ids: [contact.id] });
    peers[0]!.sendControl({ type: 'bye', leaving: true });
    expect(knows(solo, contact.id)).toBe(true);
    solo.input({ type: 'server-introductions', ids: [] });
    expect(knows(solo, contact.id)).toBe(false);
  });
});

test('[KB5] [JO14] a candidate that moves up is asked, unless a linked peer is linked to it', () => {
  for (const listed of [false, true]) {
    const solo = new Solo({ config: { siblings: 0, bucketSize: 2, linksWanted: 2 } });
    const peers = [1, 2, 3].map(() => solo.link(keysNear(solo.random, solo.keys.id, 0)));
    solo.link(keysNear(solo.random, solo.keys.id, 5));
    solo.completeTable();
    // The third is a candidate. Its link closes by agreement, so it stays one.
    const candidate = peers[2]!;
    candidate.sendControl({ type: 'bye', leaving: false });
    peers[1]!.tellLinks(...(listed ? [candidate.id] : []));
    solo.clear();
    peers[0]!.sendControl({ type: 'bye', leaving: true });
    expect(knows(solo, candidate.id)).toBe(true);
    expect(questions(solo.peers, candidate.id).length).toBe(listed ? 0 : 1);
  }
});

describe('coming back', () => {
  function buried(): { solo: Solo; peers: ScriptedPeer[]; contact: TestKeys } {
    const all = started();
    all.peers[0]!.sendControl({ type: 'gone', ids: [all.contact.id] });
    expect(forgottenAt(all.solo, all.contact.id, 20_000)).toBeDefined();
    all.solo.pass(6_000);
    all.solo.clear();
    return all;
  }

  test('[MB4] [MB5] a forgotten node on a list of links is asked, and taken back when it answers', () => {
    const { solo, peers, contact } = buried();
    peers[1]!.tellLinks(contact.id);
    expect(knows(solo, contact.id)).toBe(false);
    const [asked] = questions(peers, contact.id);
    peers[1]!.send(answerFrame(contact, asked!));
    expect(knows(solo, contact.id)).toBe(true);
  });

  test('[MB4] [MB5] a forgotten node whose record comes by is asked once in five seconds, and stays away without an answer', () => {
    const { solo, peers, contact } = buried();
    for (let i = 0; i < 5; i++) peers[1]!.sendControl({ type: 'news', records: [contact.record] });
    expect(questions(peers, contact.id).length).toBe(1);
    solo.pass(4_000);
    expect(knows(solo, contact.id)).toBe(false);
  });

  test('[MB4] who noticed late does not bring it back to those who noticed early', () => {
    const { solo, peers, contact } = buried();
    const late = peers[1]!;
    solo.pass(BROWSER.contactStaleMs + BROWSER.dropAfterMs + 5_000);
    late.sendControl({ type: 'news', records: [contact.record] });
    solo.pass(4_000);
    expect(knows(solo, contact.id)).toBe(false);
    solo.pass(120_000);
    late.sendControl({ type: 'news', records: [contact.record] });
    expect(knows(solo, contact.id)).toBe(true);
  });

  test('[MB4] when one of several found to be gone was there all the time, those spoken of meanwhile come back too', () => {
    const { solo, peers, contact } = started();
    const others = [1, 2].map(() => keysNear(solo.random, solo.keys.id, 0)) as [TestKeys, TestKeys];
    solo.input({ type: 'contacts', records: others.map(({ record }) => record) });
    peers[0]!.sendControl({ type: 'gone', ids: [contact, ...others].map(({ id }) => id) });
    for (const { id } of [contact, ...others]) expect(forgottenAt(solo, id, 20_000)).toBeDefined();
    solo.pass(6_000);
    solo.clear();
    peers[1]!.sendControl({ type: 'news', records: [others[0].record] });
    peers[1]!.tellLinks(contact.id);
    expect(others.map(({ id }) => knows(solo, id))).toEqual([false, false]);
    peers[1]!.send(answerFrame(contact, questions(peers, contact.id)[0]!));
    expect([contact, ...others].map(({ id }) => knows(solo, id))).toEqual([true, true, false]);
    // Of the one that nobody spoke of others' word counts again.
    peers[1]!.sendControl({ type: 'news', records: [others[1].record] });
    expect(knows(solo, others[1].id)).toBe(true);
  });

  test('[MB4] who was restarted says nothing about the others found to be gone', () => {
    const { solo, peers, contact } = started();
    const other = keysNear(solo.random, solo.keys.id, 0);
    solo.input({ type: 'contacts', records: [other.record] });
    peers[0]!.sendControl({ type: 'gone', ids: [contact.id, other.id] });
    for (const { id } of [contact, other]) expect(forgottenAt(solo, id, 20_000)).toBeDefined();
    peers[1]!.sendControl({ type: 'news', records: [other.record] });
    solo.link(keysOf(contact.signingKey, 2));
    expect([contact, other].map(({ id }) => knows(solo, id))).toEqual([true, false]);
  });

  test('[MB5] an answer of somebody else brings nobody back', () => {
    const { solo, peers, contact } = buried();
    peers[1]!.tellLinks(contact.id);
    const [asked] = questions(peers, contact.id);
    peers[1]!.send(answerFrame(createKeys(solo.random), asked!));
    solo.pass(4_000);
    expect(knows(solo, contact.id)).toBe(false);
  });
});
