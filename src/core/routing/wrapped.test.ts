/** Goal: messages to a group and to everybody. Method: real nodes in a box of fake time (test-support/box.ts), and one alone. */

import { describe, expect, test } from 'vitest';
import { Box, type BoxNode } from '../../test-support/box.ts';
import { createKeys } from '../../test-support/keys.ts';
import { Solo } from '../../test-support/solo.ts';
import { asNodeId, toHex, type NodeId } from '../id/node-id.ts';
import { compareXor } from '../id/xor.ts';
import { readAnswer } from '../wire/answer.ts';
import { FLAG_RECEIPT, FLAG_REQUEST, frameBody } from '../wire/frame.ts';

const key = asNodeId(new Uint8Array(32).fill(0x5a));
const BODY = Uint8Array.of(7, 7);

function network(count: number, seed: number): { readonly box: Box; readonly nodes: readonly BoxNode[] } {
  const box = new Box({ seed, config: { bucketSize: 5, linksMax: 10, siblings: 4 } });
  return { box, nodes: box.openAll(count) };
}

function deliveriesOf(node: BoxNode, kind: 'group' | 'broadcast'): number {
  return node.events.filter((event) => event.type === 'delivered' && event.kind === kind).length;
}

function nearest(nodes: readonly BoxNode[], count: number): string[] {
  return nodes
    .filter(({ alive }) => alive)
    .map(({ id }) => id)
    .sort((a, b) => compareXor(key, a, b))
    .slice(0, count)
    .map(toHex)
    .sort();
}

const namesOf = (ids: readonly NodeId[]): string[] => ids.map(toHex).sort();

describe('groups', () => {
  test.each([1, 2, 3])('[GR1] [GR2] [GR3] a message reaches each of the nearest once, seed %i', (seed) => {
    const { box, nodes } = network(16, seed);
    for (const from of [nodes[0]!, nodes[9]!]) {
      const { receipt } = box.send(from, 'group', key, { groupSize: 5, body: BODY });
      expect(receipt.ok).toBe(true);
      expect(namesOf(receipt.by)).toEqual(nearest(nodes, 5));
    }
    for (const node of nodes) {
      const isMember = nearest(nodes, 5).includes(toHex(node.id));
      expect(deliveriesOf(node, 'group')).toBe(isMember ? 2 : 0);
    }
  });

  test('[GR2] another coordinator takes over when the first falls silent, and nobody handles the message twice', () => {
    const { box, nodes } = network(16, 4);
    const from = nodes.find(({ id }) => !nearest(nodes, 5).includes(toHex(id)))!;
    let swallowed: BoxNode | undefined;
    box.filter = (sender, _to, bytes) => {
      const isAnswer = bytes[1] === 0x14 && bytes[3] === 0;
      if (!isAnswer || (swallowed !== undefined && swallowed !== sender)) return bytes;
      swallowed ??= sender;
      return undefined;
    };
    const { receipt } = box.send(from, 'group', key, { groupSize: 5, timeoutMs: 20_000 });
    expect(receipt.ok).toBe(true);
    expect(swallowed).toBeDefined();
    for (const node of nodes) expect(deliveriesOf(node, 'group')).toBeLessThanOrEqual(1);
  });

  test('[GR5] a member that says nothing holds the answer up for a second and a half at most', () => {
    const { box, nodes } = network(12, 5);
    const hung = nodes.find(({ id }) => toHex(id) === nearest(nodes, 4)[0])!;
    const from = nodes.find((node) => !nearest(nodes, 4).includes(toHex(node.id)))!;
    box.freeze(hung);
    const { receipt } = box.send(from, 'group', key, { groupSize: 4 });
    expect(receipt.ok).toBe(true);
    expect(receipt.rttMs).toBeLessThan(4_500);
    expect(namesOf(receipt.by)).not.toContain(toHex(hung.id));
    expect(receipt.by.length).toBeGreaterThanOrEqual(2);
  });

  test('[GR4] [BR5] what is not well signed inside is refused, and not delivered', () => {
    const solo = new Solo();
    const peer = solo.link(createKeys(solo.random));
    solo.completeTable();
    for (const service of ['group', 'spread'] as const) {
      for (const body of [new Uint8Array(0), new Uint8Array(192), solo.random.bytes(300)]) {
        peer.message({
          kind: 'direct',
          service,
          target: solo.keys.id,
          flags: FLAG_REQUEST | FLAG_RECEIPT,
          body,
        });
      }
    }
    const codes = peer
      .allFrames()
      .flatMap((frame) => (frame.kind === 'answer' ? [readAnswer(frameBody(frame))?.code] : []));
    expect(codes).toEqual(Array.from({ length: 6 }, () => 'rejected'));
    expect(solo.events('delivered').filter(({ service }) => service === 'app')).toEqual([]);
  });
});

describe('broadcasts to the network', () => {
  const toAll = { scope: 'network', body: BODY } as const;

  test.each([1, 2, 3])('[BR1] everybody handles it once, seed %i', (seed) => {
    const { box, nodes } = network(20, seed);
    const before = nodes.reduce((sum, { node }) => sum + node.snapshot().counters.transmissions, 0);
    const { receipt } = box.send(nodes[seed]!, 'broadcast', key, toAll);
    expect(receipt).toMatchObject({ ok: true, reached: 19 });
    const others = nodes.filter((node) => node !== nodes[seed]);
    expect(others.map((node) => deliveriesOf(node, 'broadcast'))).toEqual(others.map(() => 1));
    const copies = nodes.reduce((sum, { node }) => sum + node.snapshot().counters.transmissions, 0) - before;
    expect(copies).toBeGreaterThanOrEqual(19);
    expect(copies).toBeLessThanOrEqual(2 * 19);
  });

  test('[BR2] [BR3] a node that says nothing loses nobody but itself, and nobody handles the message twice', () => {
    const { box, nodes } = network(20, 6);
    box.freeze(nodes[5]!);
    const { receipt } = box.send(nodes[0]!, 'broadcast', key, { ...toAll, timeoutMs: 30_000 });
    expect(receipt.ok).toBe(true);
    for (const node of nodes.filter((other) => other !== nodes[0] && other !== nodes[5])) {
      expect(deliveriesOf(node, 'broadcast')).toBe(1);
    }
  });

  test('[BR4] of one origin ten at once are passed on, and two a second', () => {
    const { box, nodes } = network(6, 7);
    const send = (): unknown => box.send(nodes[0]!, 'broadcast', key, toAll).receipt.reason;
    const burst = Array.from({ length: 12 }, send);
    expect(burst.filter((reason) => reason === undefined).length).toBeLessThanOrEqual(11);
    expect(burst).toContain('overloaded');
    box.pass(5_000);
    expect(send()).toBeUndefined();
  });
});
