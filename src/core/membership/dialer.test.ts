/** Goal: how links are set up. Method: one node among scripted peers, and real nodes in a box. */

import { describe, expect, test } from 'vitest';
import { Box } from '../../test-support/box.ts';
import { createKeys, keysNear, open, seal, type TestKeys } from '../../test-support/keys.ts';
import { Solo } from '../../test-support/solo.ts';
import { BROWSER } from '../config.ts';
import { compareIds, sameId, type NodeId } from '../id/node-id.ts';
import type { Output } from '../io.ts';
import { readEnvelope, writeEnvelope, type Envelope, type EnvelopeType } from '../wire/envelope.ts';
import { frameBody } from '../wire/frame.ts';

type Dial = Extract<Output, { type: 'dial' }>;

/** A started node that the server introduced to `ids`. */
function introduced(ids: readonly NodeId[], options: ConstructorParameters<typeof Solo>[0] = {}): Solo {
  const solo = new Solo(options);
  solo.command({ type: 'start' });
  solo.input({ type: 'server-state', connected: true });
  solo.input({ type: 'server-introductions', ids });
  return solo;
}

const dials = (solo: Solo): Dial[] => solo.of('dial');
const sentBy = (solo: Solo, to: NodeId): Envelope[] =>
  solo.of('server-signal').flatMap((out) => (sameId(out.to, to) ? [readEnvelope(out.data)!] : []));

function tell(
  solo: Solo,
  from: TestKeys,
  type: EnvelopeType,
  attempt: Uint8Array,
  data = new Uint8Array(0),
): void {
  const bytes = writeEnvelope({ type, joining: false, attempt, record: from.record, data });
  solo.input({ type: 'server-signal', from: from.id, data: bytes });
}

/** Gives a node with three links the records of `count` others, which it then wants to dial through the overlay. */
function withContacts(count: number): { solo: Solo; contacts: TestKeys[] } {
  const solo = new Solo();
  for (let i = 0; i < 3; i++) solo.link();
  solo.completeTable();
  const contacts = Array.from({ length: count }, () => createKeys(solo.random));
  solo.input({ type: 'contacts', records: contacts.map(({ record }) => record) });
  return { solo, contacts };
}

