/** Goal: what one link promises: precedence, bounds, credit. Method: two `Link`s by hand, and one node with peers. */

import { contactsOf } from '../snapshot.ts';
import { describe, expect, test } from 'vitest';
import { messageFrame } from '../../test-support/frames.ts';
import { createKeys, idOfKey, keysNear } from '../../test-support/keys.ts';
import { SeededRandom } from '../../test-support/seeded-random.ts';
import { Solo } from '../../test-support/solo.ts';
import { BROWSER, createConfig, type OverlayConfig } from '../config.ts';
import { readControl } from '../wire/control.ts';
import { decodeContact } from '../wire/contact.ts';
import { Link } from './link.ts';

const random = new SeededRandom(4);
const contact = decodeContact(createKeys(random).record, { idOfKey })!;

function makeLink(changes: Partial<OverlayConfig> = {}): { link: Link; out: Uint8Array[] } {
  const out: Uint8Array[] = [];
  const config = createConfig('browser', changes);
  const transmit = (_: Link, bytes: Uint8Array): void => void out.push(bytes);
  return {
    link: new Link({ link: 1, contact, outgoing: true, startedAt: 0, now: 0, config, transmit }),
    out,
  };
}

const bytesOf = (mark: number, length = 1): Uint8Array => new Uint8Array(length).fill(mark);
const marks = (out: Uint8Array[]): number[] => out.map((bytes) => bytes[0]!);

describe('waiting', () => {
  test('[LI2] [LI3] control goes out at once; messages wait while the channel is congested, in order', () => {
    const { link, out } = makeLink();
    link.setCongested(true);
    expect(link.sendMessage(bytesOf(10), 'forwarded')).toBe('queued');
    expect(link.sendMessage(bytesOf(11), 'forwarded')).toBe('queued');
    link.sendControl(bytesOf(99));
    expect(marks(out)).toEqual([99]);
    expect(link.queued).toBe(2);
    link.setCongested(false);
    expect(marks(out)).toEqual([99, 10, 11]);
    expect(link.sendMessage(bytesOf(12), 'own')).toBe('sent');
  });

  test('[LI4] own messages go before those of others', () => {
    const { link, out } = makeLink();
    link.setCongested(true);
    link.sendMessage(bytesOf(20), 'forwarded');
    link.sendMessage(bytesOf(10), 'own');
    link.sendMessage(bytesOf(21), 'forwarded');
    link.sendMessage(bytesOf(11), 'own');
    link.setCongested(false);
    expect(marks(out)).toEqual([10, 11, 20, 21]);
  });

  test('[LI5] 256 messages wait; then others’ messages are refused, and own ones displace the newest of others', () => {
    const { link } = makeLink();
    link.setCongested(true);
    for (let i = 0; i < 256; i++)
      expect(link.sendMessage(bytesOf(i), i < 2 ? 'forwarded' : 'own')).toBe('queued');
    expect(link.sendMessage(bytesOf(1), 'forwarded')).toBe('full');
    expect(link.sendMessage(bytesOf(2), 'own')).toBe('displaced');
    expect(link.sendMessage(bytesOf(3), 'own')).toBe('displaced');
    expect(link.sendMessage(bytesOf(4), 'own')).toBe('full');
    expect(link.queued).toBe(256);
  });

  test('[LI5] what is dropped for want of room is counted, and an own message ends with overloaded', () => {
    const solo = new Solo({ config: { queueMax: 2, repair: true } });
    const a = solo.link(keysNear(solo.random, solo.keys.id, 0));
    const b = solo.link(keysNear(solo.random, solo.keys.id, 0));
    solo.completeTable();
    solo.input({ type: 'link-pressure', link: b.link, congested: true });
    a.message({ kind: 'direct', target: b.id });
    const body = new Uint8Array(1);
    const send = (id: number): void =>
      solo.command({
        type: 'send',
        id,
        kind: 'neighbour',
        target: b.id,
        body,
        request: false,
        receipt: true,
        timeoutMs: 900,
      });
    for (const id of [1, 2, 3]) send(id);
    expect(solo.events('result')).toMatchObject([
      { command: 3, receipt: { ok: false, reason: 'overloaded' } },
    ]);
    expect(solo.node.snapshot().counters).toMatchObject({ droppedForwarded: 1, droppedOwn: 1 });
  });
});