describe('pace', () => {
  test('[DI2] a node with one link opens four at a time', () => {
    const solo = new Solo();
    solo.link();
    solo.completeTable();
    const records = Array.from({ length: 24 }, () => createKeys(solo.random).record);
    solo.input({ type: 'contacts', records });
    solo.pass(500);
    expect(dials(solo).length).toBe(4);
  });

  test('[DI2] at most eight handshakes of its own are unfinished, for ten seconds each', () => {
    const { solo } = withContacts(24);
    solo.pass(500);
    expect(dials(solo).length).toBe(8);
    solo.pass(9_000);
    expect(dials(solo).length).toBe(8);
    const first = dials(solo)[0]!;
    solo.pass(1_500);
    expect(solo.hungUp(first.link)).toBe('timeout');
    expect(dials(solo).length).toBeGreaterThan(8);
  });

  test('[DI2] after handshakes that ran out of time no more than two are open at a time', () => {
    const { solo } = withContacts(24);
    const unfinished = (): number => dials(solo).filter(({ link }) => solo.hungUp(link) === undefined).length;
    solo.pass(11_000);
    expect(dials(solo).length).toBeGreaterThan(8);
    expect(unfinished()).toBe(2);
    solo.pass(30_000);
    expect(unfinished()).toBe(2);
  });

  test('[DI1] sixteen dials may come at once, then two a second', () => {
    const { solo } = withContacts(30);
    const failAll = (): void => {
      for (const { link } of dials(solo)) solo.input({ type: 'link-down', link, reason: 'failed' });
    };
    for (let i = 0; i < 10; i++) {
      solo.pass(100);
      failAll();
    }
    const burst = dials(solo).length;
    expect(burst).toBeGreaterThanOrEqual(16);
    expect(burst).toBeLessThanOrEqual(18);
    for (let i = 0; i < 20; i++) {
      solo.pass(100);
      failAll();
    }
    expect(dials(solo).length - burst).toBeLessThanOrEqual(4);
  });

  test('[DI3] an attempt that did not become a link within ten seconds is given up', () => {
    const keys = createKeys(new Solo().random);
    const solo = introduced([keys.id]);
    const [dial] = dials(solo);
    solo.pass(BROWSER.handshakeTimeoutMs - 1);
    expect(solo.hungUp(dial!.link)).toBeUndefined();
    solo.pass(1);
    expect(solo.hungUp(dial!.link)).toBe('timeout');
    expect(solo.events('link').at(-1)).toMatchObject({ state: 'down', reason: 'timeout' });
  });

  test('[DI2] of nine offers at once the last is answered busy', () => {
    const solo = new Solo();
    const callers = Array.from({ length: 9 }, () => createKeys(solo.random));
    const links = callers.map((keys) => solo.offer(keys));
    expect(links.map((link) => link !== undefined)).toEqual([
      ...Array.from({ length: 8 }, () => true),
      false,
    ]);
    expect(sentBy(solo, callers[8]!.id)).toMatchObject([{ type: 'busy' }]);
  });

  test('[DI8] a peer that could not be linked is left alone for 2 s, then 4, up to a minute', () => {
    const solo = new Solo();
    solo.link();
    solo.completeTable();
    const keys = createKeys(solo.random);
    solo.input({ type: 'contacts', records: [keys.record] });
    const times: number[] = [];
    let known = 0;
    while (solo.now < 400_000) {
      solo.pass(250);
      for (; known < dials(solo).length; known++) {
        times.push(solo.now);
        solo.input({ type: 'link-down', link: dials(solo)[known]!.link, reason: 'failed' });
      }
    }
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    expect(gaps.length).toBeGreaterThan(5);
    for (const [i, gap] of gaps.entries()) {
      const least = Math.min(60_000, 2_000 * 2 ** i);
      expect(gap, `gap ${i}`).toBeGreaterThanOrEqual(least);
      expect(gap, `gap ${i}`).toBeLessThanOrEqual(least + 6_000);
    }
  });
});

describe('two that dial each other', () => {
  test('[DI4] the offer of the smaller id wins', () => {
    for (const smaller of [true, false]) {
      const probe = new Solo();
      let keys = createKeys(probe.random);
      while (compareIds(keys.id, probe.keys.id) < 0 !== smaller) keys = createKeys(probe.random);
      const solo = introduced([keys.id]);
      const [own] = dials(solo);
      const accepted = solo.offer(keys, false);
      if (smaller) {
        expect(accepted).toBeDefined();
        expect(solo.hungUp(own!.link)).toBe('crossed');
      } else {
        expect(accepted).toBeUndefined();
        expect(solo.hungUp(own!.link)).toBeUndefined();
        expect(sentBy(solo, keys.id).map(({ type }) => type)).toContain('crossed');
      }
    }
  });

  test('[DI10] an own attempt without an answer for two seconds yields, whatever the ids', () => {
    const probe = new Solo();
    let keys = createKeys(probe.random);
    while (compareIds(keys.id, probe.keys.id) < 0) keys = createKeys(probe.random);
    const solo = introduced([keys.id]);
    const [own] = dials(solo);
    solo.pass(1_999);
    expect(solo.offer(keys, false)).toBeUndefined();
    solo.pass(1);
    expect(solo.offer(keys, false)).toBeDefined();
    expect(solo.hungUp(own!.link)).toBe('crossed');
  });

  test('[DI11] a peer that refused because offers crossed is not dialled for two seconds', () => {
    const { solo, contacts } = withContacts(1);
    solo.pass(200);
    const [first] = dials(solo);
    expect(sameId(first!.peer, contacts[0]!.id)).toBe(true);
    solo.input({ type: 'link-down', link: first!.link, reason: 'crossed' });
    const from = solo.now;
    while (dials(solo).length === 1 && solo.now < from + 20_000) solo.pass(50);
    expect(solo.now - from).toBeGreaterThanOrEqual(2_000);
    expect(solo.now - from).toBeLessThanOrEqual(8_000);
  });

  test('[DI4] whatever the timing, two nodes end up with exactly one link', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const box = new Box({ seed, delayMs: seed });
      const a = box.open();
      box.pass(seed % 3);
      const b = box.open();
      box.input(a, { type: 'server-introductions', ids: [b.id] });
      box.input(b, { type: 'server-introductions', ids: [a.id] });
      box.settle();
      for (const node of [a, b]) {
        const links = node.node.snapshot().links;
        expect(
          links.map(({ state }) => state),
          `seed ${seed}`,
        ).toEqual(['up']);
        expect(node.ends.size, `seed ${seed}`).toBe(1);
      }
    }
  });

  test('[DI9] a newer offer of a peer replaces its older one', () => {
    const solo = new Solo();
    const keys = createKeys(solo.random);
    const first = solo.offer(keys);
    const second = solo.offer(keys);
    expect(second).toBeDefined();
    expect(solo.hungUp(first!)).toBe('replaced');
  });
});

describe('the cap', () => {
  test('[DI5] with 48 links and nothing to spare an offer is answered busy; below that it is taken', () => {
    const solo = new Solo({ config: { linksMax: 5, linksWanted: 5 } });
    for (let i = 0; i < 4; i++) solo.link(keysNear(solo.random, solo.keys.id, 0));
    expect(solo.offer(createKeys(solo.random), false)).toBeDefined();
    const full = new Solo({ config: { linksMax: 4, linksWanted: 4 } });
    for (let i = 0; i < 4; i++) full.link(keysNear(full.random, full.keys.id, 0));
    const caller = createKeys(full.random);
    expect(full.offer(caller, false)).toBeUndefined();
    expect(sentBy(full, caller.id)).toMatchObject([{ type: 'busy' }]);
  });

  test('[DI5] more links than allowed never come up, however many handshakes finish at once', () => {
    const solo = new Solo({ config: { linksMax: 3, linksWanted: 3 } });
    const callers = Array.from({ length: 6 }, () => createKeys(solo.random));
    const links = callers.map((keys) => solo.offer(keys));
    for (const [i, link] of links.entries()) if (link !== undefined) solo.up(link, callers[i]!);
    expect(solo.node.snapshot().links.filter(({ upAt }) => upAt !== undefined).length).toBeLessThanOrEqual(3);
  });
});