describe('credit', () => {
  test('[LI6] a sender without credit waits, for messages and for bytes, and goes on when granted', () => {
    const { link, out } = makeLink({ creditMessages: 3, creditBytes: 4_096, queueMax: 10 });
    for (let i = 0; i < 5; i++) link.sendMessage(bytesOf(i), 'own');
    expect(marks(out)).toEqual([0, 1, 2]);
    link.onCredit(4, 4);
    expect(marks(out)).toEqual([0, 1, 2, 3]);
    link.onCredit(100, 4);
    expect(marks(out).length).toBe(5);
    link.sendMessage(bytesOf(9, 4_096), 'own');
    expect(marks(out).length).toBe(5);
    link.onCredit(100, 5);
    expect(marks(out).at(-1)).toBe(9);
  });

  test('[LI8] totals only grow: an older grant changes nothing', () => {
    const { link, out } = makeLink({ creditMessages: 2 });
    link.onCredit(1, 0);
    for (let i = 0; i < 3; i++) link.sendMessage(bytesOf(i), 'own');
    expect(marks(out)).toEqual([0, 1]);
  });

  test('[LI6] overload slows a sender and loses nothing: 5,000 messages at once take ten seconds and all arrive', () => {
    const { link: from, out } = makeLink({ queueMax: 5_000 });
    const { link: to, out: grants } = makeLink();
    for (let i = 0; i < 5_000; i++) expect(from.sendMessage(bytesOf(i, 100), 'own')).not.toBe('full');
    let arrived = 0;
    let now = 0;
    while (arrived < 5_000 && now < 60_000) {
      for (; arrived < out.length; arrived++) expect(to.receive(100, now)).toBe(true);
      now = Math.max(now + 1, Math.min(to.grantDueAt(), now + 250));
      to.grant(now);
      for (const bytes of grants.splice(0)) {
        const grant = readControl(bytes);
        if (typeof grant !== 'string' && grant.type === 'credit')
          from.onCredit(grant.messages, grant.kibibytes);
      }
    }
    expect(arrived).toBe(5_000);
    expect(now).toBeGreaterThan(8_000);
    expect(now).toBeLessThan(11_000);
  });

  test('[LI6] a peer that used up its window is granted more within 250 ms, without waiting for a heartbeat', () => {
    const solo = new Solo();
    const peer = solo.link();
    solo.completeTable();
    solo.pass(1_000);
    for (let i = 0; i < 740; i++) peer.message({ kind: 'broadcast', target: solo.keys.id, hopLimit: 1 });
    solo.clear();
    solo.pass(250);
    expect(peer.controls('credit').at(-1)?.messages).toBeGreaterThanOrEqual(791);
  });

  test('[LI7] 500 messages at once are taken, the 501st ends the link as abuse', () => {
    const solo = new Solo();
    const peer = solo.link();
    const frame = messageFrame(peer.keys, { kind: 'broadcast', target: solo.keys.id, hopLimit: 1 });
    for (let i = 0; i < BROWSER.creditMessages; i++) peer.send(frame);
    expect(solo.hungUp(peer.link)).toBeUndefined();
    peer.send(frame);
    expect(solo.hungUp(peer.link)).toBe('abuse');
  });

  test('[LI7] more bytes than granted, beyond one frame of tolerance, end the link as abuse', () => {
    const { link } = makeLink({ creditBytes: 64 * 1024, creditMessages: 1_000 });
    for (let i = 0; i < 5; i++) expect(link.receive(16 * 1024, 0)).toBe(true);
    expect(link.receive(1, 0)).toBe(false);
  });
});

describe('one link for each peer', () => {
  test('[LI1] a newly proven link of an id replaces its old one', () => {
    const solo = new Solo();
    const keys = createKeys(solo.random);
    const old = solo.link(keys);
    const reloaded = solo.link(keys);
    expect(solo.hungUp(old.link)).toBe('replaced');
    expect(solo.node.snapshot().links.filter(({ upAt }) => upAt !== undefined)).toMatchObject([
      { link: reloaded.link },
    ]);
    expect(contactsOf(solo.node.snapshot()).length).toBe(1);
    const forwardedTo = solo.link();
    forwardedTo.message({ kind: 'direct', target: keys.id });
    expect([old.frames().length, reloaded.frames().length]).toEqual([0, 1]);
  });

  test('[LI1] a link whose record is not that of the peer dialled is hung up', () => {
    const solo = new Solo();
    const link = solo.offer(createKeys(solo.random))!;
    solo.input({ type: 'link-up', link, record: createKeys(solo.random).record });
    expect(solo.hungUp(link)).toBe('failed');
    expect(solo.events('nodes')).toEqual([]);
  });
});