describe('signals', () => {
  test('[DI6] a newcomer signals through the server, a linked node through the overlay, sealed to the receiver', () => {
    const keys = createKeys(new Solo({ seed: 9 }).random);
    const solo = introduced([keys.id]);
    solo.input({ type: 'signal-out', link: dials(solo)[0]!.link, data: Uint8Array.of(42) });
    expect(sentBy(solo, keys.id)).toMatchObject([{ type: 'offer', joining: true, data: Uint8Array.of(42) }]);

    const { solo: linked, contacts } = withContacts(1);
    linked.pass(500);
    const { link } = dials(linked)[0]!;
    linked.clear();
    linked.input({ type: 'signal-out', link, data: Uint8Array.of(43) });
    expect(linked.of('server-signal')).toEqual([]);
    const [frame] = linked.peers
      .flatMap((peer) => peer.allFrames())
      .filter(({ service }) => service === 'signal');
    expect(frame!.target).toEqual(contacts[0]!.id);
    const sealed = frameBody(frame!);
    const envelope = readEnvelope(open(contacts[0]!.sealingKey, sealed)!);
    expect(envelope).toMatchObject({ type: 'offer', data: Uint8Array.of(43) });
    expect(open(linked.keys.sealingKey, sealed)).toBeUndefined();
  });

  test('[DI6] a node with few links whose offers nobody answered sends the next ones through the server', () => {
    for (const connected of [true, false]) {
      const solo = new Solo();
      solo.link();
      solo.completeTable();
      const records = Array.from({ length: 8 }, () => createKeys(solo.random).record);
      solo.input({ type: 'contacts', records });
      solo.input({ type: 'server-state', connected });
      solo.pass(500);
      const first = dials(solo);
      for (const { link } of first.slice(0, 2)) solo.input({ type: 'link-down', link, reason: 'failed' });
      solo.pass(3_000);
      const [next] = dials(solo).slice(first.length);
      solo.clear();
      solo.input({ type: 'signal-out', link: next!.link, data: Uint8Array.of(44) });
      const sealed = solo.peers
        .flatMap((peer) => peer.allFrames())
        .filter(({ service }) => service === 'signal');
      expect([solo.of('server-signal').length, sealed.length]).toEqual(connected ? [1, 0] : [0, 1]);
    }
  });

  test('[DI6] an offer that came sealed through the overlay is answered the same way', () => {
    const solo = new Solo();
    const peer = solo.link();
    solo.completeTable();
    const caller = createKeys(solo.random);
    const envelope = {
      type: 'offer',
      joining: false,
      attempt: new Uint8Array(8),
      record: caller.record,
    } as const;
    const body = seal(solo.keys.sealingKey, writeEnvelope({ ...envelope, data: Uint8Array.of(1) }));
    peer.message({ kind: 'direct', service: 'signal', target: solo.keys.id, body }, caller);
    const [accept] = solo.of('accept');
    expect(accept!.peer).toEqual(caller.id);
    solo.clear();
    solo.input({ type: 'signal-out', link: accept!.link, data: Uint8Array.of(2) });
    expect(solo.of('server-signal')).toEqual([]);
    const answer = peer.allFrames().find(({ service }) => service === 'signal');
    expect(readEnvelope(open(caller.sealingKey, frameBody(answer!))!)).toMatchObject({
      type: 'answer',
      data: Uint8Array.of(2),
    });
  });

  test('[DI7] signals of unknown or finished attempts, and offers with the record of somebody else, are ignored', () => {
    const solo = new Solo();
    const [keys, other] = [createKeys(solo.random), createKeys(solo.random)];
    tell(solo, keys, 'answer', new Uint8Array(8), Uint8Array.of(1));
    const stolen = writeEnvelope({
      type: 'offer',
      joining: true,
      attempt: new Uint8Array(8),
      record: other.record,
      data: Uint8Array.of(1),
    });
    solo.input({ type: 'server-signal', from: keys.id, data: stolen });
    expect(solo.of('signal')).toEqual([]);
    expect(solo.of('accept')).toEqual([]);
    const link = solo.offer(keys)!;
    solo.input({ type: 'link-down', link, reason: 'failed' });
    solo.clear();
    tell(solo, keys, 'offer', new Uint8Array(8), Uint8Array.of(1));
    tell(solo, keys, 'answer', new Uint8Array(8), Uint8Array.of(1));
    expect(solo.of('signal').length).toBe(1);
  });

  test('[DI7] busy and crossed end an attempt of this node only when the peer that was dialled says so', () => {
    const random = new Solo({ seed: 3 }).random;
    const [keys, other] = [createKeys(random), createKeys(random)];
    const solo = introduced([keys.id]);
    const [dial] = dials(solo);
    solo.input({ type: 'signal-out', link: dial!.link, data: Uint8Array.of(1) });
    const { attempt } = sentBy(solo, keys.id)[0]!;
    tell(solo, other, 'busy', attempt);
    expect(solo.hungUp(dial!.link)).toBeUndefined();
    tell(solo, keys, 'busy', attempt);
    expect(solo.hungUp(dial!.link)).toBe('busy');
  });
});
